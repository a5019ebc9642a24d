"""What is known of the parts of a cold Collection: enough to read only the row groups that a search may need."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from atlas.errors import StoreError
from atlas.files import sha256_of
from atlas.stac.geoparquet import ROW_GROUP
from atlas.store.cold.ids import IdIndex
from atlas.store.cold.places import footer_of
from atlas.store.load.parquet import readable
from atlas.store.load.plan import years_of
from atlas.store.load.rows import RejectedRows, table_rows
from stac_emb.boxes import Box

__all__ = ["CORNERS", "SLICE", "Group", "Part", "batches_of", "survey"]

CORNERS = ("xmin", "ymin", "xmax", "ymax")
SLICE = 8_192
"""Rows that are turned into Items at a time."""
_MOST_ROWS = 4 * ROW_GROUP
"""Most rows of a row group: a search holds a whole row group in memory."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row group; times in microseconds since 1970.

    Attributes:
        rows: Number of rows in the file.
        items: Number of rows that become Items.
        box: Bounding box of all footprints.
        boxed: Whether the column `bbox` contains the footprint of each row, so that rows can be selected by it.
        first, latest: The first and the last `datetime`, as pgstac has it: the start of an interval.
        end_first, end_latest: Likewise of `end_datetime`.
        rejected: Positions of the rows that cannot be loaded.
    """

    rows: int
    items: int
    box: Box
    boxed: bool
    first: int
    latest: int
    end_first: int
    end_latest: int
    rejected: tuple[int, ...]

    def may_hold(self, boxes: list[Box] | None, start: int | None, end: int | None) -> bool:
        """Whether an Item may meet one of the boxes and the time."""
        if not self.items or (end is not None and self.first > end) or (start is not None and self.end_latest < start):
            return False
        west, south, east, north = self.box
        return boxes is None or any(west <= b[2] and east >= b[0] and south <= b[3] and north >= b[1] for b in boxes)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name in the folder, bytes, SHA-256 of its footer and of the whole, and its row groups."""

    path: str
    size: int
    footer: str
    sha256: str
    groups: tuple[Group, ...]


Note = Callable[[pa.RecordBatch, int, Sequence[RejectedRows]], None]


def survey(
    folder: Path, path: Path, collection: str, base: Mapping[str, object], ids: IdIndex, note: Note | None = None
) -> Part:
    """Read a part to its end, to know what is in it.

    Args:
        folder: Folder of the crawl.
        path: The part.
        collection: Id of the Collection.
        base: Its base item.
        ids: Collects the ids of the Items.
        note: Called with each batch, the number of its first row, and the rows of it that were rejected.

    Raises:
        StoreError: it cannot be read, or has row groups that are too large to be searched.
    """
    with readable(path):
        size, digest = path.stat().st_size, sha256_of(path)
        with pa.OSFile(str(path)) as file:
            footer, metadata = footer_of(file, size)
        with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as part:
            groups = tuple(_group(part, n, collection, base, ids, note) for n in range(metadata.num_row_groups))
    return Part(path.relative_to(folder).as_posix(), size, footer, digest, groups)


def _group(
    part: pq.ParquetFile, number: int, collection: str, base: Mapping[str, object], ids: IdIndex, note: Note | None
) -> Group:
    rows = part.metadata.row_group(number).num_rows
    if rows > _MOST_ROWS:
        raise StoreError(f"has a row group of {rows:,} rows; write it with at most {_MOST_ROWS:,} to have it searched")
    table = part.read_row_group(number)
    keep = np.ones(rows, dtype=np.bool_)
    bounds, starts, ends = [], [], []
    ids.next_group()
    for first, batch in batches_of(table):
        made, rejected = table_rows(batch, collection, base)
        for one in rejected:
            keep[first + one.rows] = False
        if note is not None:
            note(batch, first, rejected)
        ids.add(made.ids, years_of(made.starts))
        bounds.append(shapely.bounds(shapely.from_wkb(made.geometry.to_numpy(zero_copy_only=False))))
        starts.append(made.starts)
        ends.append(made.ends)
    items = int(keep.sum())
    rejected_rows = tuple(np.flatnonzero(~keep).tolist())
    if not items:
        return Group(rows, 0, (0.0, 0.0, 0.0, 0.0), False, 0, 0, 0, 0, rejected_rows)
    corners = np.concatenate(bounds)
    begin, end = np.concatenate(starts).astype(np.int64), np.concatenate(ends).astype(np.int64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return Group(
        rows,
        items,
        (float(low[0]), float(low[1]), float(high[2]), float(high[3])),
        _boxed(table, keep, corners),
        int(begin.min()),
        int(begin.max()),
        int(end.min()),
        int(end.max()),
        rejected_rows,
    )


def _boxed(table: pa.Table, keep: npt.NDArray[np.bool_], bounds: npt.NDArray[np.float64]) -> bool:
    """Whether each box contains its footprint; one that crosses the antimeridian contains every longitude."""
    if "bbox" not in table.column_names or not pa.types.is_struct(kind := table.schema.field("bbox").type):
        return False
    if not {field.name for field in kind}.issuperset(CORNERS):
        return False
    box = table["bbox"].combine_chunks()
    west, south, east, north = (box.field(name).to_numpy(zero_copy_only=False).astype(float)[keep] for name in CORNERS)
    beside = (west > east) | ((west <= bounds[:, 0]) & (east >= bounds[:, 2]))
    whole = box.is_valid().to_numpy(zero_copy_only=False)[keep]
    return bool((whole & beside & (south <= bounds[:, 1]) & (north >= bounds[:, 3])).all())


def batches_of(table: pa.Table) -> Iterator[tuple[int, pa.RecordBatch]]:
    """A table in slices of a bounded size, each with its first row."""
    first = 0
    for batch in table.combine_chunks().to_batches(max_chunksize=SLICE):
        yield first, batch
        first += batch.num_rows
