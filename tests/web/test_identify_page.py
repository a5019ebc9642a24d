"""The page "Which product is this file from?" gives the same text as `atlas identify`, for any file."""

import json
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path

import icechunk
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import zarr

from atlas.errors import UnreadableInput
from atlas.read.file_facts import facts_of
from atlas.read.identify import match
from atlas.read.signatures import signatures
from tests.web.node import NODE

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data"
DAMAGES = ("no-branch", "no-snapshot", "cut-snapshot", "false-snapshot", "later", "repo")
TILE = HERE.parent / "read" / "data" / "aef_10x10.tif"


def tif(path, count=3, dtype="uint8", *, nodata=None, names=(), crs="EPSG:32631", pixel=10, **more):
    profile = {"driver": "GTiff", "width": 20, "height": 20, "count": count, "dtype": dtype, "crs": crs, **more}
    transform = rasterio.Affine(pixel, 0, 5e5, 0, -pixel, 57e5)
    with rasterio.open(path, "w", transform=transform, nodata=nodata, **profile) as file:
        for k, name in enumerate(names, 1):
            file.set_band_description(k, name)
        file.update_tags(emb=json.dumps({"space": "tessera-v1", "more": ["a", {"b": "c"}]}))


def rasters(folder):
    tif(folder / "rgb.tif")
    tif(folder / "sentinel-2.tif", 13, "uint16", pixel=20, nodata=0)
    tif(folder / "x086q72fv2f9q1x4a-0000000000-0000008192.tiff", 64, "int8", nodata=-128)
    tif(folder / "aef.tif", 64, "int8", nodata=-128, names=[f"A{k:02d}" for k in range(64)], interleave="band")
    tif(folder / "some-names.tif", 3, "float32", names=["", "red"], nodata=float("nan"))
    tif(folder / "lowest.tif", 64, "float32", nodata=-3.4028234663852886e38)
    tif(folder / "tiny.tif", 64, "float64", nodata=1e-7, crs="EPSG:4326", pixel=0.0001)
    tif(folder / "grid_0.05_51.35_2024.tiff", 128, "float32")
    tif(folder / "grid_0.05_51.35.tif", 127, "float32")
    tif(folder / "half.tif", 64, "float32", NBITS=16)
    tif(folder / "bits.tif", 1, "uint8", NBITS=1)
    tif(folder / "twelve.tif", 4, "uint16", NBITS=12)
    tif(folder / "complex.tif", 2, "complex64")
    tif(folder / "big.tif", 64, "int8", BIGTIFF="YES", ENDIANNESS="BIG", compress="deflate")
    tif(folder / "tiled.tif", 8, "int16", tiled=True, blockxsize=16, blockysize=16)
    tif(folder / "odd-pixel.tif", 64, "int8", pixel=10.05, crs="EPSG:32733")
    tif(folder / "no-crs.tif", 64, "int8", crs=None)
    whole = (folder / "aef.tif").read_bytes()
    for size in (0, 5, 40, 300):
        (folder / f"cut-{size}.tif").write_bytes(whole[:size])
    (folder / "not.tif").write_bytes(b"II*\0" + bytes(range(256)))


