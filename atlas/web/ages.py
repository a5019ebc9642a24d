"""How old evidence is; ages are counted to a day that the build passes, never to the clock."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Ages", "age_text"]


@dataclass(frozen=True)
class Ages:
    """How old the evidence of a product is.

    Attributes:
        today: the day from which ages are counted, ISO 8601.
        days: for each source, by its number, the day on which somebody last compared a value with it.
    """

    today: str
    days: dict[int, str]

    def text(self, day: str) -> str:
        """The age of a day in words."""
        return age_text(day, self.today)

    def newest(self, numbers: Iterable[int]) -> str:
        """The newest day of some sources, or empty."""
        return max((self.days[n] for n in numbers), default="")


def age_text(day: str, today: str) -> str:
    """How long before `today` a day was, in whole days, months or years; both ISO 8601."""
    then, now = dt.date.fromisoformat(day), dt.date.fromisoformat(today)
    days = max(0, (now - then).days)
    months = (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)
    if not days:
        return "today"
    for count, unit, most in ((days, "day", 59), (months, "month", 23)):
        if count <= most:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return f"{months // 12} years ago"
