"""How much of an area tiles cover, year by year."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException

from atlas.answers.areas import area_km2, areas_km2, boxes_on_map, on_map
from atlas.answers.coverage import Held
from atlas.answers.places import Place

__all__ = ["MOST_YEARS", "Tiles", "counted_years"]

_FEWEST_CHECKED = 2
_ROUNDING = 1e-12
"""Degrees: corners that are worked out in different ways differ by less."""
MOST_YEARS = 50
"""Most years of one Item that are counted one by one: "until 9999" means that the end is open."""


def counted_years(first: int, last: int) -> range:
    """The years of one Item that are counted one by one: both ends included, and no more than `MOST_YEARS` later."""
    return range(first, min(last, first + MOST_YEARS) + 1)


class Tiles:
    """Collects the tiles of one product that meet a place, and measures what they cover.

    Tiles of several years mostly share footprints: each footprint is kept once, and each tile as the number of its
    footprint and its years. Memory is bounded by the place, not by the product.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._area = place.geometry
        self._flat = bool(shapely.get_dimensions(self._area) == 2)
        self._inside = place.inside
        shapely.prepare(self._area)
        shapely.prepare(self._inside)
        self._numbers: dict[bytes, int] = {}
        self._shapes: list[shapely.Geometry] = []
        self._tiles: list[npt.NDArray[np.int64]] = [np.empty((0, 3), np.int64)]

    def add(self, footprints: npt.NDArray[np.object_], first: Iterable[int], last: Iterable[int]) -> None:
        """Take a batch of tiles.

        Args:
            footprints: Well-known binary of N footprints in longitude and latitude.
            first: First calendar year of each.
            last: Last calendar year of each.
        """
        given = list(map(bytes, footprints))
        distinct = list(dict.fromkeys(given))
        shapes = _shapes(np.array(distinct, dtype=object))
        numbers: dict[bytes, int] = {}
        for n in np.flatnonzero(shapely.intersects(self._inside, shapes)):
            numbers[distinct[n]] = number = self._numbers.setdefault(distinct[n], len(self._numbers))
            if number == len(self._shapes):
                self._shapes.append(shapes[n])
        tiles = np.array([[numbers.get(wkb, -1) for wkb in given], [*first], [*last]], np.int64).T
        self._tiles.append(tiles[tiles[:, 0] >= 0])

    def held(self) -> dict[int, Held]:
        """What was found, by calendar year."""
        owner, first, last = np.concatenate(self._tiles).T
        whole = float(shapely.area(self._map)) / 1e6 if self._flat else 0.0  # also 0 for an area too narrow to measure
        measure = self._measure(np.array(self._shapes, dtype=object), whole) if whole else None
        shares: dict[bytes, float] = {}  # many years have the same footprints: they are measured once
        found: dict[int, Held] = {}
        for year in sorted({y for a, b in self.spans for y in counted_years(a, b)}):
            there = (first <= year) & (year <= last)
            if not there.any():
                continue
            share = None
            if measure is not None:
                members = np.zeros(len(self._shapes), bool)
                members[owner[there]] = True
                key = members.tobytes()
                share = shares[key] if key in shares else shares.setdefault(key, measure(members))
            found[year] = Held(int(there.sum()), share)
        return found

    @property
    def _map(self) -> shapely.Geometry:
        return self._place.remember("on the map", lambda: on_map(np.array([self._area], dtype=object))[0])

    @property
    def spans(self) -> set[tuple[int, int]]:
        """First and last calendar year of the tiles, however far apart."""
        _, first, last = np.concatenate(self._tiles).T.tolist()
        return set(zip(first, last, strict=True))

    def _measure(self, shapes: npt.NDArray[np.object_], whole: float) -> Callable[[npt.NDArray[np.bool_]], float]:
        """A function of a mask over the shapes: the share of the area (`whole` km2) that the chosen ones cover."""
        if _are_disjoint(shapes):
            sizes = self._sizes(shapes)
            return lambda members: min(1.0, float(sizes[members].sum()) / whole)
        return lambda members: min(
            1.0, area_km2(shapely.intersection(self._area, shapely.union_all(shapes[members]))) / whole
        )

    def _sizes(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
        """Square kilometres of the part of each shape that lies in the area.

        Most tiles are boxes, also on the map: those inside are measured by their edges, those on the outline are
        clipped as rectangles.
        """
        cut = ~shapely.contains_properly(self._area, shapes)
        bounds = shapely.bounds(shapes)
        boxes = np.isclose(shapely.area(shapes), np.prod(bounds[:, 2:] - bounds[:, :2], axis=1), rtol=1e-12, atol=0)
        bounds = boxes_on_map(bounds)
        sizes: npt.NDArray[np.float64] = np.prod(bounds[:, 2:] - bounds[:, :2], axis=1) / 1e6
        sizes[~boxes & ~cut] = areas_km2(shapes[~boxes & ~cut])
        sizes[~boxes & cut] = areas_km2(shapely.intersection(self._area, shapes[~boxes & cut]))
        pieces = [shapely.clip_by_rect(self._map, *box) for box in bounds[boxes & cut]]
        sizes[boxes & cut] = shapely.area(pieces) / 1e6
        return sizes


def _shapes(footprints: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Footprints as valid shapes, those of foreign rows too: open rings are closed, self-crossing ones are split.

    What cannot become a shape, because positions or numbers are missing, is None, which meets nothing.
    """
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkb(footprints, on_invalid="fix")
    positions, owners = shapely.get_coordinates(shapes, return_index=True)
    shapes[np.unique(owners[~np.isfinite(positions).all(axis=1)])] = None
    shapes[shapely.is_empty(shapes)] = None
    for i in np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)):
        try:
            shapes[i] = shapely.make_valid(shapes[i])
        except GEOSException:  # an open ring inside a collection: its box is all that is known
            shapes[i] = shapely.box(*shapely.bounds(shapes[i]))
    return np.asarray(shapes)


def _are_disjoint(shapes: npt.NDArray[np.object_]) -> bool:
    """Whether no two shapes overlap, as tiles of one grid do not: their areas then add up."""
    if len(shapes) < _FEWEST_CHECKED:
        return True
    polygons = shapely.get_parts(shapes)
    polygons = polygons[shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON.value]
    left, right = shapely.STRtree(polygons).query(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    # neighbours in a grid share an edge, up to rounding of their corners: shapes are compared only where boxes overlap
    # by more
    pairs = left < right
    pairs &= np.minimum(east[left], east[right]) - np.maximum(west[left], west[right]) > _ROUNDING
    pairs &= np.minimum(north[left], north[right]) - np.maximum(south[left], south[right]) > _ROUNDING
    left, right = polygons[left[pairs]], polygons[right[pairs]]
    return not bool(np.any(shapely.intersects(left, right) & ~shapely.touches(left, right)))
