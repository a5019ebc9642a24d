"""A term of the facet `task` that no product has says in `unused` why; one that some product has does not.

A product has the tasks that its record names, those of the applications in `ecosystem.yaml` that use it, and all that
are wider.
"""

from collections.abc import Iterator

from atlas.records.classify import classify
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look for the products of every task."""
    catalog = context.catalog
    facet = catalog.taxonomy.get("task")
    if facet is None:
        return
    found: set[str] = set()
    for product in catalog.products.values():
        for task in classify(product, catalog).get("task", ()):
            found |= {task, *facet.ancestors(task)}
    for term in facet.terms.values():
        if term.id not in found and term.unused is None:
            yield Fault("taxonomy/task.yaml", f"terms.{term.id}", "no product has this task: say in 'unused' why")
        elif term.id in found and term.unused is not None:
            yield Fault("taxonomy/task.yaml", f"terms.{term.id}.unused", "a product has this task")


RULE = Rule("tasks-found", "error", check, __doc__)
