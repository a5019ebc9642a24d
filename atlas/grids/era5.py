"""The ERA5 grid: points every 0.25 degree from -180 and from 90, poles included; a cell is centred on each point.

1440 columns from west to east, 721 rows from north to south. A raster with one pixel per point begins at -180.125 and
90.125: half its first column lies beyond the antimeridian and half its first and last rows beyond the poles.

Source: profile of Copernicus-Embed-025deg in adamjstewart/torchgeo tests/data
@ 964c5984437410103c7e8a877e1a2c7e8ad15fac.
"""

import numpy as np

from atlas.grids.bounds import Floats, Integers, legal_bounds

__all__ = ["COLUMNS", "ROWS", "STEP", "bounds", "cells"]

STEP = 0.25
COLUMNS, ROWS = 1440, 721


def cells(lon: Floats, lat: Floats) -> tuple[Integers, Integers]:
    """Row and column of the cells that hold points; longitudes in [-180, 360), as ERA5 often counts them from 0.

    Args:
        lon: degrees.
        lat: degrees in [-90, 90].
    """
    column = np.floor((lon + 180.0) / STEP + 0.5).astype(np.int64) % COLUMNS
    row = np.clip(np.floor((90.0 - lat) / STEP + 0.5).astype(np.int64), 0, ROWS - 1)
    return row, column


def bounds(row: Integers, column: Integers) -> tuple[Floats, Floats, Floats, Floats]:
    """Legal west, south, east, north of cells in degrees: the first column crosses the antimeridian (west > east), the
    first and last rows end at the poles.
    """
    lon: Floats = column.astype(np.float64) * STEP - 180.0
    lat: Floats = 90.0 - row.astype(np.float64) * STEP
    half = STEP / 2.0
    return legal_bounds(lon - half, lat - half, lon + half, lat + half)
