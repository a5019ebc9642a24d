"""What a reader reads, and what it raises for one row, file or group, while it goes on with the others."""

from dataclasses import dataclass

__all__ = ["SHOWN", "InputFile", "Rejected", "RejectedRow"]

SHOWN = 200
"""Characters of a detail that a report shows."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One object that a shard reads.

    Attributes:
        href: path or URL to open.
        fingerprint: changes when the bytes change: `etag:...`, `sha256:...`, or `size:...;modified:...` where the host
            gives no better one. Empty where the host gives nothing: such a shard runs each time.
        size: bytes, where known.
        name: how reports call it: the path below the source, or the file's name.
        rejected: why it must not be opened, a phrase as in `RejectedRow.reason`: readers of listings report it.
    """

    href: str
    fingerprint: str
    size: int | None = None
    name: str = ""
    rejected: str = ""

    @property
    def label(self) -> str:
        """Its name in messages; its href where it has none."""
        return self.name or self.href


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
