"""Coverage maps as data for `_figures.html`: paths and labels, no markup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atlas.web.figures import land
from atlas.web.figures.cells import fitting_cells
from atlas.web.figures.paths import line, ring
from atlas.web.figures.projection import WORLD, Canvas, regional

__all__ = ["Label", "MapFigure", "box_path", "coverage_map", "world_map"]

Box = Sequence[float]


@dataclass(frozen=True)
class Label:
    """Text in a figure.

    Attributes:
        x: pixels.
        y: pixels.
        text: what it says.
        anchor: start, middle or end.
    """

    x: int
    y: int
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class MapFigure:
    """One map.

    Attributes:
        width: of the view box.
        height: of the view box.
        sea: path of the whole mapped area.
        graticule: path of meridians and parallels.
        land: path of the land.
        boxes: path of the stated bounding boxes.
        cells: class and path of each kind of cell.
        labels: degrees at the frame.
        title: accessible name.
        text: what the map shows, in words.
        is_world: whether it is the world map, on which positions can be chosen.
        is_global: whether a stated box is the whole world, and is drawn lightly.
        covered: whether the land is tinted because products state an extent around the whole world.
    """

    width: int
    height: int
    sea: str
    graticule: str
    land: str
    boxes: str
    cells: tuple[tuple[str, str], ...]
    labels: tuple[Label, ...]
    title: str
    text: str
    is_world: bool
    is_global: bool
    covered: bool = False


def _split(box: Box) -> list[tuple[float, float, float, float]]:
    """A box as one, or two where it crosses the antimeridian, kept inside the legal ranges."""
    west, south, east, north = (float(v) for v in box)
    south, north = max(-90.0, south), min(90.0, north)
    if west > east:
        return [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [(max(-180.0, west), south, min(180.0, east), north)]


def box_path(canvas: Canvas, box: Box) -> str:
    """Path of a box in degrees; its sides bend with the projection."""
    data = []
    for west, south, east, north in _split(box):
        steps = np.linspace(0, 1, 33)
        lon = np.concatenate(
            [west + (east - west) * steps, np.full(33, east), east - (east - west) * steps, np.full(33, west)]
        )
        lat = np.concatenate(
            [np.full(33, south), south + (north - south) * steps, np.full(33, north), north - (north - south) * steps]
        )
        data.append(ring(*canvas.project(lon, lat)))
    return "".join(data)


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
    title: str, text: str, boxes: Sequence[Box] = (), cells: Mapping[str, str] | None = None, *, covered: bool = False
) -> MapFigure:
    """A world map in Equal Earth.

    Args:
        title: accessible name.
        text: what it shows.
        boxes: stated boxes in degrees.
        cells: class to path.
        covered: whether the land is tinted.
    """
    return MapFigure(
        WORLD.width,
        WORLD.height,
        land.outline(),
        land.graticule(),
        land.world_land(),
        "".join(box_path(WORLD, b) for b in boxes),
        tuple((cells or {}).items()),
        _world_labels(),
        title,
        text,
        True,
        any(b[2] - b[0] >= 359 for b in boxes),
        covered,
    )


def _regional_graticule(canvas: Canvas, box: Box) -> tuple[str, tuple[Label, ...]]:
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
    title: str, text: str, boxes: Sequence[Box], cells: NDArray[np.bool_] | None = None, *, whole: bool = True
) -> MapFigure:
    """The coverage of one product: regional where its first box is small, else the world.

    Args:
        title: accessible name.
        text: what it shows; the size of the cells is added.
        boxes: stated boxes, [west, south, east, north] in degrees; the first encloses the others.
        cells: cells of one degree in which a crawl has found Items.
        whole: whether the crawl read the whole index: then the boxes of the world say nothing more.
    """
    first = boxes[0] if boxes else (-180, -90, 180, 90)
    parts = _split(first)
    west, south, east, north = parts[0]
    shown = [b for b in boxes if len(boxes) == 1 or b is not boxes[0]]
    if len(parts) > 1 or east - west > 70 or north - south > 45 or max(abs(south), abs(north)) > 80:
        found, words = _found(cells, WORLD)
        return world_map(title, text + words, [] if found and whole else shown, found)
    canvas = regional(west, south, east, north)
    graticule, labels = _regional_graticule(canvas, (west, south, east, north))
    found, words = _found(cells, canvas)
    return MapFigure(
        canvas.width,
        canvas.height,
        f"M0 0H{canvas.width}V{canvas.height}H0z",
        graticule,
        land.regional_countries(canvas, west, south, east, north),
        "".join(box_path(canvas, b) for b in shown),
        tuple(found.items()),
        labels,
        title,
        text + words,
        False,
        False,
    )


def _found(cells: NDArray[np.bool_] | None, canvas: Canvas) -> tuple[dict[str, str], str]:
    """Path of the cells that a crawl found, and their size in words."""
    if cells is None or not cells.any():
        return {}, ""
    step, paths = fitting_cells(cells.astype(np.int64), lambda c: {"cells": c > 0}, canvas)
    return paths, f" Cells of {step} degree{'s' if step > 1 else ''}."
