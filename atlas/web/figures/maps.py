"""Coverage maps as data for `_figures.html`: paths and labels, no markup."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from atlas.web.figures import land
from atlas.web.figures.cells import fitting_cells
from atlas.web.figures.names import Label
from atlas.web.figures.projection import WORLD, Canvas, line, regional
from atlas.web.figures.stated import StatedPlace, shape_path
from atlas.web.page import Context
from stac_emb.boxes import halves

__all__ = ["coverage_map", "world_map"]

Box = Sequence[float]
_GLOBE = 360 * 145
"""Square degrees from which an extent counts as all land except Antarctica."""


def _split(box: Box) -> list[tuple[float, float, float, float]]:
    """One box, or two where it crosses the antimeridian, clipped to the legal ranges."""
    west, south, east, north = (float(v) for v in box)
    found = halves((west, south, east, north))
    return [(max(-180.0, w), max(-90.0, s), min(180.0, e), min(90.0, n)) for w, s, e, n in found]


def _degrees(value: int, positive: str, negative: str) -> str:
    return "0°" if value == 0 else f"{abs(value)}° {positive if value > 0 else negative}"


def _world_labels() -> tuple[Label, ...]:
    lats = [-60, -30, 0, 30, 60]
    x, y = WORLD.project(np.full(len(lats), -180.0), np.array(lats, dtype=float))
    return tuple(
        Label(int(px) + 14, int(py) - 8, _degrees(lat, "N", "S"), "start")
        for px, py, lat in zip(x, y, lats, strict=True)
    )


def world_map(
    title: str,
    text: str,
    places: Sequence[StatedPlace] = (),
    cells: Mapping[str, str] | None = None,
    *,
    named: bool = False,
) -> Context:
    """A world map in Equal Earth, on which readers can choose a position.

    Args:
        title: accessible name.
        text: what it shows.
        places: stated extents.
        cells: class to path.
        named: whether regions get their names.
    """
    regions = [p for p in places if p.kind == "region"]
    land_of = [p.shape for p in places if p.kind == "land"]
    tinted = shapely.union_all(land_of) if land_of else None
    all_of_it = tinted is None or tinted.area >= _GLOBE
    return Context(
        width=WORLD.width,
        height=WORLD.height,
        sea=land.outline(),
        graticule=land.graticule(),
        land=land.world_land(),
        ice=land.antarctica(),
        regions=_regions(WORLD, regions),
        cells=tuple((cells or {}).items()),
        labels=(*_world_labels(), *(_region_labels(regions) if named else ())),
        title=title,
        text=text,
        is_world=True,
        covered=tinted is not None,  # whether land is tinted, because products are stated to be complete there
        clip="" if all_of_it or tinted is None else shape_path(WORLD, tinted),  # its tinted part; empty for all of it
    )


def _regions(canvas: Canvas, places: Iterable[StatedPlace]) -> tuple[tuple[str, str], ...]:
    """Class and path of each stated region."""
    return tuple(("stated" if p.whole else "stated-part", shape_path(canvas, p.shape)) for p in places)


def _region_labels(regions: Sequence[StatedPlace]) -> Iterator[Label]:
    """The name of each region at its eastern side, once."""
    seen = set()
    for region in regions:
        if region.name not in seen:
            seen.add(region.name)
            east, middle = shapely.bounds(region.shape)[2], shapely.centroid(region.shape).y
            x, y = WORLD.project(np.array([east]), np.array([middle]))
            yield Label(round(float(x[0])) + 8, round(float(y[0])) + 8, region.name, "start")


@cache
def _regional_graticule(canvas: Canvas, box: tuple[float, float, float, float]) -> tuple[str, tuple[Label, ...]]:
    west, south, east, north = box
    span = max(east - west, north - south)
    step = next(s for s in (1, 2, 5, 10, 20, 30) if span / s <= 6 or s == 30)
    pad = 3 * step + span
    data, labels = [], []
    lons = np.arange(np.floor((west - pad) / step) * step, east + pad + step, step)
    lats = np.arange(max(-90, np.floor((south - pad) / step) * step), min(90, north + pad) + step, step)
    fine_lat = np.linspace(lats[0], min(90, lats[-1]), 80)
    fine_lon = np.linspace(lons[0], lons[-1], 120)
    for lon in lons:
        x, y = canvas.project(np.full(80, lon), fine_lat)
        data.append(line(x, y))
        at = np.argmin(np.abs(y - (canvas.height - 16)))
        if 40 < x[at] < canvas.width - 40 and abs(y[at] - (canvas.height - 16)) < 60:
            labels.append(
                Label(int(x[at]) + 4, canvas.height - 18, _degrees(round((lon + 180) % 360 - 180), "E", "W"), "start")
            )
    for lat in lats:
        x, y = canvas.project(fine_lon, np.full(120, lat))
        data.append(line(x, y))
        at = np.argmin(np.abs(x - 16))
        if 40 < y[at] < canvas.height - 60:
            labels.append(Label(16, int(y[at]) - 5, _degrees(round(lat), "N", "S"), "start"))
    return "".join(data), tuple(labels)


def coverage_map(
    title: str,
    text: str,
    boxes: Sequence[Box],
    stated: StatedPlace | None,
    cells: NDArray[np.bool_] | None = None,
    *,
    whole: bool = True,
) -> Context:
    """The coverage of one product: regional where its first box is small, else the world.

    Args:
        title: accessible name.
        text: what it shows; the size of the cells is added.
        boxes: stated boxes, [west, south, east, north] in degrees; the first encloses the others.
        stated: how the stated extent is drawn.
        cells: cells of one degree in which a crawl has found Items.
        whole: whether the crawl read the whole index: a world map then shows the cells instead of the stated extent.
    """
    first = boxes[0] if boxes else (-180, -90, 180, 90)
    parts = _split(first)
    west, south, east, north = parts[0]
    places = [stated] if stated is not None else []
    if len(parts) > 1 or east - west > 70 or north - south > 45 or max(abs(south), abs(north)) > 80:
        found, words = _found(cells, WORLD)
        return world_map(title, text + words, [] if found and whole else places, found)
    canvas = regional(west, south, east, north)
    graticule, labels = _regional_graticule(canvas, (west, south, east, north))
    found, words = _found(cells, canvas)
    return Context(
        width=canvas.width,
        height=canvas.height,
        sea=f"M0 0H{canvas.width}V{canvas.height}H0z",
        graticule=graticule,
        land=land.regional_countries(canvas, west, south, east, north),
        ice="",
        regions=_regions(canvas, places),
        cells=tuple(found.items()),
        labels=labels,
        title=title,
        text=text + words,
        is_world=False,
        covered=False,
        clip="",
    )


def _found(cells: NDArray[np.bool_] | None, canvas: Canvas) -> tuple[dict[str, str], str]:
    """Paths of the cells that a crawl found, and their size in words."""
    if cells is None or not cells.any():
        return {}, ""
    step, paths = fitting_cells(cells.astype(np.int64), lambda c: {"cells": c > 0}, canvas)
    return paths, f" Cells of {step} degree{'s' if step > 1 else ''}."
