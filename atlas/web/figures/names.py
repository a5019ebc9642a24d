"""Names beside the marks of the chart: one a family, placed where it covers neither mark nor name."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from atlas.records import Catalog, Product
from atlas.web.figures.maps import Label

__all__ = ["family_names", "place_names"]

Box = tuple[float, float, float, float]
_SHORTEST = 8
"""Letters that titles must share to be a name: “Earth” would name half of the atlas."""
_LETTER, _HIGH, _MARK = 7.6, 15.0, 10.0
"""Width of a letter, height of a line and half a mark, in units of the chart."""


def family_names(catalog: Catalog) -> dict[str, str]:
    """Family to the name by which readers know it; families without one are left out.

    The entry of the ecosystem of that id, else the model that all share, else the words with which all titles begin.
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


def place_names(
    points: Iterable[tuple[float, float]], families: Mapping[str, Sequence[tuple[float, float]]], frame: Box
) -> tuple[Label, ...]:
    """Labels of families; one that fits beside none of its marks is left out.

    Args:
        points: every mark.
        families: name to its marks; the one with the most marks is placed first.
        frame: left, top, right and bottom of the chart.
    """
    taken: list[Box] = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in points]
    labels = []
    for name, marks in sorted(families.items(), key=lambda f: (-len(f[1]), f[0])):
        wide = len(name) * _LETTER
        for x, y, anchor in _candidates(marks):
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            box = (left, y - _HIGH, left + wide, y + 4)
            inside = box[0] > frame[0] and box[1] > frame[1] and box[2] < frame[2] and box[3] < frame[3]
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                labels.append(Label(round(x), round(y), name, anchor))
                break
    return tuple(labels)


def _candidates(marks: Sequence[tuple[float, float]]) -> Iterable[tuple[float, float, str]]:
    """Places beside marks, the right-hand side first, then the left one, above and below."""
    ordered = sorted(marks, key=lambda m: (-m[0], m[1]))
    for dx, dy, anchor in ((14.0, 5.0, "start"), (-14.0, 5.0, "end"), (0.0, -14.0, "middle"), (0.0, 26.0, "middle")):
        for x, y in ordered if dx >= 0 else ordered[::-1]:
            yield x + dx, y + dy, anchor


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
