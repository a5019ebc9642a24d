"""One source of one record: which of the passages that its values rest on are still there."""

from collections.abc import Mapping, Sequence
from typing import Any

from atlas.evidence.passages import Passage, Text, passages_for
from atlas.evidence.places import Place
from atlas.evidence.reading import GoneError, Reading
from atlas.evidence.results import SourceCheck, worst
from atlas.evidence.values import Use
from atlas.fetch.faults import FetchError
from atlas.records.fingerprints import KeptSource

__all__ = ["judge", "passages_of"]


def judge(
    use: Use, place: Place, outcome: Reading | GoneError | FetchError, kept: KeptSource | None, now: str
) -> SourceCheck:
    """Compare the text of a source with its fingerprints or its cited commit.

    Args:
        use: the source, and the values that rest on it.
        place: of the source.
        outcome: what was read there, or why it could not be read.
        kept: its fingerprints; None where there are none.
        now: when it was read, ISO 8601 in UTC.
    """
    if isinstance(outcome, GoneError):
        values = dict.fromkeys(use.values, "gone")
        return SourceCheck(use.record, use.source, "gone", now, values, outcome.detail, outcome.difference)
    if isinstance(outcome, FetchError):
        values = dict.fromkeys(use.values, "not-reached")
        reason = str(outcome).removeprefix(f"{place.url}: ").partition(" (it names:")[0][:300]
        return SourceCheck(use.record, use.source, "not-reached", now, values, reason)
    known = passages_of(kept)
    values = {path: _value(path, value, place, outcome, known) for path, value in use.values.items()}
    since = kept.read.isoformat() if kept is not None and any(p in known for p in use.values) else outcome.since
    found = worst(values.values())
    difference = outcome.difference() if found in {"gone", "moved-on"} else ""
    return SourceCheck(use.record, use.source, found, now, values, outcome.detail, difference, outcome.version, since)


def passages_of(kept: KeptSource | None) -> dict[str, list[Passage]]:
    """The kept passages of each value."""
    found: dict[str, list[Passage]] = {}
    for passage in kept.passages if kept is not None else ():
        for path in passage.fields:
            found.setdefault(path, []).append(Passage(passage.digest, passage.words))
    return found


def _value(
    path: str,
    value: Any,  # noqa: ANN401 - a value of a record is any JSON value
    place: Place,
    reading: Reading,
    known: Mapping[str, Sequence[Passage]],
) -> str:
    passages = known.get(path) or (_cited(value, place, reading.old) if reading.old is not None else ())
    if not passages:
        return "gone" if reading.cited_gone else "not-fingerprinted"
    return "holds" if all(reading.new.holds(passage) for passage in passages) else "moved-on"


def _cited(value: Any, place: Place, old: Text) -> list[Passage]:  # noqa: ANN401 - as above
    """Passages at the cited commit: the lines that the address names, or the blocks that mention the value."""
    lines = old.lines(*place.lines) if place.lines else None
    return [lines] if lines else passages_for(value, old)
