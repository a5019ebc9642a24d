"""Verdicts for the scripts of the pages, computed by `atlas.answers` when the site is built.

A verdict in the data is a pair of verdict and reason in words. Scripts only look up and filter.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import floor
from typing import Any

import numpy as np
import shapely

from atlas.answers.comparable import comparable_spaces
from atlas.answers.coverage import IndexState, coverage, in_cells, in_other_years
from atlas.answers.fit import EFFORTS, Wanted, fit, located
from atlas.answers.holdings import Holding
from atlas.answers.licence import USES
from atlas.answers.places import Place, Span
from atlas.answers.sea import sea_cells
from atlas.answers.stated import envelope_parts
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


def chooser_verdicts(catalog: Catalog, product: Product, state: IndexState) -> dict[str, Any]:
    """The verdicts on a product for each answer in the chooser.

    Returns:
        `boxes`: stated boxes. `years`: verdicts by time where no place is asked for, see `_by_time`; `inside`,
        `outside` and `sea`: the same inside the boxes, outside them and in the open sea, where no tile was read; None
        where they are those of `years`. `within` and `other`: the verdict where tiles of that time were read, and
        where all are of other times, which stands before those of the place, unless these are a yes, partly or no.
        `options`: verdicts by question and answer. `warnings`: those that always apply, and those where a year is
        asked for.
    """
    base = fit(catalog, product, Wanted()).warnings
    timed = fit(catalog, product, Wanted(span=Span.of_years(2000))).warnings
    options: dict[str, dict[str, Wanted]] = {
        "type": {t: Wanted(facets={"type": (t,)}) for t in catalog.taxonomy["type"].terms},
        "use": {u: Wanted(use=u) for u in USES if u != "any"},
        "effort": {e: Wanted(effort=e) for e in EFFORTS if e != "any"},
        "change": {"yes": Wanted(change=True)},
    }
    years = _by_time(catalog, product, None, state)
    places = {name: place and _by_time(catalog, product, place, state) for name, place in _places(product).items()}
    within, other = _pairs([in_cells("{years}", state), in_other_years("{years}", "{span}", state)])
    return {
        "boxes": _boxes(product),
        "years": years,
        **{name: told if told != years else None for name, told in places.items()},
        "within": within,
        "other": other,
        "options": {
            question: {value: _pairs(fit(catalog, product, wanted).reasons) for value, wanted in answers.items()}
            for question, answers in options.items()
        },
        "warnings": {"always": list(base), "year": [w for w in timed if w not in base]},
    }


def _by_time(catalog: Catalog, product: Product, place: Place | None, state: IndexState) -> dict[str, Any]:
    """What is known for each year, for each range of years since 2015, and for any time, where no tile was read.

    Returns:
        `told`: the distinct answers; `at`: index of the answer for `any`, `2019` or `2019/2023`.
    """
    years, read = years_of_catalog(catalog), None if state is IndexState.NONE else Holding(state)
    spans: dict[str, Span | None] = {"any": None}
    spans |= {str(y): Span.of_years(y) for y in years}
    spans |= {f"{a}/{b}": Span.of_years(a, b) for a, b in combinations((y for y in years if y >= _RUNS_FROM), 2)}
    told: dict[tuple[Pair, ...], int] = {}
    answers = {name: tuple(_pairs(located(product, place, span, read))) for name, span in spans.items()}
    at = {name: told.setdefault(answer, len(told)) for name, answer in answers.items()}
    return {"told": list(told), "at": at}


def coverage_verdicts(catalog: Catalog, product: Product, state: IndexState) -> dict[str, Any]:
    """Coverage of a product by year at a point where no tile of it was read.

    Returns:
        `boxes`; `inside`, `outside` and `sea`: tier, verdict and text by year (`any` where none is asked for) inside
        the stated boxes, outside them, and inside them in the open sea where that differs; `state`: how much of the
        index was read.
    """
    spans: dict[str, Span | None] = {"any": None}
    spans |= {str(y): Span.of_years(y) for y in years_of_catalog(catalog)}

    def told(place: Place) -> dict[str, tuple[str, str, str]]:
        found = {name: coverage(product, place, span, state=state) for name, span in spans.items()}
        return {name: (str(a.tier), str(a.verdict), a.text) for name, a in found.items()}

    places = {name: place and told(place) for name, place in _places(product).items()}
    return {"boxes": _boxes(product), **places, "state": str(state)}


def _boxes(product: Product) -> list[list[float]] | None:
    return [list(p.bounds) for p in envelope_parts(product.extent)] if product.extent else None


def _places(product: Product) -> dict[str, Place | None]:
    """A point of each kind that a stated extent makes different: inside, outside and at sea; None without one."""
    parts = envelope_parts(product.extent) if product.extent else ()
    land = _inside(parts, sea=False) if parts else Place(shapely.Point(0, 10), is_point=True)
    return {
        "inside": land or Place(parts[0].centroid, is_point=True),
        "outside": _nowhere(parts),
        "sea": _inside(parts, sea=True) if product.extent and product.extent.surface else None,
    }


def _inside(parts: Sequence[Any], *, sea: bool) -> Place | None:
    """A point of the stated boxes in the open sea, or outside it: the centre of the first such one-degree cell."""
    for part in parts:
        west, south, east, north = (floor(v) for v in part.bounds)
        cells = np.argwhere(sea_cells()[south + 90 : north + 90, west + 180 : east + 180] == sea)
        for row, column in cells:
            point = shapely.Point(west + int(column) + 0.5, south + int(row) + 0.5)
            if part.intersects(point):
                return Place(point, is_point=True)
    return None


def _nowhere(parts: Sequence[Any]) -> Place | None:
    """A point outside all boxes; None where they cover the globe."""
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
