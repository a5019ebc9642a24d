"""The examples against an atlas on a real port, with TESSERA tiles and one AlphaEarth file that lies on loopback."""

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import uvicorn
from affine import Affine
from pyproj import Transformer
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from atlas.api.app import create_app
from atlas.api.server import listen
from atlas.crawl.run import crawl_product
from atlas.extension import queryables
from atlas.records import load_catalog
from atlas.resources import data_dir
from atlas.settings import Settings
from atlas.store.pgstac import load_folder, load_queryables

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# An AlphaEarth file at its published place, cut to 64 pixels of its south-western corner.
WEST, SOUTH, SIZE = 500000, 6062080, 64
NAME = "x086q72fv2f9q1x4a-0000000000-0000000000"


@contextmanager
def serving(app):
    with listen(Settings(port=0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            end = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < end
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(15)


def write_cog(path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(64, SIZE, SIZE))
    vectors /= np.linalg.norm(vectors, axis=0)
    stored = np.clip(np.round(np.sign(vectors) * np.sqrt(np.abs(vectors)) * 127.5), -127, 127).astype("int8")
    profile = {
        "driver": "GTiff", "width": SIZE, "height": SIZE, "count": 64, "dtype": "int8", "nodata": -128,
        "crs": "EPSG:32610", "transform": Affine(10, 0, WEST, 0, 10, SOUTH), "tiled": True, "blockxsize": 16,
        "blockysize": 16, "interleave": "band",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(stored)


def aef_index(path: Path) -> Path:
    """An index of one row, with the columns of the published one."""
    to_degrees = Transformer.from_crs("EPSG:32610", "EPSG:4326", always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(WEST, SOUTH, WEST + 81920, SOUTH + 81920)
    row = {
        "fid": 1, "geom": shapely.to_wkb(shapely.box(west, south, east, north)), "crs": "EPSG:32610", "year": 2024,
        "utm_zone": "10N", "utm_west": float(WEST), "utm_south": float(SOUTH), "utm_east": WEST + 81920.0,
        "utm_north": SOUTH + 81920.0, "wgs84_west": west, "wgs84_south": south, "wgs84_east": east,
        "wgs84_north": north,
        "path": f"s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual/2024/10N/{NAME}.tiff",
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), path)
    return path


def point_at(folder: Path, published: str, local: str) -> None:
    """Let the asset of a crawled Item lie on loopback, with the transform of the small file."""
    (part,) = (folder / "items").glob("*.parquet")
    table = pq.read_table(part)
    rows = table.to_pylist()
    for row in rows:
        assert published in row["assets"]["embeddings"]["href"]
        row["assets"]["embeddings"]["href"] = local
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), part)


@pytest.fixture(scope="module")
def atlas(empty_module_database, tmp_path_factory):
    """Address of the atlas, and a folder in which the crawl lies where the SQL looks for it."""
    folder = tmp_path_factory.mktemp("examples")
    catalog, settings = load_catalog(), Settings(state_dir=folder / "state")
    sample = data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"
    tessera, aef = folder / "build" / "tessera-v1", folder / "aef"
    crawl_product(catalog.products["tessera-v1"], catalog, settings, source=str(sample), out=tessera)
    product = catalog.products["aef-v1-annual"]
    crawl_product(product, catalog, settings, source=str(aef_index(folder / "aef_index.parquet")), out=aef)
    (folder / "files").mkdir()
    write_cog(folder / "files" / f"{NAME}.tiff")
    files = Starlette()
    files.mount("/", StaticFiles(directory=folder / "files"))
    with serving(files) as host:
        point_at(aef, f"{NAME}.tiff", f"{host}/{NAME}.tiff")
        load_queryables(empty_module_database, queryables())
        for crawl in (tessera, aef):
            load_folder(empty_module_database, crawl)
        with serving(create_app(settings, empty_module_database)) as url:
            yield url, folder


def run(name: str, url: str) -> list[str]:
    # GDAL must not look for files beside the one it opens, and a proxy is no way to loopback.
    environment = os.environ | {"ATLAS_URL": url, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "no_proxy": "127.0.0.1"}
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / name)], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_pystac_client_finds_the_tile_and_its_rule(atlas):
    lines = run("find_tiles.py", atlas[0])
    assert lines[0] == "1 Items cover 0.12, 52.21 in 2021"
    assert lines[1] == "tessera-v1 grid_0.15_52.25_2021 128 dimensions, stored by per_vector_scale"
    tile = "https://data.source.coop/tessera/tessera/npy/v1/2021/grid_0.15_52.25/grid_0.15_52.25"
    assert {f"  embeddings: {tile}.npy", f"  scales: {tile}_scales.npy"} < set(lines[2:])
    assert len(lines) == 5


def test_pystac_client_walks_from_the_root_to_an_asset(atlas):
    lines = run("walk_catalogue.py", atlas[0])
    assert lines[0].startswith("facets and terms: ")
    assert any(line.strip().startswith("Collection ") for line in lines)
    assert lines[-1].startswith("asset: http")


def test_duckdb_counts_tiles_by_year(atlas, monkeypatch):
    monkeypatch.chdir(atlas[1])
    rows = duckdb.sql((EXAMPLES / "tiles_by_year.sql").read_text("utf-8")).fetchall()
    assert [year for year, _, _ in rows] == [2017, 2020, 2021, 2022, 2023]
    assert all(tiles > 50 for _, tiles, _ in rows)


def test_odc_stac_opens_a_found_cog(atlas):
    (line,) = run("open_cog.py", atlas[0])
    assert line.startswith("(64, ")
    assert line.endswith("mean length 1.00")
