"""Sources of a product, numbered as on its page, the numbers of each field's sources, and how old they are.

Ages are counted to a day that the build passes, never to the clock.
"""

import datetime as dt
from collections.abc import Iterable

from atlas.records.base import Evidence
from atlas.records.paths import names, nearest
from atlas.records.product import Product
from atlas.web.page import Context

__all__ = ["Evidences", "age_text"]


class Evidences:
    """The sources of one product.

    Attributes:
        lines: the sources in the order of their numbers, which begin with 1: URL or text, the day on which it was
            checked, its strength, what it says, and the dotted paths of the fields that rest on it.
        today: the day from which ages are counted, ISO 8601; by default that of the newest source.
    """

    def __init__(self, product: Product, today: str = "") -> None:
        self._product = product
        by_source: dict[tuple[str, str], list[tuple[str, Evidence]]] = {}
        for path, entries in product.evidence.items():
            for entry in entries:
                by_source.setdefault((entry.source, entry.strength), []).append((path, entry))
        self._numbers = {key: number for number, key in enumerate(by_source, 1)}
        self.lines = tuple(
            Context(
                number=self._numbers[source, strength],
                source=source,
                checked=max(e.checked for _, e in uses).isoformat(),
                strength=strength,
                notes=tuple(dict.fromkeys(e.note for _, e in uses if e.note)),
                fields=tuple(path for path, _ in uses),
            )
            for (source, strength), uses in by_source.items()
        )

        self.today = today or self.newest(self._numbers.values())

    def newest(self, numbers: Iterable[int]) -> str:
        """The newest day on which somebody compared a value with one of some sources, or empty."""
        days: list[str] = [self.lines[n - 1].checked for n in numbers]
        return max(days, default="")

    def age(self, day: str) -> str:
        """How long ago a day was, in words."""
        return age_text(day, self.today)

    def refs(self, path: str) -> tuple[int, ...]:
        """Numbers of the sources of a field: those of the most specific path that covers it."""
        found = nearest(self._product.evidence, lambda p: names(p, path))
        entries = (e for p in found for e in self._product.evidence[p])
        return tuple(dict.fromkeys(self._numbers[(e.source, e.strength)] for e in entries))


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
