"""Switch a cold Collection to the parts of its next crawl, in one step and without a gap.

The earlier parts answer until the new ones were read to the end. They stay on the disk until the next renewal, for
requests that are under way and for replicas that lag.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.formats.crawl_folder import VANISHED
from atlas.store.cold.facts import survey
from atlas.store.cold.ids import IdIndex
from atlas.store.cold.kept import is_written_by_crawls, keep_parts, remove_kept
from atlas.store.cold.marks import Mark, PartsFolder, write_mark
from atlas.store.cold.places import open_place
from atlas.store.load.crawled import Crawled, undisturbed
from atlas.store.load.kinds import learn_properties, property_kinds
from atlas.store.load.rejected import Rejections
from atlas.store.metadata import base_item
from atlas.store.queries import Connection

__all__ = ["Held", "asset_kinds", "hold_parts", "remove_others", "renew", "survey_all"]


@dataclass(frozen=True, slots=True)
class Held:
    """Parts that no crawl replaces.

    Attributes:
        address: where the API reads them.
        crawl: the folder that crawls write into, if they were kept from it; else empty.
        folder: their files on this machine.
    """

    address: str
    crawl: str
    folder: Path


@contextlib.contextmanager
def hold_parts(address: str, folder: Path) -> Iterator[Held]:
    """Parts that no crawl replaces: links to them where crawls write into their folder, else the parts themselves.

    Raises:
        StoreError: a crawl writes there now, or the parts cannot be kept.
    """
    if "://" in address:
        yield Held(address.rstrip("/"), "", folder)
        return
    folder = folder.resolve()  # absolute, as the server may be started elsewhere
    if not is_written_by_crawls(folder):
        yield Held(str(folder), "", folder)
        return
    with undisturbed(folder):
        kept = keep_parts(Crawled.of(folder))
    try:
        yield Held(str(kept), str(folder), kept)
    except BaseException:
        remove_kept(folder, lambda one: one != kept)
        raise


def remove_others(needed: Sequence[PartsFolder]) -> None:
    """Remove the kept parts of these crawls, except the folders given."""
    addresses = {folder.address for folder in needed}
    for crawl in {folder.crawl for folder in needed if folder.crawl}:
        remove_kept(Path(crawl), lambda one: str(one) in addresses)


def survey_all(
    held: Sequence[Held],
    crawls: Sequence[Crawled],
    name: str,
    base: Mapping[str, object],
    rejected: Rejections | None = None,
) -> tuple[tuple[PartsFolder, ...], IdIndex]:
    """Read all parts of a Collection to the end.

    Raises:
        StoreError: a part cannot be read.
    """
    ids, folders = IdIndex(), []
    for one, crawl in zip(held, crawls, strict=True):
        labels = crawl.labels(alone=len(crawls) == 1)
        notes = (partial(rejected.add, labels[path]) if rejected is not None else None for path in crawl.parts)
        pairs = zip(crawl.parts, notes, strict=True)
        parts = (survey(crawl.folder, path, name, base, ids, note) for path, note in pairs)
        folders.append(PartsFolder(one.address, tuple(parts), one.crawl))
    return tuple(folders), ids


def renew(
    connection: Connection,
    mark: Mark,
    document: Mapping[str, Any],
    held: Sequence[Held],
    crawls: Sequence[Crawled],
    rejected: Rejections,
    *,
    forget: bool = False,
) -> Mark:
    """Let the API answer from these parts instead of the earlier ones.

    Args:
        connection: in autocommit mode, holding the Collection's lock.
        mark: the Collection's.
        document: the Collection of the crawls.
        held: their parts.
        crawls: their folders, in the same order.
        rejected: collects the rows that cannot be loaded.
        forget: give up vanished Items that only the earlier parts have.

    Raises:
        StoreError: a part cannot be read, ids repeat, no Item would be left, or vanished ones would be lost.
    """
    name = mark.collection
    folders, ids = survey_all(held, crawls, name, base_item(connection, document), rejected)
    new = Mark(name, True, folders)
    if not new.items:
        msg = f"Collection {name}: no Item could be read from these parts; the API keeps reading the earlier ones"
        raise StoreError(msg)
    if twice := ids.repeated():
        raise StoreError(f"Collection {name}: {twice:,} Items repeat the id of another one of their year: crawl again")
    if not forget and (lost := _forgotten(mark, ids)):
        raise StoreError(
            f"Collection {name}: the crawl lost {lost:,} vanished Items that only the earlier parts have, which the "
            "API keeps reading: 'atlas load --replace' gives them up"
        )
    parts = [path for crawl in crawls for path in crawl.parts]
    known = {"properties": property_kinds(parts), "assets": asset_kinds(parts)}
    with connection.transaction():
        connection.execute(
            "UPDATE pgstac.collections SET content = %(document)s WHERE id = %(id)s AND content <> %(document)s",
            {"id": name, "document": Jsonb(document)},
        )
        write_mark(connection, new, ids, known)
    learn_properties(connection, name, parts)
    remove_others([*new.folders, *mark.folders])
    return new


def asset_kinds(parts: Sequence[Path]) -> dict[str, set[str]]:
    """Keys of the assets of parts, as far as their columns tell."""
    found: dict[str, set[str]] = {}
    for path in parts:
        schema = pq.read_schema(path)
        if "assets" in schema.names and pa.types.is_struct(kind := schema.field("assets").type):
            found |= {field.name: {"object"} for field in kind}
    return found


def _forgotten(mark: Mark, ids: IdIndex) -> int:
    """Number of vanished Items that the earlier parts have and the new ones lack; missing parts count nothing."""
    count = 0
    for folder in mark.folders:
        place = open_place(folder.address)
        for part in folder.parts:
            if VANISHED in part.path:
                with contextlib.suppress(StoreError, OSError, pa.ArrowException):
                    with place.part(part.path, part.size, part.footer) as file:
                        there = file.read(columns=["id"])["id"].combine_chunks()
                    count += int(np.count_nonzero(ids.lacks(there)))
    return count
