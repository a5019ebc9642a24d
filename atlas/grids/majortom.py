"""The Major TOM grid of 10 km: cells named as `594U_19L`, and the images that lie on them.

Rows have equal heights of about the spacing D; each is cut into columns of equal widths of about D at the row's
southern edge. The equator and the prime meridian are always lines of the grid.

    rows N = ceil(pi R / D), height 180 / N degrees; southern edge of row i: i 180 / N
    columns of row i: ceil(2 pi R cos(latitude of the southern edge) / D); western edge of column j: j 360 / columns

Source: ESA-PhiLab/Major-TOM MajorTOM/grid.py @ f7078cd0e9d8bade846c1ea448cd53ac874eb727 (R = 6378.137 km).
"""

import math
import re

import numpy as np
from pyproj import Transformer

from atlas.grids import utm

__all__ = ["corner", "image"]

_RADIUS, _SPACING = 6_378_137.0, 10_000.0
_ROWS = math.ceil(math.pi * _RADIUS / _SPACING)
_IMAGE, _MARGIN = 10_680.0, 340.0
"""Metres: side of an image (1068 pixels of 10 m), and how far it reaches beyond its cell's corner."""
# Rows and columns below zero begin at one: `0D` and `0L` name no cell.
_NAME = re.compile(r"(?!0D)(\d{1,6})([UD])_(?!0L)(\d{1,6})([RL])")
_POLE = 89.0


def corner(name: str) -> tuple[float, float]:
    """Longitude and latitude of the lower left corner of a cell, degrees.

    Raises:
        ValueError: there is no such cell.
    """
    if match := _NAME.fullmatch(name):
        row, column = int(match[1]) * (-1 if match[2] == "D" else 1), int(match[3]) * (-1 if match[4] == "L" else 1)
        south = row * 180.0 / _ROWS
        around = 2.0 * math.pi * _RADIUS * math.cos(math.radians(max(-_POLE, min(south, _POLE))))
        columns = math.ceil(around / _SPACING)
        if -(_ROWS // 2) <= row < _ROWS - _ROWS // 2 and -columns <= 2 * column < columns:
            return column * 360.0 / columns, south
    raise ValueError(f"{name} is not a cell of the Major TOM grid of 10 km")


def image(name: str) -> tuple[str, tuple[float, float, float, float]]:
    """CRS and bounds in metres of the image of a cell: a square of 1068 x 1068 pixels of 10 m.

    It begins 340 m west and south of the cell's lower left corner, in the UTM zone of that corner (with the exceptions
    of Norway and Svalbard), and is not snapped to whole metres: the published image of 471U_587L has its upper left
    corner at 310455.1604, 4696576.0021 (profile in adamjstewart/torchgeo tests/data/gse/data.py
    @ 964c5984437410103c7e8a877e1a2c7e8ad15fac), which this meets within a millimetre; the number of pixels is that of
    the Major TOM Core images.

    Returns:
        `EPSG:326zz` or `EPSG:327zz`; west, south, east, north.

    Raises:
        ValueError: there is no such cell, or it lies where UTM is not defined.
    """
    lon, lat = corner(name)
    code = utm.codes(np.array([lon]), np.array([lat]), exceptions=True)[0].as_py()
    if code is None:
        raise ValueError(f"{name} lies where UTM is not defined")
    x, y = Transformer.from_crs("OGC:CRS84", code, always_xy=True).transform(lon, lat)
    left, low = x - _MARGIN, y - _MARGIN
    return code, (left, low, left + _IMAGE, low + _IMAGE)
