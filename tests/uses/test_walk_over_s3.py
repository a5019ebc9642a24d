"""From files in an S3 bucket (moto) to maps and tables, by command."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
from click.testing import CliRunner
from pyproj import Transformer

from atlas.cli import cli
from tests.read import shapes
from tests.s3_host import OWNER, s3_host

REAL = Path(__file__).parents[1] / "sources" / "data" / "03WVN_20220610_20220610_v001.gpq"
WAY = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[str, Callable[[str, Path], None]]]:
    """The server's endpoint, and a function that uploads to its bucket `vectors`."""
    with s3_host() as endpoint:
        client = boto3.client("s3", endpoint_url=endpoint, **OWNER)
        client.create_bucket(Bucket="vectors", ACL="public-read")

        def put(key, path):
            client.put_object(Bucket="vectors", Key=key, Body=path.read_bytes(), ACL="public-read")

        yield endpoint, put


def run(*arguments):
    done = CliRunner().invoke(cli, [str(a) for a in arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def place(row, column):
    return WAY.transform(shapes.ORIGIN[0] + 10 * column + 5, shapes.ORIGIN[1] - 10 * row - 5)


@pytest.fixture
def items(bucket, tmp_path, loopback):
    """Two years in the layouts of AlphaEarth and TESSERA: Items in a folder, files in the bucket."""
    endpoint, put = bucket
    (tmp_path / "files").mkdir()
    found = {}
    for product, makes in {
        "alphaearth": [lambda year: shapes.cog(tmp_path / "files", shapes.SOUTH_UP, year)] * 2,
        "tessera": [lambda year: shapes.npy(tmp_path / "files")],
    }.items():
        folder = tmp_path / product
        folder.mkdir()
        for year, make in zip((2023, 2024), makes, strict=False):
            made = make(year)
            text = json.dumps(made.item | {"id": f"{product}-{year}"})
            for path in (tmp_path / "files").iterdir():
                put(f"{product}/{path.name}", path)
            one = json.loads(text.replace(f"{tmp_path / 'files'}/", f"s3://vectors/{product}/"))
            one["properties"]["emb:similarity"] = ["cosine"]
            one["properties"]["storage:schemes"] = {
                "s": {"type": "custom-s3", "platform": endpoint, "bucket": "vectors"}
            }
            for asset in one["assets"].values():
                asset["storage:refs"] = ["s"]
            (folder / f"{year}.json").write_text(json.dumps(one))
            found[product] = folder, made.expected
    return found


def test_pixels_as_alphaearth_has_them(items, tmp_path):
    folder, expected = items["alphaearth"]
    at = [place(int(r), int(c)) for r, c in np.random.default_rng(0).integers(0, 80, (60, 2))]
    frame = gpd.GeoDataFrame(
        {"cover": ["west" if lon < np.median([p[0] for p in at]) else "east" for lon, _ in at]},
        geometry=gpd.points_from_xy(*zip(*at, strict=True)),
        crs="OGC:CRS84",
    )
    frame.to_file(tmp_path / "points.geojson")
    run("open", folder, "--year", 2024, "--out", tmp_path / "open.tif")
    with rasterio.open(tmp_path / "open.tif") as file:
        assert np.array_equal(file.read(), expected, equal_nan=True)
    run("sample", tmp_path / "points.geojson", folder, "--out", tmp_path / "sample.parquet")
    assert sum(pq.read_table(tmp_path / "sample.parquet").column("valid").to_pylist()) > 100
    lon, lat = place(40, 41)
    run("similar", folder, "--like", f"{lon},{lat}", "--out", tmp_path / "similar.tif")
    with rasterio.open(tmp_path / "similar.tif") as file:
        assert file.read(2)[40, 41] == pytest.approx(1, abs=1e-6)
    run("change", folder, "--from", 2023, "--to", 2024, "--out", tmp_path / "change.tif")
    run("cluster", folder, "--groups", 3, "--out", tmp_path / "cluster.tif")
    with rasterio.open(tmp_path / "cluster.tif") as file:
        assert set(np.unique(file.read())) == {0, 1, 2, 255}
    more = ("--points", tmp_path / "points.geojson", "--label", "cover", "--block-size", 200)
    run("classify", folder, *more, "--out", tmp_path / "classify.tif")
    for name in ("similar", "change", "cluster", "classify"):
        assert json.loads((tmp_path / f"{name}.json").read_text())["items"] == ["alphaearth-2023", "alphaearth-2024"]
        with rasterio.open(tmp_path / f"{name}.tif") as file:
            assert file.crs.to_epsg() == 32631


def test_pixels_as_tessera_has_them(items, tmp_path):
    folder, expected = items["tessera"]
    run("open", folder, "--out", tmp_path / "open.tif")
    with rasterio.open(tmp_path / "open.tif") as file:
        assert np.array_equal(file.read(), expected, equal_nan=True)
    lon, lat = place(40, 41)
    run("similar", folder, "--like", f"{lon},{lat}", "--out", tmp_path / "similar.tif")
    run("cluster", folder, "--groups", 3, "--out", tmp_path / "cluster.tif")


def test_patches_of_a_bucket_that_is_crawled(bucket, tmp_path, loopback):
    endpoint, put = bucket
    put("clay/03WVN_20220610_20220610_v001.gpq", REAL)
    out = tmp_path / "crawl"
    run("crawl", "clay-v0-sentinel", "--source", f"{endpoint}/vectors/clay/", "--out", out)
    chips = gpd.read_parquet(REAL)
    run("open", out, "--out", tmp_path / "open.parquet")
    assert pq.read_table(tmp_path / "open.parquet").num_rows == len(chips)
    middles = gpd.GeoDataFrame(geometry=chips.representative_point(), crs=chips.crs)
    middles.to_file(tmp_path / "points.geojson")
    run("sample", tmp_path / "points.geojson", out, "--out", tmp_path / "sample.parquet")
    assert all(pq.read_table(tmp_path / "sample.parquet").column("valid").to_pylist())
    point = middles.to_crs("OGC:CRS84").geometry.iloc[0]
    run("similar", out, "--like", f"{point.x},{point.y}", "--count", 3, "--out", tmp_path / "similar.parquet")
    assert pq.read_table(tmp_path / "similar.parquet").num_rows == 3
    run("cluster", out, "--groups", 2, "--out", tmp_path / "cluster.parquet")
    assert set(pq.read_table(tmp_path / "cluster.parquet").column("cluster").to_pylist()) == {0, 1}
