"""The scripts of `clients/` run against a real server and real files."""

import gzip
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
import rasterio
from pyproj import Transformer
from pystac_client import Client
from rasterio.transform import Affine
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from atlas.api.app import create_app
from atlas.crawl.run import crawl_product
from atlas.resources import data_dir
from atlas.settings import Settings
from tests.catalogue import whole_catalogue
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running
from tests.integration.conftest import fresh_database, with_queryables

CLIENTS = Path(__file__).parents[3] / "clients"


def run(script, *arguments):
    command = [sys.executable, str(CLIENTS / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def run_for_each(places, script, *arguments):
    """Its lines and, where it ends with one, its messages; one process, as libraries take long to import."""
    code = (
        "import json, runpy, sys\nscript, places, *arguments = sys.argv[1:]\nfor place in json.loads(places):\n"
        "    sys.argv = [script, *arguments, *map(str, place)]\n"
        "    try:\n        runpy.run_path(script, run_name='__main__')\n"
        "    except SystemExit as end:\n        print(end)\n"
    )
    command = [sys.executable, "-c", code, str(CLIENTS / script), orjson.dumps(places).decode(), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_pystac_client_finds_the_files_of_a_place(stac):
    item = next(i for i in make_items() if i["collection"] == "tessera-v1" and "emb:dimensions" in i["properties"])
    west, south, east, north = item["bbox"]
    year = item["properties"]["start_datetime"][:4]
    lines = run("search_pystac_client.py", stac, (west + east) / 2, (south + north) / 2, year)
    assert lines[0] == "1 Items"
    assert lines[1].split("\t")[:2] == ["tessera-v1", item["id"]]
    assert lines[1].endswith(item["assets"]["embeddings"]["href"])


def test_duckdb_counts_in_the_download(tmp_path):
    """Over the files that a crawl writes and the site offers."""
    catalog, sample = whole_catalogue(), data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"
    lines = gzip.decompress(sample.read_bytes()).splitlines(keepends=True)
    (tmp_path / "registry.txt").write_bytes(b"".join(lines[:1200]))
    settings = Settings(state_dir=tmp_path)
    crawl_product(
        catalog.products["tessera-v1"], catalog, settings, source=str(tmp_path / "registry.txt"), out=tmp_path / "out"
    )
    items = pq.read_table(tmp_path / "out" / "items", columns=["id", "bbox", "start_datetime"]).to_pylist()
    west, south, east, north = middle_box([i["bbox"] for i in items])
    expected = {}
    for item in items:
        box = item["bbox"]
        if box["xmax"] >= west and box["xmin"] <= east and box["ymax"] >= south and box["ymin"] <= north:
            expected.setdefault(item["start_datetime"].year, []).append(item["id"])
    found = run("count_duckdb.py", tmp_path / "out" / "items" / "*.parquet", west, south, east, north)
    assert found == [f"{year}\t{len(ids)}\t{min(ids)}" for year, ids in sorted(expected.items())]
    assert 0 < sum(map(len, expected.values())) < len(items)


def middle_box(boxes):
    """A box that holds about half of the Items."""
    longitudes, latitudes = (sorted(b[side] for b in boxes) for side in ("xmin", "ymin"))
    low, high = len(boxes) // 4, 3 * len(boxes) // 4
    return longitudes[low], latitudes[low], longitudes[high], latitudes[high]


@pytest.fixture
def cog(tmp_path):
    """A small file in AlphaEarth's layout: 64 bands of int8, bottom-up."""
    path = tmp_path / "tile.tif"
    codes = np.random.default_rng(5).integers(-127, 128, (64, 64, 64)).astype("int8")
    codes[:, 0, 0] = -128
    profile = {"driver": "GTiff", "width": 64, "height": 64, "count": 64, "dtype": "int8", "nodata": -128}
    profile |= {"crs": "EPSG:32631", "transform": Affine(*UPWARDS), "tiled": True, "blockxsize": 32, "blockysize": 32}
    with rasterio.open(path, "w", **profile) as target:
        target.write(codes)
    return path, codes


UPWARDS = (10, 0, 500_000, 0, 10, 5_000_000)


def test_odc_stac_opens_a_found_cog_and_its_vector_is_restored(cluster, cog):
    path, codes = cog
    files = Starlette()
    files.mount("/", StaticFiles(directory=path.parent))
    degrees = Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True).transform
    with fresh_database(cluster, with_queryables) as conninfo, running(files) as host:
        fill(conninfo, [cog_item(f"{host}/tile.tif")])
        with running(create_app(Settings(), conninfo)) as url:
            places = [degrees(500_205, 5_000_405), degrees(500_005, 5_000_005)]
            lines = run_for_each(places, "load_odc_stac.py", f"{url}/stac", "aef-v1-annual", "cog-tile")
    sizes, vector, refusal = lines
    assert "no data here" in refusal
    assert "'time': 1" in sizes
    stored = codes[:, 40, 20].astype(float)
    assert [float(v) for v in vector.split()] == pytest.approx(np.sign(stored) * (abs(stored) / 127.5) ** 2, abs=1e-6)


def cog_item(href):
    ring = [[3.0, 45.15], [3.01, 45.15], [3.01, 45.16], [3.0, 45.16], [3.0, 45.15]]
    quantization = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "all"}
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v2.0.0/schema.json"],
        "id": "cog-tile",
        "collection": "aef-v1-annual",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [3.0, 45.15, 3.01, 45.16],
        "properties": {
            "datetime": "2021-01-01T00:00:00Z",
            "proj:code": "EPSG:32631",
            "proj:shape": [64, 64],
        },
        "links": [],
        # as a crawl writes them: the names of the bands stand in the Collection
        "assets": {
            "embeddings": {
                "href": href,
                "type": "image/tiff; application=geotiff; profile=cloud-optimized",
                "roles": ["data", "embedding"],
                "data_type": "int8",
                "nodata": -128,
                "emb:quantization": quantization,
                "proj:transform": list(UPWARDS),
            }
        },
    }


