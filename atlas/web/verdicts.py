"""Verdicts for the scripts of the pages, computed by `atlas.answers` when the site is built.

A verdict in the data is a pair of verdict and reason in words. Scripts only look up and filter.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import floor
from typing import Any

import numpy as np

from atlas.answers.comparable import comparable_spaces
from atlas.answers.coverage import IndexState, coverage
from atlas.answers.fit import EFFORTS, Wanted, fit
from atlas.answers.licence import USES
from atlas.answers.places import Place, Span
from atlas.answers.sea import sea_cells
from atlas.answers.stated import envelope_parts, outside_envelope, stated
from atlas.answers.verdicts import Reason
from atlas.records import Catalog, Product

__all__ = ["chooser_verdicts", "coverage_verdicts", "space_pairs", "years_of_catalog"]

Pair = tuple[str, str]
_RUNS_FROM = 2015
"""First year of the ranges of years in the chooser: few products begin earlier."""


def years_of_catalog(catalog: Catalog) -> list[int]:
    """Every year that a product states."""
    return sorted({y for p in catalog.products.values() if p.extent for y in p.extent.years or ()})


def _pairs(reasons: Iterable[Reason]) -> list[Pair]:
    return [(str(r.verdict), r.text) for r in reasons]


def chooser_verdicts(catalog: Catalog, product: Product) -> dict[str, Any]:
    """The verdicts on a product for each answer in the chooser.

    Returns:
        `boxes` and `outside`: stated boxes, and the verdict for a place outside them. `years`: verdicts by time, see
        `_stated_by_year`; `sea`: the same in the open sea, where they differ. `options`: verdicts by question and
        answer. `warnings`: those that always apply, and those where a year is asked for.
    """
    base = fit(catalog, product, Wanted()).warnings
    timed = fit(catalog, product, Wanted(span=Span.of_years(2000))).warnings
    options: dict[str, dict[str, Wanted]] = {
        "type": {t: Wanted(facets={"type": (t,)}) for t in catalog.taxonomy["type"].terms},
        "use": {u: Wanted(use=u) for u in USES if u != "any"},
        "effort": {e: Wanted(effort=e) for e in EFFORTS if e != "any"},
        "change": {"yes": Wanted(change=True)},
    }
    return {
        **_place(product),
        "years": _stated_by_year(catalog, product, None),
        "sea": _stated_by_year(catalog, product, sea) if (sea := _sea(product)) else None,
        "options": {
            question: {value: _pairs(fit(catalog, product, wanted).reasons) for value, wanted in answers.items()}
            for question, answers in options.items()
        },
        "warnings": {"always": list(base), "year": [w for w in timed if w not in base]},
    }


def _place(product: Product) -> dict[str, Any]:
    extent = product.extent
    if extent is None:
        return {"boxes": None, "outside": None}
    outside = outside_envelope(product, extent)
    return {"boxes": [list(p.bounds) for p in envelope_parts(extent)], "outside": [str(outside.verdict), outside.text]}


def _stated_by_year(catalog: Catalog, product: Product, place: Place | None) -> dict[str, Any]:
    """What is stated for each year, for each range of years since 2015, and for any time.

    Returns:
        `told`: the distinct answers; `at`: index of the answer for `any`, `2019` or `2019/2023`.
    """
    years = years_of_catalog(catalog)
    spans: dict[str, Span | None] = {"any": None}
    spans |= {str(y): Span.of_years(y) for y in years}
    spans |= {f"{a}/{b}": Span.of_years(a, b) for a, b in combinations((y for y in years if y >= _RUNS_FROM), 2)}
    told: dict[tuple[Pair, ...], int] = {}
    at = {name: told.setdefault(tuple(_pairs(stated(product, place, span))), len(told)) for name, span in spans.items()}
    return {"told": list(told), "at": at}


def coverage_verdicts(catalog: Catalog, product: Product, state: IndexState) -> dict[str, Any]:
    """Coverage of a product by year at a point where no tile of it was read.

    Returns:
        `boxes`; `inside`, `outside` and `sea`: tier, verdict and text by year (`any` where none is asked for) inside
        the stated boxes, outside them, and inside them in the open sea where that differs; `state`: how much of the
        index was read.
    """
    import shapely

    inside, sea = Place(shapely.Point(0, 10), is_point=True), _sea(product)
    extent = product.extent
    spans: dict[str, Span | None] = {"any": None}
    spans |= {str(y): Span.of_years(y) for y in years_of_catalog(catalog)}
    parts = envelope_parts(extent) if extent else ()
    if parts:
        inside = _inside(parts, sea=False) or Place(parts[0].centroid, is_point=True)

    def told(place: Place) -> dict[str, tuple[str, str, str]]:
        found = {name: coverage(product, place, span, state=state) for name, span in spans.items()}
        return {name: (str(a.tier), str(a.verdict), a.text) for name, a in found.items()}

    nowhere = _nowhere(parts)
    return {
        "boxes": [list(p.bounds) for p in parts] if extent else None,
        "inside": told(inside),
        "outside": told(nowhere) if nowhere is not None else None,
        "sea": told(sea) if sea is not None else None,
        "state": str(state),
    }


def _inside(parts: Sequence[Any], *, sea: bool) -> Place | None:
    """A point of the stated boxes in the open sea, or outside it: the centre of the first such one-degree cell."""
    import shapely

    for part in parts:
        west, south, east, north = (floor(v) for v in part.bounds)
        cells = np.argwhere(sea_cells()[south + 90 : north + 90, west + 180 : east + 180] == sea)
        for row, column in cells:
            point = shapely.Point(west + int(column) + 0.5, south + int(row) + 0.5)
            if part.intersects(point):
                return Place(point, is_point=True)
    return None


def _sea(product: Product) -> Place | None:
    """A point of the open sea inside the stated boxes of a product of land; None for other products."""
    if product.extent is None or product.extent.surface is None:
        return None
    return _inside(envelope_parts(product.extent), sea=True)


def _nowhere(parts: Sequence[Any]) -> Place | None:
    """A point outside all boxes; None where they cover the globe."""
    import shapely

    free = shapely.difference(shapely.box(-180, -90, 180, 90), shapely.union_all(parts)) if parts else None
    if free is None or free.is_empty:
        return None
    return Place(shapely.point_on_surface(free), is_point=True)


def space_pairs(catalog: Catalog) -> dict[str, Any]:
    """Whether two spaces may be compared, for every two that products name: verdict and reason by `first second`.

    A number after them is the index in `gists` of the reason without names, by which pairs are grouped.
    """
    spaces = sorted({p.embedding.space for p in catalog.products.values() if p.embedding.space})
    found: dict[str, list[str | int]] = {}
    gists: dict[str, int] = {}
    for a, b in combinations(spaces, 2):
        answer = comparable_spaces(catalog.spaces, a, b)
        found[f"{a} {b}"] = [str(answer.verdict), answer.text]
        if answer.gist:
            found[f"{a} {b}"].append(gists.setdefault(answer.gist, len(gists)))
    same = comparable_spaces(catalog.spaces, spaces[0], spaces[0])
    unstated = comparable_spaces(catalog.spaces, spaces[0], None)
    return {
        "pairs": found,
        "gists": list(gists),
        "same": [str(same.verdict), same.text],
        "unstated": [str(unstated.verdict), unstated.text],
    }
