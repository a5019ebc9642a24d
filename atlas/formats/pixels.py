"""From a place to the pixel that holds it."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.errors import RestoreError

__all__ = ["PixelGrid", "Placer", "numbers_of", "placer"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def numbers_of(value: object, counts: tuple[int, ...], name: str) -> tuple[float, ...]:
    """A list of as many numbers as one of `counts`, of JSON.

    Raises:
        RestoreError: it is not; the message begins with `name`.
    """
    found = list(value) if isinstance(value, list | tuple) else []
    # JSON may hold whole numbers that no float does.
    real = all(isinstance(n, float) or (type(n) is int and abs(n) < 10**300) for n in found)
    if len(found) not in counts or not real:
        raise RestoreError(f"{name} is not a list of {' or '.join(map(str, counts))} numbers: {value!r:.80}")
    return tuple(map(float, found))


@dataclass(frozen=True, slots=True)
class Placer:
    """From longitude and latitude to the coordinates of a CRS.

    Attributes:
        crs: for messages.
        transformer: from longitude and latitude.
        turn: by how much x grows in one turn around the globe, where it continues beyond; 0 in other projections.
    """

    crs: str
    transformer: Transformer
    turn: float

    def places(self, lon: float, lat: float) -> list[tuple[float, float]]:
        """Where a place may lie, x and y: a raster may count its longitudes from 0 to 360, or go on beyond 180 degrees.

        Raises:
            RestoreError: the place does not lie in the projection.
        """
        found = [(float(x[0]), float(y[0])) for x, y in self.of_many(np.array([lon]), np.array([lat]))]
        if not all(map(math.isfinite, found[0])):
            raise RestoreError(f"{lon}, {lat} has no place in {self.crs}")
        return found

    def of_many(self, lon: Floats, lat: Floats) -> list[tuple[Floats, Floats]]:
        """Where places may lie, as `places` says of one; not finite where a place lies outside the projection."""
        # A pole is the edge of the last row, which an edge does not belong to.
        lat = np.where(np.abs(lat) == 90, np.copysign(90 - 1e-9, lat), lat)
        x, y = self.transformer.transform(np.asarray(lon, np.float64), lat)
        return [(x + k * self.turn, y) for k in ((0, 1, -1, 2, -2) if self.turn else (0,))]


@lru_cache(maxsize=64)
def placer(crs: str) -> Placer:
    """The transformation into a CRS, as pyproj takes it.

    Raises:
        RestoreError: there is no such CRS.
    """
    try:
        system = CRS.from_user_input(crs)
        transformer = Transformer.from_crs("OGC:CRS84", system, always_xy=True)
    except (CRSError, ProjError) as error:
        raise RestoreError(f"the CRS '{crs[:100]}' is not known: {error}") from None
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
            RestoreError: none does, or the CRS or the transform is not valid.
        """
        way = placer(self.crs)
        way.places(lon, lat)
        rows, columns, inside = self.locate(np.array([lon]), np.array([lat]))
        row, column = int(rows[0]), int(columns[0])
        if inside[0]:
            return row, column
        msg = f"{lon}, {lat} lies outside the file: row {row}, column {column} of {self.height} x {self.width}"
        raise RestoreError(msg)

    def locate(self, lon: Floats, lat: Floats) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
        """Rows and columns of the pixels that hold places, and which places lie in the grid.

        Raises:
            RestoreError: the CRS or the transform is not valid.
        """
        a, b, c, d, e, f = self.transform
        way = placer(self.crs)
        determinant = a * e - b * d
        if not determinant or not all(map(math.isfinite, self.transform)):
            raise RestoreError(f"no place lies on a grid with the transform {self.transform} in {way.crs}")
        rows, columns = np.zeros(lon.shape, np.int64), np.zeros(lon.shape, np.int64)
        inside = np.zeros(lon.shape, np.bool_)
        for number, (x, y) in enumerate(way.of_many(lon, lat)):
            with np.errstate(invalid="ignore", over="ignore"):
                row, column = (
                    np.nan_to_num(np.clip(np.floor(part / determinant), -(2**53), 2**53), nan=-1).astype(np.int64)
                    for part in (a * (y - f) - d * (x - c), e * (x - c) - b * (y - f))
                )
            hit = (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width) & ~inside
            if number == 0:
                rows, columns = row, column
            rows[hit], columns[hit] = row[hit], column[hit]
            inside |= hit
        return rows, columns, inside

    def centres(self, rows: Integers, columns: Integers) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of the middles of pixels."""
        a, b, c, d, e, f = self.transform
        x, y = columns + 0.5, rows + 0.5
        lon, lat = placer(self.crs).transformer.transform(a * x + b * y + c, d * x + e * y + f, direction="INVERSE")
        return np.asarray(lon), np.asarray(lat)
