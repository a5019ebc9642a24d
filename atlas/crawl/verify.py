"""Open assets that a crawl found and compare them with what Items and record say."""

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import orjson
import pyarrow as pa

from atlas.crawl.folder import CrawlFolder, temporary
from atlas.crawl.state import ShardState, commit
from atlas.errors import AtlasError
from atlas.moments import this_second
from atlas.sources.access import open_access
from atlas.sources.base import Finding, Source
from atlas.stac.geoparquet import PartWriter, id_hashes, row_groups

__all__ = ["VERIFIED", "Choice", "Verified", "verify", "write_findings"]

Choice = Literal["none", "sample", "all"]

SAMPLE = 24
"""Items that a sample opens per crawl: with one in ten of them wrong, it is missed in 8 of 100 samples (0.9^24)."""
_THREADS = 8
_LISTED = 1_000
VERIFIED = ("atlas:verified", "atlas:verification", "atlas:verified_fields")
"""Item properties: when its assets were looked at; `agrees`, `differs` or, where nothing shows a difference but one of
them is of a kind that is not opened, `not opened`; and what was compared, such as `embeddings/file:size`, as only
what is stated can be (`embeddings/href`: it exists)."""

Result = Literal["agrees", "differs", "not opened"]


Outcome = tuple[Result, list[str]]
"""The outcome for one Item, and which fields were compared, as written into it."""


@dataclass(slots=True)
class Verified:
    """Numbers of Items, of assets that were opened and of assets of a kind that is not, and where they differ."""

    items: int = 0
    assets: int = 0
    not_opened: int = 0
    findings: list[tuple[str, Finding]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As the report holds it."""
        return {
            "items": self.items,
            "assets": self.assets,
            "not_opened": self.not_opened,
            "faults": len(self.findings),
            "findings": [{"item": item, **asdict(finding)} for item, finding in self.findings[:_LISTED]],
        }


def verify(folder: CrawlFolder, states: Mapping[str, ShardState], source: Source, choice: Choice) -> Verified:
    """Open the assets of some or all Items, and write into the Items when that was and with what outcome.

    A sample is chosen by the hash of the ids: it is spread over the product, and the same for the same Items.

    Args:
        folder: the crawl's output; the caller holds its lock.
        states: the shards; those whose parts are rewritten are committed again.
        source: the record, and the hosts that may be asked.
        choice: `sample` or `all`.
    """
    found = Verified()
    limit = None
    if choice == "sample":
        hashes = (h for state in states.values() if _there(folder, state) for h in _hashes(folder, state))
        chosen = heapq.nsmallest(SAMPLE, hashes)
        limit = np.uint64(chosen[-1]) if chosen else np.uint64(0)
    now = this_second()
    for state in states.values():
        if _there(folder, state):
            _verify_part(folder, state, source, limit, now, found)
    return found


def _there(folder: CrawlFolder, state: ShardState) -> bool:
    """Whether there is a part to look at: a damaged one that could not be made again is not there."""
    return state.items > 0 and folder.part(state.id).exists()


def _hashes(folder: CrawlFolder, state: ShardState) -> Iterator[int]:
    for table in row_groups(folder.part(state.id), ["id"]):
        yield from np.partition(id_hashes(table), min(SAMPLE, table.num_rows - 1))[:SAMPLE].tolist()


def _verify_part(
    folder: CrawlFolder, state: ShardState, source: Source, limit: np.uint64 | None, now: dt.datetime, found: Verified
) -> None:
    part = folder.part(state.id)
    if limit is not None and not any(h <= limit for h in _hashes(folder, state)):
        return  # nothing of this part is in the sample
    with PartWriter(part) as writer:
        for table in row_groups(part):
            chosen = np.flatnonzero(id_hashes(table) <= limit) if limit is not None else np.arange(table.num_rows)
            outcome = dict(zip(chosen.tolist(), _open_items(table.take(pa.array(chosen)), source, found), strict=True))
            for batch in _mark(table, outcome, now).combine_chunks().to_batches():
                writer.write(batch)
    if writer.written is not None:
        state.size, state.sha256 = writer.written.size, writer.written.sha256
        commit(state, folder)


def _open_items(table: pa.Table, source: Source, found: Verified) -> Iterator[Outcome]:
    """Whether each Item agrees with its assets."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for item, count, closed, findings, fields in pool.map(lambda row: _open_item(row, source), table.to_pylist()):
            found.items += 1
            found.assets += count - closed
            found.not_opened += closed
            found.findings += [(item, one) for one in findings]
            yield "differs" if findings else "not opened" if closed else "agrees", fields


def _open_item(row: Mapping[str, Any], source: Source) -> tuple[str, int, int, list[Finding], list[str]]:
    """Id, number of assets, of those that are not opened, what differs, and what was compared."""
    from atlas.sources.verify_assets import NotOpened, check

    access = open_access(source)
    assets = {key: {k: v for k, v in asset.items() if v is not None} for key, asset in row["assets"].items() if asset}
    members = {"type", "stac_version", "stac_extensions", "id", "geometry", "bbox", "links", "assets", "collection"}
    item = {"id": row["id"], "geometry": row["geometry"], "assets": assets}
    item["properties"] = {k: v for k, v in row.items() if k not in members}
    findings: list[Finding] = []
    fields: list[str] = []
    closed = 0
    for key, asset in assets.items():
        try:
            checked = check(key, asset, item, source, access)
            findings += checked.findings
            fields += [f"{key}/{field}" for field in checked.compared]
        except NotOpened:
            closed += 1
        except AtlasError as error:
            findings.append(Finding(key, "href", asset.get("href"), str(error)))
        except Exception as error:  # noqa: BLE001  # hostile bytes find every corner of a parser; the others go on
            findings.append(Finding(key, "href", asset.get("href"), f"unexpected {type(error).__name__}: {error}"))
    return row["id"], len(assets), closed, findings, fields


def _mark(table: pa.Table, outcome: Mapping[int, Outcome], now: dt.datetime) -> pa.Table:
    marks: list[list[Any]] = [[None] * table.num_rows for _ in VERIFIED]
    for at, name in enumerate(VERIFIED):
        if name in table.column_names:
            marks[at] = table[name].to_pylist()
            table = table.drop_columns([name])
    for row, came in outcome.items():
        for column, value in zip(marks, (now, *came), strict=True):
            column[row] = value
    types = (pa.timestamp("us", tz="UTC"), pa.string(), pa.list_(pa.string()))
    for name, values, kind in zip(VERIFIED, marks, types, strict=True):
        table = table.append_column(name, pa.array(values, kind))
    return table


def write_findings(folder: CrawlFolder, findings: Iterable[tuple[str, Finding]]) -> None:
    """All findings, one JSON object per line, in `verified.ndjson`."""
    path = folder.root / "verified.ndjson"
    with temporary(path).open("wb") as file:
        for item, finding in findings:
            line = {"item": item, **asdict(finding)}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE, default=str))
    temporary(path).replace(path)
