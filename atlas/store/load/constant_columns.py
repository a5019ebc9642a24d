"""Tell columns that hold the same value in every row: most of what a crawl writes about an Item is the same for all."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["is_constant"]


def is_constant(column: pa.Array) -> bool:
    """Whether every row holds the same value, which is not null. May say no where it would take long to find out."""
    return len(column) > 0 and _repeats(column, 1)


def _repeats(values: pa.Array, period: int) -> bool:
    """Whether no value is null and each equals the one `period` places before it."""
    kind = values.type
    if values.null_count or len(values) % period:
        return False
    if len(values) <= period:
        return True
    if pa.types.is_dictionary(kind):
        return _same(values.indices.to_numpy(zero_copy_only=False), period)
    if pa.types.is_struct(kind):
        return all(_repeats(child, period) for child in values.flatten())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        lengths = pc.list_value_length(values).to_numpy(zero_copy_only=False)
        elements, count = values.flatten(), int(lengths[:period].sum())
        # A list of p lists repeats where their lengths do and all their elements together do.
        return _same(lengths, period) and (_repeats(elements, count) if count else not len(elements))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _same(values.to_numpy(zero_copy_only=False), period)
    if pa.types.is_timestamp(kind):
        return _same(values.cast(pa.int64()).to_numpy(zero_copy_only=False), period)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        # The first and the last tell most columns that differ, without looking at the rest.
        if values[0] != values[period * ((len(values) - 1) // period)]:
            return False
        return bool(pc.all(pc.equal(values[period:], values[:-period])).as_py())
    return False


def _same(values: npt.NDArray[np.generic], period: int) -> bool:
    return bool(values[0] == values[-period] and (values[period:] == values[:-period]).all())
