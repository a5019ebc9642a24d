"""What readers raise for one row, file or group that becomes no Item, while the others go on."""

from atlas.sources.base import SetAside

__all__ = ["Unfit"]

SHOWN = 200
"""Characters of a detail that a report shows."""


class Unfit(Exception):  # noqa: N818 - caught by the readers, becomes a SetAside
    """Something that becomes no Item, and why."""

    def __init__(self, reason: str, field: str | None = None, detail: object = None) -> None:
        """Keep what the report says."""
        super().__init__(reason)
        self.reason, self.field = reason, field
        self.detail = None if detail is None else str(detail)[:SHOWN]

    def as_set_aside(self, file: str, line: int | None = None) -> SetAside:
        """The entry of the report."""
        return SetAside(file, line, self.reason, self.field, self.detail)
