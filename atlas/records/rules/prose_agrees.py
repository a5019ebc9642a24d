"""A description does not deny what a field states: where a licence is given, no text says that none is stated."""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_DENIAL = "states no licence"


def check(context: Context) -> Iterator[Fault]:
    """Look for the denial in the texts of products with a licence."""
    for product in context.catalog.products.values():
        stated = [product.licences.data, product.model.license, product.model.code_license]
        for field in ("summary", "description"):
            words = " ".join(getattr(product, field).split())
            if _DENIAL in words and any(stated):
                yield Fault(f"products/{product.id}.yaml", field, f"says '{_DENIAL}', and a licence is given")


RULE = Rule("prose-agrees", "error", check, __doc__)
