"""The Major TOM grid in its two variants, ESA's (named as `594U_19L`) and Earth Genome's, at any spacing.

Rows have equal heights of about the spacing; each is cut into columns of equal widths of about the spacing at the row's
southern edge. The equator and the prime meridian are always lines of the grid.

    rows N = ceil(pi R / D), height 180 / N degrees; southern edge of row i: i 180 / N
    columns of row i: ceil(2 pi R cos(latitude of the southern edge) / D); western edge of column j: j 360 / columns

Sources: ESA-PhiLab/Major-TOM MajorTOM/grid.py @ f7078cd0e9d8bade846c1ea448cd53ac874eb727 (R = 6378.137 km, corners at
the lower left); earth-genome/majortom-rs @ a8fc731b4eb63af60cd1258d85b200629f8b2e07 (a second set of cells half a
cell to the north-east where the grid overlaps itself). For an even number of rows both variants have the same cells:
columns of an odd number are centred on the prime meridian by both.
"""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.grids import utm
from atlas.grids.bounds import Floats, Integers, Mask
from atlas.grids.projected import from_degrees

__all__ = ["EARTH_RADIUS", "MajorTom", "image", "parse"]

EARTH_RADIUS = 6_378_137.0
"""Metres: the equatorial radius of WGS 84, as both variants use it."""
_ESA = 10_000.0
_IMAGE, _MARGIN = 10_680.0, 340.0
"""Metres: side of an image of ESA's grid (1068 pixels of 10 m), and how far it reaches beyond its cell's corner."""
_NAME = r"^(?P<row>\d{1,6})(?P<ud>[UD])_(?P<column>\d{1,6})(?P<rl>[RL])$"
_POLE = 89.0


@dataclass(frozen=True, slots=True)
class MajorTom:
    """A grid of one spacing: 10,000 m (ESA), 320 m (Earth Index), 2,560 m (LGND)."""

    spacing: float

    @property
    def rows(self) -> int:
        """Number of rows from pole to pole."""
        return max(2, math.ceil(math.pi * EARTH_RADIUS / self.spacing))

    @property
    def height(self) -> float:
        """Height of a row, degrees."""
        return 180.0 / self.rows

    def columns(self, row: Integers) -> Integers:
        """Number of columns of rows; row 0 begins at the equator, row -1 is the first to the south."""
        latitude = np.clip(row * self.height, -_POLE, _POLE)
        circumference = 2.0 * math.pi * EARTH_RADIUS * np.cos(np.radians(latitude))
        count: Integers = np.maximum(np.ceil(circumference / self.spacing), 1).astype(np.int64)
        return count

    def bounds(self, row: Integers, column: Integers) -> tuple[Floats, Floats, Floats, Floats]:
        """West, south, east, north of cells in degrees; east of the last column of a row may lie beyond 180.

        Bring them into the legal ranges with `atlas.grids.bounds.legal_bounds`.
        """
        width: Floats = 360.0 / self.columns(row)
        south: Floats = (row * self.height).astype(np.float64)
        north: Floats = ((row + 1) * self.height).astype(np.float64)
        return column * width, south, (column + 1) * width, north

    def exists(self, row: Integers, column: Integers) -> Mask:
        """Whether cells lie between the poles and have their western edge in [-180, 180)."""
        columns = self.columns(row)
        inside = (row >= -(self.rows // 2)) & (row < -(-self.rows // 2))
        return np.asarray(inside & (2 * column >= -columns) & (2 * column < columns))

    def cells(self, lon: Floats, lat: Floats) -> tuple[Integers, Integers]:
        """Row and column of the cells that hold points.

        Args:
            lon: degrees in [-180, 180].
            lat: degrees in [-90, 90].
        """
        row = np.minimum(np.floor(lat / self.height).astype(np.int64), -(-self.rows // 2) - 1)
        columns = self.columns(row)
        column = np.floor(np.where(lon >= 180.0, lon - 360.0, lon) * columns / 360.0).astype(np.int64)
        # With an odd number of columns the one that crosses the antimeridian is counted from the east.
        return row, np.where(2 * column < -columns, column + columns, column)

    def names(self, row: Integers, column: Integers) -> pa.Array:
        """ESA's names, such as `594U_19L`."""
        numbers = [pc.cast(pa.array(np.abs(n)), pa.string()) for n in (row, column)]
        letters = [pa.array(np.where(row < 0, "D", "U")), pa.array(np.where(column < 0, "L", "R"))]
        first = pc.binary_join_element_wise(numbers[0], letters[0], "")
        return pc.binary_join_element_wise(first, pc.binary_join_element_wise(numbers[1], letters[1], ""), "_")

    def crs(self, row: Integers, column: Integers) -> pa.Array:
        """`proj:code` of cells: the UTM zone of the lower left corner, with the exceptions of Norway and Svalbard."""
        west, south, _, _ = self.bounds(row, column)
        return utm.codes(west, south, exceptions=True)


def parse(names: pa.Array) -> tuple[Integers, Integers, Mask]:
    """Rows and columns of ESA's names, and which names are well formed (the others are row 0, column 0)."""
    fields = pc.extract_regex(names, pattern=_NAME)
    valid = fields.is_valid().to_numpy(zero_copy_only=False)

    def number(name: str, letter: str, negative: str) -> Integers:
        magnitude = pc.fill_null(pc.cast(pc.struct_field(fields, name), pa.int64()), 0)
        sign = pc.fill_null(pc.equal(pc.struct_field(fields, letter), negative), fill_value=False)
        values: Integers = magnitude.to_numpy(zero_copy_only=False)
        return np.where(sign.to_numpy(zero_copy_only=False), -values, values)

    row, column = number("row", "ud", "D"), number("column", "rl", "L")
    # `0D` and `0L` name no cell: rows and columns below zero begin at one.
    zero = pc.fill_null(pc.match_substring_regex(names, r"^0D|_0L$"), fill_value=False)
    return row, column, valid & ~zero.to_numpy(zero_copy_only=False)


def image(name: str) -> tuple[str, tuple[float, float, float, float]]:
    """CRS and bounds in metres of the image of one of ESA's cells of 10 km: a square of 1068 x 1068 pixels of 10 m.

    It begins 340 m west and south of the cell's lower left corner, in the UTM zone of that corner, and is not snapped
    to whole metres: the published image of 471U_587L has its upper left corner at 310455.1604, 4696576.0021 (profile in
    adamjstewart/torchgeo tests/data/gse/data.py @ 964c5984437410103c7e8a877e1a2c7e8ad15fac), which this meets within a
    millimetre; the number of pixels is that of the Major TOM Core images.

    Returns:
        `EPSG:326zz` or `EPSG:327zz`; west, south, east, north.

    Raises:
        ValueError: there is no such cell, or it lies where UTM is not defined.
    """
    grid = MajorTom(_ESA)
    row, column, valid = parse(pa.array([name]))
    if not valid[0] or not grid.exists(row, column)[0]:
        raise ValueError(f"{name} is not a cell of the Major TOM grid of 10 km")
    code = grid.crs(row, column)[0].as_py()
    if code is None:
        raise ValueError(f"{name} lies where UTM is not defined")
    west, south, _, _ = grid.bounds(row, column)
    x, y = from_degrees(code).transform(west[0], south[0])
    left, low = float(x) - _MARGIN, float(y) - _MARGIN
    return code, (left, low, left + _IMAGE, low + _IMAGE)
