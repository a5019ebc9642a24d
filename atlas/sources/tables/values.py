"""Columns of unknown origin as numbers, and the rule that each row breaks first."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.fetch.inputs import SHOWN, RejectedRow
from atlas.grids.bounds import Floats, Integers, Mask

__all__ = ["Faults", "lists", "numbers", "true", "wholes"]


class Faults:
    """The first rule that each row of a batch breaks."""

    def __init__(self, count: int) -> None:
        """No row is at fault yet."""
        self.any: Mask = np.zeros(count, dtype=np.bool_)
        self._found: list[tuple[str, str, Mask]] = []

    def add(self, reason: str, field: str, broken: Mask) -> None:
        """Note the rows that break a rule, unless they broke one before."""
        fresh = broken & ~self.any
        if fresh.any():
            self._found.append((reason, field, fresh))
            self.any = self.any | fresh

    def report(
        self, file: str, lines: Integers, values: pa.RecordBatch | Mapping[str, pa.Array]
    ) -> tuple[RejectedRow, ...]:
        """What was rejected, in the order of the lines, with the value of the field at fault."""
        names = values.schema.names if isinstance(values, pa.RecordBatch) else values
        found = []
        for reason, field, broken in self._found:
            column = values[field] if field in names else None
            for index in np.flatnonzero(broken):
                detail = None if column is None else str(column[int(index)].as_py())[:SHOWN]
                found.append(RejectedRow(file, int(lines[index]), reason, field, detail))
        return tuple(sorted(found, key=lambda one: one.line or 0))


def numbers(values: pa.Array) -> Floats:
    """Numbers, or text that is a number, as float64; NaN where they are neither."""
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        clean = pc.utf8_trim_whitespace(values)
        looks = pc.match_substring_regex(clean, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
        values = pc.if_else(looks, clean, pa.scalar(None, clean.type))
    elif not (
        pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)
    ):
        return np.full(len(values), np.nan)
    return np.asarray(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)


def wholes(values: pa.Array) -> Integers:
    """Whole numbers below 2^53, or text that is one, as int64; -1 where they are not."""
    number = numbers(values)
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(number) & (number == np.floor(number)) & (np.abs(number) < 2**53)
        return np.where(whole, number, -1).astype(np.int64)


def true(values: pa.Array) -> Mask:
    """A boolean array with null as false."""
    return np.asarray(pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def lists(table: Floats | Integers) -> pa.Array:
    """The rows of a table, shape (n, k), as n lists of k numbers."""
    count, width = table.shape
    offsets = pa.array(np.arange(count + 1, dtype=np.int32) * width)
    return pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(table).ravel()))
