"""The military grid (MGRS): 100 km squares of UTM zones, and the Sentinel-2 tiles that are named after them.

A grid zone such as `31T` is a UTM zone within a band of latitude. Its squares are cut at its edges: `31TBJ` and `30TYP`
meet at the meridian between their zones. Tiles of Sentinel-2 are not cut: they overlap their neighbours.

Bands, zones and letters: NGA.STND.0037_2.0.0_GRIDS, The Universal Grids, chapter 3; tiles: corners of published ones.
The package `mgrs` (GEOTRANS) is the reference of the tests. It is not used here, as it also answers for squares far
outside their zone, and says so only by process-wide warnings, which threads cannot tell apart.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import shapely

from atlas.grids.projected import from_degrees, projected_polygon

__all__ = ["Square", "grid_zone", "square", "square_polygon", "tile_polygon"]

COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
"""Letters of the columns from 100 km east on, for zones 1, 2 and 3, then again."""
ROWS = "ABCDEFGHJKLMNPQRSTUV"
"""Letters of the rows from the equator on, again and again; zones of an even number begin at F."""
BANDS = "CDEFGHJKLMNPQRSTUVWX"
"""Bands of latitude from 80 degrees south, eight degrees high; the last one is twelve."""
NAME = re.compile(r"^(0[1-9]|[1-5]\d|60)([C-HJ-NP-X])([A-HJ-NP-Z][A-HJ-NP-V])$")
EXCEPTIONS: dict[str, tuple[float, float] | None] = {
    "31V": (0.0, 3.0), "32V": (3.0, 12.0),
    "31X": (0.0, 9.0), "32X": None, "33X": (9.0, 21.0), "34X": None, "35X": (21.0, 33.0), "36X": None,
    "37X": (33.0, 42.0),
}  # fmt: skip
"""Western and eastern edges of the zones around south-west Norway and Svalbard; None where there is no such zone."""
SIDE = 100_000
"""Side of a square, metres."""
TILE, PIXEL = 109_800, 60
"""Sides of a Sentinel-2 tile and of its coarsest pixel, metres; tiles begin at multiples of the latter."""
SLIVER = 1e-9
"""Square degrees, a few square metres: smaller pieces of a square at the edge of its zone come from rounding."""


@dataclass(frozen=True, slots=True)
class Square:
    """A square of 100 km.

    Attributes:
        code: CRS, `EPSG:326zz` or `EPSG:327zz`.
        easting, northing: lower left corner, metres.
        zone: the zone and band that cut it, such as `31T`.
    """

    code: str
    easting: int
    northing: int
    zone: str


def grid_zone(name: str) -> tuple[float, float, float, float]:
    """West, south, east, north of a grid zone such as `31T`, degrees; none crosses the antimeridian.

    Raises:
        ValueError: there is no such zone.
    """
    zone, band = int(name[:-1]) if name[:-1].isdecimal() else 0, name[-1:]
    west = 6.0 * zone - 186.0
    edges = EXCEPTIONS.get(name, (west, west + 6.0))
    if not 1 <= zone <= 60 or not band or band not in BANDS or edges is None:
        raise ValueError(f"{name} is not a grid zone")
    south = -80.0 + 8.0 * BANDS.index(band)
    return edges[0], south, edges[1], 84.0 if band == "X" else south + 8.0


def square(name: str) -> Square:
    """The square that a name such as `31TCJ` denotes.

    Raises:
        ValueError: there is no such square.
    """
    match = NAME.match(name)
    if match is None:
        raise ValueError(f"{name} is not an MGRS square: two digits and three letters are expected")
    number, zone = int(match[1]), match[1] + match[2]
    columns = COLUMNS[(number - 1) % 3]
    if match[3][0] not in columns:
        raise ValueError(f"{name} is not an MGRS square: zone {number} has the columns {columns}")
    try:
        code, low, high = _northings(zone)
    except ValueError as error:
        raise ValueError(f"{name} is not an MGRS square: {error}") from None
    row = (ROWS.index(match[3][1]) - (5 if number % 2 == 0 else 0)) % len(ROWS) * SIDE
    cycle = SIDE * len(ROWS)
    # The one row of that letter that reaches into the band; a band is shorter than the cycle of 2,000 km.
    northing = low - SIDE + 1 + (row - low + SIDE - 1) % cycle
    if northing >= high:
        raise ValueError(f"{name} is not an MGRS square: band {match[2]} has no row {match[3][1]}")
    return Square(code, (columns.index(match[3][0]) + 1) * SIDE, northing, zone)


@lru_cache(maxsize=2000)
def _northings(zone: str) -> tuple[str, int, int]:
    """CRS of a grid zone, and the least and greatest northing in it, metres; its parallels are curves in UTM."""
    west, south, east, north = grid_zone(zone)
    code = f"EPSG:{(32600 if zone[-1] >= 'N' else 32700) + int(zone[:-1])}"
    middle = 6.0 * int(zone[:-1]) - 183.0
    lon = [west, middle, east] * 2
    _, found = from_degrees(code).transform(lon, [south] * 3 + [north] * 3)
    return code, math.floor(min(found)), math.ceil(max(found))


def square_polygon(name: str) -> tuple[str, shapely.Geometry]:
    """EPSG code and footprint of a square, cut at the edges of its grid zone.

    Raises:
        ValueError: there is no such square, or nothing of it lies in its grid zone.
    """
    found = square(name)
    whole = projected_polygon(found.code, found.easting, found.northing, found.easting + SIDE, found.northing + SIDE)
    west, south, east, north = grid_zone(found.zone)
    # The parallel of a band is straight in degrees and curved in UTM, the square's edges the other way round.
    cut = shapely.intersection(whole, shapely.box(west, south, east, north))
    parts = [part for part in shapely.get_parts(cut) if part.area > SLIVER]
    if not parts:
        raise ValueError(f"{name} is not an MGRS square: it lies outside its zone {found.zone}")
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return found.code, shapely.orient_polygons(shape)


def tile_polygon(name: str) -> tuple[str, shapely.Geometry]:
    """EPSG code and footprint of a Sentinel-2 tile: 109,800 m from the upper left corner of its square.

    The corner is moved outwards to a multiple of 60 m, the coarsest pixel: 31TCJ begins at (300000, 4900020), 31TDH at
    (399960, 4800000), 02VMN at (399960, 6800040).

    Raises:
        ValueError: there is no such square.
    """
    square_polygon(name)  # letters of a place outside the zone name no tile
    found = square(name)
    left = found.easting // PIXEL * PIXEL
    top = -(-(found.northing + SIDE) // PIXEL) * PIXEL
    return found.code, projected_polygon(found.code, left, top - TILE, left + TILE, top)
