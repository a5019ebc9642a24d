"""The candidate rows of a part for a search, as columns of pgstac's items table.

Candidates are selected by boxes, times and ids; whether one matches is decided by PostgreSQL, from the columns that a
load would have written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from atlas.errors import StoreError
from atlas.store.cold.facts import CORNERS, SLICE, Group, batches_of
from atlas.store.load.parquet import TOP_LEVEL
from atlas.store.load.rows import TIME_COLUMNS, table_rows, time_range
from stac_emb.boxes import Box

__all__ = ["Ask", "Columns", "Gathered", "Light", "columns_of", "gather", "picked"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a search asks of the rows of a part; conditions that are None are not asked.

    Attributes:
        ids: Ids of the Items.
        boxes: The footprint must meet one of them.
        start, end: Of the time, in microseconds since 1970.
        names: Properties that the search reads; all members of an Item where None.
        texts: Texts of which a property must be one, by property.
    """

    ids: tuple[str, ...] | None = None
    boxes: tuple[Box, ...] | None = None
    start: int | None = None
    end: int | None = None
    names: frozenset[str] | None = field(default_factory=frozenset)
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Light:
    """Candidate rows of a row group: their numbers, ids and times."""

    rows: npt.NDArray[np.int64]
    ids: pa.Array | None
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def chosen(self, keep: npt.NDArray[np.generic]) -> "Light":
        """The rows of a mask, or at positions."""
        index = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        ids = None if self.ids is None else self.ids.take(pa.array(index))
        return Light(self.rows[index], ids, self.starts[index], self.ends[index])


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of the items table, column by column; times as text, contents as JSON."""

    ids: list[str]
    geometry: list[bytes]
    starts: list[str]
    ends: list[str]
    content: list[str]
    private: list[str | None]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Candidate rows of a part.

    Attributes:
        counts: Number of candidates, by row group.
        places: Row group and row number of each row of `slices`.
        slices: Their columns, some thousand rows at a time.
    """

    counts: list[int]
    places: list[tuple[int, int]]
    slices: list[Columns]


def light_rows(file: pq.ParquetFile, number: int, group: Group, ask: Ask, *, ids: bool) -> Light:
    """The candidates of a row group, by id, box, time and texts; only these columns are read, ids where needed."""
    names = [n for n in TIME_COLUMNS if n in file.schema_arrow.names]
    if ids := ids or ask.ids is not None:
        names.append("id")
    if ask.boxes is not None and group.boxed:
        names.append("bbox")
    texts = {name: some for name, some in ask.texts.items() if _holds_text(file.schema_arrow, name)}
    batch = _one(file.read_row_group(number, columns=[*names, *texts]))
    keep = np.ones(group.rows, dtype=np.bool_)
    keep[list(group.rejected)] = False
    starts, ends, _ = time_range(batch)
    begin, end = starts.astype(np.int64), ends.astype(np.int64)
    if ask.end is not None:
        keep &= begin <= ask.end
    if ask.start is not None:
        keep &= end >= ask.start
    found = batch["id"].cast(pa.string()) if ids else None
    if ask.ids is not None:
        keep &= pc.is_in(found, pa.array(ask.ids, pa.string())).to_numpy(zero_copy_only=False)
    if ask.boxes is not None and group.boxed:
        keep &= _meets(batch["bbox"], ask.boxes)
    for name, some in texts.items():
        keep &= pc.is_in(batch[name].cast(pa.string()), pa.array(some, pa.string())).to_numpy(zero_copy_only=False)
    return Light(np.arange(group.rows), found, begin, end).chosen(keep)


def _holds_text(schema: pa.Schema, name: str) -> bool:
    """Whether a column is a property whose every value is text: values of other types PostgreSQL compares."""
    if name in TOP_LEVEL or name in TIME_COLUMNS or name not in schema.names:
        return False
    kind = schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _meets(box: pa.StructArray, boxes: tuple[Box, ...]) -> npt.NDArray[np.bool_]:
    west, south, east, north = (box.field(n).to_numpy(zero_copy_only=False).astype(float) for n in CORNERS)
    found = np.zeros(len(box), dtype=np.bool_)
    for b in boxes:
        beside = (west > east) | ((west <= b[2]) & (east >= b[0]))
        found |= beside & (south <= b[3]) & (north >= b[1])
    return found


def gather(
    file: pq.ParquetFile,
    groups: Mapping[int, Group],
    ask: Ask,
    cut: Callable[[Light], Light] | None,
    collection: str,
    base: Mapping[str, object],
) -> Gathered:
    """The candidates of some row groups, with the columns that the search reads.

    Args:
        file: the part.
        groups: by their numbers.
        ask: what is searched for.
        cut: keeps only the rows of a group that can be on the page.
        collection: id of the Collection.
        base: its base item.
    """
    counts, places, tables = [], [], []
    for number, group in groups.items():
        light = light_rows(file, number, group, ask, ids=cut is not None)
        counts.append(len(light.rows))
        light = cut(light) if cut is not None else light
        if len(light.rows):
            places += [(number, row) for row in light.rows.tolist()]
            tables.append(_taken(file, number, light.rows.tolist(), _columns(file, ask)))
    slices = [] if not tables else [columns_of(b, collection, base) for _, b in batches_of(pa.concat_tables(tables))]
    return Gathered(counts, places, slices)


def _columns(file: pq.ParquetFile, ask: Ask) -> list[str] | None:
    """The columns that a search needs; all where None."""
    names = ask.names
    if names is None:
        return None
    there = (n for n in file.schema_arrow.names if n not in TOP_LEVEL)
    return ["id", "geometry", *(n for n in there if n in names or n in TIME_COLUMNS)]


def picked(
    file: pq.ParquetFile, rows: Mapping[int, list[int]], collection: str, base: Mapping[str, object]
) -> list[Columns]:
    """Whole rows, by row group and in the order given."""
    tables = [_taken(file, number, some, None) for number, some in rows.items()]
    return [columns_of(batch, collection, base) for _, batch in batches_of(pa.concat_tables(tables))]


def _taken(file: pq.ParquetFile, number: int, rows: list[int], columns: list[str] | None) -> pa.Table:
    """Rows of a row group in the order given; it is read up to the last of them."""
    last, read, batches = max(rows), 0, []
    for batch in file.iter_batches(SLICE, row_groups=[number], columns=columns):
        batches.append(batch)
        read += batch.num_rows
        if read > last:
            break
    return pa.Table.from_batches(batches).take(pa.array(rows))


def _one(table: pa.Table) -> pa.RecordBatch:
    table = table.combine_chunks()
    batches = table.to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def columns_of(batch: pa.RecordBatch, collection: str, base: Mapping[str, object]) -> Columns:
    """The rows as a load would have written them.

    Raises:
        StoreError: a load would reject a row, though it did not when the Collection left the database.
    """
    made, rejected = table_rows(batch, collection, base)
    if rejected:
        raise StoreError(f"a part has rows that cannot be loaded: {rejected[0].reason}")
    return Columns(
        made.ids.to_pylist(),
        made.geometry.to_pylist(),
        _moments(made.starts),
        _moments(made.ends),
        made.content.to_pylist(),
        [None] * len(made) if made.private is None else made.private.cast(pa.string()).to_pylist(),
    )


def _moments(times: npt.NDArray[np.datetime64]) -> list[str]:
    texts: list[str] = np.datetime_as_string(times, unit="us", timezone="UTC").tolist()
    return texts
