"""Every published snippet runs against a local asset in the real layout and dequantises the stored vector."""

import ast
import io
import os
import re
import runpy
import shutil
import subprocess
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import boto3
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from affine import Affine
from pyproj import Transformer

from atlas.errors import RecordError
from atlas.records.snippets import load_snippets, snippets_for
from tests.catalogue import whole_catalogue
from tests.s3_host import OWNER, s3_host

from . import assets

SNIPPETS = {s.id: s for s in load_snippets()}
ELSEWHERE = {"torchgeo", "earth-engine"}  # tools with an environment and a test module of their own
RUN = set()


@pytest.fixture(scope="module", autouse=True)
def _every_snippet_has_a_test(request):
    yield
    if request.session.testscollected > len(SNIPPETS) and not request.config.option.keyword:
        assert {s.id for s in SNIPPETS.values() if s.tool not in ELSEWHERE} == RUN


def code_of(snippet_id: str) -> str:
    return SNIPPETS[snippet_id].code


def printed(code: str, folder: Path, **environment: str) -> list[str]:
    """The lines printed by code run in a folder, with no names but its own."""
    script = folder / "snippet"
    script.write_text(code)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as output, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as for whoever copies the code, a warning of a library is no error
        patch.chdir(folder)
        for name, value in environment.items():
            patch.setenv(name, value)
        runpy.run_path(str(script), run_name="__main__")
    return output.getvalue().splitlines()


def run(snippet_id: str, hrefs: dict[str, Path | str], tmp_path: Path, **environment: str) -> list[str]:
    """The lines printed by the snippet."""
    RUN.add(snippet_id)
    snippet = SNIPPETS[snippet_id]
    code = snippet.render({key: str(path) for key, path in hrefs.items()})
    assert all(literal not in code for key, literal in snippet.hrefs.items() if key in hrefs)
    return printed(code, tmp_path, **environment)


def numbers(line: str) -> list[float]:
    """The last list printed by a snippet."""
    return ast.literal_eval(re.findall(r"\[.*?\]", line)[-1])


def test_alphaearth_cog(tmp_path):
    hrefs, vectors = assets.aef_cog(tmp_path)
    (line,) = run("aef-cog-rasterio", hrefs, tmp_path)
    # The middle of the file falls on a corner of four pixels: it must be one of them, and the rows must not be flipped.
    middle = vectors[15:17, 15:17].reshape(4, 64)
    assert line.startswith("(64,)")
    assert min(np.abs(middle[:, :3] - numbers(line)).max(axis=1)) < 0.01


def test_tessera_tile(tmp_path):
    hrefs, vectors = assets.tessera_tile(tmp_path)
    urls = {key: path.as_uri() for key, path in hrefs.items()}
    (line,) = run("tessera-npy-numpy", urls, tmp_path)
    assert line.startswith("(128,)")
    assert numbers(line) == pytest.approx(vectors[15, 10, :3].tolist(), abs=1e-4)


def test_tessera_coordinates(tmp_path):
    hrefs, _ = assets.tessera_tile(tmp_path)
    (line,) = run("tessera-npy-georeference", hrefs, tmp_path)
    code, row, column = line.split()
    assert code == "EPSG:32631"
    assert 0 <= int(row) < 30
    assert 0 <= int(column) < 20


