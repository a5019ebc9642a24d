"""A model that a record names has an entry of kind `model` in `catalog/ecosystem.yaml`, and only models have a card."""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look up the models of products and of ecosystem entries."""
    entries = context.catalog.ecosystem
    for product in context.catalog.products.values():
        name = product.model.id
        if name is not None and (name not in entries or entries[name].kind != "model"):
            message = f"'{name}' is not an entry of kind 'model' in ecosystem.yaml"
            yield Fault(f"products/{product.id}.yaml", "model.id", message)
    for entry in entries.values():
        for position, name in enumerate(entry.models):
            if name not in entries or entries[name].kind != "model":
                message = f"'{name}' is not an entry of kind 'model'"
                yield Fault("ecosystem.yaml", f"models.{position}", message, entry.id)
        if entry.model is not None and entry.kind != "model":
            yield Fault("ecosystem.yaml", "model", f"a card belongs to kind 'model', not to '{entry.kind}'", entry.id)


RULE = Rule("known-models", "error", check, __doc__)
