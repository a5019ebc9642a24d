"""Verdicts that the scripts of the pages show: each is worked out here, when the site is built, by `atlas.answers`.

A verdict in the data is a pair: the verdict and its reason in words. Scripts look up and filter; they judge nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import floor
from typing import Any, get_args

import numpy as np

from atlas.answers.comparable import comparable_spaces
from atlas.answers.coverage import IndexState, coverage
from atlas.answers.fit import Wanted, fit
from atlas.answers.licence import USES
from atlas.answers.places import Place, Span
from atlas.answers.sea import sea_cells
from atlas.answers.stated import envelope_parts, outside_envelope, stated
from atlas.answers.verdicts import ORDER, Reason
from atlas.records import Catalog, Product

__all__ = ["chooser_verdicts", "coverage_verdicts", "space_pairs", "verdict_order", "years_of_catalog"]

Pair = tuple[str, str]
_RUNS_FROM = 2015
"""First year of a run of years that the chooser can ask for: few products begin earlier."""


def verdict_order() -> list[str]:
    """The order in which verdicts of several conditions decide: the first that occurs is that of all."""
    return [str(v) for v in ORDER]


def years_of_catalog(catalog: Catalog) -> list[int]:
    """Every year that a product states."""
    return sorted({y for p in catalog.products.values() if p.extent for y in p.extent.years or ()})


def _pairs(reasons: Iterable[Reason]) -> list[Pair]:
    return [(str(r.verdict), r.text) for r in reasons]


def chooser_verdicts(catalog: Catalog, product: Product) -> dict[str, Any]:
    """The verdicts on a product for each answer of the chooser.

    Returns:
        `boxes` and `outside`: where the place is asked for, and the verdict where no box holds it. `years`: verdicts by
        time, see `_stated_by_year`; `sea`: the same in the open sea, where they differ there. `options`: verdicts
        by question and answer. `warnings`: what is said of it in any case, and where a year is asked for.
    """
    base = fit(catalog, product, Wanted()).warnings
    timed = fit(catalog, product, Wanted(span=Span.of_years(2000))).warnings
    options: dict[str, dict[str, Wanted]] = {
        "type": {t: Wanted(facets={"type": (t,)}) for t in catalog.taxonomy["type"].terms},
        "use": {u: Wanted(use=u) for u in USES if u != "any"},
        "effort": {e: Wanted(effort=e) for e in get_args(Wanted.__annotations__["effort"]) if e != "any"},
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
    """What is stated for each year, for each run of years since 2015, and for any time: most of it is the same.

    Returns:
        `told`: different answers; `at`: `any`, `2019` or `2019/2023` to the position of its answer.
    """
    years = years_of_catalog(catalog)
    spans: dict[str, Span | None] = {"any": None}
    spans |= {str(y): Span.of_years(y) for y in years}
    spans |= {f"{a}/{b}": Span.of_years(a, b) for a, b in combinations((y for y in years if y >= _RUNS_FROM), 2)}
    told: dict[tuple[Pair, ...], int] = {}
    at = {name: told.setdefault(tuple(_pairs(stated(product, place, span))), len(told)) for name, span in spans.items()}
    return {"told": list(told), "at": at}


def coverage_verdicts(catalog: Catalog, product: Product, state: IndexState) -> dict[str, Any]:
    """What is said of a product at a point where no tile of it was read, by year, and in words where one was.

    Returns:
        `boxes`; `inside`, `outside` and `sea`: tier, verdict and text by year, `any` where none is asked, inside and
        outside the stated boxes, and inside them in the open sea where that differs; `state`: how much of the index
        was read.
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
    """A point of stated boxes in the open sea, or away from it: the middle of the first such cell of one degree."""
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
    """A point of the open sea inside the stated boxes, of a product that is stated to be of the land."""
    if product.extent is None or product.extent.surface is None:
        return None
    return _inside(envelope_parts(product.extent), sea=True)


def _nowhere(parts: Sequence[Any]) -> Place | None:
    """A point that no box holds; None where the boxes hold the globe."""
    import shapely

    free = shapely.difference(shapely.box(-180, -90, 180, 90), shapely.union_all(parts)) if parts else None
    if free is None or free.is_empty:
        return None
    return Place(shapely.point_on_surface(free), is_point=True)


def space_pairs(catalog: Catalog) -> dict[str, Any]:
    """Whether two spaces may be compared, for every two that products name: `first second` to verdict and reason.

    A number after them is that of the reason without names, in `gists`, by which several pairs are told together.
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
