"""Load the output of crawls into pgstac: several times faster than pypgstac, in one step, or not at all.

How a load goes, and why it is fast:

1.  *Plan.* The times of all parts say which years they fill. A partition whose parts have the same bytes as when it was
    last written, and whose rows nobody touched since, is left alone.
2.  *Stage.* Each other partition is filled in a separate table: Arrow columns become pgstac's rows and the bytes of a
    binary COPY without a Python object per Item, several tables at a time, and indexes are built once, at the end.
3.  *Swap.* One transaction puts all new partitions in place of the old ones, with the Collection.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.store.cold.marks import mark_of
from atlas.store.cold.renewal import hold_parts, renew
from atlas.store.counts import count_missing
from atlas.store.database import connect, explained
from atlas.store.load.crawled import Crawled, common_document, undisturbed
from atlas.store.load.kinds import learn_properties
from atlas.store.load.plan import PartitionPlan, Untouched, plan_partitions, untouched
from atlas.store.load.rejected import Rejections
from atlas.store.load.staging import drop_leftovers, hold_collection, index_definitions
from atlas.store.load.staging_work import StagingWork
from atlas.store.load.swap import Swap, current_partitions, swap
from atlas.store.metadata import base_item, load_collections, load_queryables
from atlas.store.queries import Connection, named, value
from atlas.store.remembered import refuse_to_forget

_WORKERS = max(2, min(8, (os.cpu_count() or 1) + 1))
"""One more than there are cores: now and then a worker waits for the disk, or has nothing left to do."""

__all__ = ["LoadReport", "compare_folder", "load_collections", "load_folder", "load_queryables"]


@dataclass
class LoadReport:
    """What a load did to one Collection; counts are of Items."""

    collection: str
    items: int = 0
    """In the database afterwards."""
    loaded: int = 0
    """Written, in the partitions that had changed."""
    unchanged: int = 0
    """In the partitions that were left alone."""
    cold: int = 0
    """In these parts, from which the cold Collection is read."""
    renewed: bool = False
    """The cold Collection was read from other parts before."""
    removed_partitions: int = 0
    """Years that the crawls no longer have."""
    set_aside: list[dict[str, object]] = field(default_factory=list)
    """Rows that pgstac cannot hold: `{file, row, id, reason}`; of each part the first two hundred."""
    set_aside_by_reason: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def nothing_loaded(self) -> bool:
        """Whether the crawls have rows and none of them is in the database."""
        return bool(self.set_aside_by_reason) and not self.loaded and not self.unchanged


def load_folder(
    conninfo: str,
    *folders: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    replace: bool = False,
    warming: bool = False,
) -> LoadReport:
    """Put the Items of crawls of one Collection into the database, in place of what these crawls put there before.

    Each year of the crawls replaces that year in the database; years that an earlier load of the same indexes wrote,
    and that are gone from them, are removed. Years from other indexes stay. Readers see the earlier Items until
    all new ones are there; a load that fails, or is killed, changes nothing.

    Args:
        conninfo: the database.
        folders: outputs of crawls of one product: `collection.json` and `items/*.parquet`. The last one's Collection
            is loaded, with the extent of all.
        workers: threads that read parts and send rows; by default one more than there are cores, eight at most.
        progress: called with the Items sent so far and their total.
        replace: the Collection's Items from other indexes go too.
        warming: the Collection may be a cold one, whose parts these crawls replace.

    Raises:
        StoreError: a folder is not a crawl's, they are of different Collections, a part cannot be read or is not the
            one of its manifest, the database refuses it, no Item can be loaded where there are some already, another
            load of the same Collection is running, the database alone still knows Items that a crawl lost, or the
            Collection is cold, and read from other folders than these.
    """
    begin = time.perf_counter()
    rejected = Rejections()
    with contextlib.ExitStack() as stack:
        for folder in folders:
            stack.enter_context(undisturbed(folder))
        crawls = [Crawled.of(folder) for folder in folders]
        document = common_document(crawls)
        name = str(document["id"])
        stack.enter_context(explained(f"Collection {name}: the database refuses the load"))
        sources = sorted({crawl.source for crawl in crawls})
        labels = {path: label for crawl in crawls for path, label in crawl.labels(alone=len(crawls) == 1).items()}
        promised = {path: digest for crawl in crawls for path, digest in crawl.promised().items()}
        # Autocommit: the lock is the session's, and the swap opens its own transaction.
        connection = stack.enter_context(connect(conninfo, autocommit=True))
        stack.enter_context(hold_collection(connection, name))
        if not warming and (cold := mark_of(connection, name)) is not None:
            if not cold.unlike(labels):
                return LoadReport(name, cold=cold.items, seconds=time.perf_counter() - begin)
            if {folder.origin for folder in cold.folders} == {str(folder.resolve()) for folder in folders}:
                held = [stack.enter_context(hold_parts(str(folder), folder)) for folder in folders]
                crawls = [Crawled.of(one.folder) for one in held]
                cold = renew(connection, cold, document, held, crawls, rejected, forget=replace)
                report = LoadReport(name, cold=cold.items, renewed=True, seconds=time.perf_counter() - begin)
                return changed(report, set_aside=rejected.notes(), set_aside_by_reason=rejected.by_reason())
            where = ", ".join(folder.origin for folder in cold.folders)
            raise StoreError(
                f"Collection {name}: is cold, and its {cold.items:,} Items lie in other parts than these, in {where}: "
                f"'atlas db cool' has these read in their place; 'atlas db warm {name}' brings Items back"
            )
        for crawl in () if replace else crawls:
            refuse_to_forget(connection, crawl.folder)
        drop_leftovers(connection)
        base, indexes = base_item(connection, document), index_definitions(connection, name)
        plans = plan_partitions(list(labels), base, indexes, sources, promised)
        kept = _kept(connection, name, plans)
        work = StagingWork(conninfo, labels, name, base, indexes, planned=plans, rejected=rejected, progress=progress)
        try:
            staged = work.run([plan for year, plan in plans.items() if year not in kept], workers or _WORKERS)
            for path in [p for p in labels if not any(p in plan.parts for plan in plans.values())]:
                work.inspect(path)
            rejected.carry_over(_earlier(connection, name, sources), labels.values())
            names = frozenset(have.partition for have in kept.values())
            plan = Swap(document, sources, staged, names, replace, rejected.parts)
            outdated = plan.outdated(connection)
            if outdated and rejected.parts and not staged and not kept:
                raise _nothing_left(rejected, name)
            if staged or outdated or not _is_current(connection, plan):
                swap(connection, plan)
            learn_properties(connection, name, labels)
            count_missing(connection, names)
            others = _rows_of_others(connection, plan)
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                drop_leftovers(connection)
            raise
    report = LoadReport(name, set_aside=rejected.notes(), set_aside_by_reason=rejected.by_reason())
    years = {f"{year:04d}" for year in plans}
    report.removed_partitions = sum(partition.rpartition("_")[2] not in years for partition in outdated)
    report.loaded = sum(partition.rows for partition in staged)
    report.unchanged = sum(have.rows for have in kept.values())
    report.items = report.loaded + report.unchanged + others
    report.seconds = time.perf_counter() - begin
    return report


def compare_folder(conninfo: str, *folders: Path) -> list[str]:
    """What `load_folder` would change in the database: empty where it holds what these crawls of one Collection hold.

    Raises:
        StoreError: a folder is not a crawl's, a part cannot be read or is not the one of its manifest, or the database
            cannot be read.
    """
    with contextlib.ExitStack() as stack:
        for folder in folders:
            stack.enter_context(undisturbed(folder))
        crawls = [Crawled.of(folder) for folder in folders]
        document = common_document(crawls)
        name, sources = str(document["id"]), sorted({crawl.source for crawl in crawls})
        stack.enter_context(explained(f"Collection {name}: the database cannot be compared"))
        promised = {path: digest for crawl in crawls for path, digest in crawl.promised().items()}
        parts = [path for crawl in crawls for path in crawl.parts]
        connection = stack.enter_context(connect(conninfo, autocommit=True))
        if value(connection, "SELECT 1 FROM pgstac.collections WHERE id = %s", [name]) is None:
            return ["the database does not have this Collection"]
        if (cold := mark_of(connection, name)) is not None:
            return cold.unlike(parts)
        base = base_item(connection, document)
        plans = plan_partitions(parts, base, index_definitions(connection, name), sources, promised)
        kept = _kept(connection, name, plans)
        plan = Swap(document, sources, (), frozenset(have.partition for have in kept.values()), False, {})
        there = {partition.rpartition("_")[2] for partition in current_partitions(connection, name)}
        found = []
        for year in sorted(plans.keys() - kept.keys()):
            what = "holds other Items" if f"{year:04d}" in there else "has no Items"
            found.append(f"{year}: the database {what}; the crawl has {plans[year].rows:,}")
        gone = {partition.rpartition("_")[2] for partition in plan.outdated(connection)} - {f"{y:04d}" for y in plans}
        found += [f"{year}: the database holds Items that the crawl no longer has" for year in sorted(gone)]
        plan = changed(plan, set_aside=_earlier(connection, name, sources))
        if not found and not _is_current(connection, plan):
            found.append("the Collection differs from the crawl's")
    return found


def _kept(connection: Connection, name: str, plans: dict[int, PartitionPlan]) -> dict[int, Untouched]:
    """The partitions that are up to date, by year."""
    return {
        year: have
        for year, have in untouched(connection, name).items()
        if year in plans and have.fingerprint == plans[year].fingerprint
    }


def _nothing_left(rejected: Rejections, name: str) -> StoreError:
    """Every row was rejected: a fault of the crawl, and no reason to remove existing Items."""
    reasons = "; ".join(f"{count:,} x {reason}" for reason, count in sorted(rejected.by_reason().items()))
    return StoreError(f"Collection {name}: no Item could be loaded ({reasons}); the database keeps those that it has")


def _earlier(connection: Connection, collection: str, sources: list[str]) -> dict[str, Any]:
    asked = "SELECT set_aside FROM atlas.loads WHERE collection = %s AND sources = %s"
    return dict(value(connection, asked, [collection, sources]) or {})


def _is_current(connection: Connection, plan: Swap) -> bool:
    """Whether the Collection is as this load would leave it; its extent may be wider."""
    found = value(
        connection,
        "SELECT c.content - 'extent' = %(document)s - 'extent' AND c.partition_trunc = 'year' "
        "AND l.document = %(document)s AND l.set_aside = %(set_aside)s "
        "FROM pgstac.collections c JOIN atlas.loads l ON l.collection = c.id AND l.sources = %(sources)s "
        "WHERE c.id = %(id)s",
        {
            "document": Jsonb(plan.document),
            "set_aside": Jsonb(plan.set_aside),
            "sources": list(plan.sources),
            "id": plan.collection,
        },
    )
    return bool(found)


def _rows_of_others(connection: Connection, plan: Swap) -> int:
    """Items of the Collection that do not come from these indexes."""
    mine = connection.execute(
        "SELECT partition FROM atlas.loaded_partitions WHERE collection = %s AND sources = %s",
        [plan.collection, list(plan.sources)],
    ).fetchall()
    others = set(current_partitions(connection, plan.collection)) - {str(partition) for (partition,) in mine}
    return sum(value(connection, named("SELECT count(*) FROM pgstac.{}", name)) for name in others)
