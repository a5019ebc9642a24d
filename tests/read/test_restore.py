import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from atlas.errors import RestoreError
from atlas.read.restore import normalized, quantization_of, restore, stored_width
from stac_emb import quantization_methods
from stac_emb.quantization_methods import METHODS

DATA = Path(__file__).parent / "data"
AEF = {
    "method": "signed_power",
    "divisor": 127.5,
    "exponent": 2,
    "nodata": -128,
    "nodata_rule": "any",
    "original_data_type": "float32",
    "stored_data_type": "int8",
}
TESSERA = {
    "method": "per_vector_scale",
    "scale_asset": "scales",
    "sentinels": [{"value": "nan", "meaning": "water"}, {"value": "inf", "meaning": "missing"}],
}
ESD = json.loads((DATA / "esd_fsq_spec.json").read_text())
FSQ = {"method": "finite_scalar", "levels": ESD["levels"], "basis": ESD["basis"], "steps": 12}


def test_every_method_of_the_extension_is_restored_or_refused():
    module = importlib.import_module("atlas.read.methods")
    assert set(module.METHODS) | {"unknown"} == {method.name for method in METHODS}


def test_real_alphaearth_pixels_have_length_one_after_restoring():
    with rasterio.open(DATA / "aef_10x10.tif") as file:
        stored = np.moveaxis(file.read(), 0, -1)
    # Ten by ten pixels of a 2024 file (CC-BY-4.0, see data/SOURCES.md). Measured: 0.9958 to 1.0043, mean 0.99976.
    assert stored.shape == (10, 10, 64)
    found = restore(stored, AEF, dimensions=64)
    length = np.linalg.norm(found.values, axis=-1)
    assert found.valid.all()
    assert length.min() == pytest.approx(0.9958, abs=1e-4)
    assert length.max() == pytest.approx(1.0043, abs=1e-4)
    assert length.mean() == pytest.approx(0.99976, abs=1e-5)


def test_alphaearth_nodata_in_one_channel_takes_the_whole_vector():
    stored = np.zeros((3, 64), np.int8)
    stored[1, 17] = -128
    found = restore(stored, AEF, dimensions=64)
    assert found.valid.tolist() == [True, False, True]
    assert np.isnan(found.values[1]).all()


def test_alphaearth_values_by_the_formula():
    found = restore(np.array([[-127, -1, 0, 1, 127]], np.int8), AEF)
    assert found.values[0] == pytest.approx([-0.99217, -((1 / 127.5) ** 2), 0, (1 / 127.5) ** 2, 0.99217], abs=1e-5)


def test_data_that_were_decoded_already_are_not_decoded_again():
    with pytest.raises(RestoreError, match="the file holds float64, emb:quantization says that int8 is stored"):
        restore(np.zeros((2, 64)), AEF)


def test_tessera_vectors_are_codes_times_scale_and_sentinels_mark_water_and_missing():
    stored = np.array([[127, -64, 0]] * 4, np.int8)
    scales = np.array([0.5, np.nan, np.inf, 0.25], np.float32)
    found = restore(stored, TESSERA, scales=scales)
    assert found.valid.tolist() == [True, False, False, True]
    assert found.values[0].tolist() == [63.5, -32.0, 0.0]
    assert found.values[3].tolist() == [31.75, -16.0, 0.0]
    assert np.isnan(found.values[1:3]).all()


def test_scales_may_come_per_component():
    stored, scales = np.array([[10, 20]], np.int8), np.array([[0.5, 2.0]], np.float32)
    found = restore(stored, TESSERA | {"method": "per_component_scale"}, scales=scales)
    assert found.values.tolist() == [[5.0, 40.0]]
    with pytest.raises(RestoreError, match=r"scales of shape \(1, 2\) do not fit"):
        restore(stored, TESSERA, scales=scales)


LOOKUP = {"method": "lookup", "values": [-1.0, 0.0, 0.5, 2.0]}