def tables(folder):
    def write(name, columns, **more):
        pq.write_table(pa.table(columns), folder / name, **more)

    def lists(width, dtype="float32", rows=3):
        return pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows * width, dtype)), width)

    write("clay.parquet", {"embeddings": lists(768), "geometry": [b"", b"", b""]})
    write("groups.parquet", {"embedding": lists(1024, rows=5)}, row_group_size=2)
    for kind in ("int8", "uint8", "uint16", "int32", "int64", "uint64", "float16", "float64"):
        write(f"{kind}.parquet", {"embedding": lists(384, kind)})
    write("lengths.parquet", {"embedding": [[1.0, 2.0], [3.0], [4.0, 5.0]]})
    write("nulls.parquet", {"embedding": pa.array([[1.0] * 384, None], pa.list_(pa.float32()))})
    write("large.parquet", {"embedding": pa.array([[1.0] * 384] * 2, pa.large_list(pa.float32()))})
    write("nested.parquet", {"embedding": [[[1.0], [2.0]]], "struct": [{"embedding": [1.0] * 384}]})
    write("words.parquet", {"embedding": [["a"]], "days": pa.array([[1]], pa.list_(pa.date32()))})
    write("flags.parquet", {"embedding": [[True, False]], "times": pa.array([[1]], pa.list_(pa.timestamp("us")))})
    write("roads.parquet", {"name": ["A1"], "lanes": [2], "geometry": [b""]})
    write("none.parquet", {"id": pa.array([], pa.string()), "embedding": lists(384, rows=0), "geometry": []})
    stated = {"emb": json.dumps({"model": {"name": "SoftCon"}})}
    write_table = pa.table({"embedding": lists(384), "id": [1, 2, 3]}).replace_schema_metadata(stated)
    pq.write_table(write_table, folder / "stated.parquet")
    whole = (folder / "clay.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[:-9])
    (folder / "begins.parquet").write_bytes(b"PAR1")


def arrays(folder):
    np.save(folder / "grid_0.05_51.35.npy", np.zeros((4, 5, 128), "int8"))
    np.save(folder / "grid_0.05_51.45.npy", np.zeros((4, 5), "float32"))
    np.save(folder / "random.npy", np.random.default_rng(0).normal(size=(3, 3, 64)))
    np.save(folder / "columns.npy", np.zeros((4, 5, 128), "int8", order="F"))
    np.save(folder / "objects.npy", np.array([{}], object))
    np.save(folder / "fields.npy", np.zeros(3, [("a", "i1"), ("b", "f8")]))
    np.save(folder / "texts.npy", np.array(["a", "bcd"]))
    np.save(folder / "big-end.npy", np.zeros((4, 5, 128), ">f4"))
    np.save(folder / "flag.npy", np.zeros((3, 2), bool))
    np.save(folder / "point.npy", np.float64(1))
    whole = (folder / "random.npy").read_bytes()
    (folder / "short.npy").write_bytes(whole[:-1])
    (folder / "header.npy").write_bytes(whole[:40])
    (folder / "newer.npy").write_bytes(whole[:6] + b"\x03" + whole[7:])
    np.savez(folder / "one.npz", np.zeros((3, 3, 768), "float32"))
    np.savez_compressed(folder / "two.npz", a=np.zeros((90, 90, 768), "float32"), b=np.zeros(3))
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("a.txt", "text")
    with zipfile.ZipFile(folder / "false.npz", "w") as archive:
        archive.writestr("a.npy", "no array")


def stores(folder):
    for version in (2, 3):
        group = zarr.open_group(str(folder / f"v{version}"), mode="w", zarr_format=version)
        group.create_array("embeddings", shape=(1, 128, 8, 8), dtype="int8")
        group.create_group("years/2020").create_array("scales", shape=(8, 8), dtype="float32")
        group.attrs["emb"] = {"space": "tessera-v1"}
        zarr.open_array(str(folder / f"array{version}"), mode="w", shape=(8, 64), dtype="float32", zarr_format=version)
        group = zarr.open_group(str(folder / f"whole{version}"), mode="w", zarr_format=version)
        group.create_array("embeddings", shape=(1, 128, 8, 8), dtype="int8", chunks=(1, 128, 4, 4))[:] = 1
        group.create_array("flags", shape=(8, 8), dtype="bool")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zarr's, that version 3 does not foresee it
            zarr.consolidate_metadata(str(folder / f"whole{version}"), zarr_format=version)
    (folder / "zarr.json").write_bytes((folder / "whole3" / "zarr.json").read_bytes())
    (folder / ".zmetadata").write_bytes((folder / "whole2" / ".zmetadata").read_bytes())
    (folder / "bad").mkdir()
    (folder / "bad" / "zarr.json").write_text("[1]")
    (folder / "plain").mkdir()
    (folder / "plain" / "a.txt").write_text("text")


def repositories(folder):
    """Icechunk repositories as the library writes them, damaged ones, and one of a later format version."""
    whole = folder / "icechunk"
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(str(whole)))
    session = repository.writable_session("main")
    group = zarr.open_group(session.store, mode="w")
    group.attrs["emb"] = {"space": "tessera-v1"}
    group.create_array("embeddings", shape=(1, 128, 8, 8), dtype="int8", chunks=(1, 128, 4, 4))[:] = 1
    group.create_array("flags", shape=(8, 8), dtype="bool")
    group.create_array("a/b/deep", shape=(3,), dtype="float32")
    group.create_array("a/b/c/deeper", shape=(3,), dtype="float32")
    session.commit("first")
    session = repository.writable_session("main")
    for k in range(60):
        zarr.open_group(session.store).create_array(f"utm{k:02d}/scales", shape=(8, k + 1), dtype="float32")
    session.commit("second")
    for damage in DAMAGES:
        copy = shutil.copytree(whole, folder / f"icechunk-{damage}")
        newest = copy / "snapshots" / json.loads((copy / "refs/branch.main/ref.json").read_text())["snapshot"]
        content = newest.read_bytes()
        if damage == "no-branch":
            (copy / "refs/branch.main").rename(copy / "refs/branch.other")
        elif damage == "no-snapshot":
            newest.unlink()
        elif damage == "cut-snapshot":
            newest.write_bytes(content[:80])
        elif damage == "false-snapshot":
            newest.write_bytes(b"something else" * 10)
        elif damage == "later":
            newest.write_bytes(content[:36] + b"\x09" + content[37:])
        else:
            shutil.rmtree(copy / "refs")
            (copy / "repo").write_bytes(content[:36] + b"\x02\x06\x01")
    shutil.copy(next((whole / "manifests").iterdir()), folder / "manifest-of-icechunk")


