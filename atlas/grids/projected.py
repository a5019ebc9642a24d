"""Footprints in longitude and latitude of rectangles in degrees, in metres of a CRS, and of parts of UTM zones: cut at
the antimeridian, closed over a pole.
"""

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import shapely
import shapely.affinity
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.grids.bounds import Floats, legal_bounds

__all__ = ["beyond_its_area", "bounds_polygon", "footprint", "from_degrees", "padded", "projected_polygon", "utm_band"]

EDGE_POINTS = 9
POLAR, LONG_STEP = 75.0, 20.0
DEGREE_METRES = 111_195.0
"""One degree on a sphere of the mean radius 6,371,008.8 m."""
POLE = 90.0 - 1e-7
"""A centimetre from a pole: nearer than that, longitude means nothing."""
SEAM = 1e-9
"""Degrees within which corners are the same: pieces that were moved by 360 degrees meet again."""


def bounds_polygon(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle inside the legal ranges; west > east crosses the antimeridian and is cut there (RFC 7946, 3.1.9).

    Raises:
        ValueError: a bound is not finite, outside the globe by more than a degree (longitudes from 0 to 360 are on it),
            or the rectangle is turned over.
    """
    if not all(map(math.isfinite, (west, south, east, north))):
        raise ValueError(f"bounds {west}, {south}, {east}, {north} are not numbers")
    # Grids of pixel centres extend half a cell over the edge, and some count from 0 to 360; more is a mistake.
    legal = (-181 <= west <= east <= 361 and east - west <= 361) or -180 <= east < west <= 180
    if not legal or south > north or not (south >= -91 and north <= 91):
        raise ValueError(f"bounds {west}, {south}, {east}, {north} are not on the globe")
    if west == east:  # a line; as a legal rectangle it could not be told from the whole globe at 180 degrees
        west = east = west - 360.0 if west > 180.0 else west + 360.0 if west < -180.0 else west
        return _rectangle(west, max(south, -90.0), east, min(north, 90.0))
    west, south, east, north = _legal(west, south, east, north)
    if west <= east:
        return _rectangle(west, south, east, north)
    parts = [_rectangle(west, south, 180.0, north), _rectangle(-180.0, south, east, north)]
    whole = [part for part in parts if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(whole) if len(whole) == 2 else (whole or parts)[0]


def _legal(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    """The bounds in the legal ranges; west > east where they cross the antimeridian."""
    edges = legal_bounds(*(np.array([v]) for v in (west, south, east, north)))
    west, south, east, north = (float(edge[0]) for edge in edges)
    return west, south, east, north


def _rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle, or the line or point that is left of one without width or height: a lone vector has no extent."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    if (west, south) == (east, north):
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def padded(west: float, south: float, east: float, north: float, metres: float) -> tuple[float, float, float, float]:
    """Bounds of centres as bounds of the patches around them, `metres` to every side."""
    pad = metres / DEGREE_METRES
    widest = max(abs(south), abs(north))
    around = pad / max(math.cos(math.radians(min(widest, 89.0))), 0.01)
    west, south, east, north = west - around, max(south - pad, -90.0), east + around, min(north + pad, 90.0)
    # Patches may extend over the antimeridian; what is not a longitude at all is left for the caller to reject.
    if not (-540.0 <= west < east <= 540.0):
        return west, south, east, north
    return _legal(west, south, east, north)


def footprint(crs: str, west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle of any CRS in longitude and latitude.

    Of a geographic CRS its own degrees are taken: those of another datum lie a few hundred metres away at most, and a
    rectangle of the whole globe has no outline that could be followed.

    Raises:
        ValueError: the CRS is not known, or the rectangle has no place on the globe.
    """
    if _in_degrees(crs):
        return bounds_polygon(west, south, east, north)
    return projected_polygon(crs, west, south, east, north)


def beyond_its_area(crs: str, west: float, south: float, east: float, north: float) -> bool:
    """Whether the middle of a rectangle lies outside the area for which its CRS is made; False where none is stated."""
    area = CRS.from_user_input(crs).area_of_use
    lon, lat = _to_degrees(crs).transform((west + east) / 2, (south + north) / 2)
    if area is None or not (math.isfinite(lon) and math.isfinite(lat)):
        return area is not None
    wide = (area.east - area.west) % 360.0 or 360.0
    return not (area.south <= lat <= area.north and (lon - area.west) % 360.0 <= wide)


@lru_cache(maxsize=256)
def _in_degrees(crs: str) -> bool:
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        return False  # rejected where its outline is followed
    meridian = system.prime_meridian
    greenwich = meridian is not None and meridian.longitude == 0
    return system.is_geographic and greenwich and system.axis_info[0].unit_name == "degree"


def projected_polygon(crs: str, west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle of a projected CRS, its edges followed, cut at the antimeridian where it crosses.

    Raises:
        ValueError: the CRS is not known, or the rectangle has no place on the globe.
    """
    told = f"bounds {west}, {south}, {east}, {north} in {crs[:60]}"
    if not (all(map(math.isfinite, (west, south, east, north))) and west < east and south < north):
        raise ValueError(f"{told} are not a rectangle")
    try:
        transformer = _to_degrees(crs)
        lon, lat = _ring(transformer, (west, south, east, north), EDGE_POINTS)
    except (CRSError, ProjError, ZeroDivisionError) as error:
        raise ValueError(f"{told}: {error}") from None
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise ValueError(f"{told} have no place on the globe")
    if np.abs(lat).max() > POLAR and _longest_step(lon) > LONG_STEP:
        # This near to a pole, straight lines between few points would miss much of the area.
        lon, lat = _ring(transformer, (west, south, east, north), 16 * EDGE_POINTS)
    try:
        shape = _ring_polygon(lon, lat)
    except (ValueError, shapely.errors.GEOSException) as error:
        raise ValueError(f"{told} make no footprint: {error}") from None
    if not shape.is_valid:  # a strip thinner than numbers in degrees tell apart
        raise ValueError(f"{told} make no valid area in degrees")
    return shape


@lru_cache(maxsize=256)
def _to_degrees(crs: str) -> Transformer:
    """Cached, as making one costs more than a footprint. Threads may share it: pyproj keeps its state per thread."""
    return Transformer.from_crs(CRS.from_user_input(crs), "OGC:CRS84", always_xy=True)


@lru_cache(maxsize=256)
def from_degrees(crs: str) -> Transformer:
    """From longitude and latitude to x and y of a CRS, cached as the way back is.

    Raises:
        CRSError: the CRS is not known.
    """
    return Transformer.from_crs("OGC:CRS84", CRS.from_user_input(crs), always_xy=True)


def _ring(transformer: Transformer, bounds: tuple[float, float, float, float], points: int) -> tuple[Floats, Floats]:
    x, y = _edges(*bounds, points)
    lon, lat = transformer.transform(x, y, errcheck=True)
    return np.asarray(lon), np.asarray(lat)


def _edges(west: float, south: float, east: float, north: float, points: int) -> tuple[Floats, Floats]:
    """A closed ring around a rectangle with a fixed number of points on each edge, whatever its proportions."""
    steps, still = np.linspace(0.0, 1.0, points, endpoint=False), np.ones(points)
    right, up = west + steps * (east - west), south + steps * (north - south)
    x = np.concatenate([right, east * still, east + west - right, west * still, [west]])
    y = np.concatenate([south * still, up, north * still, north + south - up, [south]])
    return x, y


def utm_band(code: str, south: float, north: float) -> shapely.Geometry:
    """The six degrees of a UTM zone between two northings: what a store of whole zones holds for one of them.

    The rectangle of such an array reaches far beyond its zone near a pole; the data stop at the zone's edges.

    Args:
        code: `EPSG:326zz` or `EPSG:327zz`; northings of the southern half may be negative in a northern CRS.
        south: least northing, metres.
        north: greatest northing, metres.

    Raises:
        ValueError: it is not a UTM zone, or the northings have no place on the globe.
    """
    number = int(code.removeprefix("EPSG:")) if code.removeprefix("EPSG:").isdigit() else 0
    zone = number % 100
    if number // 100 not in {326, 327} or not 1 <= zone <= 60 or not south < north:
        raise ValueError(f"{code} from {south} to {north} is not part of a UTM zone")
    (_, _), (low, high) = _to_degrees(code).transform([500_000.0, 500_000.0], [south, north])
    if not (math.isfinite(low) and math.isfinite(high) and -90 <= low < high <= 90):
        raise ValueError(f"{code} from {south} to {north} has no place on the globe")
    west = -180.0 + 6.0 * (zone - 1)
    return shapely.box(west, low, west + 6.0, high)


def _longest_step(lon: Floats) -> float:
    """The longest way east or west between neighbours of a ring, degrees."""
    return float(np.abs(_steps(lon)).max(initial=0.0))


def _ring_polygon(lon: Floats, lat: Floats) -> shapely.Geometry:
    """The area to the left of a closed ring (first point = last point), which goes around the globe at most once.

    A ring that winds around a pole has the pole inside: in longitude and latitude its area reaches up to that edge.

    Args:
        lon: longitudes, degrees, shape (n,); that of a point at a pole does not matter.
        lat: latitudes, degrees, shape (n,).

    Raises:
        ValueError: the ring crosses itself or has no area.
    """
    lon, lat = _split_poles(lon, np.clip(lat, -90.0, 90.0))
    way = lon[0] + np.concatenate([[0.0], np.cumsum(_steps(lon))])
    path = lon + 360.0 * np.round((way - lon) / 360.0)  # whole turns are added, so that equal corners stay equal
    turns = round((path[-1] - path[0]) / 360.0)
    if turns not in {-1, 0, 1}:
        raise ValueError("ring winds around the globe more than once")
    if turns:
        # The inside is to the left: north of a ring that goes east, south of one that goes west.
        path = np.concatenate([path, [path[-1], path[0], path[0]]])
        lat = np.concatenate([lat, [90.0 * turns, 90.0 * turns, lat[0]]])
    shape = shapely.polygons(np.stack([path, lat], axis=1))
    if turns:
        # Where the pole is a corner as well, the ring runs up to it and back down.
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if not shapely.is_valid(shape):
        raise ValueError("ring crosses itself")
    parts = _inside(shape)
    if turns:
        parts = [part for part in shapely.get_parts(shapely.union_all(parts, grid_size=SEAM)) if part.area > 0]
    if not parts:
        raise ValueError("ring has no area")
    oriented = [shapely.orient_polygons(part) for part in parts]
    return oriented[0] if len(oriented) == 1 else shapely.MultiPolygon(oriented)


def _steps(lon: Floats) -> Floats:
    """The shorter way from each point to the next, degrees east."""
    found: Floats = (np.diff(lon) + 180.0) % 360.0 - 180.0
    return found


def _split_poles(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """A ring that passes a pole arrives there on one meridian and leaves on another: both become corners."""
    at_pole = np.abs(lat) > POLE
    if not at_pole.any():
        return lon, lat
    if at_pole.all():
        raise ValueError("ring has no area")
    # Begin where no pole is, so that none is at both ends.
    begin = int(np.flatnonzero(~at_pole[:-1])[0])
    lon, lat = (np.append(np.roll(values[:-1], -begin), values[begin]) for values in (lon, lat))
    at_pole = np.abs(lat) > POLE
    points = zip(lon.tolist(), lat.tolist(), at_pole.tolist(), strict=True)
    found = [(lon[0], lat[0])]
    for (x, y, pole), (next_x, next_y, next_pole) in pairwise(points):
        if pole != next_pole:
            found.append((next_x, np.copysign(90.0, y)) if pole else (x, np.copysign(90.0, next_y)))
        if not next_pole:
            found.append((next_x, next_y))
    lons, lats = np.array(found, dtype=np.float64).T
    return lons, lats


def _inside(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The polygons of a shape between -180 and 180 degrees, for any unrolled longitudes."""
    globe = shapely.box(-180, -90, 180, 90)
    x = shapely.get_coordinates(shape)[:, 0]
    found = []
    for turn in (-2, -1, 0, 1, 2):
        low, high = x.min() + 360.0 * turn, x.max() + 360.0 * turn
        if low < 180.0 and high > -180.0:
            moved = shapely.affinity.translate(shape, 360.0 * turn)
            pieces = shapely.get_parts(shapely.intersection(moved, globe))
            found += [piece for piece in pieces if piece.geom_type == "Polygon"]
    largest = max((piece.area for piece in found), default=0.0)
    return [piece for piece in found if piece.area > SEAM * largest]
