"""Identifying the product of a file by its header; unrelated files match none."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import zarr
from click.testing import CliRunner

from atlas.cli import cli
from atlas.errors import UnreadableInput
from atlas.read.file_facts import facts_of
from atlas.read.identify import identify, match
from atlas.read.signatures import signatures
from tests.catalogue import whole_catalogue

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data"


def names(path, verdict=None):
    return [c.product for c in match(facts_of(str(path)), known()) if verdict in {None, c.verdict}]


@cache
def known():
    """The signatures of the catalogue."""
    return signatures(whole_catalogue().products.values())


def tif(path, count, dtype, nodata=None, bands=None, pixel=10):
    profile = {"driver": "GTiff", "width": 4, "height": 4, "count": count, "dtype": dtype, "crs": "EPSG:32631"}
    transform = rasterio.Affine(pixel, 0, 5e5, 0, -pixel, 57e5)
    with rasterio.open(path, "w", transform=transform, nodata=nodata, **profile) as file:
        for k, name in enumerate(bands or (), 1):
            file.set_band_description(k, name)
    return path


def table(path, column, length, dtype="float32", **more):
    values = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(2 * length, dtype)), length)
    pq.write_table(pa.table({column: values, **more}), path)
    return path


def test_a_real_tile_is_told_by_its_bands():
    best = identify(str(DATA / "aef_10x10.tif")).candidates[0]
    assert (best.product, best.verdict, best.against) == ("aef-v1-annual", "fits", ())
    assert "its bands are named A00 to A63 (embedding.band_names)" in best.evidence


def test_a_file_is_told_by_its_name_and_numbers(tmp_path):
    np.save(tmp_path / "grid_0.05_51.35.npy", np.zeros((4, 5, 128), "int8"))
    assert set(names(tmp_path / "grid_0.05_51.35.npy", "fits")) >= {"tessera-v1", "tessera-v1.1-cambridge"}
    made = tif(tmp_path / "x086q72fv2f9q1x4a-0000000000-0000008192.tiff", 64, "int8", -128)
    assert names(made, "fits") == ["aef-v1-annual"]
    # the same name on other numbers is no evidence
    assert names(tif(made, 3, "uint8")) == []
    np.save(tmp_path / "grid_0.05_51.35.npy", np.zeros((4, 5), "float32"))
    assert names(tmp_path / "grid_0.05_51.35.npy") == []


def test_what_agrees_with_several_is_possible_for_each(tmp_path):
    found = match(facts_of(str(table(tmp_path / "a.parquet", "embedding", 1024))), known())
    assert len(found) > 2
    assert {c.verdict for c in found} == {"possible"}
    assert names(table(tmp_path / "a.parquet", "embeddings", 768)) == ["clay-v0-sentinel"]


def test_a_store_is_told_by_its_arrays(tmp_path):
    group = zarr.open_group(str(tmp_path / "z"), mode="w", zarr_format=3)
    group.create_array("embeddings", shape=(1, 128, 8, 8), dtype="int8", dimension_names=("time", "band", "y", "x"))
    assert "tessera-v1" in names(tmp_path / "z")
    other = zarr.open_group(str(tmp_path / "o"), mode="w", zarr_format=3)
    other.create_array("temperature", shape=(1, 128, 8, 8), dtype="int8")
    assert names(tmp_path / "o") == []


def test_files_of_other_kinds_are_claimed_by_no_product(tmp_path):
    (tmp_path / "a.txt").write_text("embeddings int8 64 A00")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "empty.tif").write_bytes(b"")
    pq.write_table(pa.table({"embedding": ["text"], "id": [1]}), tmp_path / "c.parquet")
    np.save(tmp_path / "scales.npy", np.zeros((5, 5), "float32"))
    np.save(tmp_path / "three.npy", np.zeros((5, 5, 3), "int8"))
    tif(tmp_path / "rgb.tif", 3, "uint8")
    tif(tmp_path / "s2.tif", 13, "float32", pixel=20)
    tif(tmp_path / "64.tif", 64, "uint8")
    tif(tmp_path / "256.tif", 256, "uint16")
    table(tmp_path / "d.parquet", "prices", 768)
    table(tmp_path / "e.parquet", "embedding", 1023)
    (tmp_path / "folder").mkdir()
    for path in sorted(tmp_path.iterdir()):
        assert names(path) == [], path.name
    with pytest.raises(UnreadableInput, match="No such file"):
        identify(str(tmp_path / "none.tif"))


def test_the_command_prints_the_evidence():
    result = CliRunner().invoke(cli, ["identify", str(DATA / "aef_10x10.tif")])
    assert "aef-v1-annual (gcs): fits\n  + 64 stored numbers per vector" in result.output
    result = CliRunner().invoke(cli, ["identify", str(DATA / "aef_10x10.tif"), "--json"])
    assert json.loads(result.output)["candidates"][0]["product"] == "aef-v1-annual"


@pytest.mark.skipif(not SHARED.is_dir(), reason="samples of producers' files that lie only beside this checkout")
@pytest.mark.parametrize(
    ("path", "product"),
    [
        ("aef/aef_cogeotiff_model_transformation.tif", "aef-v1-annual"),
        ("aef/synthetic/x086q72fv2f9q1x4a-0000000000-0000000000.tiff", "aef-v1-annual"),
        ("clay/03WVN_20220610_20220610_v001.gpq", "clay-v0-sentinel"),
        ("esd/synthetic/SDC30_EBD_V001_02VMN_2024_mock.tif", "esd-v001"),
        ("presto/synthetic/Togo_Presto_embeddings_v2025_06_190000000000-0000000000.tif", "presto-togo-2019"),
        ("earth-index/21MNT.parquet", "earth-index-2024"),
        ("major-tom/synthetic/core_alphaearth/471U_587L.tif", "majortom-core-alphaearth"),
    ],
)
def test_files_of_producers_are_told(path, product):
    assert names(SHARED / path)[0] == product
