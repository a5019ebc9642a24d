"""Answers as tables: text for a terminal, HTML for a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from shutil import get_terminal_size
from textwrap import wrap

__all__ = ["Table", "table"]

_GAP = "  "
_NARROWEST = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings.

    Attributes:
        columns: Headings.
        rows: One text for each column.
        note: A sentence below the table.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __str__(self) -> str:
        """The table as wide as the terminal; the last column is wrapped."""
        return self.text(get_terminal_size().columns)

    def text(self, width: int) -> str:
        """The table in `width` characters, where its columns but the last leave room for that."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        rest = max(_NARROWEST, width - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1))
        found: list[str] = []
        for number, line in enumerate(lines):
            *first, last = line
            head = _GAP.join(c.ljust(w) for c, w in zip(first, widths, strict=False))
            pieces = wrap(last, rest) or [""]
            indent = " " * len(head)
            joint = _GAP if first else ""
            found.append(f"{head}{joint}{pieces[0]}".rstrip())
            found += [f"{indent}{joint}{piece}" for piece in pieces[1:]]
            if number == 0:
                found.append("-" * min(width, sum(widths[:-1]) + len(_GAP) * (len(widths) - 1) + min(widths[-1], rest)))
        return "\n".join([*found, *(["", self.note] if self.note else [])])

    def html(self, caption: str = "") -> str:
        """The table as an HTML fragment; every text is escaped."""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in self.rows)
        title = f"<caption>{escape(caption)}</caption>" if caption else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> Table:
    """A table of anything; None becomes an empty cell."""
    return Table(tuple(columns), tuple(tuple("" if c is None else str(c) for c in row) for row in rows), note)
