"""The state of all crawls, read from the reports that they left."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


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
            found.append(
                Status(
                    crawl.product,
                    str(folder),
                    report["finished"],
                    crawl.items,
                    report["part_bytes"],
                    report["asset_bytes"],
                    report["added"],
                    report["changed"],
                    report["vanished"],
                    report["deprecated"],
                    sum(crawl.rejected.values()),
                    len(report["faults"]),
                    len(crawl.drift),
                )
            )
        except (KeyError, TypeError) as error:
            raise CrawlError(f"{folder}: the report of the crawl is not whole ({error})") from None
    return sorted(found, key=lambda one: one.product)


_COLUMNS = ("product", "last crawl", "items", "parts", "assets", "+", "~", "-", "rejected", "faults", "drift")


def table_of(found: Sequence[Status]) -> str:
    """The states as a table: `+` added, `~` changed, `-` vanished in the last crawl."""
    rows = [
        (
            one.product,
            one.finished or "unfinished",
            f"{one.items:,}",
            _size(one.part_bytes),
            _size(one.asset_bytes),
            f"{one.added:,}",
            f"{one.changed:,}",
            f"{one.vanished:,}",
            f"{one.set_aside:,}",
            str(one.faults),
            str(one.drift),
        )
        for one in found
    ]
    widths = [max(len(row[i]) for row in (_COLUMNS, *rows)) for i in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (_COLUMNS, *rows)
    )


def _size(count: int | None) -> str:
    if count is None:
        return "not stated"
    size = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} PB"


_GAUGES = (
    ("finished_timestamp_seconds", "When the last crawl ended."),
    ("items", "Items of the last crawl."),
    ("rejected_rows", "Rejected rows."),
    ("faults", "Parts of the index that could not be read."),
    ("drift", "Points on which record and crawl disagree."),
)


def metrics_of(found: Sequence[Status]) -> str:
    """The states for Prometheus, as the textfile collector of its node exporter reads them."""
    lines = []
    for name, what in _GAUGES:
        lines += [f"# HELP atlas_crawl_{name} {what}", f"# TYPE atlas_crawl_{name} gauge"]
        for one in found:
            ended = dt.datetime.fromisoformat(one.finished).timestamp() if one.finished else 0
            value = (ended, one.items, one.set_aside, one.faults, one.drift)[[n for n, _ in _GAUGES].index(name)]
            lines.append(f'atlas_crawl_{name}{{product="{one.product}"}} {value:.0f}')
    return "\n".join(lines)
