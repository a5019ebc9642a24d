"""The media type of a place follows from its format, and is written only where it says more.

Example: `format: zarr` with `media_type: application/vnd+zarr; version=3`; `format: cog` needs none.
"""

from collections.abc import Iterator

from atlas.records.distributions import MEDIA_TYPES
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the media types of places with those of their formats."""
    for product in context.catalog.products.values():
        for place in product.distributions:
            usual = MEDIA_TYPES.get(place.format or "")
            if usual is None or place.media_type is None:
                continue
            file, path = f"products/{product.id}.yaml", f"distributions.{place.id}.media_type"
            if place.media_type == usual:
                yield Fault(file, path, f"follows from the format '{place.format}': leave it out")
            elif not place.media_type.startswith(f"{usual};"):
                yield Fault(file, path, f"'{place.media_type}' is not the type '{usual}' of its format")


RULE = Rule("media-type-follows", "error", check, __doc__)
