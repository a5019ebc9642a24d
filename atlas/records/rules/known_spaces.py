"""The vector space of a product is described in `catalog/spaces.yaml`, and relations name other spaces there.

Products of one space have the same number of dimensions as the space.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look up the spaces of products and of relations."""
    spaces = context.catalog.spaces
    for product in context.catalog.products.values():
        name, file = product.embedding.space, f"products/{product.id}.yaml"
        if name is None:
            continue
        if name not in spaces:
            yield Fault(file, "embedding.space", f"'{name}' is not in spaces.yaml")
            continue
        stated, length = product.embedding.dimensions, spaces[name].dimensions
        if stated is not None and length is not None and stated != length:
            yield Fault(file, "embedding.dimensions", f"{stated} dimensions, but the space '{name}' has {length}")
    for space in spaces.values():
        for position, relation in enumerate(space.relations):
            own = relation.space == space.id and relation.relation != "prefix_of"
            if relation.space not in spaces or own:
                message = f"'{relation.space}' is not another space of spaces.yaml"
                yield Fault("spaces.yaml", f"relations.{position}.space", message, space.id)


RULE = Rule("known-spaces", "error", check, __doc__)
