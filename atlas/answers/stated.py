"""What a record states about a place and a time. A stated extent is an envelope: it only tells where nothing is."""

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from atlas.answers.evidence import because, gap
from atlas.answers.places import Place, Span
from atlas.answers.sea import open_sea
from atlas.answers.verdicts import Reason, Verdict
from atlas.answers.words import is_snapshot, years_text
from atlas.records import Product
from atlas.records.delivery import is_encoder
from atlas.records.extent import Extent
from stac_emb.boxes import Box, halves

if TYPE_CHECKING:
    import shapely

__all__ = [
    "at_sea",
    "complete_years",
    "completeness",
    "envelope_has",
    "envelope_parts",
    "outside_envelope",
    "stated",
    "time_has",
]

_remembered = lru_cache(maxsize=5_000)
"""For what depends on record and time alone: a server is asked about many places."""
_WORDS = {
    "partial": "partial; whether this place is in it is not known here",
    "on_request": "made on request; whether this place was made is not known here",
}


def envelope_parts(extent: Extent) -> "tuple[shapely.Geometry, ...]":
    """Boxes of a stated extent in legal longitudes; one over the antimeridian becomes two."""
    return _parts(tuple((west, south, east, north) for west, south, east, north in extent.bbox[1:] or extent.bbox))


@lru_cache(maxsize=1_000)  # every question about a place asks each record
def _parts(boxes: tuple[Box, ...]) -> "tuple[shapely.Geometry, ...]":
    import shapely  # slow to import, and many answers need no shape

    return tuple(shapely.box(*half) for box in boxes for half in halves(box))


@_remembered
def _envelope(product: Product) -> "tuple[shapely.Geometry, ...]":
    return envelope_parts(product.extent) if product.extent else ()


def envelope_has(product: Product, place: Place | None) -> Reason | None:
    """`no` where the stated extent leaves the place out, else None: an envelope never proves coverage."""
    extent = product.extent
    if extent is None or place is None:
        return None
    parts = _envelope(product)  # many products state the same one
    if not place.remember(parts, lambda: any(place.geometry.intersects(part) for part in parts)):
        return outside_envelope(product, extent)
    sea = at_sea(product, place)
    return sea if sea is not None and sea.verdict is Verdict.NO else None


def outside_envelope(product: Product, extent: Extent) -> Reason:
    """The reason for a place outside every box of the stated extent."""
    text = f"its stated extent ({extent.place}) leaves the place out"
    return because(product, Verdict.NO, text, "extent.bbox", [list(b) for b in extent.bbox])


def at_sea(product: Product, place: Place | None) -> Reason | None:
    """The reason for a product of land, or of land and shallow water, in the open sea; None in any other case.

    `no` where it is stated to cover land only; else `unknown`, for the atlas has no map of shallow water.
    """
    extent = product.extent
    if extent is None or extent.surface is None or place is None or not open_sea(place):
        return None
    if extent.surface == "land":
        text = f"its stated extent ({extent.place}) is land, and there is none within a degree"
        return because(product, Verdict.NO, text, "extent.surface", extent.surface)
    text = (
        f"its stated extent ({extent.place}) may end before the open sea; whether it has this place is not known here"
    )
    return because(product, Verdict.UNKNOWN, text, "extent.surface", extent.surface)


@_remembered
def time_has(product: Product, span: Span | None) -> Reason | None:
    """`no` where the stated years or interval leave the time out, else None."""
    extent = product.extent
    if extent is None or span is None:
        return None
    if extent.years:
        if any(span.has_year(y) for y in extent.years):
            return None
        text = f"it has the years {years_text(extent.years)}, none within {span}"
        return because(product, Verdict.NO, text, "extent.years", extent.years)
    if any(span.meets(first, last) for first, last in extent.interval[1:] or extent.interval):
        return None
    text = f"its stated interval is {_bounds(extent)}, nothing within {span}"
    return because(product, Verdict.NO, text, "extent.interval", [_text(m) for m in extent.interval[0]])


@_remembered
def completeness(product: Product, span: Span | None) -> Reason:
    """How complete the product is by its record, in the years asked for; `yes` only where it is stated to be whole."""
    path, extent = "extent.completeness", product.extent
    how = extent.completeness if extent else None
    if how is None:
        return gap(product, path, "how complete it is")
    years = sorted(int(y) for y in how.years)
    years = years if span is None else span.years_of(years)
    wanted = years
    if extent and extent.years:
        wanted = extent.years if span is None else span.years_of(extent.years)
    words = {y: how.in_year(y) for y in wanted} or {0: how.default}
    kinds = set(words.values())
    value = how.model_dump(mode="json", exclude_none=True)
    if kinds == {"complete"}:
        when = f" for {years_text(wanted)}" if wanted and wanted != [0] and years else ""
        return because(product, Verdict.YES, f"it is stated to be complete{when}", path, value)
    if "complete" in kinds:
        whole = years_text(y for y, k in words.items() if k == "complete")
        rest = years_text(y for y, k in words.items() if k != "complete")
        text = f"it is stated to be complete for {whole}, partial for {rest}"
        return because(product, Verdict.PARTLY, text, path, value)
    (kind,) = kinds if len(kinds) == 1 else ("partial",)
    when = f"{years_text(wanted)}: " if how.years and wanted else ""
    return because(product, Verdict.UNKNOWN, f"{when}{_WORDS[str(kind)]}", path, value)


def complete_years(product: Product) -> dict[int, Verdict]:
    """The verdict of `completeness` for each of the stated years alone."""
    extent = product.extent
    if extent is None or not extent.years:
        return {}
    if extent.completeness is None:
        return dict.fromkeys(extent.years, completeness(product, None).verdict)
    kinds = {year: extent.completeness.in_year(year) for year in extent.years}
    return {year: Verdict.YES if kind == "complete" else Verdict.UNKNOWN for year, kind in kinds.items()}


def stated(product: Product, place: Place | None, span: Span | None) -> tuple[Reason, ...]:
    """What the record alone says about a place and a time."""
    location = is_encoder(product)
    if product.extent is None and not location:
        return (gap(product, "extent", "its extent"),)
    # an encoder has no years: its interval is that of its training data
    outside = [
        r for r in (envelope_has(product, place), None if location else time_has(product, span)) if r is not None
    ]
    if outside:
        return tuple(outside)
    if location and (product.extent is None or product.extent.completeness is None):
        told = because(product, Verdict.YES, "it computes a vector for any position", "embedding.type", "location")
        return (told,)
    date = () if location else _date_unknown(product, span)
    return (*date, at_sea(product, place) or completeness(product, span))


def _date_unknown(product: Product, span: Span | None) -> tuple[Reason, ...]:
    """The reason why the date of its vectors may lie elsewhere than in the time that is asked for, if there is one."""
    extent = product.extent
    if extent is None or span is None or extent.years:
        return ()
    if not extent.dated:
        return (gap(product, "extent.years", "its date"),)
    if not is_snapshot(product) or all(span.holds(*one) for one in extent.interval):
        return ()
    text = f"each place has one date from {_bounds(extent)}; whether it lies within {span} is not known here"
    return (because(product, Verdict.UNKNOWN, text, "extent.interval", [_text(m) for m in extent.interval[0]]),)


def _bounds(extent: Extent) -> str:
    return " to ".join(moment.date().isoformat() if moment else "..." for moment in extent.interval[0])


def _text(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
