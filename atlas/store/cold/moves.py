"""Move the Items of a Collection out of the database, which then reads them from the parts of its crawls, and back.

Only Items that the parts hold are removed. The API is told some time before, so that each request either finds them in
the database or knows that they lie in parts.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from atlas.errors import StoreError
from atlas.store.cold.kept import remove_kept
from atlas.store.cold.marks import NOTICE, Mark, delete_mark, mark_of, marks, write_mark
from atlas.store.cold.places import Place, open_place
from atlas.store.cold.renewal import hold_parts, remove_others, renew, survey_all
from atlas.store.database import connect, explained
from atlas.store.load.crawled import Crawled, common_document
from atlas.store.load.pgstac import LoadReport, compare_folder, load_folder
from atlas.store.load.plan import untouched
from atlas.store.load.readers import BUSY, Patience, bar_writers
from atlas.store.load.rejected import Rejections
from atlas.store.load.staging import hold_collection
from atlas.store.load.swap import current_partitions, drop_partitions, partitions_to_lock
from atlas.store.metadata import base_item
from atlas.store.queries import Connection, named, value

__all__ = ["CoolReport", "cool", "warm"]


@dataclass(frozen=True, slots=True)
class CoolReport:
    """What left the database."""

    collection: str
    items: int
    parts: int
    addresses: tuple[str, ...]


def cool(conninfo: str, addresses: Sequence[str], *, notice: float = NOTICE) -> CoolReport:
    """Remove the Items of a Collection from the database, which keeps the Collection and the places of its parts.

    A Collection that is cold already is read from the parts of these crawls from now on.

    Args:
        conninfo: the database.
        addresses: the folders of all crawls that the Collection was loaded from, or `s3://bucket/prefix` of copies,
            as the API is to read them.
        notice: seconds between telling the API and removing the Items.

    Raises:
        StoreError: the database holds Items that the parts do not hold, or the other way round, or a part cannot be
            read. Nothing is changed then.
    """
    with contextlib.ExitStack() as stack:
        local = [(address, stack.enter_context(_fetched(open_place(address)))) for address in addresses]
        held = [stack.enter_context(hold_parts(address, folder)) for address, folder in local]
        crawls = [Crawled.of(one.folder) for one in held]
        document = common_document(crawls)
        name = str(document["id"])
        stack.enter_context(explained(f"Collection {name}: it stays where it is"))
        connection = stack.enter_context(connect(conninfo, autocommit=True))
        stack.enter_context(hold_collection(connection, name))
        if (before := mark_of(connection, name)) is not None:
            if there := _count(connection, name):
                msg = f"Collection {name}: is cold, and the database holds {there:,} Items of it: 'atlas db warm' first"
                raise StoreError(msg)
            return _report(renew(connection, before, document, held, crawls, Rejections()))
        if differing := compare_folder(conninfo, *(one.folder for one in held)):
            raise StoreError(
                f"Collection {name}: it stays in the database, which differs from its crawls: {'; '.join(differing)}; "
                "'atlas load' loads them again, and replaces what was written over the API in these years"
            )
        _refuse_others(connection, name)
        folders, ids = survey_all(held, crawls, name, base_item(connection, document))
        mark = Mark(name, False, folders)
        there = _count(connection, name)
        if mark.items != there or not there:
            msg = f"Collection {name}: it stays in the database, which holds {there:,} Items, the parts {mark.items:,}"
            raise StoreError(msg)
        write_mark(connection, mark, ids, {})
        try:
            time.sleep(notice)
            _leave(connection, mark)
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                connection.execute("DELETE FROM atlas.cold WHERE collection = %s AND NOT is_cold", [name])
            raise
        remove_others(mark.folders)
    return _report(mark)


def _report(mark: Mark) -> CoolReport:
    parts = sum(len(folder.parts) for folder in mark.folders)
    return CoolReport(mark.collection, mark.items, parts, tuple(folder.address for folder in mark.folders))


def warm(conninfo: str, collection: str, addresses: Sequence[str] = ()) -> LoadReport:
    """Load the Items of a cold Collection into the database again, in one step.

    Args:
        conninfo: the database.
        collection: its id.
        addresses: folders of crawls to load instead of the parts that it is read from.

    Raises:
        StoreError: it is not cold, its parts cannot be read or were replaced, or another command is moving it.
    """
    with explained(f"Collection {collection}: it stays cold"), contextlib.ExitStack() as stack:
        with connect(conninfo, autocommit=True) as connection:
            mark = next((one for one in marks(connection) if one.collection == collection), None)
            if mark is None:
                raise StoreError(f"Collection {collection}: is not cold: its Items are in the database")
            if not mark.is_cold:
                # left behind by an interrupted 'atlas db cool': one that still runs holds the lock
                with hold_collection(connection, collection):
                    if mark_of(connection, collection) is None:
                        delete_mark(connection, collection)
                        rows = _count(connection, collection)
                        return LoadReport(collection, items=rows, unchanged=rows)
        chosen = addresses or [folder.address for folder in mark.folders]
        local = [stack.enter_context(_fetched(open_place(address))) for address in chosen]
        crawls = [Crawled.of(folder) for folder in local]
        if (name := str(common_document(crawls)["id"])) != collection:
            raise StoreError(f"Collection {collection}: the folders are of {name}")
        if not addresses and (unlike := mark.unlike(path for crawl in crawls for path in crawl.parts)):
            raise StoreError(f"Collection {collection}: {'; '.join(unlike)}: name the folders to load in their place")
        report = load_folder(conninfo, *local, replace=True, warming=True)
        for crawl in {folder.crawl for folder in mark.folders if folder.crawl}:
            remove_kept(Path(crawl), lambda _: False)
    return report


def _refuse_others(connection: Connection, name: str) -> None:
    """Refuse to remove Items that no crawl has: written over the API, or loaded from elsewhere."""
    kept = {have.partition for have in untouched(connection, name).values()}
    for partition in sorted(current_partitions(connection, name).keys() - kept):
        if there := value(connection, named("SELECT count(*) FROM pgstac.{}", partition)):
            raise StoreError(
                f"Collection {name}: it stays in the database, which holds {there:,} Items in the partition "
                f"{partition} that no crawl has in this form: they were written over the API or by another program"
            )


def _leave(connection: Connection, mark: Mark) -> None:
    """Remove the Items in one transaction, without making readers queue behind a long one."""
    name, patience = mark.collection, Patience(f"Collection {mark.collection}")
    while True:
        old = sorted(current_partitions(connection, name))
        try:
            with connection.transaction():
                connection.execute("SET LOCAL ROLE pgstac_admin")
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(patience.queue))
                connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('atlas.cold/' || %s, 0))", [name])
                # nobody can write to the partitions from here on, other programs included
                bar_writers(connection, partitions_to_lock(connection, old))
                _refuse_others(connection, name)
                if (there := _count(connection, name)) != mark.items:
                    raise StoreError(
                        f"Collection {name}: it stays in the database: {there:,} Items now, {mark.items:,} a moment ago"
                    )
                drop_partitions(connection, name, old, patience)
                for table in ("base_items", "format_item_cache"):
                    connection.execute(named("DELETE FROM pgstac.{} WHERE collection = %s", table), [name])
                connection.execute("DELETE FROM pgstac.search_wheres")
                marked = connection.execute(
                    "UPDATE atlas.cold SET is_cold = true, changed_at = now() WHERE collection = %s", [name]
                )
                if marked.rowcount != 1:
                    msg = f"Collection {name}: it stays in the database: the record of its parts was removed meanwhile"
                    raise StoreError(msg)
        except BUSY as error:
            patience.let_pass(connection, partitions_to_lock(connection, old), error)
        else:
            return


def _count(connection: Connection, name: str) -> int:
    return int(value(connection, "SELECT count(*) FROM pgstac.items WHERE collection = %s", [name]))


@contextlib.contextmanager
def _fetched(place: Place) -> Iterator[Path]:
    """A crawl's folder on this machine: the folder itself, or a copy of what a load reads of it."""
    if "://" not in place.address:
        yield Path(place.root)
        return
    with tempfile.TemporaryDirectory(prefix="atlas-parts-") as folder:
        place.fetch(Path(folder))
        yield Path(folder)
