"""Results of the last check of the sources: one file, which the site shows."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from atlas.errors import SourceError
from atlas.records.check_files import read_entries, text_entry, write_entries

__all__ = ["OUTCOMES", "WORDS", "SourceCheck", "append_check", "read_checks", "read_part", "worst", "write_checks"]

OUTCOMES = ("gone", "moved-on", "not-reached", "not-fingerprinted", "holds")
"""Outcomes for a value, the worst first; the outcome of a source is the worst of its values."""
WORDS = {outcome: outcome.replace("-", " ") for outcome in OUTCOMES}


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """The result for one source of one record.

    Attributes:
        record: id of a product, or `inputs/ID`, `spaces/ID`, `ecosystem/ID`.
        source: as in the record.
        outcome: one of `OUTCOMES`, the worst of its values.
        checked: when, ISO 8601 in UTC.
        values: path of each value that rests on the source to one of `OUTCOMES`.
        detail: a remark, or empty.
        difference: address that shows the difference; empty where nothing moved on.
        version: commit or revision that was read; empty where the host states none.
        since: the day or commit that it was compared with; empty where there was none.
    """

    record: str
    source: str
    outcome: str
    checked: str
    values: dict[str, str] = field(default_factory=dict)
    detail: str = ""
    difference: str = ""
    version: str = ""
    since: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What was checked."""
        return self.record, self.source

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths of the values whose passages have gone or moved on."""
        return tuple(path for path, outcome in self.values.items() if outcome in {"gone", "moved-on"})

    def as_dict(self) -> dict[str, Any]:
        """For JSON: values grouped by outcome, without empty members."""
        document = {k: v for k, v in asdict(self).items() if v != "" and k != "values"}
        by_outcome = {o: [p for p, found in self.values.items() if found == o] for o in OUTCOMES}
        return document | {"values": {o: paths for o, paths in by_outcome.items() if paths}}


def worst(outcomes: Iterable[str]) -> str:
    """The worst of several outcomes; `holds` where there are none."""
    return min(outcomes, key=OUTCOMES.index, default="holds")


def read_checks(path: Path) -> list[SourceCheck]:
    """The results in a file that `atlas evidence check` wrote.

    Raises:
        SourceError: it cannot be read, or is another kind of file; the message names the file and the entry.
    """
    return [_check(entry, where) for where, entry in read_entries(path, "sources", "atlas evidence check")]


def write_checks(path: Path, checks: Iterable[SourceCheck]) -> None:
    """Write the results by record and source; the file is replaced atomically."""
    write_entries(path, "sources", (c.as_dict() for c in sorted(checks, key=lambda c: c.key)))


def append_check(path: Path, check: SourceCheck) -> None:
    """Add a result to the file of an unfinished check."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(check.as_dict(), ensure_ascii=False) + "\n")


def read_part(path: Path) -> list[SourceCheck]:
    """The results of an unfinished check; a truncated line is ignored."""
    found = []
    if path.exists():
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            try:
                found.append(_check(json.loads(line), f"{path}: line {number}"))
            except (ValueError, SourceError):
                continue
    return found


def _check(entry: Any, where: str) -> SourceCheck:  # noqa: ANN401 - what the file holds
    rest = dict(entry) if isinstance(entry, dict) else {}
    groups = rest.pop("values", {})
    values: dict[str, str] = {}
    for outcome, paths in groups.items() if isinstance(groups, dict) else [("", None)]:
        if outcome not in OUTCOMES or not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise SourceError(f"{where}: values are {groups!r:.80}")
        values |= dict.fromkeys(paths, outcome)
    known = {f.name for f in fields(SourceCheck)} - {"values"}
    return SourceCheck(
        **text_entry(rest, where, {"record", "source", "outcome", "checked"}, known, OUTCOMES), values=values
    )
