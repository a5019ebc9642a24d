"""A new product record: the given answers, and every other field commented out with its explanation."""

import textwrap
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import orjson
from pydantic.fields import FieldInfo

from atlas.records.docs import describe_fields
from atlas.records.paths import model_in
from atlas.records.product import Product

__all__ = ["record_text"]

_WIDTH = 118
_HEAD = """\
# yaml-language-server: $schema=../../schemas/records/product.json
#
# Every field is explained above it. A field without a value is left out and named in `absent` with the reason;
# every value needs its source in `evidence`. `atlas lint` says what is missing.
"""
_EXAMPLES = {
    "sources": 'readme: {source: "https://...", checked: 2026-01-31, strength: primary}',
    "evidence": "embedding.dimensions: [readme]",
    "absent": "embedding.similarity: {reason: not_stated, looked_in: [readme]}",
}


def record_text(answers: Mapping[str, Any]) -> str:
    """The record as YAML.

    Args:
        answers: values by field, nested as in the record; plain data. Missing fields are commented out.
    """
    describe_fields()
    lines = [_HEAD]
    for name, info in Product.model_fields.items():
        lines += [*_field(name, info, answers.get(name), 0), ""]
    return "\n".join(lines).rstrip() + "\n"


def _field(name: str, info: FieldInfo, answer: object, depth: int, *, muted: bool = False) -> Iterator[str]:
    """The lines of one field: explanation, then the value or the commented key."""
    pad = "  " * depth
    yield from _explained(info, pad)
    model, is_list = model_in(info.annotation), any(get_origin(arm) is list for arm in _arms(info.annotation))
    mute = muted or answer is None
    mark = "# " if mute else ""
    if model in {None, Any} or (answer is not None and not isinstance(answer, Mapping)):
        yield from _plain(name, answer, pad, mark)
        return
    inner: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    # Without a value below it the key would be null, which a required group must not be.
    empty = " {}  # remove the braces when you fill in a field below" if answer is not None and not inner else ""
    yield f"{pad}{mark}{name}:{empty}"
    for position, (key, below) in enumerate(model.model_fields.items()):
        block = list(_field(key, below, inner.get(key), depth + (2 if is_list else 1), muted=mute))
        if is_list and position == 0:
            # The dash belongs before the entry's first key, which follows its explanation.
            last = next(i for i in range(len(block)) if block[i].strip().removeprefix("# ").startswith(f"{key}:"))
            block[last] = f"{pad}  {'# ' if mute else ''}- {block[last].strip().removeprefix('# ')}"
        yield from block


def _plain(name: str, answer: object, pad: str, mark: str) -> Iterator[str]:
    if answer is None:
        yield f"{pad}# {name}:"
        if name in _EXAMPLES:
            yield f"{pad}#   {_EXAMPLES[name]}"
    elif isinstance(answer, str) and "\n" in answer:
        yield f"{pad}{mark}{name}: |"
        yield from (f"{pad}  {line}" if line else "" for line in answer.strip().splitlines())
    elif isinstance(answer, Mapping):
        yield f"{pad}{mark}{name}:"
        yield from (f"{pad}  {key}: {_flow(value)}" for key, value in answer.items())
    elif isinstance(answer, list) and any(isinstance(entry, Mapping) for entry in answer):
        yield f"{pad}{mark}{name}:"
        yield from (f"{pad}  - {_flow(entry)}" for entry in answer)
    else:
        yield f"{pad}{mark}{name}: {_flow(answer)}"


def _flow(value: object) -> str:
    """A value on one line; JSON is YAML."""
    return orjson.dumps(value).decode()


def _explained(info: FieldInfo, pad: str) -> Iterator[str]:
    text = " ".join((info.description or "").split())
    choices = _choices(info.annotation)
    if choices:
        text += f" One of: {', '.join(choices)}."
    if info.is_required():
        text += " Required."
    for line in textwrap.wrap(text.strip(), _WIDTH - len(pad)):
        yield f"{pad}# {line}"


def _arms(annotation: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """The alternatives of an annotation without `None` and `Annotated`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _arms(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [arm for part in get_args(annotation) if part is not NoneType for arm in _arms(part)]
    return [annotation]


def _choices(annotation: Any) -> list[str]:  # noqa: ANN401 - any annotation
    for arm in _arms(annotation):
        inner = _arms(get_args(arm)[0])[0] if get_origin(arm) is list else arm
        if get_origin(inner) is Literal:
            return [str(value) for value in get_args(inner)]
    return []
