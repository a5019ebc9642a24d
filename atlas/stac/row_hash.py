"""Hashes of whole columns, to compare millions of Items without comparing their values one by one.

Text is read in words of eight bytes, all values of one length at once, and each word is mixed into the hash by a
bijection of 64 bits: two different values of structured text collide as rarely as random ones, about n^2 / 2^65 times
among n. Long values take another way with the same promise: each byte picks a random number by its place and value, and
the hash is their sum modulo 2^64 (simple tabulation hashing, Zobrist 1970; Patrascu and Thorup, J. ACM 59(3), 2012).
Which way a value takes depends on its length alone, so that equal values have equal hashes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Hashes", "hash_column", "hash_rows"]

Hashes = npt.NDArray[np.uint64]

_PLACES = 512
# Fixed: hashes may be compared between processes, and a run is like any other.
_TABLE = np.random.Generator(np.random.PCG64(20_260_920)).integers(0, 2**64, size=(_PLACES, 256), dtype=np.uint64)
_WORD = 8
_NULL = np.uint64(0x9E3779B97F4A7C15)
_LONGEST_IN_WORDS = 256
"""Bytes; longer values are few and of many lengths: nearly each would need a separate round."""


def hash_rows(table: pa.Table, *, skip: frozenset[str] = frozenset()) -> Hashes:
    """One hash per row over all columns except those in `skip`; equal rows have equal hashes whatever their chunks."""
    total = np.zeros(table.num_rows, dtype=np.uint64)
    for name in sorted(table.column_names):
        if name not in skip:
            total += _mix(hash_column(table[name].combine_chunks()) + _salt(name))
    return total


def hash_column(column: pa.Array) -> Hashes:
    """One hash per value of a column of any type that an Item table holds.

    Raises:
        TypeError: the type is not one of those.
    """
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), _NULL)
    if pa.types.is_struct(kind):
        hashes = np.zeros(len(column), dtype=np.uint64)
        for member, values in zip(kind, column.flatten(), strict=True):
            hashes += _mix(hash_column(values) + _salt(member.name))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        if pa.types.is_fixed_size_list(kind):
            column = column.cast(pa.list_(kind.value_type))
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
        placed = hash_column(column.flatten()) + _places(lengths).astype(np.uint64) * _NULL
        hashes = _sum_runs(_mix(placed), lengths)
    elif pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind):
        hashes = _hash_bytes(column.cast(pa.large_binary()))
    elif pa.types.is_boolean(kind):
        hashes = _mix(pc.fill_null(column, fill_value=False).to_numpy(zero_copy_only=False).astype(np.uint64))
    elif pa.types.is_timestamp(kind) or pa.types.is_integer(kind):
        numbers = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        hashes = _mix(numbers.astype(np.int64).view(np.uint64))
    elif pa.types.is_floating(kind):
        floats = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
        hashes = _mix(np.ascontiguousarray(floats, dtype=np.float64).view(np.uint64))
    else:
        try:
            hashes = _hash_bytes(column.cast(pa.large_string()).cast(pa.large_binary()))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise TypeError(f"cannot hash a column of type {kind}") from None
    if column.null_count:
        hashes = np.where(column.is_null().to_numpy(zero_copy_only=False), _NULL, hashes)
    return hashes


def _mix(values: Hashes) -> Hashes:
    """Spread neighbouring values over all 64 bits (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _salt(name: str) -> np.uint64:
    return np.uint64(_hash_bytes(pa.array([name.encode()], pa.large_binary()))[0])


def _places(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, 2, ... within each run."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)


def _sum_runs(values: Any, lengths: npt.NDArray[np.int64]) -> Hashes:  # noqa: ANN401  # an array of uint64
    """The sum of each run, modulo 2^64, plus its length so that empty runs and trailing zeros count."""
    ends = np.cumsum(lengths)
    running = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)])
    sums: Hashes = running[ends] - running[ends - lengths] + _mix(lengths.astype(np.uint64))
    return sums


def _hash_bytes(column: pa.Array) -> Hashes:
    if column.null_count:
        column = pc.fill_null(column, b"")
    _, offsets_buffer, data = column.buffers()
    offsets = np.frombuffer(offsets_buffer, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(offsets)
    content = (
        np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]] if data is not None else np.empty(0, np.uint8)
    )
    starts = offsets[:-1] - offsets[0]
    hashes = np.empty(len(lengths), dtype=np.uint64)
    for length in np.flatnonzero(np.bincount(np.minimum(lengths, _LONGEST_IN_WORDS + 1))).tolist():
        if length <= _LONGEST_IN_WORDS:
            at = np.flatnonzero(lengths == length)
            hashes[at] = _hash_words(content, starts[at], length)
        else:
            at = np.flatnonzero(lengths > _LONGEST_IN_WORDS)
            rest = lengths[at]
            places = _places(rest)
            hashes[at] = _sum_runs(_TABLE[places % _PLACES, content[np.repeat(starts[at], rest) + places]], rest)
    return hashes


def _hash_words(content: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], length: int) -> Hashes:
    """Hashes of values of one length, given where each begins."""
    hashes = np.full(len(starts), length, dtype=np.uint64)
    if length >= _WORD:
        # A word may begin at any byte: a view of all of them, of which only those asked for are read.
        words = np.ndarray((len(content) - _WORD + 1,), np.dtype("<u8"), content, strides=(1,))
        # The last word ends with the value and may overlap the one before.
        for place in (*range(0, length - _WORD, _WORD), length - _WORD):
            hashes = _mix((hashes ^ words[starts + place]) + _NULL)
        return hashes
    for place in range(length):
        hashes = _mix((hashes ^ content[starts + place]) + _NULL)
    return hashes
