"""Open an asset by its metadata alone, dequantise its vectors, sample them at a place, compare them within one space.

Example:
    >>> from atlas.read import compare, sample  # doctest: +SKIP
    >>> here = sample(item, 12.3, 51.2, collection=collection)  # doctest: +SKIP
    >>> there = sample(item, 12.4, 51.2, collection=collection)  # doctest: +SKIP
    >>> compare(here, there)  # doctest: +SKIP
"""

from atlas.read.compare import SpaceMismatch, compare, same_space
from atlas.read.quantize import Quantized, quantize
from atlas.read.restore import Restored, normalized, restore
from atlas.read.sample import Sample, sample
from atlas.read.spec import AssetSpec, asset_spec

__all__ = [
    "AssetSpec",
    "Quantized",
    "Restored",
    "Sample",
    "SpaceMismatch",
    "asset_spec",
    "compare",
    "normalized",
    "quantize",
    "restore",
    "same_space",
    "sample",
]