@pytest.mark.parametrize(
    ("packing", "byte"),
    [("msb", 0b00_01_10_11), ("lsb", 0b11_10_01_00)],
)
def test_codes_of_two_bits_share_a_byte_in_either_order(packing, byte):
    rule = LOOKUP | {"bits": 2, "packing": packing}
    assert restore(np.array([[byte]], np.uint8), rule, dimensions=4).values.tolist() == [[-1, 0, 0.5, 2]]
    # The last byte is filled up.
    assert restore(np.array([[byte]], np.uint8), rule, dimensions=3).values.tolist() == [[-1, 0, 0.5]]
    with pytest.raises(RestoreError, match="packed codes need 'emb:dimensions'"):
        restore(np.array([[byte]], np.uint8), rule)


def test_codes_of_three_bits_go_on_in_the_next_byte():
    rule = LOOKUP | {"bits": 3, "packing": "msb"}
    stored = np.array([[0b000_001_01, 0b0_011_0000]], np.uint8)
    assert restore(stored, rule, dimensions=4).values.tolist() == [[-1, 0, 0.5, 2]]


def test_percentile_codes_have_a_row_of_the_table_for_each_component():
    rule = {"method": "lookup", "codebook": {"asset": "book", "shape": [2, 3]}}
    book = np.array([[0, 1, 2], [10, 20, 30]], np.float32)
    assert restore(np.array([[2, 0]], np.uint8), rule, codebook=book).values.tolist() == [[2, 10]]
    with pytest.raises(RestoreError, match=r"the code book \('book'\) is needed"):
        restore(np.array([[2, 0]], np.uint8), rule)
    with pytest.raises(RestoreError, match="a code of 3 lies outside the code book of 3 entries"):
        restore(np.array([[3, 0]], np.uint8), rule, codebook=book)
    with pytest.raises(RestoreError, match=r"needs a code book of shape \(codes,\) or \(3, codes\)"):
        restore(np.array([[2, 0, 0]], np.uint8), rule, codebook=book)


def test_scales_that_are_missing_or_do_not_fit_are_an_error():
    with pytest.raises(RestoreError, match=r"the scales \('scales'\) are needed"):
        restore(np.zeros((2, 3), np.int8), TESSERA)
    with pytest.raises(RestoreError, match=r"scales of shape \(3,\) do not fit stored numbers of shape \(2, 3\)"):
        restore(np.zeros((2, 3), np.int8), TESSERA, scales=np.ones(3))


def test_esd_codes_meet_the_published_test_vectors():
    for case in ESD["test_vectors"]:
        found = restore(np.full((1, 12), case["code"], np.uint16), FSQ, dimensions=72)
        assert found.values.reshape(12, 6).tolist() == [case["vector"]] * 12


def test_esd_is_missing_where_all_codes_are_zero_and_only_there():
    codes = np.zeros((2, 12), np.uint16)
    codes[1, 3] = 7
    found = restore(codes, {**FSQ, "nodata": 0, "nodata_rule": "all"}, dimensions=72)
    assert found.valid.tolist() == [False, True]


def test_esd_with_its_quality_band_is_refused_not_decoded_as_a_thirteenth_month():
    with pytest.raises(RestoreError, match="13 stored numbers per vector, but finite_scalar needs 12"):
        restore(np.zeros((1, 13), np.uint16), FSQ, dimensions=72)


def test_a_code_beyond_the_code_book_is_an_error():
    with pytest.raises(RestoreError, match="a code of 64000 lies outside the code book of 64000"):
        restore(np.full((1, 12), 64000, np.uint16), FSQ)


def test_linear_takes_one_number_or_one_per_dimension():
    stored = np.array([[1, 2]], np.uint8)
    assert restore(stored, {"method": "linear", "scale": 2, "offset": -1}).values.tolist() == [[1, 3]]
    both = {"method": "linear", "scale": [2, 10], "offset": [0, 0.5]}
    assert restore(stored, both).values.tolist() == [[2, 20.5]]
    with pytest.raises(RestoreError, match="3 values of 'scale' for 2 dimensions"):
        restore(stored, {"method": "linear", "scale": [1, 2, 3], "offset": 0})


def test_none_is_the_stored_number_and_half_floats_are_widened():
    found = restore(np.array([[0.5, -1.25]], np.float16), {"method": "none"})
    assert found.values.dtype == np.float32
    assert found.values.tolist() == [[0.5, -1.25]]


