"""What a crawl found: as JSON for programs, as a few lines for people."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

import orjson

from atlas.crawl.duplicates import REASON
from atlas.crawl.folder import CrawlFolder
from atlas.crawl.state import Changes, ShardState
from atlas.moments import rfc3339
from atlas.sources.stac.rows import OTHER_COLLECTION
from atlas.stac.crawl_summary import CrawlSummary

__all__ = ["COUNT", "LISTED", "Report", "summary_of"]

LISTED = 10_000
"""Rejected rows that the report lists; all of them are in `set-aside/`."""


COUNT = "count"
"""Name of the fault of an index that says it holds more than was read."""
_NOT_COUNTED = {"duplicate", REASON, OTHER_COLLECTION}


@dataclass(slots=True)
class Report:
    """Result of one run.

    Attributes:
        product, source: what was crawled, and from where.
        started, finished: RFC 3339.
        planned, read, skipped, gone: number of shards in the plan, read in this run, unchanged, no longer listed.
        faults: shard (or `plan`, `facts`, `count`) to message, of what could not be read in this run.
        damaged: shard to message, of damaged parts and what was done about them.
        changes: Items, summed over all shards.
        states: all shards of the folder.
        first: whether no earlier run finished in the folder.
        index_read: whether the record's own index was read without a fault.
        stated: how many Items the index says it holds; None where it does not say.
        drift: where the record disagrees, as `atlas.crawl.drift` puts it.
    """

    product: str
    source: str
    started: str
    finished: str = ""
    seconds: float = 0.0
    planned: int = 0
    read: int = 0
    skipped: int = 0
    gone: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    states: Mapping[str, ShardState] = field(default_factory=dict)
    drift: list[dict[str, Any]] = field(default_factory=list)
    verified: dict[str, Any] | None = None
    first: bool = False
    index_read: Literal["whole", "part"] = "part"
    stated: int | None = None

    @property
    def items(self) -> int:
        """Items that exist now."""
        return sum(state.items for state in self.states.values())

    @property
    def nothing_changed(self) -> bool:
        """Whether the folder holds the same Items as before."""
        c = self.changes
        return not (c.added or c.changed or c.vanished or c.reappeared or self.faults or self.first)

    @property
    def no_items(self) -> bool:
        """Whether nothing that the index lists became an Item: then index and record do not fit each other."""
        return not any(state.items for state in self.states.values() if state.source == self.source)

    def compare_with(self, stated: int | None) -> None:
        """Compare what was read with what the index says it holds: what is missing there is a fault of the crawl.

        More Items than stated are not a fault: some hosts estimate their counts, and nothing was lost.
        """
        self.stated, found = stated, self.came
        if stated is not None and found < stated:
            self.faults[COUNT] = (
                f"the index states {stated:,} Items, {found:,} came: {stated - found:,} are missing, or its count is "
                "not exact"
            )

    @property
    def came(self) -> int:
        """Items that the index listed: those that are kept, and those that were rejected, each once."""
        of_source = [state for state in self.states.values() if state.source == self.source]
        counted = [n for state in of_source for reason, n in state.set_aside.items() if reason not in _NOT_COUNTED]
        return sum(state.items for state in of_source) + sum(counted)

    @property
    def crossing(self) -> int:
        """Items whose footprint crosses itself: kept unchanged, and interpreted differently by different programs."""
        return sum(state.crossing for state in self.states.values())

    @property
    def rejected(self) -> Counter[str]:
        """Number of rejected rows, by reason."""
        return _total(state.set_aside for state in self.states.values())

    @property
    def notes(self) -> Counter[str]:
        """Assumptions about Items that were kept, and for how many each was made."""
        return _total(state.notes for state in self.states.values())

    @property
    def deprecated(self) -> int:
        """Items that the index no longer lists."""
        return sum(state.deprecated for state in self.states.values())

    def to_json(self, folder: CrawlFolder) -> dict[str, Any]:
        """The report as `report.json` holds it."""
        summary = summary_of(self.states.values())
        return {
            "product": self.product,
            "source": self.source,
            "index_read": self.index_read,
            "started": self.started,
            "finished": self.finished,
            "seconds": round(self.seconds, 3),
            "items": self.items,
            "stated_items": self.stated,
            "unchanged": self.changes.unchanged,
            "added": self.changes.added,
            "changed": self.changes.changed,
            "vanished": self.changes.vanished,
            "reappeared": self.changes.reappeared,
            "deprecated": self.deprecated,
            "crossing_footprints": self.crossing,
            "notes": dict(sorted(self.notes.items())),
            "nothing_changed": self.nothing_changed,
            "no_items": self.no_items,
            "shards": {
                "planned": self.planned,
                "read": self.read,
                "skipped": self.skipped,
                "failed": len(self.faults),
                "gone": self.gone,
            },
            "faults": self.faults,
            "damaged": self.damaged,
            "set_aside_total": self.rejected.total(),
            "set_aside_by_reason": dict(sorted(self.rejected.items())),
            "set_aside": list(islice(_rejected_rows(folder, self.states.values()), LISTED)),
            "years": summary.years,
            "bbox": summary.bbox,
            "interval": [rfc3339(end) for end in summary.interval] if summary.interval else None,
            "asset_bytes": summary.bytes or None,
            "part_bytes": sum(state.size for state in self.states.values()),
            "verified": self.verified,
            "drift": self.drift,
        }

    def to_text(self) -> str:
        """The report for a person."""
        c = self.changes
        if self.nothing_changed:
            unread = f"{self.skipped:,} of {self.planned:,} shards unread"
            lines = [f"{self.product}: nothing changed: {self.items:,} items, {unread}"]
        else:
            lines = [
                f"{self.product}: {self.items:,} items: {c.added:,} added, {c.changed:,} changed, "
                f"{c.unchanged:,} unchanged, {c.vanished:,} vanished"
                + (f", {c.reappeared:,} reappeared" if c.reappeared else "")
            ]
        if COUNT in self.faults:
            lines.append(f"  INCOMPLETE: {self.faults[COUNT]}")
        elif self.stated is not None and self.came > self.stated:
            lines.append(f"  {self.came - self.stated:,} more than the {self.stated:,} Items that the index states")
        if self.read:
            shards = f"{self.read:,} shard{'s' if self.read != 1 else ''}"
            lines.append(f"  {shards} read in {self.seconds:.1f} s, {self.skipped:,} unchanged")
        if self.no_items:
            lines.append("  nothing that the index lists became an item")
        if self.deprecated:
            lines.append(f"  {self.deprecated:,} items are marked as deprecated: the index no longer lists them")
        if self.crossing:
            many = f"{self.crossing:,} footprints cross themselves; they are kept as they are"
            one = "1 footprint crosses itself; it is kept as it is"
            lines.append(f"  note: {one if self.crossing == 1 else many}")
        lines += [f"  note: {count:,} {note}" for note, count in self.notes.most_common()]
        if rejected := self.rejected:
            lines.append(f"  {rejected.total():,} rejected:")
            lines += [f"    {count:>9,}  {reason}" for reason, count in rejected.most_common()]
        lines += [f"  {what}" for shard, what in self.damaged.items() if shard not in self.faults]
        lines += [f"  shard {shard} failed: {fault}" for shard, fault in self.faults.items() if shard != COUNT]
        if self.verified:
            closed = self.verified["not_opened"]
            lines.append(
                f"  verified {self.verified['assets']:,} assets: {self.verified['faults']:,} faults"
                + (f"; {closed:,} of a kind that is not opened" if closed else "")
            )
        lines += [f"  drift: {note['message']}" for note in self.drift]
        return "\n".join(lines)


def summary_of(states: Iterable[ShardState]) -> CrawlSummary:
    """Counts and extents of all shards together."""
    years: Counter[str] = Counter()
    items = size = 0
    boxes, intervals = [], []
    for state in states:
        items += state.items
        size += state.bytes
        years.update(state.years)
        if state.bbox:
            boxes.append(state.bbox)
        if state.interval:
            intervals.append(state.interval)
    bbox = interval = None
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        bbox = (min(west), min(south), max(east), max(north))
    if intervals:
        instants = [[dt.datetime.fromisoformat(end) for end in ends] for ends in intervals]
        interval = (min(i[0] for i in instants), max(i[1] for i in instants))
    return CrawlSummary(items, bbox, interval, dict(sorted(years.items())), size)


def _total(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum(map(Counter, counts), Counter())


def _rejected_rows(folder: CrawlFolder, states: Iterable[ShardState]) -> Iterable[dict[str, Any]]:
    for state in states:
        if state.set_aside:
            with folder.rejected_rows(state.id).open("rb") as lines:
                for line in lines:
                    yield orjson.loads(line)
