"""Names beside the marks of the chart: one per family, placed where it overlaps neither a mark nor a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import cos, hypot, pi, sin

from atlas.records import Catalog, Product

__all__ = ["Label", "family_names", "place_names"]

Box = tuple[float, float, float, float]
_RINGS = tuple(range(30, 260, 10))
"""Distances from a mark at which a name with a leader line is tried."""
_SHORTEST = 8
"""Least length of a name from the words that titles share: “Earth” would name half of the atlas."""
_LETTER, _HIGH, _MARK = 7.6, 15.0, 10.0
"""Width of a letter, height of a line and half a mark, in units of the chart."""


def family_names(catalog: Catalog) -> dict[str, str]:
    """Name of each family for readers; families without a name are left out.

    The title of the ecosystem's entry with that id, else the model that all share, else the first words of all titles.
    """
    families: dict[str, list[Product]] = {}
    for product in catalog.products.values():
        if product.family:
            families.setdefault(product.family, []).append(product)
    names = {}
    for family, members in families.items():
        entry = catalog.ecosystem.get(family)
        models = {p.model.name for p in members}
        words = zip(*(p.title.split() for p in members), strict=False)
        shared = [column[0] for column in takewhile(lambda column: len(set(column)) == 1, words)]
        if entry is not None:
            names[family] = entry.title
        elif len(models) == 1:
            names[family] = models.pop()
        elif len(text := " ".join(shared).rstrip(":,")) >= _SHORTEST:
            names[family] = text
    return names


@dataclass(frozen=True)
class Label:
    """Text in a figure.

    Attributes:
        x: pixels.
        y: pixels of the baseline.
        anchor: start, middle or end.
        line: path from a mark to its name; empty where it needs none.
    """

    x: int
    y: int
    text: str
    anchor: str = "middle"
    line: str = ""


def place_names(
    points: Iterable[tuple[float, float]], families: Mapping[str, Sequence[tuple[float, float]]], frame: Box
) -> tuple[Label, ...]:
    """Labels of families: beside one of their marks, else further away with a line to it.

    Args:
        points: every mark.
        families: marks by name; names with the fewest marks are placed first, because they have the fewest choices.
        frame: left, top, right and bottom of the chart.
    """
    taken: list[Box] = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in points]
    labels, left = [], []
    for name, marks in sorted(families.items(), key=lambda f: (len(set(f[1])), f[0])):
        found = next((c for c in _candidates(marks) if _free(name, c, taken, frame)), None)
        if found is None:
            left.append((name, marks))
            continue
        taken.append(_box(name, found))
        labels.append(Label(round(found[0]), round(found[1]), name, found[2]))
    for name, marks in left:
        # A line across another name is better than no name.
        free = [c for c in _further(marks) if _free(name, c[0], taken, frame)]
        best = next((c for c in free if not _covers(_line(*c), taken, c[1])), free[0] if free else None)
        if best is None:
            continue
        (x, y, anchor), _ = best
        taken.append(_box(name, (x, y, anchor)))
        (x0, y0), (x1, y1) = _line(*best)
        labels.append(Label(round(x), round(y), name, anchor, f"M{x0:.0f} {y0:.0f}L{x1:.0f} {y1:.0f}"))
    return tuple(labels)


Place = tuple[float, float, str]


def _box(name: str, place: Place) -> Box:
    x, y, anchor = place
    wide = len(name) * _LETTER
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - _HIGH, left + wide, y + 4


def _free(name: str, place: Place, taken: Sequence[Box], frame: Box) -> bool:
    box = _box(name, place)
    inside = box[0] > frame[0] and box[1] > frame[1] and box[2] < frame[2] and box[3] < frame[3]
    return inside and not any(_overlap(box, other) for other in taken)


def _further(marks: Sequence[tuple[float, float]]) -> Iterable[tuple[Place, tuple[float, float]]]:
    """Places on rings around the marks, the nearest ring first."""
    for ring in _RINGS:
        for mark in dict.fromkeys(marks):
            for step in range(16):
                angle = step * pi / 8 + pi / 16
                x, y = mark[0] + ring * cos(angle), mark[1] + ring * sin(angle)
                yield (x, y + 5, "start" if cos(angle) > 0 else "end"), mark


Line = tuple[tuple[float, float], tuple[float, float]]


def _line(place: Place, mark: tuple[float, float]) -> Line:
    x, y, anchor = place
    return mark, (x + (-3 if anchor == "start" else 3), y - 5)


def _covers(line: Line, boxes: Sequence[Box], start: tuple[float, float]) -> bool:
    """Whether a line crosses a box other than the one in which it begins."""
    (x0, y0), (x1, y1) = line
    steps = max(2, round(hypot(x1 - x0, y1 - y0) / 6))
    along = [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps)]
    return any(
        any(left < x < right and top < y < bottom for x, y in along)
        for left, top, right, bottom in boxes
        if not (left <= start[0] <= right and top <= start[1] <= bottom)
    )


def _candidates(marks: Sequence[tuple[float, float]]) -> Iterable[tuple[float, float, str]]:
    """Places beside marks, the right-hand side first, then the left one, above and below."""
    ordered = sorted(marks, key=lambda m: (-m[0], m[1]))
    for dx, dy, anchor in ((14.0, 5.0, "start"), (-14.0, 5.0, "end"), (0.0, -14.0, "middle"), (0.0, 26.0, "middle")):
        for x, y in ordered if dx >= 0 else ordered[::-1]:
            yield x + dx, y + dy, anchor


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
