"""Dequantisation by blocks equals the formulas bit for bit, along any axis and with any number of threads."""

import json
from pathlib import Path

import numpy as np
import pytest

from atlas.errors import RestoreError
from atlas.read import kernels, quantize, restore

ESD = json.loads((Path(__file__).parent / "data" / "esd_fsq_spec.json").read_text())
AEF = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}
SCALED = {"method": "per_vector_scale", "scale_asset": "s", "sentinels": [{"value": "nan", "meaning": "water"}]}
BOOK = np.random.default_rng(5).normal(size=(6, 256)).astype("float32")
PARTS = np.random.default_rng(6).normal(size=(6, 16, 3)).astype("float32")


def signed_power(v):
    v = v.astype("float64")
    return (np.sign(v) * (np.abs(v) / 127.5) ** 2).astype("float32")


def digits(v):
    levels, basis = np.array(ESD["levels"]), np.array(ESD["basis"])
    half = levels // 2
    found = ((v.astype("int64")[..., None] // basis % levels - half) / half).astype("float32")
    return found.reshape(*v.shape[:-1], -1)


LINEAR = {"method": "linear", "scale": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "offset": -3.0}


def linear(v):
    return (v * np.array(LINEAR["scale"]) - 3.0).astype("float32")


FORMULAS = {
    "signed_power": (AEF, "int8", (-127, 128), signed_power, {}),
    "linear": (LINEAR, "uint8", (0, 256), lambda v: (v * np.array(LINEAR["scale"]) - 3.0).astype("float32"), {}),
    "linear of 16 bits": (
        LINEAR,
        "int16",
        (-9999, 9999),
        lambda v: (v * np.array(LINEAR["scale"]) - 3).astype("f4"),
        {},
    ),
    "linear of 32 bits": (
        LINEAR,
        "int32",
        (-9999, 9999),
        lambda v: (v * np.array(LINEAR["scale"]) - 3).astype("f4"),
        {},
    ),
    "big-endian": (AEF, ">i2", (-127, 128), signed_power, {}),
    "table of each": (
        {"method": "lookup", "codebook": {"asset": "b", "shape": [6, 256]}},
        "uint8",
        (0, 256),
        lambda v: BOOK[np.arange(6), v],
        {"codebook": BOOK},
    ),
    "product": (
        {"method": "product", "codebook": {"asset": "b", "shape": [6, 16, 3]}, "subvectors": 6},
        "uint8",
        (0, 16),
        lambda v: PARTS[np.arange(6), v].reshape(*v.shape[:-1], -1),
        {"codebook": PARTS},
    ),
    "finite_scalar": (
        {"method": "finite_scalar", "levels": ESD["levels"], "basis": ESD["basis"], "steps": 6},
        "uint16",
        (0, 64000),
        digits,
        {},
    ),
    "packed": (
        {"method": "binary", "packing": "msb"},
        "uint8",
        (0, 256),
        lambda v: np.where(np.unpackbits(v, axis=-1, count=43), 1.0, -1.0).astype("float32"),
        {"dimensions": 43},
    ),
    "none": ({"method": "none"}, "float64", (-5, 5), lambda v: v.astype("float32"), {}),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_any_axis_any_order_and_any_number_of_threads_give_the_formula(name, monkeypatch):
    monkeypatch.setattr(kernels, "BLOCK", 64)
    rule, dtype, (low, high), formula, more = FORMULAS[name]
    stored = np.random.default_rng(1).integers(low, high, (9, 11, 6)).astype(dtype)
    expected = formula(stored)
    for axis in range(3):
        moved = np.moveaxis(stored, -1, axis)
        for array in (moved, np.ascontiguousarray(moved)):
            for threads in (1, 2):
                found = restore(array, rule, axis=axis, threads=threads, **more)
                assert np.moveaxis(found.values, axis, -1).tobytes() == expected.tobytes()
                assert found.valid.all()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_view_with_gaps_gives_the_formula(name):
    rule, dtype, (low, high), formula, more = FORMULAS[name]
    stored = np.random.default_rng(2).integers(low, high, (8, 10, 6)).astype(dtype)
    found = restore(stored[1::2, 3:7], rule, **more)
    assert found.values.tobytes() == formula(np.ascontiguousarray(stored[1::2, 3:7])).tobytes()


def test_what_comes_out_lies_in_memory_as_what_came_in():
    stored = np.zeros((5, 6, 64), "int8")
    assert restore(stored, AEF).values.flags.c_contiguous
    assert restore(stored.transpose(2, 0, 1), AEF, axis=0).values.transpose(1, 2, 0).flags.c_contiguous


def test_vectors_go_where_they_are_wanted():
    stored = np.random.default_rng(8).integers(-127, 128, (5, 6, 64)).astype("int8")
    for out in (np.empty((5, 6, 64), "float32"), np.empty((64, 6, 5), "float32").T):
        assert restore(stored, AEF, out=out).values is out
        assert (out == signed_power(stored)).all()
    with pytest.raises(RestoreError, match=r"'out' is float32 of shape \(5, 6\), the vectors are floats of shape"):
        restore(stored, AEF, out=np.empty((5, 6), "float32"))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_scales_sentinels_and_nodata_count_along_any_axis(axis):
    stored = np.random.default_rng(3).integers(-127, 128, (4, 5, 8)).astype("int8")
    scales = np.random.default_rng(4).uniform(0.01, 0.1, (4, 5)).astype("float32")
    scales[0, 0], scales[1, 2] = np.nan, np.inf
    gone = np.zeros((4, 5), bool)
    gone[3, 3] = True
    moved = np.moveaxis(stored, -1, axis)
    found = restore(moved, SCALED, axis=axis, scales=scales, missing=gone)
    values = np.moveaxis(found.values, axis, -1)
    there = np.isfinite(scales) & ~gone
    assert (found.valid == there).all()
    assert (values[there] == (stored.astype("float32") * scales[..., None])[there]).all()
    assert np.isnan(values[~there]).all()
    stored[2, 2, 5] = -128
    found = restore(moved, AEF, axis=axis)
    assert np.argwhere(~found.valid).tolist() == [[2, 2]]
    assert np.isnan(np.moveaxis(found.values, axis, -1)[2, 2]).all()


def test_half_precision_is_the_single_one_rounded():
    stored = np.arange(-127, 128, dtype="int8")[None]
    half = restore(stored, AEF, dtype="float16").values
    assert half.dtype == np.float16
    assert (half == restore(stored, AEF).values.astype("float16")).all()
    scales = np.array([0.013], "float32")
    both = (restore(stored, SCALED, scales=scales, dtype=d).values for d in ("float16", "float32"))
    assert (next(both) == next(both).astype("float16")).all()


@pytest.mark.parametrize("wrong", [lambda v: v / 127, lambda v: v / 127.5, lambda v: np.sign(v) * (v / 127) ** 2])
def test_the_rules_that_others_use_for_alphaearth_are_not_this_one(wrong):
    codes = np.arange(-127, 128, dtype="int8")
    found = restore(codes[None], AEF).values[0]
    assert np.abs(found - wrong(codes.astype("float64"))).max() > 0.004


@pytest.mark.parametrize(
    ("rule", "dtype"),
    [
        (AEF, "int8"),
        ({"method": "linear", "scale": 0.25, "offset": -1.0, "nodata": 255, "nodata_rule": "any"}, "uint8"),
        ({"method": "lookup", "values": [-1.0, 0.5, 0.0, 2.0]}, "uint8"),
        ({"method": "finite_scalar", "levels": ESD["levels"], "basis": ESD["basis"], "steps": 3}, "uint16"),
        (SCALED, "int8"),
        ({"method": "none"}, "float32"),
    ],
)
def test_quantizing_restored_vectors_gives_the_codes_again(rule, dtype):
    high = {"lookup": 4, "finite_scalar": 64000, "none": 100}.get(rule["method"], 127)
    codes = np.random.default_rng(7).integers(0, high, (50, 3)).astype(dtype)
    codes[:, 0] = codes[:, 0] if rule is not SCALED else 127  # the largest number of a vector fills the range
    scales = np.full(50, 0.5, "float32") if rule is SCALED else None
    found = quantize(restore(codes, rule, scales=scales).values, rule, dtype)
    assert (found.stored == codes).all()
    assert found.scales is None or (found.scales == scales).all()


def test_a_missing_vector_is_quantized_as_nodata_or_refused():
    vectors = np.array([[np.nan, 0.1], [-1.0, 0.1]])
    assert quantize(vectors, AEF, "int8").stored.tolist() == [[-128, -128], [-127, 40]]
    with pytest.raises(RestoreError, match="1 vectors are missing, and emb:quantization does not state 'nodata'"):
        quantize(vectors, {"method": "linear", "scale": 1, "offset": 0}, "int8")
    with pytest.raises(RestoreError, match="does not state 'stored_data_type'"):
        quantize(vectors, AEF)
    with pytest.raises(RestoreError, match="is 'product', for which quantising is not supported"):
        quantize(vectors, {"method": "product", "codebook": {"asset": "b", "shape": [1, 2, 2]}, "subvectors": 1}, "u1")


@pytest.mark.parametrize("size", [1 << 14, (1 << 14) + 1])
@pytest.mark.parametrize(("dtype", "entries"), [("int8", 256), ("uint8", 256), ("uint8", 16), ("uint8", 1)])
@pytest.mark.parametrize("out", ["float32", "float16"])
def test_codes_looked_up_in_pairs_give_what_single_ones_give(size, dtype, entries, out, monkeypatch):
    monkeypatch.setattr(kernels, "_WORTH_PAIRS", 1 << 10)
    random = np.random.default_rng(3)
    codes = random.integers(0, 256, size).astype("uint8").view(dtype)
    table = random.normal(size=entries).astype(out)
    found = np.full(size, np.nan, out)
    kernels.through_table(codes, table, found, 0)
    np.testing.assert_array_equal(found, table[np.minimum(codes.view("uint8"), entries - 1)])
