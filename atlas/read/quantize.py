"""From vectors to stored numbers: the inverse of `restore`, for methods that have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.restore import quantization_of
from stac_emb.models import Quantization

__all__ = ["Quantized", "quantize"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Quantized:
    """Numbers to store, shape (..., stored width), and for `per_vector_scale` the scales, shape (...)."""

    stored: Array
    scales: npt.NDArray[np.float32] | None = None


def quantize(
    vectors: Array, quantization: Quantization | Mapping[str, Any], dtype: npt.DTypeLike | None = None
) -> Quantized:
    """The stored numbers that dequantise to the vectors as nearly as the method allows.

    Args:
        vectors: shape (..., dimensions); a vector with NaN is missing.
        quantization: the `emb:quantization` object.
        dtype: of the numbers; by default `stored_data_type`.

    Raises:
        RestoreError: the method has no inverse here, the stored type is not stated, or a vector is missing and
            `nodata` is not stated.
    """
    rule = quantization_of(quantization)
    given = dtype if dtype is not None else rule.stored_data_type
    if given is None:
        raise RestoreError("emb:quantization does not state 'stored_data_type', and no dtype is given")
    kind = np.dtype(given)
    vectors = np.asarray(vectors, dtype=np.float64)
    missing = np.asarray(~np.isfinite(vectors).all(axis=-1))
    values = np.where(missing[..., np.newaxis], 0.0, vectors)
    scales = None
    if rule.method == "per_vector_scale":
        top = np.iinfo(kind).max
        scales = (np.abs(values).max(axis=-1) / top).astype(np.float32)
        factor = np.where(scales == 0, 1, scales).astype(np.float64)
        numbers = values / factor[..., np.newaxis]
        scales[missing] = np.nan
    else:
        numbers = _numbers(values, rule)
    stored = _rounded(numbers, kind, rule)
    if missing.any() and scales is None:
        if rule.nodata is None:
            msg = f"{int(missing.sum())} vectors are missing, and emb:quantization does not state 'nodata' for them"
            raise RestoreError(msg)
        stored[missing] = float(rule.nodata) if kind.kind == "f" else int(float(rule.nodata))
    return Quantized(stored, scales)


def _numbers(values: Array, rule: Quantization) -> Array:
    if rule.method == "none":
        return values
    if rule.method == "linear" and rule.packing in {None, "none"}:
        return np.asarray((values - np.asarray(rule.offset)) / np.asarray(rule.scale))
    if rule.method == "signed_power" and rule.exponent is not None:
        return np.asarray(np.sign(values) * np.abs(values) ** (1 / rule.exponent) * np.asarray(rule.divisor))
    if rule.method == "lookup" and rule.values is not None and rule.packing in {None, "none"}:
        book = np.asarray(rule.values, dtype=np.float64)
        order = np.argsort(book)
        middles = (book[order][1:] + book[order][:-1]) / 2
        return np.asarray(order[np.searchsorted(middles, values)])
    if rule.method == "finite_scalar" and rule.levels and rule.basis and rule.steps:
        levels, basis = np.asarray(rule.levels), np.asarray(rule.basis)
        parts = values.reshape(*values.shape[:-1], rule.steps, len(levels))
        digits = np.clip(np.rint(parts * (levels // 2)) + levels // 2, 0, levels - 1)
        return np.asarray((digits * basis).sum(axis=-1))
    raise RestoreError(f"emb:quantization is '{rule.method}', for which quantising is not supported")


def _rounded(numbers: Array, kind: np.dtype[Any], rule: Quantization) -> Array:
    """Whole numbers of the type; the nodata value is kept for missing vectors."""
    if kind.kind == "f":
        return numbers.astype(kind)
    limits = np.iinfo(kind)
    low, high = limits.min, limits.max
    if rule.nodata is not None and rule.nodata_rule == "any":
        low += float(rule.nodata) == low
        high -= float(rule.nodata) == high
    return np.asarray(np.clip(np.rint(numbers), low, high), kind)
