"""What readers raise for one row, file or group that is rejected, while they go on with the others."""

from dataclasses import dataclass

__all__ = ["SHOWN", "Rejected", "RejectedRow"]

SHOWN = 200
"""Characters of a detail that a report shows."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A line, row or object that was rejected, and why.

    Attributes:
        file: `InputFile.name`.
        line: 1-based line or row; None for a fault of the whole file.
        reason: a short constant phrase, such as "no scales file": the report counts by it.
        field: the field at fault, where there is one.
        detail: the offending value or numbers, shortened by the reader to about 200 characters.
    """

    file: str
    line: int | None
    reason: str
    field: str | None = None
    detail: str | None = None


class Rejected(Exception):  # noqa: N818 - caught by the readers, becomes a RejectedRow
    """Something that does not become an Item, and why."""

    def __init__(self, reason: str, field: str | None = None, detail: object = None) -> None:
        """Keep what the report says."""
        super().__init__(reason)
        self.reason, self.field = reason, field
        self.detail = None if detail is None else str(detail)[:SHOWN]

    def as_row(self, file: str, line: int | None = None) -> RejectedRow:
        """The entry of the report."""
        return RejectedRow(file, line, self.reason, self.field, self.detail)
