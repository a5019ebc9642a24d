"""The scatter chart: ground size of one vector by dimensions, both logarithmic, as data for `_figures.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, log10, pi, sin

from atlas.answers.words import number
from atlas.web.figures.maps import Label
from atlas.web.figures.names import place_names
from atlas.web.pages.rows import ProductRow

__all__ = ["Scatter", "ScatterPoint", "scatter"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 86, 990, 24, 500
_STRIP = 96
"""Width of the strips for encoders of positions (left) and for products without a stated size (right)."""


@dataclass(frozen=True)
class ScatterPoint:
    """One product.

    Attributes:
        x: pixels.
        y: pixels.
        type: decides the shape.
        style: decides the colour.
        path: page of the product.
        name: accessible name with all values.
    """

    x: float
    y: float
    type: str
    style: str
    path: str
    name: str


@dataclass(frozen=True)
class Scatter:
    """The chart.

    Attributes:
        width: of the view box.
        height: of the view box.
        frame: path of the frame.
        grid: path of the grid lines.
        strips: path of the lines that set the strips apart.
        x_labels: under the chart.
        y_labels: left of the chart.
        points: products whose dimensions are stated.
        names: of families, beside one of their marks.
        left_out: number of products whose dimensions are not stated.
    """

    width: int
    height: int
    frame: str
    grid: str
    strips: str
    x_labels: tuple[Label, ...]
    y_labels: tuple[Label, ...]
    points: tuple[ScatterPoint, ...]
    names: tuple[Label, ...]
    left_out: int


def _metres(value: float) -> str:
    return f"{number(value / 1000)} km" if value >= 1000 else f"{number(value)} m"


def _dodge(rank: int) -> tuple[float, float]:
    """Offset of the n-th point at one place: a spiral of equal areas."""
    if rank == 0:
        return 0.0, 0.0
    radius, angle = 13.5 * rank**0.5, rank * pi * (3 - 5**0.5)
    return radius * cos(angle), radius * sin(angle)


def _names(rows: Sequence[ProductRow], points: Sequence[ScatterPoint], names: Mapping[str, str]) -> tuple[Label, ...]:
    marks = [(p.x, p.y) for p in points]
    families: dict[str, list[tuple[float, float]]] = {}
    for row, mark in zip(rows, marks, strict=True):
        if row.family and row.family in names:
            families.setdefault(names[row.family], []).append(mark)
    return place_names(marks, families, (_LEFT, _TOP, _RIGHT, _BOTTOM))


def scatter(rows: Sequence[ProductRow], names: Mapping[str, str] | None = None) -> Scatter:
    """The chart of all products.

    Args:
        rows: products; those without stated dimensions are counted and left out.
        names: family to its name, which is written beside one of its marks where there is room.
    """
    known = [r for r in rows if r.dimensions]
    sizes = [r.ground_metres for r in known if r.ground_metres and r.type != "location"]
    low = log10(min(sizes, default=10)) - 0.25
    high = log10(max(sizes, default=10_000)) + 0.25
    dims = [r.dimensions for r in known if r.dimensions]
    bottom = log10(min(dims, default=32)) - 0.15
    top = log10(max(dims, default=4096)) + 0.15
    x0, x1 = _LEFT + _STRIP, _RIGHT - _STRIP

    def x_of(metres: float) -> float:
        return x0 + (log10(metres) - low) / (high - low) * (x1 - x0)

    def y_of(dimensions: float) -> float:
        return _BOTTOM - (log10(dimensions) - bottom) / (top - bottom) * (_BOTTOM - _TOP)

    x_ticks = [v for v in (1, 10, 100, 1000, 10_000, 100_000) if low <= log10(v) <= high]
    y_ticks = [v for v in (2**n for n in range(1, 15)) if bottom <= log10(v) <= top]
    seen: dict[tuple[int, int], int] = {}
    points = []
    for row in known:
        if row.type == "location":
            x = _LEFT + _STRIP / 2
        elif row.ground_metres:
            x = x_of(row.ground_metres)
        else:
            x = _RIGHT - _STRIP / 2
        y = y_of(float(row.dimensions or 1))
        place = (round(x / 16), round(y / 16))
        rank = seen[place] = seen.get(place, -1) + 1
        dx, dy = _dodge(rank)
        ground = row.ground or ("any position" if row.type == "location" else "ground size not stated")
        points.append(
            ScatterPoint(
                round(min(max(x + dx, _LEFT + 8), _RIGHT - 8), 1),
                round(min(max(y + dy, _TOP + 8), _BOTTOM - 8), 1),
                row.type,
                row.licence.style,
                row.path,
                f"{row.title}: {row.type}, {ground}, {row.dimensions} dimensions, {row.licence.label}",
            )
        )
    return Scatter(
        1000,
        560,
        f"M{_LEFT} {_TOP}H{_RIGHT}V{_BOTTOM}H{_LEFT}z",
        "".join(f"M{x_of(v):.0f} {_TOP}V{_BOTTOM}" for v in x_ticks)
        + "".join(f"M{_LEFT} {y_of(v):.0f}H{_RIGHT}" for v in y_ticks),
        f"M{x0} {_TOP}V{_BOTTOM}M{x1} {_TOP}V{_BOTTOM}",
        (
            Label(_LEFT + _STRIP // 2, _BOTTOM + 22, "position"),
            *(Label(round(x_of(v)), _BOTTOM + 22, _metres(v)) for v in x_ticks),
            Label(_RIGHT - _STRIP // 2, _BOTTOM + 22, "not stated"),
        ),
        tuple(Label(_LEFT - 8, round(y_of(v)) + 5, str(v), "end") for v in y_ticks),
        tuple(points),
        _names(known, points, names or {}),
        len(rows) - len(known),
    )
