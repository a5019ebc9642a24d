"""What a record says of its model is what the model's card in `ecosystem.yaml` says.

Licences of weights and code are the same on both. An architecture stands on both or on neither, and the record may say
more: `ViT-B/14, mean of the last hidden states`. A value that is known in one place is not absent in the other.
"""

from collections.abc import Iterator

from atlas.records.ecosystem import ModelCard
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_SAME = ("license", "code_license")
_BOTH = ("architecture",)


def check(context: Context) -> Iterator[Fault]:
    """Compare each product with the card of its model."""
    for product in context.catalog.products.values():
        entry = context.catalog.ecosystem.get(product.model.id or "")
        if entry is not None and entry.model is not None:
            yield from _compare(product, entry.id, entry.model)


def _compare(product: Product, name: str, card: ModelCard) -> Iterator[Fault]:
    for field in (*_SAME, *_BOTH):
        here, there = getattr(product.model, field), getattr(card, field)
        if here == there or (field in _BOTH and here and there):
            continue
        message = f"{here or 'no value'} here, {there or 'no value'} on the card of '{name}' in ecosystem.yaml"
        yield Fault(f"products/{product.id}.yaml", f"model.{field}", message)


RULE = Rule("model-facts-agree", "error", check, __doc__)
