"""What was read from a file for some pixels or rows, and the vectors in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import naming
from atlas.read.nodata import Sentinels, missing_vectors
from atlas.read.restore import Restored, restore
from atlas.read.spec import AssetSpec

__all__ = ["Block", "decoded"]


@dataclass(frozen=True, slots=True)
class Block:
    """The stored numbers of some vectors.

    Attributes:
        stored: of any shape; for pixels, rows come before columns.
        axis: of `stored` along which the numbers of one vector lie.
        scales: for the methods that need them.
        masked: where the file's masks say that there is no vector, the shape of `stored` without the axis.
        nodata: the file's own nodata values.
        bands: for a raster, the band of each number, from 1.
    """

    stored: npt.NDArray[Any]
    axis: int = -1
    scales: npt.NDArray[Any] | None = None
    masked: npt.NDArray[np.bool_] | None = None
    nodata: Sentinels = ()
    bands: tuple[int, ...] | None = None


def decoded(spec: AssetSpec, block: Block, codebook: npt.NDArray[Any] | None = None) -> Restored:
    """The vectors of a block, along the same axis; NaN where file or metadata mark a vector as missing.

    Raises:
        RestoreError: numbers and metadata do not fit together.
    """
    rule = spec.quantization
    with naming(spec.href):
        missing = missing_vectors(
            block.stored, (*block.nodata, *spec.nodata), block.axis, bands=block.bands, rule=rule.nodata_rule
        )
        return restore(
            block.stored,
            rule,
            axis=block.axis,
            dimensions=spec.dimensions,
            scales=block.scales,
            codebook=codebook,
            missing=missing if block.masked is None else missing | block.masked,
        )
