"""Vanished Items that only the database still knows: written back into the folder of the crawl that forgot them.

A producer's index no longer lists them, so no crawl finds them again; and the next load, which replaces the Items by
those of the crawl, would remove them.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.crawl.changes import deprecate
from atlas.crawl.folder import CrawlFolder, write_json
from atlas.crawl.manifest import manifest_of
from atlas.crawl.state import commit, load_states
from atlas.errors import CrawlError, StoreError
from atlas.formats.crawl_folder import NAMES, VANISHED, part_files, read_crawl
from atlas.stac.geoparquet import PartFile, PartWriter
from atlas.stac.row_hash import hash_column
from atlas.store.database import explained
from atlas.store.queries import Connection

__all__ = ["bring_back_vanished", "forgotten_items", "refuse_to_forget"]

_BATCH = 10_000


def forgotten_items(connection: Connection, folder: Path) -> list[str]:
    """Ids of the Items that the database holds as vanished from this crawl's index, and that no part of it has.

    Raises:
        CrawlError: the folder is not the whole output of a crawl.
        StoreError: the database cannot be read.
    """
    crawl = read_crawl(folder)
    with explained(f"Collection {crawl.product}: its vanished Items cannot be read"):
        rows = connection.execute(
            "SELECT i.id FROM pgstac.items i "
            "JOIN atlas.loaded_partitions p ON p.collection = i.collection AND i.tableoid = p.partition::regclass "
            "WHERE i.collection = %s AND %s = ANY (p.sources) "
            "AND i.content->'properties'->'deprecated' = 'true'::jsonb ORDER BY i.id",
            [crawl.product, crawl.source],
        ).fetchall()
    ids = [str(one) for (one,) in rows]
    hashes = hash_column(pa.array(ids, pa.string()))
    known = np.zeros(len(ids), dtype=np.bool_)
    for path in part_files(folder, vanished=True) if ids else []:
        with _readable(path), pq.ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(columns=["id"]):
                known |= np.isin(hashes, hash_column(batch["id"]))
    return [one for one, there in zip(ids, known, strict=True) if not there]


def refuse_to_forget(connection: Connection, folder: Path) -> None:
    """Refuse a load that would remove vanished Items which the folder lost and the database still knows.

    The database is asked only where the crawl reports that it lost vanished Items, or a damaged part of them was kept.

    Raises:
        StoreError: there are such Items.
    """
    try:
        faults = read_crawl(folder).report.get("faults") or {}
        if not any(str(one).endswith(VANISHED) for one in faults) and not any(_damaged(folder)):
            return
        ids = forgotten_items(connection, folder)
    except CrawlError:  # a folder of another tool
        return
    if ids:
        raise StoreError(
            f"{folder}: the crawl lost {len(ids):,} vanished Items that only the database remembers: "
            "'atlas check --repair --database' writes them back; --replace gives them up"
        )


def _damaged(folder: Path) -> list[Path]:
    return sorted((folder / NAMES.damaged).glob(NAMES.vanished("*").name))


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise CrawlError(f"{path}: cannot be read ({error}): 'atlas check --repair' first") from None


def bring_back_vanished(connection: Connection, folder: Path, ids: list[str]) -> Path:
    """Write Items of the database into a vanished part of the folder, beside those that are there.

    They go to the shard that lost such a part, or to the first one: where another shard lists one of them again, the
    next crawl removes it here, as it does with every Item that moved.

    Args:
        connection: the database.
        folder: of the crawl; its states are sound.
        ids: from `forgotten_items`.

    Returns:
        The part that holds them now.

    Raises:
        CrawlError: the folder has no shard, or a crawl is writing in it.
        StoreError: the database cannot be read.
    """
    crawl = CrawlFolder(folder)
    product = read_crawl(folder).product
    with crawl.locked(), explained(f"Collection {product}: its vanished Items cannot be read"):
        states = load_states(crawl)
        lost = (path.stem.removesuffix(VANISHED) for path in _damaged(folder))
        shard = next((one for one in (*lost, *states) if one in states), None)
        if shard is None:
            msg = f"{folder}: has no shard to which its {len(ids):,} vanished Items could belong: crawl first"
            raise CrawlError(msg)
        state, path = states[shard], crawl.vanished(shard)
        with crawl.committing(shard):
            written = _write(connection, product, ids, path)
            state.deprecated, state.deprecated_sha256 = written.items, written.sha256
            commit(state, crawl)
        write_json(crawl.manifest, manifest_of(product, states))  # a load takes what it names
    return path


def _write(connection: Connection, product: str, ids: list[str], path: Path) -> PartFile:
    """The temporary file of the part: what is in it already, and the Items."""
    batches = [ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH)]
    found = [_table(connection, product, some) for some in batches]
    tables = [pq.read_table(path, partitioning=None), *found] if path.exists() else found
    with PartWriter(path) as writer:
        whole = pa.concat_tables([deprecate(table) for table in tables], promote_options="permissive")
        for batch in whole.combine_chunks().to_batches():
            writer.write(batch)
    assert writer.written is not None  # noqa: S101 - there is at least one Item
    return writer.written


def _table(connection: Connection, product: str, ids: list[str]) -> pa.Table:
    from stac_geoparquet.arrow import parse_stac_items_to_arrow

    rows = connection.execute(
        "SELECT pgstac.get_item(one, %s) FROM unnest(%s::text[]) WITH ORDINALITY AS t (one, n) ORDER BY n",
        [product, ids],
    ).fetchall()
    items: list[Any] = [item for (item,) in rows]
    return pa.Table.from_batches(list(parse_stac_items_to_arrow(items)))
