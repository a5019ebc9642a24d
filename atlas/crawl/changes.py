"""What became of the Items of the run before: the same, changed, or vanished and then marked, never dropped."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.crawl.folder import CrawlFolder
from atlas.crawl.state import Changes
from atlas.crawl.verify import VERIFIED
from atlas.stac.extensions import VERSION
from atlas.stac.geoparquet import PartFile, PartWriter
from atlas.stac.row_hash import Hashes, hash_column, hash_rows

__all__ = ["Earlier", "deprecate"]

# What marking an Item as vanished, or verifying it, changes in it: not a change of what is published.
_MARKS = frozenset({"deprecated", "stac_extensions", *VERIFIED})
_EMPTY = np.zeros(0, dtype=np.uint64)


class Earlier:
    """The parts that an earlier run left of one shard."""

    def __init__(self, folder: CrawlFolder, shard: str) -> None:
        """Nothing is read before `compare`."""
        self._part, self._vanished = folder.part(shard), folder.vanished(shard)

    def compare(self, new: Path | None, sha256: str) -> tuple[Changes, PartFile | None]:
        """Compare with the new part, and write the vanished Items to the temporary file of the vanished part.

        Args:
            new: the new part, under its temporary name; None where there are no Items.
            sha256: its digest.

        Returns:
            What changed, and the vanished part as it is to be; None where nothing is marked as vanished.
        """
        count = pq.read_metadata(new).num_rows if new else 0
        old = self._part if self._part.exists() else None
        gone = self._vanished if self._vanished.exists() else None
        if old is None and gone is None:
            return Changes(added=count), None
        if old is not None and gone is None and _same_bytes(old, sha256):
            return Changes(unchanged=count), None
        ids, rows = _hashes(new)
        old_ids, old_rows = _hashes(old)
        gone_ids, _ = _hashes(gone, with_rows=False)
        kept = np.isin(old_ids, ids)
        # Where an id is in both, its row is the same if the pair of hashes is.
        same = int(np.isin(_pair(old_ids[kept], old_rows[kept]), _pair(ids, rows)).sum())
        back = int(np.isin(gone_ids, ids).sum())
        vanished = int((~kept & ~np.isin(old_ids, gone_ids)).sum())
        fresh = int((~np.isin(ids, old_ids) & ~np.isin(ids, gone_ids)).sum())
        changes = Changes(
            added=fresh, changed=int(kept.sum()) - same, unchanged=same, vanished=vanished, reappeared=back
        )
        return changes, self._write_vanished(ids, old, gone)

    def _write_vanished(self, present: Hashes, old: Path | None, gone: Path | None) -> PartFile | None:
        """Old Items that are not present any more, in the order of their ids."""
        tables = []
        seen = present
        for path in (gone, old):
            for table in _row_groups(path):
                hashes = hash_column(table["id"].combine_chunks())
                missing = ~np.isin(hashes, seen)
                if missing.any():
                    tables.append(deprecate(table.filter(pa.array(missing))))
                    seen = np.concatenate([seen, hashes[missing]])
        if not tables:
            return None
        table = pa.concat_tables(tables, promote_options="permissive").sort_by("id")
        with PartWriter(self._vanished) as writer:
            for batch in table.to_batches():
                writer.write(batch)
        return writer.written


def deprecate(table: pa.Table) -> pa.Table:
    """Mark Items as no longer published, by the `deprecated` field of the version extension."""
    table = table.replace_schema_metadata(None)
    if "deprecated" in table.column_names:
        table = table.drop_columns(["deprecated"])
    table = table.append_column("deprecated", pa.repeat(pa.scalar(value=True), table.num_rows))
    at = table.column_names.index("stac_extensions")
    marked = [[*sorted(set(value or []) - {VERSION}), VERSION] for value in table.column(at).to_pylist()]
    return table.set_column(at, "stac_extensions", pa.array(marked, pa.list_(pa.string())))


def _row_groups(path: Path | None) -> Iterator[pa.Table]:
    if path is not None:
        with pq.ParquetFile(path) as file:
            for i in range(file.num_row_groups):
                yield file.read_row_group(i)


def _hashes(path: Path | None, *, with_rows: bool = True) -> tuple[Hashes, Hashes]:
    """Hashes of the ids and of the whole Items of a part, row group by row group."""
    if path is None:
        return _EMPTY, _EMPTY
    ids, rows = [_EMPTY], [_EMPTY]
    with pq.ParquetFile(path) as file:
        for i in range(file.num_row_groups):
            table = file.read_row_group(i, columns=None if with_rows else ["id"])
            ids.append(hash_column(table["id"].combine_chunks()))
            if with_rows:
                rows.append(hash_rows(table, skip=_MARKS))
    return np.concatenate(ids), np.concatenate(rows)


def _pair(ids: Hashes, rows: Hashes) -> npt.NDArray[np.uint64]:
    return ids * np.uint64(0x9E3779B97F4A7C15) ^ rows


def _same_bytes(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
