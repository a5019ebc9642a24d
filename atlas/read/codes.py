"""The methods whose stored numbers are codes: digits, bits, and places in a table."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from stac_emb.models import Quantization

__all__ = [
    "Extra",
    "Mask",
    "Stored",
    "Vectors",
    "binary",
    "every",
    "finite",
    "finite_scalar",
    "lookup",
    "product",
    "unpacked",
]

Stored = npt.NDArray[Any]
Vectors = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Extra:
    """What a method needs beside the stored numbers and its parameters."""

    dimensions: int | None
    scales: npt.NDArray[Any] | None
    codebook: npt.NDArray[Any] | None


def every(stored: Stored) -> Mask:
    """Every vector exists."""
    return np.ones(stored.shape[:-1], dtype=np.bool_)


def finite(values: Vectors) -> Mask:
    """Which vectors have finite components only."""
    return np.asarray(np.isfinite(values).all(axis=-1))


def finite_scalar(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    """The digits of each code, centred, one code after the other."""
    del extra
    levels, basis = np.asarray(rule.levels, dtype=np.int64), np.asarray(rule.basis, dtype=np.int64)
    if levels.shape != basis.shape:
        msg = f"emb:quantization: {levels.size} levels but {basis.size} place values in 'basis'"
        raise RestoreError(msg)
    if stored.dtype.kind not in "iu" or stored.shape[-1] != rule.steps:
        msg = f"'finite_scalar' needs {rule.steps} whole numbers per vector, got {stored.shape[-1]} of {stored.dtype}"
        raise RestoreError(msg)
    codes = stored.astype(np.int64)
    largest = int(((levels - 1) * basis).sum())
    if codes.size and (codes.min() < 0 or codes.max() > largest):
        worst = int(codes.max() if codes.max() > largest else codes.min())
        msg = f"a code of {worst} lies outside the code book of {largest + 1}"
        raise RestoreError(msg)
    half = levels // 2
    digits = codes[..., np.newaxis] // basis % levels
    values = ((digits - half) / half).astype(np.float32)
    return values.reshape(*stored.shape[:-1], -1), every(stored)


def unpacked(stored: Stored, rule: Quantization, extra: Extra) -> Stored:
    """One code per component, unpacked where codes share bytes."""
    if rule.bits is None or rule.packing not in {"msb", "lsb"}:
        return stored
    if stored.dtype != np.uint8:
        msg = f"packed codes are read from uint8, the file holds {stored.dtype}"
        raise RestoreError(msg)
    if extra.dimensions is None:
        msg = "packed codes need 'emb:dimensions': the last byte may be filled up"
        raise RestoreError(msg)
    order: Literal["big", "little"] = "big" if rule.packing == "msb" else "little"
    bits = np.unpackbits(stored, axis=-1, count=extra.dimensions * rule.bits, bitorder=order)
    bits = bits.reshape(*stored.shape[:-1], extra.dimensions, rule.bits)
    places = np.arange(rule.bits)
    weights = 1 << (places[::-1] if rule.packing == "msb" else places)
    return np.asarray((bits * weights).sum(axis=-1))


def lookup(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    """One entry of the table for each component."""
    codes = unpacked(stored, rule, extra)
    book = np.asarray(rule.values) if rule.values is not None else extra.codebook
    if book is None:
        place = rule.codebook and (rule.codebook.asset or rule.codebook.href or rule.codebook.array)
        msg = f"emb:quantization is 'lookup': the code book ('{place}') is needed and was not given"
        raise RestoreError(msg)
    if book.ndim > 2 or (book.ndim == 2 and book.shape[0] != codes.shape[-1]):
        msg = f"'lookup' needs a code book of shape (codes,) or ({codes.shape[-1]}, codes), not {book.shape}"
        raise RestoreError(msg)
    _check_codes(codes, book.shape[-1])
    values = book[codes] if book.ndim == 1 else book[np.arange(book.shape[0]), codes]
    values = values.astype(np.float32)
    return values, finite(values)


def _check_codes(codes: Stored, count: int) -> None:
    if codes.dtype.kind not in "iu" or (codes.size and (codes.min() < 0 or codes.max() >= count)):
        msg = f"a code lies outside the code book of {count} entries"
        raise RestoreError(msg)


def product(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    """One sub-vector of the code book for each code."""
    book = extra.codebook
    if book is None:
        place = rule.codebook and (rule.codebook.asset or rule.codebook.href or rule.codebook.array)
        msg = f"emb:quantization is 'product': the code book ('{place}') is needed and was not given"
        raise RestoreError(msg)
    if book.ndim != 3 or book.shape[0] != rule.subvectors or stored.shape[-1] != rule.subvectors:
        msg = (
            f"'product' with {rule.subvectors} sub-vectors needs as many codes (got {stored.shape[-1]}), "
            f"and a code book of shape (sub-vectors, codes, components), not {book.shape}"
        )
        raise RestoreError(msg)
    _check_codes(stored, book.shape[1])
    parts = book[np.arange(book.shape[0]), stored.astype(np.int64)]
    values = parts.reshape(*stored.shape[:-1], -1).astype(np.float32)
    return values, finite(values)


def binary(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    """1 where a bit is set, else -1."""
    bits = stored != 0
    if rule.packing in {"msb", "lsb"}:
        if stored.dtype != np.uint8:
            msg = f"packed bits are read from uint8, the file holds {stored.dtype}"
            raise RestoreError(msg)
        if extra.dimensions is None:
            msg = "packed bits need 'emb:dimensions': the last byte may be padded"
            raise RestoreError(msg)
        order: Literal["big", "little"] = "big" if rule.packing == "msb" else "little"
        bits = np.unpackbits(stored, axis=-1, count=extra.dimensions, bitorder=order).astype(np.bool_)
    return np.where(bits, np.float32(1), np.float32(-1)), every(stored)
