"""From stored numbers to vectors, by the `emb:quantization` object alone.

One function per method of `stac_emb.quantization_methods`; the vector's components lie along the last axis of
what comes in and of what goes out. A vector that the producer marks as missing becomes NaN and is False in the mask;
nothing is guessed: stored numbers that do not fit the metadata are an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from atlas.errors import RestoreError
from atlas.read.codes import (
    Extra,
    Mask,
    Stored,
    Vectors,
    binary,
    finite,
    finite_scalar,
    lookup,
    product,
    unpacked,
)
from atlas.read.nodata import any_marks
from stac_emb import quantization_methods
from stac_emb.models import Quantization

__all__ = ["Restored", "normalized", "quantization_of", "restore", "stored_width"]

Floating = TypeVar("Floating", np.float32, np.float64)


@dataclass(frozen=True, slots=True)
class Restored:
    """Vectors, shape (..., dimensions) float32, and which of them exist, shape (...)."""

    values: Vectors
    valid: Mask


def quantization_of(value: Quantization | Mapping[str, Any]) -> Quantization:
    """The checked model of an `emb:quantization` object.

    Raises:
        RestoreError: it breaks a rule of the extension, such as a parameter that the method does not take.
    """
    if isinstance(value, Quantization):
        return value
    try:
        return Quantization.model_validate(dict(value) if isinstance(value, Mapping) else value)
    except ValidationError as error:
        faults = "; ".join(f"{'/'.join(map(str, e['loc'])) or 'emb:quantization'}: {e['msg']}" for e in error.errors())
        msg = f"emb:quantization cannot be followed: {faults}"
        raise RestoreError(msg) from None


def stored_width(quantization: Quantization, dimensions: int) -> int:
    """How many stored numbers make one vector of `dimensions`."""
    width = quantization_methods.stored_width(quantization.model_dump(exclude_unset=True), dimensions)
    return dimensions if width is None else width


def restore(
    stored: Stored,
    quantization: Quantization | Mapping[str, Any],
    *,
    dimensions: int | None = None,
    scales: npt.NDArray[Any] | None = None,
    codebook: npt.NDArray[Any] | None = None,
) -> Restored:
    """Restore vectors.

    Args:
        stored: numbers as they lie in the file, the vector along the last axis.
        quantization: the `emb:quantization` object of the asset, item or collection.
        dimensions: `emb:dimensions`; given, the result is checked against it. Needed for packed bits.
        scales: for `per_vector_scale`, shape `stored.shape[:-1]`; for `per_component_scale`, shape `stored.shape`.
        codebook: for `product`, shape (subvectors, codes, components of one sub-vector); for `lookup`, (codes,) or
            (dimensions, codes).

    Raises:
        RestoreError: the method is unknown or its parameters, the numbers and the metadata do not fit together.
    """
    rule = quantization_of(quantization)
    if rule.method not in _METHODS:
        why = "is not stated" if rule.method == "unknown" else "this reader does not know"
        msg = f"emb:quantization is '{rule.method}': how these numbers become vectors {why}, so they are not restored"
        raise RestoreError(msg)
    stored = np.asarray(stored)
    _check_stored(stored, rule)
    width = stored_width(rule, dimensions) if dimensions is not None else None
    if width is not None and stored.shape[-1] != width:
        msg = (
            f"{stored.shape[-1]} stored numbers per vector, but {rule.method} needs {width} for {dimensions} dimensions"
        )
        raise RestoreError(msg)
    missing = _missing(stored, rule)
    # The number that marks a missing vector need not be one that the method reads, such as a code of its book.
    stored = np.where(missing[..., np.newaxis], np.zeros((), stored.dtype), stored)
    values, valid = _METHODS[rule.method](stored, rule, Extra(dimensions, scales, codebook))
    valid &= ~missing
    values = np.where(valid[..., np.newaxis], values, np.float32(np.nan))
    if dimensions is not None and values.shape[-1] != dimensions:
        msg = f"restored vectors have {values.shape[-1]} components, emb:dimensions says {dimensions}"
        raise RestoreError(msg)
    return Restored(values, valid)


def normalized(vectors: npt.NDArray[Floating]) -> npt.NDArray[Floating]:
    """Vectors scaled to length one, as cosine needs it; a vector of length zero has no direction and becomes NaN."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: npt.NDArray[Floating] = np.divide(vectors, length, out=np.full_like(vectors, np.nan), where=length > 0)
    return unit


