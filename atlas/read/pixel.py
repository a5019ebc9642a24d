"""What was read of a file for one place."""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from atlas.read.nodata import Sentinels

__all__ = ["Pixel"]


@dataclass(frozen=True, slots=True)
class Pixel:
    """The stored numbers of one vector.

    Attributes:
        stored: shape (n,).
        row, column: where they were read; of a table the row, and 0.
        scales: for `per_vector_scale`.
        masked: whether the file's mask says that there is no vector.
        nodata: what the file says of numbers that stand for none.
        bands: number from 1 of the band of each number, of a raster.
    """

    stored: npt.NDArray[Any]
    row: int
    column: int = 0
    scales: npt.NDArray[Any] | None = None
    masked: bool = False
    nodata: Sentinels = ()
    bands: tuple[int, ...] | None = None
