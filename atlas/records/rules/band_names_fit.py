"""`band_names` gives one distinct name to each dimension, and belongs to a layout of kind `bands`.

Example: `A{:02d}` with 64 dimensions gives A00 to A63.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Render the names."""
    for product in context.catalog.products.values():
        embedding, file = product.embedding, f"products/{product.id}.yaml"
        if embedding.band_names is None:
            continue
        if (embedding.layout or {}).get("kind") != "bands":
            yield Fault(file, "embedding.band_names", "only a layout of kind 'bands' has names of bands")
        try:
            names = {embedding.band_names.format(i) for i in range(embedding.dimensions or 2)}
        except (ValueError, IndexError, KeyError) as error:
            yield Fault(file, "embedding.band_names", f"cannot be rendered: {error}")
            continue
        if len(names) != (embedding.dimensions or 2):
            yield Fault(file, "embedding.band_names", "gives the same name to several bands")


RULE = Rule("band-names-fit", "error", check, __doc__)
