"""From a place to the pixel that holds it."""

import math
from dataclasses import dataclass
from functools import lru_cache

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.errors import RestoreError

__all__ = ["PixelGrid", "Placer", "placer"]


@dataclass(frozen=True, slots=True)
class Placer:
    """From longitude and latitude to the coordinates of a CRS.

    Attributes:
        crs: for messages.
        transformer: from longitude and latitude.
        turn: how far apart x is after one turn round the world, where x goes on beyond it; 0 in other projections.
    """

    crs: str
    transformer: Transformer
    turn: float

    def places(self, lon: float, lat: float) -> list[tuple[float, float]]:
        """Where a place may lie, x and y: a raster may count its longitudes from 0 to 360, or go on beyond 180 degrees.

        Raises:
            RestoreError: the place does not lie in the projection.
        """
        # A pole is the edge of the last row, which an edge does not belong to.
        lat = math.copysign(90 - 1e-9, lat) if abs(lat) == 90 else lat
        x, y = self.transformer.transform(lon, lat)
        if not (math.isfinite(x) and math.isfinite(y)):
            msg = f"{lon}, {lat} has no place in {self.crs}"
            raise RestoreError(msg)
        return [(x + k * self.turn, y) for k in ((0, 1, -1, 2, -2) if self.turn else (0,))]


@lru_cache(maxsize=64)
def placer(crs: str) -> Placer:
    """The way into a CRS.

    Args:
        crs: for pyproj.

    Raises:
        RestoreError: there is no such CRS.
    """
    try:
        system = CRS.from_user_input(crs)
        transformer = Transformer.from_crs("OGC:CRS84", system, always_xy=True)
    except (CRSError, ProjError) as error:
        msg = f"the CRS '{crs[:100]}' is not known: {error}"
        raise RestoreError(msg) from None
    operation = system.coordinate_operation if system.is_projected else None
    method = operation.method_name if operation is not None else ""
    cylinder = "Cylindrical" in method or (
        "Mercator" in method and not any(word in method for word in ("Transverse", "Oblique"))
    )
    turn = 0.0
    if system.is_geographic or cylinder:  # x is proportional to the longitude, in whatever unit
        (low, high), _ = transformer.transform([0.25, 0.5], [0.0, 0.0])
        turn = (high - low) * 1440
    name = system.to_authority()
    return Placer(":".join(name) if name else system.name, transformer, turn if math.isfinite(turn) else 0.0)


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
        """Row and column of the pixel that holds a place.

        Raises:
            RestoreError: none does, or the CRS or the transform is none.
        """
        way = placer(self.crs)
        a, b, c, d, e, f = self.transform
        determinant = a * e - b * d
        if not determinant or not all(map(math.isfinite, self.transform)):
            msg = f"{lon}, {lat} has no place on a grid with the transform {self.transform} in {way.crs}"
            raise RestoreError(msg)
        found = [
            (
                math.floor((a * (y - f) - d * (x - c)) / determinant),
                math.floor((e * (x - c) - b * (y - f)) / determinant),
            )
            for x, y in way.places(lon, lat)
        ]
        for row, column in found:
            if 0 <= row < self.height and 0 <= column < self.width:
                return row, column
        row, column = found[0]
        msg = f"{lon}, {lat} lies outside the file: row {row}, column {column} of {self.height} x {self.width}"
        raise RestoreError(msg)
