"""Load the output of crawls into pgstac: several times faster than pypgstac, in one step, or not at all.

How a load goes, and why it is fast:

1.  *Plan.* The times of all parts say which years they fill. A partition whose parts have the same bytes as when it was
    last written, and whose rows nobody touched since, is left alone.
2.  *Stage.* Each other partition is filled in a table of its own: Arrow columns become pgstac's rows and the bytes of a
    binary COPY without a Python object per Item, several tables at a time, and indexes are built once, at the end.
3.  *Swap.* One transaction puts all new partitions in place of the old ones, with the Collection.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.store.database import connect
from atlas.store.metadata import load_collections, load_queryables
from atlas.store.parquet import part_files
from atlas.store.plan import plan_partitions, untouched
from atlas.store.refused import Refused
from atlas.store.staging import drop_leftovers, hold_collection, index_definitions
from atlas.store.staging_work import StagingWork
from atlas.store.swap import current_partitions, swap

__all__ = ["LoadReport", "load_collections", "load_folder", "load_queryables"]

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass
class LoadReport:
    """What a load did to one Collection; counts are of Items."""

    collection: str
    items: int = 0
    """In the database afterwards."""
    loaded: int = 0
    """Written, in the partitions that had to be."""
    unchanged: int = 0
    """In the partitions that were left alone."""
    removed_partitions: int = 0
    """Years that the crawl no longer has."""
    set_aside: list[dict[str, object]] = field(default_factory=list)
    """Rows that pgstac cannot hold: `{file, row, id, reason}`; of each part the first two hundred."""
    set_aside_by_reason: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The report as JSON."""
        return asdict(self)


def load_folder(
    conninfo: str,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LoadReport:
    """Make the Items of a Collection those of a crawl folder.

    Readers see the earlier Items until all new ones are there. A load that fails, or is killed, changes nothing.

    Args:
        conninfo: the database.
        folder: output of a crawl: `collection.json` and `items/*.parquet`.
        workers: threads that read parts and send rows; by default one per core, four at most.
        progress: called with the Items sent so far and their total.

    Raises:
        StoreError: the folder is no crawl's, a part cannot be read, the database refuses it, or another load of the
            same Collection is running.
    """
    begin = time.perf_counter()
    document = _collection(folder)
    name = str(document["id"])
    parts = part_files(folder)
    refused = Refused()
    # Autocommit: the lock is the session's, and the swap opens its own transaction.
    with _undisturbed(folder), connect(conninfo, autocommit=True) as connection:
        hold_collection(connection, name)
        drop_leftovers(connection)
        row = connection.execute("SELECT pgstac.collection_base_item(%s)", [Jsonb(document)]).fetchone()
        base: dict[str, object] = row[0] if row is not None else {}  # type: ignore[assignment]  # jsonb is a dict here
        indexes = index_definitions(connection, name)
        plans = plan_partitions(parts, base, indexes)
        kept = {
            year: have
            for year, have in untouched(connection, name).items()
            if year in plans and have.fingerprint == plans[year].fingerprint
        }
        before = set(current_partitions(connection, name))
        work = StagingWork(conninfo, folder, name, base, indexes, refused=refused, progress=progress)
        try:
            staged = work.run([plan for year, plan in plans.items() if year not in kept], workers or _cores())
            for path in sorted(set(parts) - {path for plan in plans.values() for path in plan.parts}):
                work.inspect(path)
            refused.carry_over(_earlier(connection, name), (p.relative_to(folder).as_posix() for p in parts))
            names = {have.partition for have in kept.values()}
            if staged or before != names or not _is_current(connection, document, refused):
                swap(connection, document, staged, names, refused.parts)
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                drop_leftovers(connection)
            raise
    report = LoadReport(name, set_aside=refused.notes(), set_aside_by_reason=refused.by_reason())
    years = {f"{year:04d}" for year in plans}
    report.removed_partitions = sum(partition.rpartition("_")[2] not in years for partition in before)
    report.loaded = sum(partition.rows for partition in staged)
    report.unchanged = sum(have.rows for have in kept.values())
    report.items = report.loaded + report.unchanged
    report.seconds = time.perf_counter() - begin
    return report


def _earlier(connection: Connection, collection: str) -> dict[str, Any]:
    row = connection.execute("SELECT set_aside FROM atlas.loads WHERE collection = %s", [collection]).fetchone()
    earlier: Any = row[0] if row is not None else {}
    return dict(earlier)


def _is_current(connection: Connection, document: dict[str, Any], refused: Refused) -> bool:
    row = connection.execute(
        "SELECT c.content = %s AND c.partition_trunc = 'year' AND l.set_aside = %s "
        "FROM pgstac.collections c JOIN atlas.loads l ON l.collection = c.id WHERE c.id = %s",
        [Jsonb(document), Jsonb(refused.parts), document["id"]],
    ).fetchone()
    return row == (True,)


@contextlib.contextmanager
def _undisturbed(folder: Path) -> Iterator[None]:
    """Keep crawls from writing into the folder while it is read; several loads may read it."""
    try:
        handle = os.open(folder / ".lock", os.O_RDONLY)
    except FileNotFoundError:
        yield  # the folder was copied from where it was crawled
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = f"{folder}: a crawl is writing here; load it when the crawl is done"
            raise StoreError(msg) from None
        yield
    finally:
        os.close(handle)


def _cores() -> int:
    return max(1, min(4, os.cpu_count() or 1))


def _collection(folder: Path) -> dict[str, Any]:
    path = folder / "collection.json"
    try:
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        msg = f"{path}: a crawl writes the Collection here, and it cannot be read: {error}"
        raise StoreError(msg) from error
    if not isinstance(document, dict) or not isinstance(document.get("id"), str) or not document["id"]:
        msg = f"{path}: is not a Collection with an id"
        raise StoreError(msg)
    return document