def _check_stored(stored: Stored, rule: Quantization) -> None:
    if stored.ndim < 1 or stored.shape[-1] == 0:
        msg = f"stored numbers of shape {stored.shape} hold no vector along their last axis"
        raise RestoreError(msg)
    if stored.dtype.kind not in "biuf":
        msg = f"stored numbers are {stored.dtype}, which no quantization method reads"
        raise RestoreError(msg)
    stated = rule.stored_data_type
    if stated is not None and stored.dtype.name != stated:
        # A file that was decoded already must not be decoded again.
        msg = (
            f"the file holds {stored.dtype.name}, emb:quantization says that {stated} is stored: "
            "the rule is for other data"
        )
        raise RestoreError(msg)


def _missing(stored: Stored, rule: Quantization) -> Mask:
    """Which vectors carry the nodata value, in any or in all channels."""
    if rule.nodata is None:
        return np.zeros(stored.shape[:-1], dtype=np.bool_)
    hit = _equals(stored, rule.nodata)
    return np.asarray(hit.any(axis=-1) if any_marks(stored.dtype, rule.nodata_rule) else hit.all(axis=-1))


def _equals(values: npt.NDArray[Any], sentinel: float | str) -> Mask:
    number = float(sentinel)
    return np.asarray(np.isnan(values) if np.isnan(number) else values == number)


def _none(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    del rule, extra
    values = stored.astype(np.float32)
    return values, finite(values)


def _per_dimension(value: float | list[float] | None, width: int, name: str) -> npt.NDArray[np.float64]:
    numbers = np.asarray(value, dtype=np.float64)
    if numbers.ndim and numbers.shape != (width,):
        msg = f"emb:quantization gives {numbers.size} values of '{name}' for {width} dimensions"
        raise RestoreError(msg)
    return numbers


def _linear(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    stored = unpacked(stored, rule, extra)
    width = stored.shape[-1]
    scale = _per_dimension(rule.scale, width, "scale")
    offset = _per_dimension(rule.offset, width, "offset")
    values = (stored * scale + offset).astype(np.float32)
    return values, finite(values)


def _signed_power(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    del extra
    divisor = _per_dimension(rule.divisor, stored.shape[-1], "divisor")
    if np.any(divisor == 0) or rule.exponent is None:
        msg = "emb:quantization: 'signed_power' divides by 'divisor', which is 0"
        raise RestoreError(msg)
    number = stored.astype(np.float64)
    values = (np.sign(number) * (np.abs(number) / divisor) ** rule.exponent).astype(np.float32)
    return values, finite(values)


def _stored_scale(stored: Stored, rule: Quantization, extra: Extra) -> tuple[Vectors, Mask]:
    scales = extra.scales
    if scales is None:
        place = rule.scale_asset or rule.scale_array or rule.scale_column
        msg = f"emb:quantization is '{rule.method}': the scales ('{place}') are needed and were not given"
        raise RestoreError(msg)
    scales = np.asarray(scales)
    per_vector = rule.method == "per_vector_scale"
    if scales.shape != (stored.shape[:-1] if per_vector else stored.shape):
        msg = f"scales of shape {scales.shape} do not fit stored numbers of shape {stored.shape}"
        raise RestoreError(msg)
    valid = np.isfinite(scales)
    for sentinel in rule.sentinels or ():
        valid = valid & ~_equals(scales, sentinel.value)
    factor = np.where(valid, scales, 0).astype(np.float32)
    if not per_vector:
        return stored.astype(np.float32) * factor, np.asarray(valid.all(axis=-1))
    return stored.astype(np.float32) * factor[..., np.newaxis], np.asarray(valid)


_METHODS: dict[str, Callable[[Stored, Quantization, Extra], tuple[Vectors, Mask]]] = {
    "binary": binary,
    "finite_scalar": finite_scalar,
    "linear": _linear,
    "none": _none,
    "lookup": lookup,
    "per_component_scale": _stored_scale,
    "per_vector_scale": _stored_scale,
    "product": product,
    "signed_power": _signed_power,
}
