"""Why a field of a record has no value."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field

from atlas.records.base import Strict, Text

__all__ = ["REASONS", "REASON_WORDS", "Absence", "Reason", "absent_text"]

Reason = Literal["not_stated", "not_applicable", "varies", "not_looked_up"]
REASONS: tuple[Reason, ...] = get_args(Reason)
REASON_WORDS: dict[Reason, str] = {
    "not_stated": "not stated",
    "not_applicable": "does not apply",
    "varies": "varies",
    "not_looked_up": "not looked up",
}
"""The reasons in words for readers."""


class Absence(Strict):
    """Why a field has no value. In a file the reason alone is enough."""

    reason: Reason
    """`not_stated`: the producer does not state it, at least not in `looked_in`. `not_applicable`: the product cannot
    have it. `varies`: it differs within the product. `not_looked_up`: nobody has looked yet."""
    looked_in: list[Text] = Field(default_factory=list)
    """For `not_stated`: keys of the `sources` that were searched without finding it: paper, model card, code. In a list
    of records, whose sources have no keys, their addresses."""
    note: Text | None = None
    """What a reader must know: how it varies, what was found instead."""

    @property
    def words(self) -> str:
        """The reason in words for readers."""
        return REASON_WORDS.get(self.reason, self.reason)


def absent_text(absent: Mapping[str, Absence]) -> str:
    """How many fields have no value, by reason: `3 fields not stated, 5 not looked up`."""
    counts = Counter(absence.reason for absence in absent.values())
    parts = [f"{counts[reason]} {REASON_WORDS[reason]}" for reason in REASONS if counts[reason]]
    return "fields without a value: " + (", ".join(parts) or "none")
