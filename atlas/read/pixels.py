"""From a place to the pixel that holds it."""

import math
from dataclasses import dataclass

from pyproj import Transformer

from atlas.errors import RestoreError

__all__ = ["PixelGrid"]


@dataclass(frozen=True, slots=True)
class PixelGrid:
    """Where the pixels of a raster lie.

    Attributes:
        crs: for pyproj.
        transform: a, b, c, d, e, f of x = a * col + b * row + c, y = d * col + e * row + f.
        height: rows.
        width: columns.
    """

    crs: str
    transform: tuple[float, ...]
    height: int
    width: int

    def pixel(self, lon: float, lat: float) -> tuple[int, int]:
        """Row and column of the pixel that holds a place."""
        x, y = Transformer.from_crs("OGC:CRS84", self.crs, always_xy=True).transform(lon, lat)
        a, b, c, d, e, f = self.transform
        determinant = a * e - b * d
        if not determinant or not (math.isfinite(x) and math.isfinite(y)):
            msg = f"{lon}, {lat} has no place on a grid with the transform {self.transform} in {self.crs}"
            raise RestoreError(msg)
        column = math.floor((e * (x - c) - b * (y - f)) / determinant)
        row = math.floor((a * (y - f) - d * (x - c)) / determinant)
        if not (0 <= row < self.height and 0 <= column < self.width):
            msg = f"{lon}, {lat} lies outside the file: row {row}, column {column} of {self.height} x {self.width}"
            raise RestoreError(msg)
        return row, column
