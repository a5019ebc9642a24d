"""Have a cold Collection read from other parts, those of its next crawl: in one step, without a gap.

Until the new parts are read through, the earlier ones answer; these stay on the disk until the renewal after this one,
for requests that are under way and for replicas that are behind.
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
        crawl: the folder that crawls write into, where they are kept beside it.
        folder: their files on this machine.
    """

    address: str
    crawl: str
    folder: Path


@contextlib.contextmanager
def hold_parts(address: str, folder: Path) -> Iterator[Held]:
    """Keep the parts of a crawl for reading: beside them where crawls write there, as they are where none does.

    Args:
        address: as the operator names it.
        folder: its files on this machine.

    Raises:
        StoreError: a crawl writes there now, or the parts cannot be kept.
    """
    if "://" in address:
        yield Held(address.rstrip("/"), "", folder)
        return
    folder = folder.resolve()  # as a server started elsewhere understands it
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
    """Remove the parts that were kept of the crawls of these, but for those that are named."""
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
    """Read all parts of a Collection through.

    Raises:
        StoreError: one cannot be read.
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
    """Let the API answer from these parts in place of those before.

    Args:
        connection: in autocommit mode, holding the Collection's lock.
        mark: of the Collection.
        document: the Collection of the crawls.
        held: their parts.
        crawls: their folders, in the same order.
        rejected: gets the rows that no table would take.
        forget: vanished Items that only the earlier parts remember are given up.

    Raises:
        StoreError: a part cannot be read, two Items have one id, no Item would be left, or vanished ones would be lost.
    """
    name = mark.collection
    folders, ids = survey_all(held, crawls, name, base_item(connection, document), rejected)
    new = Mark(name, True, folders)
    if not new.items:
        msg = f"Collection {name}: no Item could be read from these parts; the API goes on with those that it has"
        raise StoreError(msg)
    if twice := ids.repeated():
        raise StoreError(f"Collection {name}: {twice:,} Items have the id of another one of their year: crawl again")
    if not forget and (lost := _forgotten(mark, ids)):
        raise StoreError(
            f"Collection {name}: the crawl lost {lost:,} vanished Items that only the earlier parts have, which go on "
            "being read: 'atlas load --replace' gives them up"
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
    """Vanished Items of the parts before that the new ones do not have; of parts that are gone nothing is known."""
    count = 0
    for folder in mark.folders:
        place = open_place(folder.address)
        for part in folder.parts:
            if "~vanished" in part.path:
                with contextlib.suppress(StoreError, OSError, pa.ArrowException):
                    with place.part(part.path, part.size, part.footer) as file:
                        there = file.read(columns=["id"])["id"].combine_chunks()
                    count += int(np.count_nonzero(ids.lacks(there)))
    return count