def test_stac_browser_is_pointed_at_the_api(tmp_path):
    """The settings are read as STAC Browser reads them, and every name is known to it."""
    script = tmp_path / "read.cjs"
    path = CLIENTS / "stac-browser" / "runtime-config.js"
    script.write_text(
        "const vm = require('vm'), fs = require('fs'); const window = {};"
        f"vm.runInNewContext(fs.readFileSync({orjson.dumps(str(path)).decode()}, 'utf8'), {{window}});"
        "console.log(JSON.stringify(window.STAC_BROWSER_CONFIG));",
        "utf-8",
    )
    node = Path(sys.executable).with_name("node")
    if not node.exists():
        node = Path(shutil.which("node") or pytest.skip("there is no Node here"))
    done = subprocess.run([str(node), str(script)], capture_output=True, text=True, timeout=60, check=True)
    settings = orjson.loads(done.stdout)
    # names of STAC Browser 4.0's config.js
    known = set(
        re.findall(
            r"\w+",
            "catalogUrl catalogTitle catalogImage allowExternalAccess allowedDomains detectLocaleFromBrowser "
            "storeLocale locale fallbackLocale supportedLocales apiCatalogPriority useTileLayerAsFallback "
            "displayGeoTiffByDefault displayPreview displayOverview buildTileUrlTemplate getMapSourceOptions "
            "pathPrefix historyMode cardViewMode cardViewSort showKeywordsInItemCards "
            "showKeywordsInCatalogCards showThumbnailsAsAssets searchResultsPerPage itemsPerPage "
            "collectionsPerPage maxEntriesPerPage defaultThumbnailSize crossOriginMedia requestHeaders "
            "requestQueryParameters socialSharing preprocessSTAC authConfig crs footerLinks",
        )
    )
    assert set(settings) <= known
    assert settings["catalogUrl"].endswith("/stac/")
    assert settings["allowExternalAccess"] is False


@pytest.mark.parametrize("fields", [["id"], ["properties.gsd"], {"exclude": ["properties", "assets"]}])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pystac_client_reads_items_with_fewer_members(stac, fields, collection):
    search = Client.open(stac).search(collections=[collection], fields=fields, max_items=3)
    items = list(search.items())
    assert [item.collection_id for item in items] == [collection] * 3
    assert all(item.datetime or item.common_metadata.start_datetime for item in items)
    assert all(not item.assets and item.get_self_href() for item in items)
