"""The docstrings of the fields of models, for schemas, templates and the reference.

Pydantic can read them itself (`use_attribute_docstrings`), but does so whenever a model is defined: that takes most of
the time of importing the models, and only few modules need the texts.
"""

import ast
import inspect
import itertools
import textwrap
from functools import cache

from pydantic import BaseModel

from atlas.records.base import Strict

__all__ = ["describe_fields", "docstrings"]


@cache
def describe_fields() -> None:
    """Give every field of every record model its docstring as its description."""
    pending: list[type[Strict]] = list(Strict.__subclasses__())
    while pending:
        model = pending.pop(0)
        pending += model.__subclasses__()
        for name, text in docstrings(model).items():
            model.model_fields[name].description = text
        model.model_rebuild(force=True)


def docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring of each field that has one."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    found = {}
    for field, after in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            value = after.value
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and field.target.id in model.model_fields
            ):
                found[field.target.id] = inspect.cleandoc(value.value)
    return found
