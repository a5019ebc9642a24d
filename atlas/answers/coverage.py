"""What covers a place: by the tiles that exist where an index was read, else by the producer's statement.

A stated extent is an envelope and never a yes. A tile that only shares an edge with an area does not count. A part of
an index, a sample or a failed crawl never gives a no.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from atlas.answers.places import Place, Span
from atlas.answers.plain import Plain, told_as
from atlas.answers.stated import at_sea, complete_years, envelope_has, stated, time_has
from atlas.answers.verdicts import Reason, Verdict, combine
from atlas.answers.words import years_text
from atlas.records import Product
from atlas.records.delivery import is_encoder

__all__ = ["Coverage", "Held", "IndexState", "Tier", "YearCoverage", "coverage", "in_cells", "in_other_years"]

_WHOLE = 0.999_999
"""Share from which an area counts as covered: the rest is rounding of tiles' corners."""


class IndexState(StrEnum):
    """How much of the producer's index was read."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


class Tier(StrEnum):
    """How an answer is known, the firmest first."""

    TILES = "tiles"
    """Tiles were found there."""
    STATED = "stated"
    """The producer says that it is complete, or it computes a vector anywhere."""
    UNKNOWN = "unknown"
    """Not known here."""
    NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of one product in one year at a place.

    Attributes:
        tiles: Number of tiles whose inside meets the place; None where only the cells of one degree are known that have
            some.
        share: Share of the area that they cover, 0 to 1; None for a point, and where it was not measured.
    """

    tiles: int | None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class YearCoverage(Plain):
    """One year of one product.

    Attributes:
        year: Calendar year; None where the product has no years.
        verdict: Whether the place is covered.
        tiles: Tiles there; None where no index was read.
        of: Tiles that the product's tiling scheme has there; None where it has none.
        share: Share of the area that is covered, to a millionth; None where it is not known.
    """

    year: int | None
    verdict: Verdict
    tiles: int | None = None
    of: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage(Plain):
    """The answer for one product.

    Attributes:
        product: Its id.
        verdict: Whether the place is covered in the time that was asked for: yes, partly, no, unknown, not_stated.
        tier: How that is known.
        reasons: What it rests on.
        years: Year by year, oldest first, also those outside the time that was asked for.
        warnings: What else must be known.
    """

    product: str
    verdict: Verdict
    tier: Tier
    reasons: tuple[Reason, ...]
    years: tuple[YearCoverage, ...] = told_as("by_year", default=())
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The reasons as one clause."""
        return "; ".join(r.text for r in self.reasons)


def coverage(
    product: Product,
    place: Place,
    span: Span | None = None,
    *,
    state: IndexState = IndexState.NONE,
    held: Mapping[int, Held] | None = None,
) -> Coverage:
    """Whether a product covers a place and a time.

    Args:
        product: The product.
        place: A point or an area.
        span: The time; any where None.
        state: How much of its index was read.
        held: What the index holds there, by year.
    """
    held = held or {}
    if product.status in ("recipe", "announced"):
        run = product.status == "recipe"
        text = "no vectors are published: users run the model" if run else "it is announced, not released"
        reason = Reason(Verdict.NO, text, "status", product.status)
        return Coverage(product.id, Verdict.NO, Tier.NOT_THERE, (reason,))
    if is_encoder(product) and not held:
        return _by_word(product, place, span)
    wanted = {y: h for y, h in held.items() if h.tiles != 0 and (span is None or span.has_year(y))}
    if wanted:
        return _by_tiles(product, place, span, held, wanted, state)
    if state is IndexState.WHOLE:
        return _not_in_index(product, place, span, held)
    found = _by_word(product, place, span)
    other = [y for y, h in held.items() if h.tiles != 0]
    if not other or found.tier is Tier.NOT_THERE:
        return found
    of = _of(product, place)
    years = {y.year or 0: y for y in found.years} | {
        y: _year(place, y, h, Verdict.UNKNOWN, of) for y, h in held.items()
    }
    reasons = found.reasons
    if found.tier is Tier.UNKNOWN:  # a part of the index takes nothing from what is stated to be complete
        reasons = (in_other_years(years_text(other), span, state), *reasons)
    verdict = combine(r.verdict for r in reasons)
    by_year = tuple(year for _, year in sorted(years.items()))
    return Coverage(product.id, verdict, found.tier, reasons, by_year, found.warnings)


def _of(product: Product, place: Place) -> int | None:
    """Number of tiles that the product's tiling scheme has there."""
    from atlas.answers.schemes import scheme_tiles  # imports NumPy, which most answers do not need

    return scheme_tiles(product, place)


