"""What an answer is made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from atlas.answers.plain import Plain

__all__ = ["ORDER", "Answer", "Reason", "Verdict", "combine"]


class Verdict(StrEnum):
    """The answer to a question. `no` needs evidence as much as `yes` does."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"
    """Yes for a part: of an area, of the years, of a vector."""
    NOT_STATED = "not_stated"
    """The producer's sources were read, and do not say."""
    NOT_LOOKED_UP = "not_looked_up"
    """Nobody has looked."""
    UNKNOWN = "unknown"
    """It cannot be known here: an index was not read, or a vocabulary lacks the term."""


ORDER = (Verdict.NO, Verdict.UNKNOWN, Verdict.NOT_LOOKED_UP, Verdict.NOT_STATED, Verdict.PARTLY, Verdict.YES)
"""Of several conditions that must all hold, the first that occurs decides."""


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of several conditions that must all hold: the first of no, unknown, ..., yes that occurs."""
    given = set(verdicts)
    return next((v for v in ORDER if v in given), Verdict.YES)


@dataclass(frozen=True, slots=True)
class Reason(Plain):
    """One condition of an answer.

    Attributes:
        verdict: What this condition says by itself.
        text: Why, as a clause: "its licence is CC-BY-4.0, which allows commercial use".
        field: Dotted path of the record's field that it rests on; None where it rests on no field.
        value: Value of that field, as in the record.
        sources: Addresses where the field's value is stated.
    """

    verdict: Verdict
    text: str
    field: str | None = None
    value: Any = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer(Plain):
    """What is said of one product.

    Attributes:
        product: Its id.
        verdict: Whether all conditions hold.
        reasons: The conditions.
        warnings: What else must be known before the answer is acted on.
    """

    product: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def texts(self, *verdicts: Verdict) -> list[str]:
        """Texts of the reasons with one of the verdicts."""
        return [r.text for r in self.reasons if r.verdict in verdicts]

    @property
    def against(self) -> list[str]:
        """Why it is excluded."""
        return self.texts(Verdict.NO)

    @property
    def open(self) -> list[str]:
        """What is not stated, and so neither excludes nor includes a product."""
        return self.texts(Verdict.NOT_STATED, Verdict.NOT_LOOKED_UP, Verdict.UNKNOWN, Verdict.PARTLY)
