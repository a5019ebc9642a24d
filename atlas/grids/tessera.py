"""The TESSERA grid: cells of 0.1 degree, named by their centre with two decimals (`grid_0.15_52.05`).

Centres lie at k/10 + 0.05 degrees, so a hundredfold coordinate is a whole number that ends in 5. Everything here counts
in hundredths of a degree: no rounding error enters a name, a bound or a comparison.

Source: ucam-eo/geotessera geotessera/registry.py @ ef4c85913e0eb7e9e413890dcf3b23fc0b92a90f.
"""

import numpy as np
import numpy.typing as npt

from atlas.grids.bounds import Floats, Mask

__all__ = ["COLUMNS", "ROWS", "block", "bounds", "cell", "centre", "coordinates", "in_range", "on_grid"]

Hundredths = npt.NDArray[np.int64]

COLUMNS, ROWS = 3600, 1800


def centre(degrees: Floats) -> Hundredths:
    """Centre, in hundredths of a degree, of the cells that hold the coordinates (longitudes or latitudes)."""
    return (np.floor(np.round(degrees * 10.0, 9)).astype(np.int64)) * 10 + 5


def on_grid(hundredths: Hundredths) -> Mask:
    """Whether coordinates are centres of cells: hundredths that end in 5, on either side of zero."""
    return np.asarray(hundredths % 10 == 5)


def in_range(lon: Hundredths, lat: Hundredths) -> Mask:
    """Whether cells with these centres lie wholly on the globe."""
    return np.asarray((np.abs(lon) <= 17995) & (np.abs(lat) <= 8995))


def cell(lon: Hundredths, lat: Hundredths) -> npt.NDArray[np.int64]:
    """Numbers of the cells with these centres: by rows from the south-west, below `COLUMNS * ROWS`."""
    number: npt.NDArray[np.int64] = (lat + 8995) // 10 * COLUMNS + (lon + 17995) // 10
    return number


def coordinates(lon: Hundredths, lat: Hundredths) -> tuple[Floats, Floats]:
    """Centres in degrees."""
    return lon / 100.0, lat / 100.0


def bounds(lon: Hundredths, lat: Hundredths) -> tuple[Floats, Floats, Floats, Floats]:
    """West, south, east, north of cells in degrees; no cell crosses the antimeridian."""
    return (lon - 5) / 100.0, (lat - 5) / 100.0, (lon + 5) / 100.0, (lat + 5) / 100.0


def block(lon: Hundredths, lat: Hundredths) -> tuple[Hundredths, Hundredths]:
    """Lower left corner, in whole degrees, of the manifest's block of 5 degrees that holds the cells."""
    return lon // 500 * 5, lat // 500 * 5
