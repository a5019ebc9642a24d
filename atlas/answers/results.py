"""Answers about several products, as tables for a terminal and a notebook."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from textwrap import fill
from typing import Any

from atlas.answers.comparable import Comparable, all_comparable
from atlas.answers.coverage import Coverage, Tier, YearCoverage
from atlas.answers.licence import Combined
from atlas.answers.places import Span
from atlas.answers.plain import Printed, plain
from atlas.answers.sheet import SheetLine
from atlas.answers.tables import Table, table
from atlas.answers.verdicts import Answer, Verdict
from atlas.answers.words import years_text
from atlas.records import Product

__all__ = ["Choice", "Comparison", "CoverageTable"]

_TIERS = {
    Tier.TILES: "tiles found",
    Tier.STATED: "stated to be complete",
    Tier.UNKNOWN: "unknown here",
    Tier.NOT_THERE: "not there",
}
_COMPUTED = "computed anywhere"
"""For encoders, of which no index and no record could state more."""
_ASKED = "*"
_HEADINGS = (_TIERS[Tier.TILES], _TIERS[Tier.STATED], _COMPUTED, _TIERS[Tier.UNKNOWN])


@dataclass(frozen=True, slots=True)
class Choice(Printed):
    """Every product with its answer, those that fit first."""

    answers: tuple[Answer, ...]

    @property
    def fitting(self) -> tuple[Answer, ...]:
        """Products that state all that was asked."""
        return tuple(a for a in self.answers if a.verdict is Verdict.YES)

    @property
    def possible(self) -> tuple[Answer, ...]:
        """Products for which something that was asked is not stated."""
        return tuple(a for a in self.answers if a.verdict not in (Verdict.YES, Verdict.NO))

    @property
    def excluded(self) -> tuple[Answer, ...]:
        """Products that a stated fact excludes."""
        return tuple(a for a in self.answers if a.verdict is Verdict.NO)

    def table(self) -> Table:
        """What fits or may fit, and why."""
        rows = [
            (a.product, "fits" if a.verdict is Verdict.YES else "may fit", "; ".join([*a.open, *a.warnings]))
            for a in (*self.fitting, *self.possible)
        ]
        count = len(self.excluded)
        note = f"{count} more {'product is' if count == 1 else 'products are'} excluded." if count else ""
        return table(("Product", "Verdict", "What to know"), rows, note)

    def as_json(self) -> list[dict[str, Any]]:
        """The answers for programs."""
        return [a.as_json() for a in self.answers]


@dataclass(frozen=True, slots=True)
class Comparison(Printed):
    """Products side by side.

    Attributes:
        products: The products.
        sheets: The facts of each.
        pairs: Whether vectors of each two may be compared.
        licences: What combining them requires.
    """

    products: tuple[Product, ...]
    sheets: tuple[tuple[SheetLine, ...], ...]
    pairs: tuple[Comparable, ...]
    licences: Combined

    @property
    def verdict(self) -> Verdict:
        """Whether all may be compared with each other."""
        return all_comparable(self.pairs)

    def table(self) -> Table:
        """The facts of each product in a column, then what may be compared."""
        rows = [(lines[0].label, *(line.text for line in lines)) for lines in zip(*self.sheets, strict=True)]
        notes = [f"{' and '.join(p.products)}: {p.verdict}. {p.text}" for p in self.pairs]
        return table(("Fact", *(p.id for p in self.products)), rows, "\n".join([*notes, *self.licences.combined]))

    def as_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "products": [p.id for p in self.products],
            "verdict": str(self.verdict),
            "pairs": plain(self.pairs),
            "licences": self.licences.as_json(),
        }


@dataclass(frozen=True, slots=True)
class CoverageTable(Printed):
    """Which products cover a place, those with tiles first.

    Attributes:
        answers: What is known of each product.
        span: The time that was asked for.
    """

    answers: tuple[Coverage, ...]
    span: Span | None = None

    @classmethod
    def of(cls, answers: Iterable[Coverage], span: Span | None = None) -> "CoverageTable":
        """The answers in the order of their tiers."""
        rank = {tier: i for i, tier in enumerate(Tier)}
        return cls(tuple(sorted(answers, key=lambda a: (rank[a.tier], a.product))), span)

    def tier(self, tier: Tier) -> tuple[Coverage, ...]:
        """The answers of one tier."""
        return tuple(a for a in self.answers if a.tier is tier)

    def table(self) -> Table:
        """Years across, products down, for those of which tiles were found or years are stated."""
        shown = [a for a in self.answers if a.tier is not Tier.NOT_THERE and a.years]
        years = sorted({y.year for a in shown for y in a.years if y.year is not None})
        rows = [
            (a.product, _known(a), *(_cell({y.year: y for y in a.years}.get(year)) for year in years)) for a in shown
        ]
        marked = [f"{year}{_ASKED if self.span and self.span.has_year(year) else ''}" for year in years]
        note = f" {_ASKED} means: asked for." if any(name.endswith(_ASKED) for name in marked) else ""
        return table(("Product", "How known", *marked), rows, f"? means: not known here.{note}")

    def _narrow(self) -> Table:
        """The same for a terminal that has no room for a column a year: years of a kind together."""
        whole = self.table()
        rows = []
        for product, known, *cells in whole.rows:
            kinds: dict[tuple[str, str], list[int]] = {}
            for column, cell in zip(whole.columns[2:], cells, strict=True):
                year, mark = column[:4], column[4:]
                kinds.setdefault((mark, cell), []).append(int(year))
            told = sorted(kinds.items(), key=lambda kind: not kind[0][0])  # what was asked for comes first
            text = "; ".join(f"{years_text(years)}{mark}: {cell}" for (mark, cell), years in told if cell)
            rows.append((product, known, text))
        return table(("Product", "How known", "Years"), rows, whole.note)

    def __str__(self) -> str:
        """The years as a table, then the reasons tier by tier."""
        width = get_terminal_size().columns
        shown = self.table() if self.table().fits(width) else self._narrow()
        parts = [shown.text(width)] if any(a.years for a in self.answers if a.tier is not Tier.NOT_THERE) else []
        for heading in _HEADINGS:
            by_text: dict[str, list[str]] = {}
            for answer in self.answers:
                if _known(answer) == heading:
                    by_text.setdefault(answer.text, []).append(answer.product)
            reasons = [(", ".join(products), text) for text, products in by_text.items()]
            parts += ["\n".join([f"{heading.capitalize()}:", *_listed(reasons, width)])] if reasons else []
        if others := len(self.tier(Tier.NOT_THERE)):
            does = "product does" if others == 1 else "products do"
            parts.append(f"{others} {'more ' if parts else ''}{does} not cover it; --json says why.")
        return "\n\n".join(parts)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each product and year, as a CSV file has it."""
        return [
            {"product": a.product, "tier": str(a.tier), **y.as_json()}
            for a in self.answers
            for y in a.years or (YearCoverage(None, a.verdict),)
        ]

    def as_json(self) -> list[dict[str, Any]]:
        """The answers for programs."""
        return [a.as_json() for a in self.answers]


def _known(answer: Coverage) -> str:
    """How an answer is known, in words."""
    computed = answer.tier is Tier.STATED and any(reason.field == "embedding.type" for reason in answer.reasons)
    return _COMPUTED if computed else _TIERS[answer.tier]


def _listed(reasons: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Products and what is said of them, wrapped to a terminal; texts behind short lists of products are aligned."""
    longest = width // 3
    column = max((len(products) for products, _ in reasons if len(products) <= longest), default=0) + 1
    for products, text in reasons:
        short = len(products) <= longest
        yield fill(
            f"{f'{products}:':<{column if short else 0}} {text}",
            width,
            initial_indent="  ",
            subsequent_indent=" " * (column + 3 if short else 4),
            break_on_hyphens=False,
            break_long_words=False,
        )


def _cell(year: YearCoverage | None) -> str:
    if year is None:
        return ""
    if year.tiles is None:
        return {Verdict.YES: "yes", Verdict.NO: "no"}.get(year.verdict, "?")
    if year.of is not None:
        return f"{year.tiles}/{year.of}"
    return f"{year.share:.0%}" if year.share is not None else str(year.tiles)
