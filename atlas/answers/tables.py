"""Answers as tables: text for a terminal, HTML for a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from shutil import get_terminal_size
from textwrap import wrap

__all__ = ["Table", "table"]

_GAP = "  "
_NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings.

    Attributes:
        columns: Headings.
        rows: One text for each column.
        note: A sentence below the table.
        numbers: How many of the last columns are aligned to the right in a terminal.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numbers: int = 0

    def __str__(self) -> str:
        """The table as wide as the terminal."""
        return self.text(get_terminal_size().columns)

    def fits(self, width: int) -> bool:
        """Whether `text` can wrap the lines to `width` characters and leave the first column whole."""
        first, *rest = self._widths()
        return first + _sum(rest, _NARROWEST) + len(_GAP) * len(rest) <= width

    def text(self, width: int) -> str:
        """The table in `width` characters: the widest columns are wrapped, the first one last, none below ten.

        Where that is too wide all the same, the first column stays whole: ids can be found and copied.
        """
        first, *rest = self._widths()
        room = width - len(_GAP) * len(rest)
        most = next(
            (m for m in range(max(rest, default=0), _NARROWEST, -1) if _sum(rest, m) <= room - first), _NARROWEST
        )
        left = room - _sum(rest, most)
        widths = [first if left < _NARROWEST else min(first, left), *(min(w, most) for w in rest)]
        sides = [str.ljust] * (len(widths) - self.numbers) + [str.rjust] * self.numbers
        found: list[str] = []
        for line in (self.columns, *self.rows):
            cells = zip_longest(*(wrap(text, w) for text, w in zip(line, widths, strict=True)), fillvalue="")
            found += [
                _GAP.join(side(p, w) for side, p, w in zip(sides, row, widths, strict=True)).rstrip() for row in cells
            ]
            if line is self.columns:
                found.append("-" * min(width, sum(widths) + len(_GAP) * len(rest)))
        return "\n".join([*found, *(["", self.note] if self.note else [])])

    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]

    def html(self, caption: str = "") -> str:
        """The table as an HTML fragment; every text is escaped."""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in self.rows)
        title = f"<caption>{escape(caption)}</caption>" if caption else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _sum(widths: Sequence[int], most: int) -> int:
    return sum(min(width, most) for width in widths)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> Table:
    """A table of anything; None becomes an empty cell."""
    return Table(tuple(columns), tuple(tuple("" if c is None else str(c) for c in row) for row in rows), note)
