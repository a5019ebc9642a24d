"""An encoder of locations stores no vectors, so it has no layout; only it has an order of coordinates."""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the fields of every product with its type."""
    for product in context.catalog.products.values():
        file, embedding = f"products/{product.id}.yaml", product.embedding
        if embedding.type == "location":
            for name in ("layout", "band_names"):
                if getattr(embedding, name) is not None:
                    yield Fault(file, f"embedding.{name}", "a product of type location stores no vectors")
        elif embedding.coordinate_order is not None:
            message = f"only type location takes coordinates, not '{embedding.type}'"
            yield Fault(file, "embedding.coordinate_order", message)


RULE = Rule("location-fields", "error", check, __doc__)
