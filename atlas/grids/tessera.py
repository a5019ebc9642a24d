"""The TESSERA grid: cells of 0.1 degree, named by their centre with two decimals (`grid_0.15_52.05`).

Centres lie at k/10 + 0.05 degrees, so a hundredfold coordinate is a whole number that ends in 5. Everything here counts
in hundredths of a degree: no rounding error enters a name, a bound or a comparison.

Source: ucam-eo/geotessera geotessera/registry.py @ ef4c85913e0eb7e9e413890dcf3b23fc0b92a90f.
"""

import numpy as np
import numpy.typing as npt

from atlas.grids.bounds import Floats

__all__ = ["COLUMNS", "ROWS", "block", "bounds", "cell", "centre", "coordinates", "in_range", "on_grid", "pixel_origin"]

Hundredths = npt.NDArray[np.int64]

COLUMNS, ROWS = 3600, 1800


def centre(degrees: Floats) -> Hundredths:
    """Centre, in hundredths of a degree, of the cells that hold the coordinates (longitudes or latitudes)."""
    return (np.floor(np.round(degrees * 10.0, 9)).astype(np.int64)) * 10 + 5


def on_grid(hundredths: Hundredths) -> npt.NDArray[np.bool_]:
    """Whether coordinates are centres of cells: hundredths that end in 5, on either side of zero."""
    return np.asarray(hundredths % 10 == 5)


def in_range(lon: Hundredths, lat: Hundredths) -> npt.NDArray[np.bool_]:
    """Whether cells with these centres lie on the globe as a whole."""
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


def block(lon: Hundredths, lat: Hundredths, degrees: int = 5) -> tuple[Hundredths, Hundredths]:
    """Lower left corner, in whole degrees, of the manifest's block that holds the cells (5 degrees wide)."""
    size = degrees * 100
    return lon // size * degrees, lat // size * degrees


def pixel_origin(lon: int, lat: int) -> tuple[float, float, int]:
    """Upper left corner of a tile's pixels: the west and north of the cell's envelope in the UTM zone of its centre.

    It is not snapped to whole pixels, so neighbouring tiles overlap and do not share a pixel grid. Derived from one
    published tile (`grid_0.05_51.35`: 290872.408, 5698579.145 in EPSG:32631), which it meets within a millimetre: good
    for a check, too thin to be published as a fact of every tile; the landmask of a tile is the authority.

    Args:
        lon: longitude of the centre, hundredths of a degree.
        lat: latitude of the centre, hundredths of a degree.

    Returns:
        Easting and northing in metres, and the EPSG number.
    """
    from pyproj import Transformer

    from atlas.grids import utm

    lons, lats = coordinates(np.array([lon]), np.array([lat]))
    code = int(utm.epsg(utm.zones(lons), lats)[0])
    west, south, east, north = (float(b[0]) for b in bounds(np.array([lon]), np.array([lat])))
    to_utm = Transformer.from_crs(4326, code, always_xy=True)
    left, _, _, top = to_utm.transform_bounds(west, south, east, north, densify_pts=21)
    return float(left), float(top), code