STORE = "https://data.source.coop/tessera/tessera/zarr/{}/utm31"
PLACE = Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True).transform(0.15, 52.25)
ROW, COLUMN = int((PLACE[1] - assets.ZONE[5]) // -10), int((PLACE[0] - assets.ZONE[2]) // 10)


def test_tessera_zone(tmp_path):
    RUN.add("tessera-v1-zarr")
    folder, vectors = assets.tessera_zone(tmp_path)
    code = code_of("tessera-v1-zarr")
    assert code.count(STORE.format("v1")) == 1
    (line,) = printed(code.replace(STORE.format("v1"), str(folder)), tmp_path)
    assert line.startswith("(128,)")
    assert numbers(line) == pytest.approx(vectors[ROW, COLUMN, :3].tolist(), abs=1e-4)


@pytest.mark.parametrize("snippet", [s for s in SNIPPETS.values() if s.instead], ids=lambda s: s.id)
def test_the_code_of_another_version_is_the_same_for_other_files(snippet):
    RUN.add(snippet.id)
    (first,) = [s for s in SNIPPETS.values() if s.file == snippet.file and not s.instead]
    code = snippet.code
    for literal, text in snippet.instead.items():
        assert code.count(text) == first.code.count(literal) == 1
        code = code.replace(text, literal)
    assert code == first.code


def test_the_zones_of_each_version_are_another_store():
    stores = {s.id: re.search(r"zarr/(.*)/utm31", s.code)[1] for s in SNIPPETS.values() if s.file == "tessera/zarr.py"}
    assert len(set(stores.values())) == len(stores) == 5
    for product in whole_catalogue().products.values():
        for snippet in snippets_for(product, list(SNIPPETS.values())):
            if snippet.id in stores:
                (place,) = [d for d in product.distributions if d.id == snippet.distribution]
                assert place.href.endswith(f"/zarr/{stores[snippet.id]}")


def test_tessera_repository(tmp_path):
    RUN.add("tessera-v1-1-icechunk")
    vectors = assets.tessera_repository(tmp_path)
    # The repository lies here and not in a bucket.
    local = f"icechunk.local_filesystem_storage({str(tmp_path / 'repository')!r})"
    code, count = re.subn(r"icechunk\.s3_storage\([^)]*\)", local, code_of("tessera-v1-1-icechunk"))
    assert count == 1
    *_, line = printed(code, tmp_path)  # icechunk warns of writers to a folder
    assert numbers(line) == pytest.approx(vectors[ROW, COLUMN, :3].tolist(), abs=1e-4)


def test_cells_of_major_tom_are_read_as_they_are(tmp_path):
    vectors = assets.unit_vectors(106 * 106, 64).T.reshape(64, 106, 106)
    path = tmp_path / SNIPPETS["aef-major-tom-rasterio"].hrefs["embeddings"]
    assets.raster(path, vectors, "EPSG:32619", Affine(10, 0, 472_163.4, 0, -10, 5_235_871.7))
    (line,) = run("aef-major-tom-rasterio", {}, tmp_path)
    near = vectors[:3, 51:55, 51:55].reshape(3, 16).T  # the middle is a corner of four pixels
    assert min(np.abs(near - numbers(line)).max(axis=1)) < 1e-4


def test_points_of_mindset_are_restored(tmp_path):
    vectors = assets.unit_vectors(20, 64)
    stored = assets.signed_root(vectors)
    pq.write_table(pa.table({"aef": list(stored)}), tmp_path / "a.parquet")
    (line,) = run("mindset-pyarrow", {"embeddings": tmp_path / "a.parquet"}, tmp_path)
    assert line.startswith("(20, 64)")
    assert numbers(line) == pytest.approx(vectors[0, :3].tolist(), abs=0.01)


def test_clay_patches(tmp_path):
    hrefs, _ = assets.patches(tmp_path, "embeddings", 768)
    (line,) = run("clay-geoparquet-pyarrow", hrefs, tmp_path)
    assert line.startswith("(20, 768) 7 (7.0")


@pytest.mark.parametrize(
    ("snippet_id", "column"), [("clay-geoparquet-duckdb", "embeddings"), ("tables-parquet-duckdb", "embedding")]
)
def test_similar_patches_in_sql(tmp_path, snippet_id, column):
    RUN.add(snippet_id)
    hrefs, _ = assets.patches(tmp_path, column, 384)
    rows = duckdb.sql(SNIPPETS[snippet_id].render({k: str(v) for k, v in hrefs.items()})).fetchall()
    assert len(rows) == 5
    assert rows[0][0] == 8
    assert rows[0][1] > 0.99 > rows[1][1]


def test_tables_by_row_group(tmp_path):
    hrefs, _ = assets.patches(tmp_path, "embedding", 384)
    kind, line = run("tables-parquet-pyarrow", hrefs, tmp_path)
    assert kind.startswith("list<")
    assert line.startswith(("(20, 384)", "(8, 384)"))
    assert numbers(line)[0] == pytest.approx(1)


def test_copernicus_cell(tmp_path):
    hrefs, vector = assets.copernicus(tmp_path)
    (line,) = run("copernicus-geotiff-rasterio", hrefs, tmp_path)
    assert line.startswith("(768,)")
    assert numbers(line) == pytest.approx(vector[:3].tolist(), abs=1e-4)


def test_copernicus_cell_with_gdal(tmp_path):
    RUN.add("copernicus-geotiff-gdal")
    if shutil.which("gdallocationinfo") is None:
        assert not os.environ.get("CI"), "CI installs gdal-bin"
        pytest.skip("gdallocationinfo is not installed (Debian: gdal-bin)")
    hrefs, vector = assets.copernicus(tmp_path)
    # The file lies here and not behind /vsicurl/.
    snippet = SNIPPETS["copernicus-geotiff-gdal"]
    code = snippet.code.replace("/vsicurl/" + snippet.hrefs["embeddings"], str(hrefs["embeddings"]))
    result = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=True)
    lines = result.stdout.split()
    assert len(lines) == 768
    assert [float(x) for x in lines[:3]] == pytest.approx(vector[:3].tolist(), abs=1e-4)


def test_esd_code_book(tmp_path):
    hrefs, vector = assets.esd(tmp_path)
    (line,) = run("esd-geotiff-rasterio", hrefs, tmp_path)
    assert line.startswith("(72,)")
    assert numbers(line) == vector[:3].tolist()


