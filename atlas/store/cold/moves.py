"""Let the Items of a Collection leave the database for the parts of its crawls, and bring them back.

Nothing is removed that the parts do not hold. The API is told some time before the Items go, so that each request
either finds them in the database, or knows that they lie in parts.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import fs

from atlas.errors import StoreError
from atlas.store.cold.facts import survey
from atlas.store.cold.marks import Mark, PartsFolder, delete_mark, mark_of, marks, write_mark
from atlas.store.cold.places import Place, open_place
from atlas.store.database import connect, explained
from atlas.store.load.crawled import Crawled, common_document
from atlas.store.load.pgstac import LoadReport, base_item, compare_folder, load_folder
from atlas.store.load.plan import untouched
from atlas.store.load.readers import BUSY, Patience
from atlas.store.load.staging import hold_collection
from atlas.store.load.swap import current_partitions, drop_partitions, partitions_to_lock

__all__ = ["CoolReport", "cool", "warm"]

Connection = psycopg.Connection[tuple[object, ...]]
_NEEDED = ("collection.json", "manifest.json", "report.json")


@dataclass(frozen=True, slots=True)
class CoolReport:
    """What left the database."""

    collection: str
    items: int
    parts: int
    addresses: tuple[str, ...]


def cool(conninfo: str, addresses: Sequence[str], *, notice: float) -> CoolReport:
    """Let a Collection's Items leave the database, which keeps the Collection and where its parts lie.

    Args:
        conninfo: the database.
        addresses: the folders of all crawls that the Collection was loaded from, or `s3://bucket/prefix` of copies,
            as the API is to read them.
        notice: seconds between telling the API and removing the Items; longer than a request of it may take.

    Raises:
        StoreError: the database holds Items that the parts do not hold, or the other way round, a part cannot be read,
            or the Collection is cold already. Nothing is changed then.
    """
    with contextlib.ExitStack() as stack:
        local = [stack.enter_context(_fetched(open_place(address))) for address in addresses]
        crawls = [Crawled.of(folder) for folder in local]
        document = common_document(crawls)
        name = str(document["id"])
        stack.enter_context(explained(f"Collection {name}: it stays in the database"))
        connection = stack.enter_context(connect(conninfo, autocommit=True))
        stack.enter_context(hold_collection(connection, name))
        if mark_of(connection, name) is not None:
            msg = f"Collection {name}: is cold already; 'atlas db warm {name}' brings its Items back"
            raise StoreError(msg)
        if differing := compare_folder(conninfo, *local):
            msg = f"Collection {name}: it stays in the database, which is not as its crawls are ('atlas load' first): "
            raise StoreError(msg + "; ".join(differing))
        _refuse_others(connection, name)
        base = base_item(connection, document)
        folders = tuple(
            PartsFolder(place, tuple(survey(crawl.folder, path, name, base) for path in crawl.parts))
            for place, crawl in zip((_lasting(a) for a in addresses), crawls, strict=True)
        )
        mark = Mark(name, False, folders)
        there = _count(connection, name)
        if mark.items != there or not there:
            msg = f"Collection {name}: it stays in the database, which holds {there:,} Items; the parts {mark.items:,}"
            raise StoreError(msg)
        write_mark(connection, mark)
        try:
            time.sleep(notice)
            _leave(connection, mark)
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                connection.execute("DELETE FROM atlas.cold WHERE collection = %s AND NOT is_cold", [name])
            raise
    return CoolReport(name, mark.items, sum(len(f.parts) for f in folders), tuple(f.address for f in folders))


def warm(conninfo: str, collection: str, addresses: Sequence[str] = (), workers: int | None = None) -> LoadReport:
    """Bring the Items of a cold Collection back, in one step.

    Args:
        conninfo: the database.
        collection: its id.
        addresses: folders of crawls that are to be loaded in place of those that it left for.
        workers: as in `load_folder`.

    Raises:
        StoreError: it is not cold, or its parts cannot be read or are other ones now.
    """
    with explained(f"Collection {collection}: it stays cold"), contextlib.ExitStack() as stack:
        with connect(conninfo, autocommit=True) as connection:
            mark = next((one for one in marks(connection) if one.collection == collection), None)
            if mark is None:
                msg = f"Collection {collection}: is not cold: its Items are in the database"
                raise StoreError(msg)
            if not mark.is_cold:  # what an interrupted 'atlas db cool' left behind
                delete_mark(connection, collection)
                rows = _count(connection, collection)
                return LoadReport(collection, items=rows, unchanged=rows)
        chosen = addresses or [folder.address for folder in mark.folders]
        local = [stack.enter_context(_fetched(open_place(address))) for address in chosen]
        crawls = [Crawled.of(folder) for folder in local]
        if (name := str(common_document(crawls)["id"])) != collection:
            msg = f"Collection {collection}: the folders are of {name}"
            raise StoreError(msg)
        if not addresses and (unlike := mark.unlike(path for crawl in crawls for path in crawl.parts)):
            msg = f"Collection {collection}: {'; '.join(unlike)}: name the folders to load in their place"
            raise StoreError(msg)
        return load_folder(conninfo, *local, workers=workers, replace=True, warming=True)


def _refuse_others(connection: Connection, name: str) -> None:
    """Keep Items that no crawl has: written over the API, or loaded from elsewhere."""
    kept = {have.partition for have in untouched(connection, name).values()}
    for partition in sorted(current_partitions(connection, name).keys() - kept):
        query = sql.SQL("SELECT count(*) FROM pgstac.{}").format(sql.Identifier(partition))
        row = connection.execute(query).fetchone()
        if row is not None and row[0]:
            msg = (
                f"Collection {name}: it stays in the database, which holds {row[0]:,} Items in the partition "
                f"{partition} that are not as a crawl had them: they were written over the API or by another program"
            )
            raise StoreError(msg)


def _leave(connection: Connection, mark: Mark) -> None:
    """Remove the Items, in one transaction that waits for no long reader in front of others."""
    name, patience = mark.collection, Patience(f"Collection {mark.collection}")
    while True:
        old = sorted(current_partitions(connection, name))
        try:
            with connection.transaction():
                connection.execute("SET LOCAL ROLE pgstac_admin")
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(patience.queue))
                connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('atlas.cold/' || %s, 0))", [name])
                # what was written since is in partitions that nobody can change any more
                _refuse_others(connection, name)
                if (there := _count(connection, name)) != mark.items:
                    msg = (
                        f"Collection {name}: it stays in the database: {there:,} Items now, {mark.items:,} a moment ago"
                    )
                    raise StoreError(msg)
                drop_partitions(connection, name, old, patience)
                for table in ("base_items", "format_item_cache"):
                    connection.execute(
                        sql.SQL("DELETE FROM pgstac.{} WHERE collection = %s").format(sql.Identifier(table)), [name]
                    )
                connection.execute("DELETE FROM pgstac.search_wheres")
                connection.execute(
                    "UPDATE atlas.cold SET is_cold = true, changed_at = now() WHERE collection = %s", [name]
                )
        except BUSY as error:
            patience.let_pass(connection, partitions_to_lock(connection, old), error)
        else:
            return


def _count(connection: Connection, name: str) -> int:
    row = connection.execute("SELECT count(*) FROM pgstac.items WHERE collection = %s", [name]).fetchone()
    return int(str(row[0])) if row is not None else 0


def _lasting(address: str) -> str:
    """The address as a server started elsewhere understands it."""
    return address.rstrip("/") if "://" in address else str(Path(address).resolve())


@contextlib.contextmanager
def _fetched(place: Place) -> Iterator[Path]:
    """A crawl's folder on this machine: the folder itself, or a copy of what a load reads of it."""
    if "://" not in place.address:
        yield Path(place.root)
        return
    with tempfile.TemporaryDirectory(prefix="atlas-parts-") as folder:
        try:
            found = place.files.get_file_info(fs.FileSelector(place.root, recursive=True))
            for info in found:
                name = info.path.removeprefix(f"{place.root}/")
                if info.type == fs.FileType.File and (name in _NEEDED or name.startswith("items/")):
                    target = Path(folder) / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    fs.copy_files(info.path, str(target), place.files, fs.LocalFileSystem())
        except (OSError, pa.ArrowException) as error:
            msg = f"{place.address}: cannot be read: {error}"
            raise StoreError(msg) from error
        yield Path(folder)
