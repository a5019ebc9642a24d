"""Answers about several products, as tables for a terminal and a notebook."""

from collections.abc import Iterable
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

from atlas.answers.comparable import Comparable, all_comparable
from atlas.answers.coverage import Coverage, Tier, YearCoverage
from atlas.answers.licence import Combined
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
    """Which products cover a place, those with tiles first."""

    answers: tuple[Coverage, ...]

    @classmethod
    def of(cls, answers: Iterable[Coverage]) -> "CoverageTable":
        """The answers in the order of their tiers."""
        rank = {tier: i for i, tier in enumerate(Tier)}
        return cls(tuple(sorted(answers, key=lambda a: (rank[a.tier], a.product))))

    def tier(self, tier: Tier) -> tuple[Coverage, ...]:
        """The answers of one tier."""
        return tuple(a for a in self.answers if a.tier is tier)

    def table(self) -> Table:
        """Years across, products down, for those of which tiles were found or years are stated."""
        shown = [a for a in self.answers if a.tier is not Tier.NOT_THERE and a.years]
        years = sorted({y.year for a in shown for y in a.years if y.year is not None})
        rows = [
            (a.product, _TIERS[a.tier], *(_cell({y.year: y for y in a.years}.get(year)) for year in years))
            for a in shown
        ]
        return table(("Product", "How known", *map(str, years)), rows, "? means: not known here.")

    def _narrow(self) -> Table:
        """The same for a terminal that has no room for a column a year: years of a kind together."""
        whole = self.table()
        rows = []
        for product, known, *cells in whole.rows:
            kinds: dict[str, list[int]] = {}
            for year, cell in zip(whole.columns[2:], cells, strict=True):
                kinds.setdefault(cell, []).append(int(year))
            text = "; ".join(f"{years_text(years)}: {cell}" for cell, years in kinds.items() if cell)
            rows.append((product, known, text))
        return table(("Product", "How known", "Years"), rows, whole.note)

    def __str__(self) -> str:
        """The years as a table, then the reasons tier by tier."""
        width = get_terminal_size().columns
        shown = self.table() if self.table().fits(width) else self._narrow()
        parts = [shown.text(width)] if any(a.years for a in self.answers if a.tier is not Tier.NOT_THERE) else []
        for tier in (Tier.TILES, Tier.STATED, Tier.UNKNOWN):
            by_text: dict[str, list[str]] = {}
            for answer in self.tier(tier):
                by_text.setdefault(answer.text, []).append(answer.product)
            lines = [f"  {', '.join(products)}: {text}" for text, products in by_text.items()]
            parts += ["\n".join([f"{_TIERS[tier].capitalize()}:", *lines])] if lines else []
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


def _cell(year: YearCoverage | None) -> str:
    if year is None:
        return ""
    if year.tiles is None:
        return {Verdict.YES: "yes", Verdict.NO: "no"}.get(year.verdict, "?")
    if year.of is not None:
        return f"{year.tiles}/{year.of}"
    return f"{year.share:.0%}" if year.share is not None else str(year.tiles)
