"""What a load has to do: which partitions the parts of a crawl fill, and which of them the database already has."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.errors import StoreError
from atlas.files import sha256_of
from atlas.store.load.parquet import readable
from atlas.store.load.rows import TIME_COLUMNS, time_range
from atlas.store.queries import Connection, named

__all__ = ["FORMAT", "PartitionPlan", "Untouched", "plan_partitions", "untouched", "years_of"]

FORMAT = 1
"""Raised when the loader writes other rows for the same parts, so that everything is loaded once more."""

_BATCH = 65_536


@dataclass(slots=True)
class PartitionPlan:
    """The partition of one year: which parts hold its Items, and the fingerprint by which it is compared."""

    year: int
    rows: int = 0
    parts: list[Path] = field(default_factory=list)
    fingerprint: str = ""


def years_of(starts: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Calendar year, in UTC, of each time."""
    years: npt.NDArray[np.int64] = starts.astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def plan_partitions(
    parts: Sequence[Path],
    base: Mapping[str, object],
    indexes: Sequence[str],
    sources: Sequence[str],
    promised: Mapping[Path, str] = MappingProxyType({}),
) -> dict[int, PartitionPlan]:
    """Read the times of all parts and say which years they fill.

    A partition's fingerprint covers the bytes of every part that holds some of its Items, the base item, and the
    indexes that are built on it.

    Args:
        parts: stac-geoparquet files.
        base: the Collection's base item.
        indexes: definitions of the partition's indexes.
        sources: the indexes that were crawled: a partition belongs to them.
        promised: SHA-256 of parts as the crawl's manifest states it.

    Raises:
        StoreError: a part cannot be read, or is not the one of the manifest.
    """
    plans: dict[int, PartitionPlan] = {}
    digests: dict[Path, str] = {}
    for path in parts:
        with readable(path):
            digests[path] = sha256_of(path)
            if promised.get(path, digests[path]) != digests[path]:
                msg = "its bytes are not those that the manifest names; copy the folder again, or run the crawl again"
                raise StoreError(msg)
            with pq.ParquetFile(path, pre_buffer=False) as part:
                columns = [name for name in TIME_COLUMNS if name in part.schema_arrow.names]
                for batch in part.iter_batches(batch_size=_BATCH, columns=columns):
                    _count(plans, path, batch)
    common = orjson.dumps([FORMAT, base, list(indexes), list(sources)], option=orjson.OPT_SORT_KEYS)
    for plan in plans.values():
        text = b"\0".join([common, *sorted(digests[path].encode() for path in plan.parts)])
        plan.fingerprint = hashlib.sha256(text).hexdigest()
    return plans


def _count(plans: dict[int, PartitionPlan], path: Path, batch: pa.RecordBatch) -> None:
    if not batch.num_columns:
        return
    starts, _, usable = time_range(batch)
    years, counts = np.unique(years_of(starts[usable]), return_counts=True)
    for year, count in zip(years.tolist(), counts.tolist(), strict=True):
        plan = plans.setdefault(year, PartitionPlan(year))
        plan.rows += count
        if path not in plan.parts:
            plan.parts.append(path)


@dataclass(frozen=True, slots=True)
class Untouched:
    """A partition that `atlas load` wrote and nobody changed since."""

    partition: str
    fingerprint: str
    rows: int


def untouched(connection: Connection, collection: str) -> dict[int, Untouched]:
    """The partitions of a Collection that are as `atlas load` left them, by year.

    Every row of such a partition was written by one transaction: a row inserted or updated since has another xmin, and
    a deleted one is missing from the count.
    """
    found: dict[int, Untouched] = {}
    known = connection.execute(
        "SELECT l.partition, l.fingerprint, l.row_count, l.written_by::text FROM atlas.loaded_partitions l "
        "JOIN pgstac.partitions_view p ON p.partition = l.partition AND p.collection = l.collection "
        "WHERE l.collection = %s",
        [collection],
    ).fetchall()
    for name, fingerprint, rows, writer in known:
        year = str(name).rpartition("_")[2]
        if not year.isdigit() or len(year) != 4:
            continue
        query = named("SELECT count(*), count(*) FILTER (WHERE xmin <> %s::xid) FROM pgstac.{}", str(name))
        counted = connection.execute(query, [writer]).fetchone()
        if counted == (rows, 0):
            found[int(year)] = Untouched(str(name), str(fingerprint), int(str(rows)))
    return found
