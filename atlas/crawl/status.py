"""The state of all crawls, read from the reports that they left."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from atlas.answers.tables import Table
from atlas.answers.words import bytes_text, grouped
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import finished_crawls, read_crawl

__all__ = ["Status", "metrics_of", "read_status", "table_of"]


@dataclass(frozen=True, slots=True)
class Status:
    """One product's last crawl."""

    product: str
    folder: str
    finished: str | None
    items: int
    part_bytes: int
    asset_bytes: int | None
    added: int
    changed: int
    vanished: int
    deprecated: int
    set_aside: int
    faults: int
    drift: int


_COPIED = ("finished", "items", "part_bytes", "asset_bytes", "added", "changed", "vanished", "deprecated")


def read_status(where: Path | Sequence[Path]) -> list[Status]:
    """The reports of crawl folders, in the order of the products' names.

    Args:
        where: a folder of crawl folders, or crawl folders.

    Raises:
        CrawlError: a report cannot be understood.
    """
    found = []
    for folder in finished_crawls(where) if isinstance(where, Path) else where:
        crawl = read_crawl(folder)
        report = crawl.report
        try:
            copied = {name: report[name] for name in _COPIED}
            for name in _COPIED[1:]:
                if type(copied[name]) is not int and (name != "asset_bytes" or copied[name] is not None):
                    raise TypeError(f"'{name}' is not a number: {copied[name]!r:.80}")
            rejected, faults, drift = sum(crawl.rejected.values()), len(report["faults"]), len(crawl.drift)
            found.append(Status(crawl.product, str(folder), **copied, set_aside=rejected, faults=faults, drift=drift))
        except (KeyError, TypeError) as error:
            raise CrawlError(f"{folder}: the report of the crawl is not whole ({error})") from None
    return sorted(found, key=lambda one: one.product)


_COLUMNS = ("product", "last crawl (UTC)", "items", "parts", "assets", "+", "~", "-", "rejected", "faults", "drift")


def table_of(found: Sequence[Status]) -> Table:
    """The states as a table: `+` added, `~` changed, `-` vanished in the last crawl."""
    rows = [
        (
            one.product,
            one.finished[:16].replace("T", " ") if one.finished else "unfinished",
            grouped(one.items),
            bytes_text(one.part_bytes),
            bytes_text(one.asset_bytes) or "not stated",
            *map(grouped, (one.added, one.changed, one.vanished, one.set_aside, one.faults, one.drift)),
        )
        for one in found
    ]
    return Table(_COLUMNS, tuple(rows), numbers=len(_COLUMNS) - 2)


_GAUGES: tuple[tuple[str, str, Callable[[Status], float]], ...] = (
    ("finished_timestamp_seconds", "When the last crawl ended.", lambda one: _moment(one.finished)),
    ("items", "Items of the last crawl.", lambda one: one.items),
    ("rejected_rows", "Rejected rows.", lambda one: one.set_aside),
    ("faults", "Parts of the index that could not be read.", lambda one: one.faults),
    ("drift", "Points on which record and crawl disagree.", lambda one: one.drift),
)


def _moment(finished: str | None) -> float:
    return dt.datetime.fromisoformat(finished).timestamp() if finished else 0


def metrics_of(found: Sequence[Status]) -> str:
    """The states for Prometheus, as the textfile collector of its node exporter reads them."""
    lines = []
    for name, what, value in _GAUGES:
        lines += [f"# HELP atlas_crawl_{name} {what}", f"# TYPE atlas_crawl_{name} gauge"]
        lines += [f'atlas_crawl_{name}{{product="{one.product}"}} {value(one):.0f}' for one in found]
    return "\n".join(lines)
