"""The scatter chart of ground size and dimensions of one vector, both logarithmic, as data for `_figures.html`."""

from collections.abc import Mapping, Sequence
from math import log10
from statistics import median

from atlas.answers.words import number
from atlas.web.figures.names import Label, place_names
from atlas.web.page import Context
from atlas.web.pages.rows import ProductRow

__all__ = ["scatter"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 86, 990, 24, 620
_STRIP = 96
"""Width of the strips for location encoders (left) and for products without a stated size (right)."""


def _metres(value: float) -> str:
    return f"{number(value / 1000)} km" if value >= 1000 else f"{number(value)} m"


def _message(rows: Sequence[ProductRow]) -> str:
    """The median dimensions of pixel and patch products, or a plain title where there are none of one type."""
    found = []
    for kind in ("pixel", "patch"):
        dimensions = [r.dimensions for r in rows if r.type == kind and r.dimensions]
        if not dimensions:
            return "Ground size and dimensions"
        found.append(number(median(dimensions)))
    short, long = found
    return f"The median pixel product has {short} dimensions, the median patch product {long}"


def _marks(placed: Sequence[tuple[ProductRow, float, float]]) -> tuple[Context, ...]:
    """One mark for each position in the chart; its type and style are `several` where the products differ.

    It leads to the page of the product, or for several to the table row of the first.
    """
    shared: dict[tuple[float, float], list[ProductRow]] = {}
    for row, x, y in placed:
        shared.setdefault((round(x, 1), round(y, 1)), []).append(row)
    points = []
    for (x, y), rows in shared.items():
        first = rows[0]
        types, styles = {r.type for r in rows}, {r.licence.style for r in rows}
        several = f"{len(rows)} products, " if len(rows) > 1 else ""  # a screen reader says what the mark shows
        told = "; ".join(f"{r.title}, {r.licence.label}" for r in rows)
        ground = first.ground or ("any position" if first.encoder else "ground size not stated")
        points.append(
            Context(
                x=x,
                y=y,
                type=types.pop() if len(types) == 1 else "several",
                style=styles.pop() if len(styles) == 1 else "several",
                path=first.path if len(rows) == 1 else f"index.html#row-{first.id}",
                name=f"{several}{ground}, {first.dimensions} dimensions: {told}",
                count=len(rows),
            )
        )
    return tuple(points)


def _names(placed: Sequence[tuple[ProductRow, float, float]], names: Mapping[str, str]) -> tuple[Label, ...]:
    families: dict[str, list[tuple[float, float]]] = {}
    shelves: dict[str, list[ProductRow]] = {}
    for row, x, y in placed:
        families.setdefault(row.family or row.id, []).append((x, y))
        shelves.setdefault(row.family or row.id, []).append(row)
    titled = {names.get(k, shelves[k][0].title): marks for k, marks in families.items()}
    return place_names([(x, y) for _, x, y in placed], titled, (_LEFT, _TOP, _RIGHT, _BOTTOM))


def scatter(rows: Sequence[ProductRow], names: Mapping[str, str] | None = None) -> Context:
    """The chart of all products.

    Args:
        rows: products; those without stated dimensions are counted and left out.
        names: names of families, written beside one of their marks; other marks get the title of a product.
    """
    known = [r for r in rows if r.dimensions]
    sizes = [r.ground_metres for r in known if r.ground_metres and not r.encoder]
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
    placed = []
    for row in known:
        if row.encoder:
            x = _LEFT + _STRIP / 2
        elif row.ground_metres:
            x = x_of(row.ground_metres)
        else:
            x = _RIGHT - _STRIP / 2
        placed.append((row, x, y_of(float(row.dimensions or 1))))
    return Context(
        width=1000,
        height=680,
        frame=f"M{_LEFT} {_TOP}H{_RIGHT}V{_BOTTOM}H{_LEFT}z",
        grid="".join(f"M{x_of(v):.0f} {_TOP}V{_BOTTOM}" for v in x_ticks)
        + "".join(f"M{_LEFT} {y_of(v):.0f}H{_RIGHT}" for v in y_ticks),
        strips=f"M{x0} {_TOP}V{_BOTTOM}M{x1} {_TOP}V{_BOTTOM}",
        x_labels=(
            Label(_LEFT + _STRIP // 2, _BOTTOM + 22, "position"),
            *(Label(round(x_of(v)), _BOTTOM + 22, _metres(v)) for v in x_ticks),
            Label(_RIGHT - _STRIP // 2, _BOTTOM + 22, "not stated"),
        ),
        y_labels=tuple(Label(_LEFT - 8, round(y_of(v)) + 5, str(v), "end") for v in y_ticks),
        points=_marks(placed),
        names=_names(placed, names or {}),
        message=_message(rows),
        left_out=len(rows) - len(known),  # products whose dimensions are not stated
    )
