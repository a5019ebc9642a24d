"""The AlphaEarth grid: files of 8192 x 8192 pixels of 10 m, four to an image of 163,840 m, in each UTM zone.

    lower left corner = (500000 + 163840 i + 10 xoff, N0 + 163840 j + 10 yoff)
    N0 = 0 in the north, 10,000,000 in the south; xoff, yoff in {0, 8192} stand in the file's name, yoff before xoff;
    yoff counts northwards; i and j are not in the name

The producer does not state this rule. It is derived from published tiles and holds for all whose position is known.
"""

import numpy as np

from atlas.grids.bounds import Floats, Integers, Mask

__all__ = ["FILE", "IMAGE", "OFFSETS", "PIXEL", "SIZE", "corners", "holding"]

PIXEL, SIZE = 10.0, 8192
IMAGE, FILE = 163_840.0, 81_920.0
"""Edge of an image and of a file, metres."""
OFFSETS = (0, SIZE)
_FALSE_EASTING, _FALSE_NORTHING = 500_000.0, 10_000_000.0
_SLACK = 0.01
"""Metres by which bounds may miss the grid: they are written with few decimals."""


def _origin(xoff: Integers, yoff: Integers, south: Mask) -> tuple[Floats, Floats]:
    x: Floats = _FALSE_EASTING + PIXEL * xoff.astype(np.float64)
    return x, np.where(south, _FALSE_NORTHING, 0.0) + PIXEL * yoff


def corners(i: Integers, j: Integers, xoff: Integers, yoff: Integers, south: Mask) -> tuple[Floats, Floats]:
    """Easting and northing of the lower left corners of files, metres.

    Args:
        i: column of the image, counted from the central meridian.
        j: row of the image, counted from the equator; negative in the south.
        xoff: offset of the file in pixels, eastwards.
        yoff: offset of the file in pixels, northwards.
        south: whether the zone is a southern one.
    """
    x, y = _origin(xoff, yoff, south)
    return x + IMAGE * i, y + IMAGE * j


def holding(
    west: Floats, south: Floats, east: Floats, north: Floats, *, xoff: Integers, yoff: Integers, southern: Mask
) -> tuple[Floats, Floats, Mask]:
    """The files with these offsets that contain bounds in metres, which an index may have clipped to the zone.

    Offsets count pixels eastwards and northwards; `southern` tells the zones.

    Returns:
        Easting and northing of the lower left corners, and whether that file contains the bounds entirely: where it
        does not, the bounds contradict the name.
    """
    x, y = _origin(xoff, yoff, southern)
    with np.errstate(invalid="ignore"):
        left = x + np.floor((west - x + _SLACK) / IMAGE) * IMAGE
        low = y + np.floor((south - y + _SLACK) / IMAGE) * IMAGE
        fits = (east > west) & (north > south) & (east <= left + FILE + _SLACK) & (north <= low + FILE + _SLACK)
        fits &= (np.abs(left) < 1e7) & (np.abs(low) < 2e7)
    return left, low, np.asarray(fits)
