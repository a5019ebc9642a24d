"""The cost of a few pixels whose bands are stored apart: told before anything is fetched."""

import warnings
from collections.abc import Sequence

from atlas.read.spec import AssetSpec
from atlas.records import Product

__all__ = ["CostWarning", "tell_cost"]

MUCH = 5_000_000
"""Bytes for each vector that are worth a warning."""


class CostWarning(UserWarning):
    """Few vectors that take many bytes."""


def tell_cost(
    spec: AssetSpec, spans: Sequence[tuple[int, int]], vectors: int, block: tuple[int, int], record: Product | None
) -> None:
    """Warn where each of some vectors costs much, and name the product's distributions that lie otherwise.

    Args:
        spec: of the asset.
        spans: first byte, and the one after the last, of each part of the file that is about to be fetched.
        vectors: how many it is fetched for.
        block: height and width in pixels of a part.
        record: of the product, where the atlas has one.
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