def test_without_a_rule_one_missing_float_takes_the_vector_and_one_code_does_not():
    rule = {"method": "none", "nodata": -1}
    assert restore(np.array([[-1.0, 2.0]]), rule).valid.tolist() == [False]
    assert restore(np.array([[-1, 2], [-1, -1]], np.int8), rule).valid.tolist() == [True, False]


def test_none_with_a_nodata_of_all_zero():
    found = restore(np.array([[0.0, 0.0], [0.0, 1.0]]), {"method": "none", "nodata": 0, "nodata_rule": "all"})
    assert found.valid.tolist() == [False, True]


def test_product_codes_look_up_their_parts():
    book = np.arange(2 * 4 * 3, dtype=np.float32).reshape(2, 4, 3)
    rule = {"method": "product", "codebook": {"href": "book.npy", "shape": [2, 4, 3]}, "subvectors": 2}
    found = restore(np.array([[3, 0]], np.uint8), rule, codebook=book, dimensions=6)
    assert found.values.tolist() == [[9, 10, 11, 12, 13, 14]]
    with pytest.raises(RestoreError, match="outside the code book of 4 entries"):
        restore(np.array([[4, 0]], np.uint8), rule, codebook=book)
    with pytest.raises(RestoreError, match=r"the code book \('book\.npy'\) is needed"):
        restore(np.array([[3, 0]], np.uint8), rule)


@pytest.mark.parametrize(("packing", "byte"), [("msb", 0b10100000), ("lsb", 0b00000101)])
def test_packed_bits_become_signs(packing, byte):
    found = restore(np.array([[byte]], np.uint8), {"method": "binary", "packing": packing}, dimensions=5)
    assert found.values.tolist() == [[1, -1, 1, -1, -1]]


def test_plain_bits_become_signs():
    assert restore(np.array([[1, 0]], np.uint8), {"method": "binary", "packing": "none"}).values.tolist() == [[1, -1]]


def test_packed_bits_need_the_dimensions():
    with pytest.raises(RestoreError, match="packed bits need 'emb:dimensions'"):
        restore(np.array([[1]], np.uint8), {"method": "binary", "packing": "msb"})


def test_an_unknown_rule_is_never_guessed():
    # Presto's Togo files are uint16 and nobody says how.
    with pytest.raises(RestoreError, match="is 'unknown': the producer does not state the method"):
        restore(np.zeros((1, 128), np.uint16), {"method": "unknown"})


def test_a_rule_that_breaks_the_extension_is_refused():
    with pytest.raises(RestoreError, match="emb:quantization cannot be followed"):
        restore(np.zeros((1, 2)), {"method": "signed_power", "divisor": 1})
    with pytest.raises(RestoreError, match="is 'magic': this reader lacks the method"):
        restore(np.zeros((1, 2)), {"method": "magic"})


def test_dimensions_are_checked():
    with pytest.raises(RestoreError, match="64 stored numbers per vector, but signed_power needs 128"):
        restore(np.zeros((2, 64), np.int8), AEF, dimensions=128)


def test_stored_width_of_each_kind():
    assert stored_width(quantization_of(FSQ), 72) == 12
    assert stored_width(quantization_of({"method": "binary", "packing": "msb"}), 9) == 2
    assert stored_width(quantization_of({"method": "none"}), 768) == 768


def test_a_vector_without_length_has_no_direction():
    found = normalized(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    assert found[0].tolist() == pytest.approx([0.6, 0.8])
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("wrong", [{"x": 1}, ["msb"], "four", None, True, 0, -1, 2.5, float("inf"), float("nan")])
@pytest.mark.parametrize("name", ["method", "bits", "packing", "steps", "subvectors"])
def test_a_width_is_not_stated_by_values_of_another_kind(name, wrong):
    for rule in ({"method": "finite_scalar", "steps": 12}, {"method": "none", "bits": 2, "packing": "msb"}):
        width = quantization_methods.stored_width({**rule, name: wrong}, 72)
        assert width in {None, 12, 18, 72}
