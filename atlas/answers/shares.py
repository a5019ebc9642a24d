"""How much of an area tiles cover, year by year."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException

from atlas.answers.areas import area_km2, areas_km2
from atlas.answers.coverage import Held
from atlas.answers.places import Place

__all__ = ["MOST_YEARS", "Tiles"]

_FEWEST_CHECKED = 2
_ROUNDING = 1e-12
"""Degrees: corners that are worked out in different ways differ by less."""
MOST_YEARS = 50
"""Most years of one Item that are counted one by one: "until 9999" means that the end is open."""


@dataclass(slots=True)
class _Footprint:
    """One footprint, and how many tiles have it by their first and last year."""

    shape: shapely.Geometry
    years: dict[tuple[int, int], int]


class Tiles:
    """Collects the tiles of one product that meet a place, and says what they cover.

    Tiles of several years mostly share their footprints: each footprint is kept once, with its years. What is kept is
    bounded by the place, not by the product.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._area = place.geometry
        self._flat = bool(shapely.get_dimensions(self._area) == 2)
        self._inside = place.inside
        shapely.prepare(self._area)
        shapely.prepare(self._inside)
        self._kept: dict[bytes, _Footprint] = {}

    def add(self, footprints: npt.NDArray[np.object_], first: Iterable[int], last: Iterable[int]) -> None:
        """Take a batch of tiles.

        Args:
            footprints: Well-known binary of N footprints in longitude and latitude.
            first: First calendar year of each.
            last: Last calendar year of each.
        """
        batch: dict[bytes, dict[tuple[int, int], int]] = {}
        for wkb, a, b in zip(map(bytes, footprints), map(int, first), map(int, last), strict=True):
            years = batch.setdefault(wkb, {})
            years[a, b] = years.get((a, b), 0) + 1
        shapes = _shapes(np.array(list(batch), dtype=object))
        meets = shapely.intersects(self._inside, shapes)
        for (wkb, years), shape, kept in zip(batch.items(), shapes, meets, strict=True):
            if kept and (known := self._kept.setdefault(wkb, _Footprint(shape, years))).years is not years:
                for span, count in years.items():  # an earlier batch had it too
                    known.years[span] = known.years.get(span, 0) + count

    def held(self) -> dict[int, Held]:
        """What was found, by calendar year."""
        kept = list(self._kept.values())
        shapes = np.array([f.shape for f in kept], dtype=object)
        tiles = [(i, a, b, n) for i, f in enumerate(kept) for (a, b), n in f.years.items()]
        owner, first, last, count = np.array(tiles, dtype=np.int64).reshape(-1, 4).T
        whole = area_km2(self._area) if self._flat else 0.0  # and where it is too narrow for a number
        measure = self._measure(shapes, whole) if whole else None
        shares: dict[bytes, float] = {}  # many years have the same footprints: they are measured once
        found: dict[int, Held] = {}
        for year in sorted(self.years):
            there = (first <= year) & (year <= last)
            if not there.any():
                continue
            share = None
            if measure is not None:
                members = np.unique(owner[there])
                key = members.tobytes()
                share = shares[key] if key in shares else shares.setdefault(key, measure(members))
            found[year] = Held(int(count[there].sum()), share)
        return found

    @property
    def spans(self) -> set[tuple[int, int]]:
        """First and last calendar year of the tiles, however far apart."""
        return {span for footprint in self._kept.values() for span in footprint.years}

    @property
    def years(self) -> set[int]:
        """Calendar years of the tiles."""
        return {y for a, b in self.spans for y in range(a, min(b, a + MOST_YEARS) + 1)}

    def _measure(self, shapes: npt.NDArray[np.object_], whole: float) -> Callable[[npt.NDArray[np.int64]], float]:
        """What gives the share of the area (`whole` km2) that shapes cover, by their places in the array."""
        if _are_disjoint(shapes):
            sizes = areas_km2(self._clip(shapes))
            return lambda members: min(1.0, float(sizes[members].sum()) / whole)
        return lambda members: min(
            1.0, area_km2(shapely.intersection(self._area, shapely.union_all(shapes[members]))) / whole
        )

    def _clip(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        """The part of each shape that lies in the area; of a box in a tenth of the time, as most tiles are."""
        clipped = shapes.copy()
        cut = ~shapely.contains_properly(self._area, shapes)
        bounds = shapely.bounds(shapes)
        boxes = np.isclose(shapely.area(shapes), np.prod(bounds[:, 2:] - bounds[:, :2], axis=1), rtol=1e-12, atol=0)
        clipped[cut & ~boxes] = shapely.intersection(self._area, shapes[cut & ~boxes])
        for n in np.flatnonzero(cut & boxes):
            clipped[n] = shapely.clip_by_rect(self._area, *bounds[n])
        return clipped


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
    """Whether no two shapes share an inside, so that their areas add up: what tiles of one grid do."""
    if len(shapes) < _FEWEST_CHECKED:
        return True
    polygons = shapely.get_parts(shapes)
    polygons = polygons[shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON.value]
    left, right = shapely.STRtree(polygons).query(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    # neighbours of a grid share an edge, up to the rounding of their corners: only of boxes that share more need the
    # shapes be asked
    pairs = left < right
    pairs &= np.minimum(east[left], east[right]) - np.maximum(west[left], west[right]) > _ROUNDING
    pairs &= np.minimum(north[left], north[right]) - np.maximum(south[left], south[right]) > _ROUNDING
    left, right = polygons[left[pairs]], polygons[right[pairs]]
    return not bool(np.any(shapely.intersects(left, right) & ~shapely.touches(left, right)))