def others(folder):
    (folder / "empty").write_bytes(b"")
    (folder / "text.txt").write_text("embeddings int8 64 A00")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folder / "document.json").write_text('{"zarr_format": 3}')


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for write in (rasters, tables, arrays, stores, repositories, others):
        write(folder)
    found = [*sorted(folder.iterdir()), TILE]
    return [*found, *(p for p in sorted(SHARED.rglob("*")) if p.is_file())] if SHARED.is_dir() else found


def test_the_browser_reads_and_judges_as_the_command_does(files, site, catalog, tmp_path):
    (tmp_path / "list.json").write_text(json.dumps([str(path) for path in files]))
    command = [NODE, str(HERE / "identify_files.js"), str(site), str(tmp_path / "list.json")]
    answers = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    table = signatures(catalog.products.values())
    claimed = 0
    for path, answer in zip(files, answers, strict=True):
        try:
            facts = facts_of(str(path))
        except UnreadableInput:
            assert "error" in answer, path
            continue
        assert answer.get("facts") == facts.as_json(), (path, answer.get("error"))
        found = [
            {
                "product": c.product,
                "distribution": c.distribution,
                "verdict": c.verdict,
                "evidence": list(c.evidence),
                "against": list(c.against),
            }
            for c in match(facts, table)
        ]
        assert [{k: v for k, v in one.items() if k != "score"} for one in answer["candidates"]] == found, path
        claimed += bool(found)
    assert claimed > 10


def test_damaged_files_are_refused_and_other_files_belong_to_no_product(files, catalog):
    table = signatures(catalog.products.values())
    damaged = {"cut-40.tif", "not.tif", "cut.parquet", "begins.parquet", "short.npy", "header.npy", "false.npz", "bad"}
    damaged |= {f"icechunk-{one}" for one in DAMAGES} | {"manifest-of-icechunk"}
    assert damaged <= {path.name for path in files}
    unclaimed = {"rgb.tif", "sentinel-2.tif", "roads.parquet", "random.npy", "empty", "text.txt", "cut-0.tif", "plain"}
    for path in files:
        if path.name in damaged:
            with pytest.raises(UnreadableInput, match=path.name.replace(".", r"\.")):
                facts_of(str(path))
        if path.name in unclaimed:
            assert match(facts_of(str(path)), table) == (), path
