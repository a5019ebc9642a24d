"""The rules of `emb:quantization` in the form that the kernels need: a table for few codes, else a formula.

One function per method of `stac_emb.quantization_methods`. A table is made by the formula, so both give the same
numbers to the last bit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from stac_emb.models import Quantization

__all__ = ["METHODS", "Plan", "unpacked"]

Array = npt.NDArray[Any]
Formula = Callable[[Array], Array]
FEW = 1 << 16
"""Most codes of a table."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the numbers of a file become vectors. At most one of the four is set; with none, the numbers are the vector.

    Attributes:
        codes: stored numbers from 0 to below this are valid; None where every number of the type is.
        table: for `through_table`; signed numbers are looked up by their bits.
        formula: for `through_formula`.
        tables: for `spread`.
        scales: stored factors are needed, one per `vector` or one per `component`.
    """

    codes: int | None = None
    table: Array | None = None
    formula: Formula | None = None
    tables: tuple[Array, ...] | None = None
    scales: Literal["vector", "component"] | None = None


def _per_dimension(value: float | list[float] | None, width: int, name: str) -> npt.NDArray[np.float64]:
    numbers = np.asarray(value, dtype=np.float64)
    if numbers.ndim and numbers.shape != (width,):
        raise RestoreError(f"emb:quantization gives {numbers.size} values of '{name}' for {width} dimensions")
    return numbers


def _linear(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    scale = _per_dimension(rule.scale, width, "scale")
    offset = _per_dimension(rule.offset, width, "offset")
    return _tabled(lambda v: (v * scale + offset).astype(np.float32), dtype)


def _signed_power(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    divisor = _per_dimension(rule.divisor, width, "divisor")
    if np.any(divisor == 0) or rule.exponent is None:
        raise RestoreError("emb:quantization: 'signed_power' divides by 'divisor', which is 0")
    exponent = rule.exponent

    def formula(stored: Array) -> Array:
        number = stored.astype(np.float64)
        return np.asarray((np.sign(number) * (np.abs(number) / divisor) ** exponent).astype(np.float32))

    return _tabled(formula, dtype)


def _tabled(formula: Formula, dtype: np.dtype[Any]) -> Plan:
    """The values of a formula for every number of a type that has few, in the order of their bits."""
    if dtype.kind not in "biu" or dtype.itemsize > 2:
        return Plan(formula=formula)
    bits = np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    table = formula((bits.astype(np.bool_) if dtype.kind == "b" else bits.view(dtype.newbyteorder("=")))[:, np.newaxis])
    return Plan(table=table[:, 0] if table.shape[1] == 1 else np.ascontiguousarray(table.T))


def _finite_scalar(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    """The digits of each code, centred, one code after the other."""
    levels, basis = np.asarray(rule.levels, dtype=np.int64), np.asarray(rule.basis, dtype=np.int64)
    if levels.shape != basis.shape:
        raise RestoreError(f"emb:quantization: {levels.size} levels but {basis.size} place values in 'basis'")
    if dtype.kind not in "iu" or width != rule.steps:
        raise RestoreError(f"'finite_scalar' needs {rule.steps} whole numbers per vector, got {width} of {dtype}")
    count = int(((levels - 1) * basis).sum()) + 1
    half = levels // 2

    def formula(codes: Array) -> Array:
        digits = codes.astype(np.int64)[..., np.newaxis] // basis % levels
        return np.asarray(((digits - half) / half).astype(np.float32).reshape(*codes.shape[:-1], -1))

    if count > FEW:
        return Plan(count, formula=formula)
    table = formula(np.arange(count)[:, np.newaxis])
    return Plan(count, tables=(table,) * width)


def unpacked(stored: Array, rule: Quantization, axis: int, dimensions: int | None) -> Array:
    """One code per component, unpacked where codes share bytes; the vector along the same axis.

    Raises:
        RestoreError: packed codes are not in bytes, or the padding of the last byte is not stated.
    """
    bits = 1 if rule.method == "binary" else rule.bits
    if bits is None or rule.packing not in {"msb", "lsb"}:
        return stored
    what = "bits" if rule.method == "binary" else "codes"
    if stored.dtype != np.uint8:
        raise RestoreError(f"packed {what} are read from uint8, the file holds {stored.dtype}")
    if dimensions is None:
        raise RestoreError(f"packed {what} need 'emb:dimensions': the last byte may hold padding")
    order: Literal["big", "little"] = "big" if rule.packing == "msb" else "little"
    single = np.unpackbits(stored, axis=axis, count=dimensions * bits, bitorder=order)
    if bits == 1:
        return single
    parts = np.moveaxis(single, axis, -1)
    parts = parts.reshape(*parts.shape[:-1], dimensions, bits)
    places = np.arange(bits)
    weights = (1 << (places[::-1] if rule.packing == "msb" else places)).astype(np.uint8)
    return np.moveaxis((parts * weights).sum(axis=-1, dtype=np.uint8), -1, axis)


def _book(rule: Quantization, book: Array | None) -> Array:
    if rule.values is not None:
        return np.asarray(rule.values)
    if book is None:
        place = rule.codebook and (rule.codebook.asset or rule.codebook.href or rule.codebook.array)
        msg = f"emb:quantization is '{rule.method}': the code book ('{place}') is needed and was not given"
        raise RestoreError(msg)
    return book


def _lookup(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    """One entry of the table for each component."""
    book = _book(rule, book)
    if book.ndim > 2 or (book.ndim == 2 and book.shape[0] != width):
        raise RestoreError(f"'lookup' needs a code book of shape (codes,) or ({width}, codes), not {book.shape}")
    _whole(dtype, book.shape[-1])
    return Plan(book.shape[-1], table=book.astype(np.float32))


def _product(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    """One sub-vector of the code book for each code."""
    book = _book(rule, book)
    if book.ndim != 3 or book.shape[0] != rule.subvectors or width != rule.subvectors:
        raise RestoreError(
            f"'product' with {rule.subvectors} sub-vectors needs as many codes (got {width}), "
            f"and a code book of shape (sub-vectors, codes, components), not {book.shape}"
        )
    _whole(dtype, book.shape[1])
    return Plan(book.shape[1], tables=tuple(book.astype(np.float32)))


def _whole(dtype: np.dtype[Any], count: int) -> None:
    if dtype.kind not in "iu":
        raise RestoreError(f"a code lies outside the code book of {count} entries: the file holds {dtype}")


def _binary(rule: Quantization, dtype: np.dtype[Any], width: int, book: Array | None) -> Plan:
    """1 where a bit is set, else -1."""
    return _tabled(lambda v: np.where(v != 0, np.float32(1), np.float32(-1)), dtype)


METHODS: dict[str, Callable[[Quantization, np.dtype[Any], int, Array | None], Plan]] = {
    "binary": _binary,
    "finite_scalar": _finite_scalar,
    "linear": _linear,
    "lookup": _lookup,
    "none": lambda *_: Plan(),
    "per_component_scale": lambda *_: Plan(scales="component"),
    "per_vector_scale": lambda *_: Plan(scales="vector"),
    "product": _product,
    "signed_power": _signed_power,
}
"""Arguments: the rule, the type of the (unpacked) numbers, how many make a vector, the code book."""
