"""What became of the Items of the previous run: the same, changed, or vanished and then marked, never removed."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.crawl.folder import CrawlFolder
from atlas.crawl.state import Changes, digest_of
from atlas.crawl.verify import VERIFIED
from atlas.stac.extensions import VERSION
from atlas.stac.geoparquet import PartFile, PartWriter, id_hashes, row_groups
from atlas.stac.row_hash import Hashes, hash_rows

__all__ = ["compare", "deprecate"]

# What changes in an Item that is marked as vanished, or verified: not a change of what is published.
_MARKS = frozenset({"deprecated", "stac_extensions", *VERIFIED})
_EMPTY = np.zeros(0, dtype=np.uint64)


def compare(folder: CrawlFolder, shard: str, new: Path | None, sha256: str) -> tuple[Changes, PartFile | None]:
    """Compare with the run before, and write the vanished Items to the temporary file of the vanished part.

    Args:
        folder: the crawl's output.
        shard: its id.
        new: the new part, under its temporary name; None where there are no Items.
        sha256: its digest.

    Returns:
        What changed, and the vanished part as it is to be; None where nothing is marked as vanished.
    """
    count = pq.read_metadata(new).num_rows if new else 0
    old, gone = (path if path.exists() else None for path in (folder.part(shard), folder.vanished(shard)))
    if old is None and gone is None:
        return Changes(added=count), None
    if old is not None and gone is None and digest_of(old) == sha256:
        return Changes(unchanged=count), None
    found_new = [(_EMPTY, _EMPTY), *((id_hashes(table), hash_rows(table, skip=_MARKS)) for table in row_groups(new))]
    ids, rows = (np.concatenate(some) for some in zip(*found_new, strict=True))  # sixteen bytes for each Item
    order = np.argsort(ids, kind="stable")  # of equal ids the first stays the first
    ids, rows = ids[order], rows[order]
    gone_ids = np.sort(np.concatenate([_EMPTY, *map(id_hashes, row_groups(gone, ["id"]))]))
    same = kept = vanished = known = 0
    # The old part is read one row group at a time; only the hashes of the new one are held at once.
    for table in row_groups(old):
        old_ids, old_rows = id_hashes(table), hash_rows(table, skip=_MARKS)
        found, at = _find(old_ids, ids)
        kept += int(found.sum())
        same += int((rows[at[found]] == old_rows[found]).sum())
        of_gone, _ = _find(old_ids, gone_ids)
        vanished += int((~found & ~of_gone).sum())
        known += int((found & ~of_gone).sum())
    back = int(_find(gone_ids, ids)[0].sum())
    changes = Changes(
        added=len(ids) - known - back, changed=kept - same, unchanged=same, vanished=vanished, reappeared=back
    )
    return changes, _write_vanished(folder.vanished(shard), ids, gone_ids, old, gone)


def _write_vanished(
    vanished: Path, present: Hashes, gone_ids: Hashes, old: Path | None, gone: Path | None
) -> PartFile | None:
    """Items that are no longer present: first those that were gone before, then those that are gone now."""
    paths = [path for path in (gone, old) if path is not None]
    # Older parts may lack columns that newer ones have: all rows get the columns of both.
    schemas = [deprecate(pq.read_schema(path).remove_metadata().empty_table()).schema for path in paths]
    empty = pa.unify_schemas(schemas, promote_options="permissive").empty_table() if schemas else None
    with PartWriter(vanished) as writer:
        for path in paths:
            for table in row_groups(path):
                hashes = id_hashes(table)
                missing = ~_find(hashes, present)[0]
                if path is old:
                    missing &= ~_find(hashes, gone_ids)[0]
                if missing.any():
                    marked = deprecate(table.filter(pa.array(missing)))
                    whole = pa.concat_tables([empty, marked], promote_options="permissive").combine_chunks()
                    for batch in whole.to_batches():
                        writer.write(batch)
    return writer.written


def deprecate(table: pa.Table) -> pa.Table:
    """Mark Items as no longer published, by the `deprecated` field of the version extension."""
    if "deprecated" in table.column_names:
        table = table.drop_columns(["deprecated"])
    table = table.append_column("deprecated", pa.repeat(pa.scalar(value=True), table.num_rows))
    at = table.column_names.index("stac_extensions")
    marked = [[*sorted(set(value or []) - {VERSION}), VERSION] for value in table.column(at).to_pylist()]
    return table.set_column(at, "stac_extensions", pa.array(marked, pa.list_(pa.string())))


def _find(wanted: Hashes, among: Hashes) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Which values are among sorted ones, and where; a place says nothing where the value is not there."""
    if not len(among):
        return np.zeros(len(wanted), dtype=np.bool_), np.zeros(len(wanted), dtype=np.int64)
    at = np.minimum(np.searchsorted(among, wanted), len(among) - 1).astype(np.int64)
    return among[at] == wanted, at