def test_presto_codes_stay_codes(tmp_path):
    hrefs, _ = assets.presto(tmp_path)
    assert run("presto-geotiff-rasterio", hrefs, tmp_path) == ["(128,) uint16"]


@pytest.fixture
def object_store(tmp_path):
    """A loopback S3 server with the mosaic's bucket, and the environment variables for clients."""
    folder = tmp_path / "store"
    vectors = assets.aef_mosaic(folder)
    with s3_host() as endpoint:
        s3 = boto3.client("s3", endpoint_url=endpoint, **OWNER | {"region_name": "us-west-2"})
        bucket = "us-west-2.opendata.source.coop"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        for path in folder.rglob("*"):
            if path.is_file():
                key = f"tge-labs/aef-mosaic/{path.relative_to(folder)}"
                s3.upload_file(str(path), bucket, key, ExtraArgs={"ACL": "public-read"})
        yield {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"}, vectors


def test_alphaearth_mosaic(object_store, tmp_path):
    environment, vectors = object_store
    (line,) = run("aef-mosaic-zarr", {}, tmp_path, **environment)
    assert line.startswith("(64,)")
    assert numbers(line) == pytest.approx(vectors[4, 4, :3].tolist(), abs=0.01)


def test_each_snippet_reads_a_product_of_the_catalogue():
    products = whole_catalogue().products
    read = {s.id for p in products.values() for s in snippets_for(p, list(SNIPPETS.values()))}
    named = {name for s in SNIPPETS.values() for name in s.products}
    assert named <= products.keys()
    assert read == SNIPPETS.keys()


def test_products_get_their_own_example_and_column():
    products, snippets = whole_catalogue().products, list(SNIPPETS.values())
    index = {s.id: s for s in snippets_for(products["earth-index-2024"], snippets)}
    href = products["earth-index-2024"].distributions[0].example_url
    assert f'href = "{href}"' in index["tables-parquet-pyarrow"].code
    assert f'("{href.split("/")[-1]}")' in index["earth-index-torchgeo"].code  # TorchGeo reads downloaded files
    naip = {s.id: s for s in snippets_for(products["clay-v1-5-naip"], snippets)}
    assert 'column = "embeddings"' in naip["tables-parquet-pyarrow"].code
    assert "embeddings AS vector" in naip["tables-parquet-duckdb"].code


def test_what_is_made_for_a_product_stands_for_the_general():
    product = whole_catalogue().products["clay-v0-sentinel"]
    tools = [s.tool for s in snippets_for(product, list(SNIPPETS.values()))]
    assert sorted(tools) == ["duckdb", "pyarrow", "torchgeo"]


def test_every_loader_of_the_index_is_one_of_a_record():
    named = {loader.ref for p in whole_catalogue().products.values() for loader in p.loaders}
    assert {s.loader for s in SNIPPETS.values() if s.loader} <= named


def test_every_embedding_class_of_torchgeo_in_the_records_has_a_snippet():
    products, snippets = whole_catalogue().products.values(), list(SNIPPETS.values())
    with_class = [p for p in products if any("torchgeo.datasets" in str(x.ref) for x in p.loaders)]
    assert len(with_class) > 15
    assert [p.id for p in with_class if not any(s.tool == "torchgeo" for s in snippets_for(p, snippets))] == []


INDEX = """\
tools: [{{id: zarr, title: zarr}}]
snippets: [{{id: a, title: A, language: python, tool: {tool}, libraries: [], file: {file}, hrefs: {{{hrefs}}}}}]
"""


def index(folder, *, tool="zarr", file="a.py", hrefs=""):
    (folder / "snippets").mkdir(parents=True)
    (folder / "a.py").write_text("print(1)\n")
    (folder / "snippets" / "a.py").write_text("print(1)\n")
    (folder / "snippets" / "index.yaml").write_text(INDEX.format(tool=tool, file=file, hrefs=hrefs))
    return folder


def test_a_literal_that_the_file_lacks_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"a\.hrefs - literal-in-file - error - a\.py does not hold nowhere"):
        load_snippets(index(tmp_path, hrefs="embeddings: nowhere"))


def test_a_tool_that_the_index_lacks_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"a\.tool - tool-known - error - 'sarr' is not one of zarr"):
        load_snippets(index(tmp_path, tool="sarr"))


def test_a_file_outside_the_folder_is_refused(tmp_path):
    with pytest.raises(RecordError, match="file-exists"):
        load_snippets(index(tmp_path, file="../a.py"))
    assert len(load_snippets(index(tmp_path / "b"))) == 1


def test_an_href_that_would_end_its_literal_is_refused():
    with pytest.raises(ValueError, match="cannot be put in code"):
        SNIPPETS["aef-cog-rasterio"].render({"embeddings": 'x"; import os #'})
