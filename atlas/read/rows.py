"""Vectors in rows of a Parquet file: in a list column or one column per component, with columns of scales and masks."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import RestoreError
from atlas.formats.parquet import batches, open_parquet
from atlas.read.block import Block
from atlas.read.nodata import hits
from atlas.read.spec import AssetSpec

__all__ = ["block_of", "rows_of", "vector_columns"]

Stored = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


def rows_of(spec: AssetSpec, stream: BinaryIO, rows: Sequence[int], *, masked: bool = False) -> Block:
    """Stored numbers, scales and masks of some rows, shape (rows, numbers), in the order asked for. Each row group is
    read once, and only the columns that are needed.

    Args:
        spec: of the asset.
        stream: the file.
        rows: in the file, from 0.
        masked: mask rows without a vector instead of raising an error.

    Raises:
        RestoreError: the metadata name other columns than the file has, or a row has no vector.
        SourceError: the file is damaged.
    """
    meta = open_parquet(stream, spec.href).metadata
    ends = np.cumsum([meta.row_group(group).num_rows for group in range(meta.num_row_groups)])
    groups = np.unique(np.searchsorted(ends, rows, side="right")).tolist()
    parts: dict[int, pa.RecordBatch] = {}
    for lines, batch in batches(stream, spec.href, groups, vector_columns(spec, stream)):
        at = np.flatnonzero(np.isin(lines - 1, rows))
        taken = batch.take(pa.array(at))
        parts |= {row: taken.slice(i, 1) for i, row in enumerate((lines[at] - 1).tolist())}
    table = pa.Table.from_batches([parts[row] for row in rows]).combine_chunks().to_batches()[0]
    block, gone = block_of(spec, table, rows)
    if gone and not masked:
        raise RestoreError(gone[0])
    return block


def vector_columns(spec: AssetSpec, stream: BinaryIO) -> list[str]:
    """The columns of vectors, scales and masks.

    Raises:
        RestoreError: the file does not have one of them.
    """
    names = open_parquet(stream, spec.href).schema_arrow.names
    layout = spec.layout
    mask = layout.mask.column if layout and layout.mask else None
    vector = (layout.columns or [str(layout.name)]) if layout else []
    columns = list(dict.fromkeys(filter(None, [*vector, spec.quantization.scale_column, mask])))
    if missing := [one for one in columns if one not in names]:
        raise RestoreError(f"{spec.href}: the metadata name the column '{missing[0]}', the file has {', '.join(names)}")
    return columns


def block_of(spec: AssetSpec, batch: pa.RecordBatch, rows: Sequence[int]) -> tuple[Block, list[str]]:
    """The stored numbers of a batch, and the faults of rows without a vector, which are masked.

    Args:
        spec: of the asset.
        batch: the columns of `vector_columns`.
        rows: in the file, of each row of the batch.

    Raises:
        RestoreError: a column does not hold numbers, or vectors differ in length.
    """
    layout = spec.layout
    spread = (layout.columns if layout else None) or []
    mask = layout.mask if layout and layout.mask and layout.mask.column else None
    gone = np.zeros(batch.num_rows, np.bool_)
    faults: list[str] = []

    def numbers(name: str) -> Stored:
        try:
            found, lost = _numbers(batch[name], name, spec)
        except RestoreError as error:
            raise RestoreError(f"{spec.href}: row {rows[0] + 1} {error}") from None
        for at in np.flatnonzero(lost & ~gone).tolist():
            faults.append(f"{spec.href}: row {rows[at] + 1} has no number in the column '{name}'")
        gone[lost] = True
        return found

    if spread:
        stored = np.stack([numbers(name) for name in spread], axis=-1)
    else:
        stored, lost = _lists(
            batch[str(layout.name if layout else None)], str(layout.name if layout else None), spec, rows
        )
        faults += lost.values()
        gone[list(lost)] = True
    scale = spec.quantization.scale_column
    scales = numbers(scale) if scale else None
    if mask:
        gone |= hits(numbers(str(mask.column)), mask.sentinels)
    return Block(stored, -1, scales, gone), faults


def _numbers(column: pa.Array, name: str, spec: AssetSpec) -> tuple[Stored, Mask]:
    """One number or list of numbers per row, and which rows have none."""
    lost = np.asarray(column.is_null().to_numpy(zero_copy_only=False))
    if _is_list(column.type):
        found, holes = _lists(column, name, spec, range(len(column)))
        lost[list(holes)] = True
        return found, lost
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)):
        raise RestoreError(f"has no number in the column '{name}'")
    kind = column.type.to_pandas_dtype()
    filled = column.fill_null(pa.scalar(0).cast(column.type)) if column.null_count else column
    return filled.to_numpy(zero_copy_only=False).astype(kind, copy=False), lost


def _lists(column: pa.Array, name: str, spec: AssetSpec, rows: Sequence[int]) -> tuple[Stored, dict[int, str]]:
    """The lists of numbers of a column, shape (rows, numbers), and the faults of rows that have none."""
    if not _is_list(column.type):
        raise RestoreError(f"{spec.href}: the column '{name}' holds {column.type}, not vectors")
    faults = {
        at: f"{spec.href}: row {rows[at] + 1} has a footprint and no vector"
        for at in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist()
    }
    there = np.setdiff1d(np.arange(len(column)), np.array(list(faults), np.int64))
    whole = column.take(pa.array(there))
    lengths = pc.list_value_length(whole).to_numpy(zero_copy_only=False)
    if len(set(lengths.tolist())) > 1:
        odd = int(np.flatnonzero(lengths != lengths[0])[0])
        msg = f"{spec.href}: row {rows[int(there[odd])] + 1} has {lengths[odd]} numbers, the one before {lengths[0]}"
        raise RestoreError(msg)
    width = int(lengths[0]) if len(lengths) else spec.dimensions
    values = whole.flatten()
    if values.null_count:
        holes = values.is_null().to_numpy(zero_copy_only=False).reshape(-1, width)
        for at in np.flatnonzero(holes.any(axis=1)).tolist():
            count = int(holes[at].sum())
            faults[int(there[at])] = (
                f"{spec.href}: row {rows[int(there[at])] + 1}: {count} numbers of its vector are missing"
            )
        values = values.fill_null(pa.scalar(0).cast(values.type))
    numbers = values.to_numpy(zero_copy_only=False).reshape(len(there), width)
    if len(there) == len(column):
        return numbers, faults
    out = np.zeros((len(column), width), numbers.dtype)
    out[there] = numbers
    return out, faults


def _is_list(kind: pa.DataType) -> bool:
    return any(known(kind) for known in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))
