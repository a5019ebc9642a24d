"""Dequantise: from stored numbers to vectors, by the `emb:quantization` object alone.

A vector that the producer marks as missing becomes NaN and is False in the mask. Nothing is guessed: stored numbers
that do not fit the metadata are an error. `quantize` is the inverse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from atlas.errors import RestoreError
from atlas.read.kernels import like, marked, nodata_rule, scaled, spread, through_formula, through_table
from atlas.read.methods import METHODS, Plan, unpacked
from atlas.read.nodata import hits
from stac_emb import quantization_methods
from stac_emb.models import Quantization

__all__ = ["Restored", "normalized", "quantization_of", "restore", "stored_width"]

Floating = TypeVar("Floating", np.float32, np.float64)
Stored = npt.NDArray[Any]
Vectors = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Restored:
    """Vectors, float32 or float16, with their components along the requested axis, and a mask of those that exist, with
    the same shape without that axis.
    """

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
        raise RestoreError(f"emb:quantization cannot be followed: {faults}") from None


def stored_width(quantization: Quantization, dimensions: int) -> int:
    """How many stored numbers make one vector of `dimensions`."""
    width = quantization_methods.stored_width(quantization.model_dump(exclude_unset=True), dimensions)
    return dimensions if width is None else width


def restore(
    stored: Stored,
    quantization: Quantization | Mapping[str, Any],
    *,
    axis: int = -1,
    dimensions: int | None = None,
    scales: npt.NDArray[Any] | None = None,
    codebook: npt.NDArray[Any] | None = None,
    missing: Mask | None = None,
    dtype: npt.DTypeLike = np.float32,
    out: Vectors | None = None,
    threads: int = 1,
) -> Restored:
    """Dequantise (restore) vectors.

    The vector may lie along any axis; the result has the memory order of the input. The method's formula is evaluated
    in double precision and rounded once to single precision (with stored scales: multiplied in single precision, as the
    producers' code does).

    Args:
        stored: numbers as they lie in the file.
        quantization: the `emb:quantization` object of the asset, item or collection.
        axis: of `stored` along which the numbers of one vector lie, and of the result.
        dimensions: `emb:dimensions`; given, the result is checked against it. Needed for packed bits.
        scales: for `per_vector_scale`, the shape of `stored` without the axis; for `per_component_scale`, its shape.
        codebook: for `product`, shape (subvectors, codes, components of one sub-vector); for `lookup`, (codes,) or
            (dimensions, codes).
        missing: vectors that are already known to be missing, the shape of `stored` without the axis.
        dtype: float32, or float16.
        out: array for the vectors, of their shape and any memory order; its type is the result's.
        threads: how many threads share the work.

    Raises:
        RestoreError: the method is unknown or its parameters, the numbers and the metadata do not fit together.
    """
    rule = quantization_of(quantization)
    if rule.method not in METHODS:
        why = "the producer does not state the method" if rule.method == "unknown" else "this reader lacks the method"
        raise RestoreError(f"emb:quantization is '{rule.method}': {why}, so these numbers are not dequantised")
    stored = np.asarray(stored)
    _check_stored(stored, rule, axis)
    axis %= stored.ndim
    width = stored_width(rule, dimensions) if dimensions is not None else None
    if width is not None and stored.shape[axis] != width:
        raise RestoreError(
            f"{stored.shape[axis]} stored numbers per vector, but {rule.method} needs {width} "
            f"for {dimensions} dimensions"
        )
    gone = np.zeros(tuple(np.delete(stored.shape, axis)), np.bool_) if missing is None else np.array(missing)
    if rule.nodata is not None:
        gone |= marked(stored, float(rule.nodata), nodata_rule(stored.dtype, rule.nodata_rule), axis)
    codes = unpacked(stored, rule, axis, dimensions)
    if not codes.dtype.isnative:
        codes = codes.astype(codes.dtype.newbyteorder("="))
    plan = _plan(rule, codes.dtype, codes.shape[axis], codebook)
    if plan.codes is not None:
        _check_codes(codes, plan.codes, gone, axis)

    def place(length: int) -> Vectors:
        if out is None:
            return like(codes, axis, length, dtype)
        expected = (*codes.shape[:axis], length, *codes.shape[axis + 1 :])
        if out.shape != expected or out.dtype.kind != "f":
            raise RestoreError(f"'out' is {out.dtype} of shape {out.shape}, the vectors are floats of shape {expected}")
        return out

    values, valid = _decoded(codes, plan, rule, scales, gone, axis, place, threads)
    if dimensions is not None and values.shape[axis] != dimensions:
        msg = f"dequantised vectors have {values.shape[axis]} components, emb:dimensions says {dimensions}"
        raise RestoreError(msg)
    if not valid.all():
        np.copyto(values, np.nan, where=~np.expand_dims(valid, axis))
    return Restored(values, valid)


def normalized(vectors: npt.NDArray[Floating]) -> npt.NDArray[Floating]:
    """Vectors scaled to length one, as cosine needs it; a vector of length zero has no direction and becomes NaN."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: npt.NDArray[Floating] = np.divide(vectors, length, out=np.full_like(vectors, np.nan), where=length > 0)
    return unit


def _check_stored(stored: Stored, rule: Quantization, axis: int) -> None:
    if stored.ndim < 1 or not -stored.ndim <= axis < stored.ndim or stored.shape[axis] == 0:
        raise RestoreError(f"stored numbers of shape {stored.shape} hold no vector along axis {axis}")
    if stored.dtype.kind not in "biuf":
        raise RestoreError(f"stored numbers are {stored.dtype}, which no quantization method reads")
    stated = rule.stored_data_type
    if stated is not None and stored.dtype.name != stated:
        # A file that was decoded already must not be decoded again.
        raise RestoreError(
            f"the file holds {stored.dtype.name}, emb:quantization says that {stated} is stored: "
            "the rule is for other data"
        )


def _check_codes(codes: Stored, count: int, gone: Mask, axis: int) -> None:
    """A number outside the code book is an error, unless it marks a missing vector."""
    if not codes.size:
        return
    low, high = int(codes.min()), int(codes.max())
    if low >= 0 and high < count:
        return
    kept = np.moveaxis(codes, axis, -1)[~gone]
    if kept.size and (kept.min() < 0 or kept.max() >= count):
        worst = int(kept.max() if kept.max() >= count else kept.min())
        raise RestoreError(f"a code of {worst} lies outside the code book of {count} entries")


def _decoded(
    codes: Stored,
    plan: Plan,
    rule: Quantization,
    scales: npt.NDArray[Any] | None,
    gone: Mask,
    axis: int,
    place: Callable[[int], Vectors],
    threads: int,
) -> tuple[Vectors, Mask]:
    width = codes.shape[axis]
    if plan.tables is not None:
        out = place(len(plan.tables) * plan.tables[0].shape[1])
        spread(codes, plan.tables, out, axis, threads=threads)
        finite = all(bool(np.isfinite(table).all()) for table in {id(t): t for t in plan.tables}.values())
    elif plan.table is not None:
        out = place(width)
        through_table(codes, plan.table.astype(out.dtype, copy=False), out, axis, threads=threads)
        finite = bool(np.isfinite(plan.table).all())
    elif plan.scales is not None:
        factors, usable = _factors(codes, rule, scales, axis, per_vector=plan.scales == "vector")
        gone = gone | ~usable
        out = place(width)
        scaled(codes, factors, out, threads=threads)
        finite = codes.dtype.kind != "f"
    elif plan.formula is not None:
        out = place(plan.formula(np.zeros((1, width), codes.dtype)).shape[-1])
        through_formula(codes, plan.formula, out, axis, threads=threads)
        finite = False
    else:
        out = place(width)
        with np.errstate(over="ignore"):
            out[...] = codes
        finite = codes.dtype.kind != "f"
    return out, ~gone if finite else ~gone & np.isfinite(out).all(axis=axis)


def _factors(
    codes: Stored, rule: Quantization, scales: npt.NDArray[Any] | None, axis: int, *, per_vector: bool
) -> tuple[Vectors, Mask]:
    """Scales that broadcast to the codes, and which vectors have them."""
    if scales is None:
        place = rule.scale_asset or rule.scale_array or rule.scale_column
        raise RestoreError(f"emb:quantization is '{rule.method}': the scales ('{place}') are needed and were not given")
    scales = np.asarray(scales)
    if scales.shape != (tuple(np.delete(codes.shape, axis)) if per_vector else codes.shape):
        raise RestoreError(f"scales of shape {scales.shape} do not fit stored numbers of shape {codes.shape}")
    if scales.dtype.kind not in "iuf":
        raise RestoreError(f"scales are {scales.dtype}, not numbers")
    usable = np.isfinite(scales) & ~hits(scales, rule.sentinels)
    factors = np.where(usable, scales, 0).astype(np.float32)
    if per_vector:
        return np.expand_dims(factors, axis), np.asarray(usable)
    return factors, np.asarray(usable.all(axis=axis))


def _plan(rule: Quantization, dtype: np.dtype[Any], width: int, book: npt.NDArray[Any] | None) -> Plan:
    if book is not None:
        return METHODS[rule.method](rule, dtype, width, book)
    return _kept_plan(rule.model_dump_json(exclude_unset=True), dtype, width)


@lru_cache(maxsize=32)
def _kept_plan(rule: str, dtype: np.dtype[Any], width: int) -> Plan:
    """A plan, and its table, for every block of a file."""
    of = Quantization.model_validate_json(rule)
    return METHODS[of.method](of, dtype, width, None)
