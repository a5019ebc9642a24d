"""Stored numbers to vectors, block by block: tables, products with scales, formulas.

The vector may lie along any axis. Arrays are walked in their memory order, and results are made in
the same order: nothing is transposed. A block is small enough for NumPy's intermediate arrays to stay in the cache.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["like", "marked", "scaled", "spread", "through_formula", "through_table"]

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
BLOCK = 1 << 17
"""Elements of a block."""
_WORTH_PAIRS = 1 << 20
"""Size of an array from which a table of 65,536 pairs pays off."""


def like(stored: Array, axis: int, length: int, dtype: npt.DTypeLike) -> Array:
    """An empty array in the memory order of another, with another length along one axis."""
    order = _order(stored)
    shape = [length if i == axis else stored.shape[i] for i in order]
    return np.empty(shape, dtype).transpose(np.argsort(order))


def through_table(
    stored: Array, table: npt.NDArray[np.floating[Any]], out: Array, axis: int, *, threads: int = 1
) -> None:
    """Every number is the index of its value in a table; numbers beyond the table take its last entry.

    Args:
        stored: integers; int8 and int16 are looked up by their bits, as unsigned numbers.
        table: shape (codes,), or (components, codes) where each component has its own.
        out: of the shape of `stored`.
        axis: of the vector.
        threads: how many work at once.
    """
    order = _order(stored)
    codes, into = stored.transpose(order), out.transpose(order)
    if codes.dtype.itemsize < 8:
        codes = codes.view(f"u{codes.dtype.itemsize}")
    flat = np.ascontiguousarray(table).ravel()
    if table.ndim == 1:
        if codes.flags.c_contiguous and into.flags.c_contiguous:
            codes, into = codes.reshape(-1), into.reshape(-1)
            if codes.dtype.itemsize == 1 and codes.size >= _WORTH_PAIRS:
                flat, codes, into = _in_pairs(flat, codes, into)

        def work(part: slice) -> None:
            np.take(flat, codes[part], out=into[part], mode="clip")
    else:
        first = np.arange(table.shape[0], dtype=np.intp) * table.shape[1]
        starts = first.reshape([-1 if i == axis else 1 for i in order])
        last = table.shape[1] - 1

        def work(part: slice) -> None:
            of = starts[part] if starts.shape[0] > 1 else starts
            np.take(flat, np.minimum(codes[part], last) + of, out=into[part], mode="clip")

    _run(work, codes.shape, threads)


def _in_pairs(table: Array, codes: Array, into: Array) -> tuple[Array, Array, Array]:
    """Table, codes and output for two numbers at a time: the same result with half as many look-ups.

    Args:
        table: shape (codes,).
        codes: one-byte integers, shape (n,); where n is odd the last one is looked up here.
        into: shape (n,).
    """
    whole = table[np.minimum(np.arange(256), len(table) - 1)].astype(into.dtype)
    if codes.size % 2:
        into[-1] = whole[codes[-1]]
    both = whole[np.arange(1 << 16, dtype=np.uint16).view(np.uint8)]
    pair = f"u{2 * into.dtype.itemsize}"
    even = codes.size // 2 * 2
    return both.view(pair).ravel(), codes[:even].view(np.uint16), into[:even].view(pair)


def scaled(stored: Array, scales: Array, out: Array, *, threads: int = 1) -> None:
    """Numbers times scales, which are broadcast, in single precision."""
    order = _order(stored)
    codes, into = stored.transpose(order), out.transpose(order)
    factors = np.broadcast_to(scales, stored.shape).transpose(order)

    def work(part: slice) -> None:
        if into.dtype == np.float32:
            np.multiply(codes[part], factors[part], out=into[part], dtype=np.float32, casting="unsafe")
        else:
            into[part] = np.multiply(codes[part], factors[part], dtype=np.float32, casting="unsafe")

    _run(work, codes.shape, threads)


def through_formula(
    stored: Array, formula: Callable[[Array], Array], out: Array, axis: int, *, threads: int = 1
) -> None:
    """A formula on blocks whose last axis is the vector; results come in single precision."""
    codes, into = np.moveaxis(stored, axis, -1), np.moveaxis(out, axis, -1)
    if codes.ndim == 1:
        into[...] = formula(codes)
        return

    def work(part: slice) -> None:
        into[part] = formula(codes[part])

    _run(work, codes.shape, threads)


def spread(stored: Array, tables: Sequence[Array], out: Array, axis: int, *, threads: int = 1) -> None:
    """Every stored number is an index of a table row with several components.

    Args:
        stored: integers.
        tables: one for each stored number of a vector, shape (codes, components).
        out: of the shape of `stored`, with all components along the axis.
        axis: of the vector.
        threads: how many work at once.
    """
    codes, into = np.moveaxis(stored, axis, 0), np.moveaxis(out, axis, 0)
    length = tables[0].shape[1]
    inner = _order(stored)[-1] == axis

    def work(part: slice) -> None:
        for k, table in enumerate(tables):
            mine = into[k * length : (k + 1) * length]
            if codes.ndim == 1:
                mine[...] = np.take(table, codes[k], axis=0, mode="clip")
            elif inner:  # a row of the table is a run of memory
                np.moveaxis(mine[:, part], 0, -1)[...] = np.take(table, codes[k][part], axis=0, mode="clip")
            else:
                for one in range(length):
                    mine[one, part] = np.take(np.ascontiguousarray(table[:, one]), codes[k][part], mode="clip")

    _run(work, codes.shape[1:] if codes.ndim > 1 else (1,), threads)


def nodata_rule(dtype: np.dtype[Any], stated: str | None) -> str:
    """Whether `any` missing number makes a vector missing, or only `all` together.

    Args:
        dtype: of the stored numbers.
        stated: `nodata_rule` of `emb:quantization`. Where it says nothing, a float that is missing leaves no vector,
            while one code of many may well be the number that marks whole vectors.
    """
    return stated or ("any" if dtype.kind == "f" else "all")


def marked(stored: Array, mark: float, together: str, axis: int) -> Mask:
    """Which vectors have a given number in `any`, or in `all`, of their components.

    Args:
        stored: numbers.
        mark: the number; NaN finds NaN.
        together: `any` or `all`.
        axis: of the vector.
    """
    kind = stored.dtype.kind
    none = np.zeros(tuple(np.delete(stored.shape, axis)), np.bool_)
    if kind in "iu" and together == "any":
        limits = np.iinfo(stored.dtype)
        if not (np.isfinite(mark) and limits.min <= mark <= limits.max and mark == int(mark)):
            return none
        # Minimum and maximum are found several times as fast as equality.
        for extreme, find in ((limits.min, np.min), (limits.max, np.max)):
            if mark == extreme:
                there = stored.size > 0 and find(stored) == extreme
                return np.asarray(find(stored, axis=axis) == extreme) if there else none
    if together == "all" and not _equal(stored.take(0, axis=axis), mark).any():
        return none
    hit = _equal(stored, mark)
    return np.asarray(hit.all(axis=axis) if together == "all" else hit.any(axis=axis))


def _equal(values: Array, mark: float) -> Mask:
    if np.isnan(mark):
        return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, np.bool_)
    with np.errstate(over="ignore"):
        # A value such as -3.4e38 is written in full and stored in the file's own precision.
        own = float(values.dtype.type(mark)) if values.dtype.kind == "f" else mark
        hit = values == mark
    return np.asarray(hit if own == mark else hit | (values == own))


def _order(array: Array) -> list[int]:
    """Axes from the outermost in memory to the innermost."""
    return sorted(range(array.ndim), key=lambda i: (-abs(array.strides[i]), i))


def _run(work: Callable[[slice], None], shape: Sequence[int], threads: int) -> None:
    """Blocks of the first axis, of some 100,000 elements each."""
    if not shape or 0 in shape:
        return
    rows = max(1, BLOCK * shape[0] // int(np.prod(shape, dtype=np.int64)))
    parts = [slice(i, min(i + rows, shape[0])) for i in range(0, shape[0], rows)]

    def several(share: Sequence[slice]) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # missing vectors are marked afterwards
            for part in share:
                work(part)

    if threads <= 1 or len(parts) < 2 * threads:
        several(parts)
        return
    size = -(-len(parts) // threads)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(several, [parts[i : i + size] for i in range(0, len(parts), size)]))
