"""The cost of a few pixels whose bands are stored separately: reported before anything is fetched."""

import warnings
from collections.abc import Sequence

from atlas.read.spec import AssetSpec
from atlas.records import Product

__all__ = ["CostWarning", "tell_cost"]

MUCH = 5_000_000
"""Bytes per vector from which a warning is given."""


class CostWarning(UserWarning):
    """Few vectors that take many bytes."""


def tell_cost(
    spec: AssetSpec, spans: Sequence[tuple[int, int]], vectors: int, block: tuple[int, int], record: Product | None
) -> None:
    """Warn where vectors cost many bytes each, and name distributions of the product with another layout.

    Args:
        spec: of the asset.
        spans: first byte, and the one after the last, of each part of the file to fetch.
        vectors: their number.
        block: height and width in pixels of a part.
        record: of the product; None where the atlas has none.
    """
    size = sum(stop - start for start, stop in spans)
    if size < MUCH * vectors:
        return
    msg = (
        f"{spec.href}: {vectors} vectors cost {len(spans)} requests and {size / 1e6:.1f} MB, as the bands lie apart in "
        f"blocks of {block[0]} x {block[1]} pixels. Further places in the same blocks cost nothing more."
    )
    for other in record.distributions if record else ():
        if (other.layout or {}).get("kind") == "array" and other.href:
            how = f", vectors {other.vectors}" if other.vectors else ""
            msg += f" '{other.title}' may cost less ({other.href}{how})."
    warnings.warn(CostWarning(msg), stacklevel=4)