def _by_tiles(
    product: Product,
    place: Place,
    span: Span | None,
    held: Mapping[int, Held],
    wanted: Mapping[int, Held],
    state: IndexState,
) -> Coverage:
    of = _of(product, place)
    missing = Verdict.NO if state is IndexState.WHOLE else Verdict.UNKNOWN
    stated_years = (product.extent.years if product.extent else None) or []
    years = tuple(_year(place, y, held.get(y), missing, of) for y in sorted({*held, *stated_years}))
    if any(h.tiles is None for h in wanted.values()):
        return Coverage(product.id, Verdict.UNKNOWN, Tier.TILES, (in_cells(years_text(wanted), state),), years)
    asked = [y for y in years if y.year is not None and (span is None or span.has_year(y.year))]
    if span is not None:
        # of several years each must be there; of any year one is enough
        first, last = span.years
        if first is not None and last is not None and last - first < 100:
            known = {y.year for y in asked}
            asked += [YearCoverage(y, missing) for y in range(first, last + 1) if y not in known]
        verdicts = [y.verdict for y in asked]
        some = any(v in (Verdict.YES, Verdict.PARTLY) for v in verdicts)
        verdict = Verdict.YES if set(verdicts) == {Verdict.YES} else Verdict.PARTLY if some else combine(verdicts)
    else:
        verdict = Verdict.YES if any(y.verdict is Verdict.YES for y in asked) else Verdict.PARTLY
    text = f"its index lists tiles there for {years_text(wanted)}"
    if of is not None and len(wanted) == 1:
        text = f"its index lists {next(iter(wanted.values())).tiles} of {of} tiles there for {years_text(wanted)}"
    shares = {h.share for h in wanted.values() if h.share is not None}
    if shares and min(shares) < _WHOLE:
        least, most = f"{min(shares):.0%}", f"{max(shares):.0%}"
        text += f", {least if least == most else f'{least} to {most}'} of the area"
    elif not place.is_point and any(h.share is None for h in wanted.values()):
        text += "; how much of the area they cover was not measured"
    return Coverage(product.id, verdict, Tier.TILES, (Reason(verdict, text + _part(state), "index"),), years)


def _year(place: Place, year: int, held: Held | None, missing: Verdict, of: int | None) -> YearCoverage:
    if held is not None and held.tiles is None:
        return YearCoverage(year, Verdict.UNKNOWN, None, of)
    if held is None or held.tiles == 0:
        known = missing is Verdict.NO
        return YearCoverage(year, missing, 0 if known else None, of, 0.0 if known else None)
    whole = (
        place.is_point if held.share is None else held.share >= _WHOLE
    )  # tiles alone do not show that an area is full
    # a part of an index says what is there and nothing about what is missing
    verdict = Verdict.YES if whole else Verdict.PARTLY
    return YearCoverage(year, verdict, held.tiles, of, None if held.share is None else round(held.share, 6))


def _not_in_index(product: Product, place: Place, span: Span | None, held: Mapping[int, Held]) -> Coverage:
    years = tuple(_year(place, y, h, Verdict.NO, None) for y, h in sorted(held.items()))
    other = [y for y, h in held.items() if h.tiles != 0]
    if other:
        reason = in_other_years(years_text(other), span, IndexState.WHOLE)
    else:
        outside = envelope_has(product, place) or time_has(product, span)
        reason = outside or Reason(Verdict.NO, "its index, which was read in full, lists no tile there", "index")
    return Coverage(product.id, Verdict.NO, Tier.NOT_THERE, (reason,), years)


def in_cells(years: str, state: IndexState) -> Reason:
    """The reason where only the cells of one degree are known that have tiles of these years."""
    text = f"its index lists tiles in the cells of one degree there for {years}{_part(state)}"
    return Reason(Verdict.UNKNOWN, text, "index")


def in_other_years(years: str, span: Span | str | None, state: IndexState) -> Reason:
    """The reason where all tiles that were read are of these years, and none within the time that is asked for."""
    if state is IndexState.WHOLE:
        return Reason(Verdict.NO, f"it covers the place only in {years}, not within {span}", "index")
    text = f"the part of its index that was read lists tiles there only for {years}"
    return Reason(Verdict.UNKNOWN, text, "index")


def _part(state: IndexState) -> str:
    return "; only a part of the index was read" if state is IndexState.PART else ""


def _by_word(product: Product, place: Place, span: Span | None) -> Coverage:
    reasons = stated(product, place, span)
    verdict = combine(r.verdict for r in reasons)
    warnings = ("check whether the encoder takes a date",) if is_encoder(product) and span else ()
    if verdict is Verdict.NO:
        return Coverage(product.id, verdict, Tier.NOT_THERE, reasons)
    tier = Tier.STATED if verdict in (Verdict.YES, Verdict.PARTLY) else Tier.UNKNOWN
    years = _stated_years(product)
    if at_sea(product, place):  # no year is known to reach there
        years = tuple(YearCoverage(one.year, Verdict.UNKNOWN) for one in years)
    return Coverage(product.id, verdict, tier, reasons, years, warnings)


@lru_cache(maxsize=1_000)  # the same for every place
def _stated_years(product: Product) -> tuple[YearCoverage, ...]:
    by_year = {} if is_encoder(product) else complete_years(product)
    return tuple(YearCoverage(year, verdict) for year, verdict in by_year.items())
