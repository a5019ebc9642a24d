"""A provider called licensor licenses something: a licence of the data or of the weights is given."""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look for licensors of products without a licence."""
    for product in context.catalog.products.values():
        # Where sources disagree the licence is left out, and each side of the conflict states one.
        disputed = any(conflict.field == "licences.data" for conflict in product.conflicts)
        if product.licences.data or product.model.license or disputed:
            continue
        for provider in product.providers:
            if "licensor" in provider.roles:
                yield Fault(
                    f"products/{product.id}.yaml",
                    f"providers.{provider.name}.roles",
                    "is licensor, but no licence is given",
                )


RULE = Rule("licensor-stated", "error", check, __doc__)
