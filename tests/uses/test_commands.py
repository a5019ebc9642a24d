"""The commands write a map or a table, a picture, and a JSON of how both were made."""

import json

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from lxml import etree
from PIL import Image
from pyproj import Geod

from atlas.cli import cli
from atlas.read.identity import Identity
from tests.read import shapes


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def items(tmp_path):
    (tmp_path / "in").mkdir()
    made = [shapes.cog(tmp_path / "in", year=y, **{"emb:similarity": ["cosine"]}) for y in (2023, 2024)]
    path = tmp_path / "items.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [m.item for m in made]}))
    return path, made


def place(row, column):
    from pyproj import Transformer

    way = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)
    return way.transform(shapes.ORIGIN[0] + 10 * column + 5, shapes.ORIGIN[1] - 10 * row - 5)


def told(path):
    """The JSON beside a result, whose picture exists too."""
    with Image.open(path.with_suffix(".png")) as picture:
        assert picture.size[0] > 300
    story = json.loads(path.with_suffix(".json").read_text())
    assert story["space"] == "a-space"
    assert story["attribution"] == ["A producer"]
    assert story["licences"] == ["CC-BY-4.0"]
    assert set(story["items"]) == {"item-2023", "item-2024"}
    return story


def test_open_and_preview(items, tmp_path):
    path, made = items
    out = tmp_path / "o" / "v.tif"
    result = run("open", path, "--year", "2024", "--out", out)
    assert result.exit_code == 0, result.output
    with rasterio.open(out) as file:
        assert np.array_equal(file.read(), made[1].expected, equal_nan=True)
        assert file.overviews(1) == []  # a mean of vectors is none of the producer's
        assert Identity.read(file.tags()["emb_identity"]).space == "a-space"
        assert file.profile["tiled"]
    assert run("open", path, "--out", tmp_path / "two.tif").exit_code == 0
    assert {p.name for p in tmp_path.glob("two*.tif")} == {"two-2023-01-01.tif", "two-2024-01-01.tif"}
    told(tmp_path / "two.tif")
    assert run("preview", path, "--out", tmp_path / "p.png").exit_code == 0
    story = told(tmp_path / "p.png")
    assert len(story["components"]["axes"]) == 3
    assert len(story["example"]) == 8
    assert sum(story["values"]["counts"]) == 8 * story["vectors"]


@pytest.mark.parametrize("use", ["open", "cluster"])
def test_a_map_is_not_written_under_the_name_of_a_table(items, tmp_path, use):
    result = run(use, items[0], "--out", tmp_path / "m.parquet")
    assert "the result is a map of pixels: give a file name that ends in .tif or .tiff" in str(result.exception)
    assert list(tmp_path.glob("*.parquet")) == []


def test_sample_and_similar(items, tmp_path):
    path, made = items
    at = [place(40, 41), place(50, 51)]
    gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=gpd.points_from_xy(*zip(*at, strict=True)), crs="OGC:CRS84"
    ).to_file(tmp_path / "points.geojson")
    result = run("sample", tmp_path / "points.geojson", path, "--out", tmp_path / "s.parquet")
    assert result.exit_code == 0, result.output
    table = pq.read_table(tmp_path / "s.parquet")
    assert table.column("name").to_pylist() == ["a", "b"] * 2
    assert table.column("embedding")[3].as_py() == made[1].expected[:, 50, 51].tolist()
    assert table.schema.field("embedding").type.list_size == 8
    with Image.open(tmp_path / "s.png") as picture:
        assert picture.size[0] > 300
    lon, lat = at[0]
    result = run("similar", path, "--like", f"{lon},{lat}", "--out", tmp_path / "m.tif")
    assert result.exit_code == 0, result.output
    with rasterio.open(tmp_path / "m.tif") as file:
        score = file.read()
        assert file.descriptions == ("2023-01-01", "2024-01-01")
    assert score[1, 40, 41] == pytest.approx(1, abs=1e-6)
    assert "cosine (the producer's)" in told(tmp_path / "m.tif")["steps"][0]
    result = run("similar", path, "--like-file", tmp_path / "points.geojson", "--out", tmp_path / "m.tif")
    assert result.exit_code == 0, result.output
    assert "similarity to 2 examples" in told(tmp_path / "m.tif")["steps"][0]
    result = run("similar", path, "--like", f"{lon},{lat}", "--out", tmp_path / "m.png")
    assert (result.exit_code, "a .png is written beside the result" in result.output) == (2, True)
    result = run("similar", path, "--out", tmp_path / "m.tif")
    assert "name an example with --like LON,LAT or --like-file" in str(result.exception or result.output)


@pytest.mark.slow
def test_change_cluster_and_classify(items, tmp_path):
    path, _ = items
    result = run("change", path, "--from", 2023, "--to", 2024, "--out", tmp_path / "c.tif")
    assert result.exit_code == 0, result.output
    with rasterio.open(tmp_path / "c.tif") as file:
        assert file.descriptions == ("distance", "noise", "changed", "artefact")
    assert 0 <= told(tmp_path / "c.tif")["changed_share"] <= 1
    assert run("cluster", path, "--groups", 3, "--out", tmp_path / "k.tif").exit_code == 0
    with rasterio.open(tmp_path / "k.tif") as file:
        assert set(np.unique(file.read())) == {0, 1, 2, 255}
        assert file.nodata == 255
    told(tmp_path / "k.tif")
    # what QGIS shows: place, names, colours; a map of one year has them in the file itself
    assert run("cluster", path, "--groups", 3, "--year", 2024, "--out", tmp_path / "k1.tif").exit_code == 0
    with rasterio.open(tmp_path / "k1.tif") as file:
        assert file.crs.to_epsg() == 32631
        assert file.descriptions == ("2024-01-01",)
        assert file.colormap(1)[1] == (0xEE, 0x66, 0x77, 255)
        assert file.profile["driver"] == "GTiff"
    style = etree.parse(tmp_path / "k.qml").getroot()
    assert style.find("pipe/rasterrenderer").get("band") == "2"
    assert [e.get("label") for e in style.iter("paletteEntry")] == ["0", "1", "2"]
    style = etree.parse(tmp_path / "c.qml").getroot()
    assert style.find("pipe/rasterrenderer").get("type") == "singlebandpseudocolor"
    with rasterio.open(tmp_path / "c.tif") as file:
        assert float(file.tags(1)["STATISTICS_MAXIMUM"]) == pytest.approx(float(np.nanmax(file.read(1))))
        assert np.isnan(file.nodata)
    random = np.random.default_rng(0).integers(0, 80, (60, 2))
    frame = gpd.GeoDataFrame(
        {"cover": np.where(random[:, 0] < 40, "a", "b")},
        geometry=gpd.points_from_xy(*np.transpose([place(r, c) for r, c in random])),
        crs="OGC:CRS84",
    )
    frame.to_file(tmp_path / "labels.geojson")
    more = ("--points", tmp_path / "labels.geojson", "--label", "cover", "--block-size", 200)
    result = run("classify", path, *more, "--out", tmp_path / "l.tif")
    assert result.exit_code == 0, result.output
    story = told(tmp_path / "l.tif")
    assert story["classes"] == ["a", "b"]
    assert np.sum(story["confusion"]) > 50


def test_patches_are_opened_and_searched(tmp_path):
    shape = shapes.table(tmp_path)
    (tmp_path / "i.json").write_text(json.dumps(shape.item))
    assert run("open", tmp_path / "i.json", "--out", tmp_path / "o.parquet").exit_code == 0
    assert gpd.read_parquet(tmp_path / "o.parquet").crs.to_authority() == ("OGC", "CRS84")
    result = run(
        "similar", tmp_path / "i.json", "--like", "3.0105,51.445", "--count", 3, "--out", tmp_path / "n.parquet"
    )
    assert result.exit_code == 0, result.output
    assert pq.read_table(tmp_path / "n.parquet").column("row")[0].as_py() == 10
    for name in "on":  # with a picture, though there are no pixels
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert picture.size[0] > 300
    frame = gpd.GeoDataFrame(
        {"cover": ["a"] * 5 + ["b"] * 5},
        geometry=gpd.points_from_xy([3.0005 + 0.002 * k for k in range(10)], [51.445] * 10),
        crs="OGC:CRS84",
    )
    frame.to_file(tmp_path / "labels.geojson")
    more = ("--points", tmp_path / "labels.geojson", "--label", "cover", "--block-size", 300)
    result = run("classify", tmp_path / "i.json", *more, "--out", tmp_path / "c.parquet")
    assert result.exit_code == 0, result.output
    assert set(pq.read_table(tmp_path / "c.parquet").column("class").to_pylist()) == {"a", "b"}
    story = json.loads((tmp_path / "c.json").read_text())
    assert np.sum(story["confusion"]) == 10
    size = Geod(ellps="WGS84").geometry_area_perimeter(shapely.box(3, 51.44, 3.001, 51.45))[0]
    assert sum(one["mapped"] for one in story["areas_m2"].values()) == pytest.approx(20 * size)
    assert story["areas_rest_on"] == "the labelled points: indicative only"
    result = run(
        "classify", tmp_path / "i.json", *more, "--check", tmp_path / "labels.geojson", "--out", tmp_path / "c.parquet"
    )
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "c.json").read_text())["areas_rest_on"] == "a probability sample"
    result = run("cluster", tmp_path / "i.json", "--groups", 3, "--out", tmp_path / "k.parquet")
    assert result.exit_code == 0, result.output
    assert set(pq.read_table(tmp_path / "k.parquet").column("cluster").to_pylist()) == {0, 1, 2}
    assert json.loads((tmp_path / "k.json").read_text())["picture"]
    result = run("change", tmp_path / "i.json", "--from", 2023, "--to", 2024, "--out", tmp_path / "c.tif")
    assert "these Items hold patches" in str(result.exception or result.output)


@pytest.fixture
def crawled(items, tmp_path, monkeypatch):
    """The Items as the crawl of the bundled sample of a product, as `atlas up` makes it."""
    from stac_geoparquet.arrow import parse_stac_items_to_arrow, to_parquet

    folder = tmp_path / "state" / "crawls" / "tessera-v1-sample"
    (folder / "items").mkdir(parents=True)
    west, north, east, south = (*place(0, 0), *place(60, 60))
    ground = {"bbox": [west, south, east, north], "geometry": shapely.box(west, south, east, north).__geo_interface__}
    found = [made.item | {"collection": "tessera-v1", "links": []} | ground for made in items[1]]
    to_parquet(parse_stac_items_to_arrow(found), folder / "items" / "all.parquet")
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    return items[1]


def around(row, column):
    lon, lat = place(row, column)
    return f"{lon - 0.0001},{lat - 0.0001},{lon + 0.0001},{lat + 0.0001}"


def test_a_crawled_product_is_named_by_its_id(crawled, tmp_path):
    lon, lat = place(40, 41)
    gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs="OGC:CRS84").to_file(tmp_path / "p.geojson")
    for use, *options in (
        ("open", "--bbox", around(40, 41)),
        ("similar", "--bbox", around(40, 41), "--like", f"{lon},{lat}"),
        ("change", "--bbox", around(40, 41), "--from", 2023, "--to", 2024),
    ):
        result = run(use, "tessera-v1", *options, "--out", tmp_path / f"{use}.tif")
        assert result.exit_code == 0, (use, result.output, result.exception)
        assert f"beside it: {use}.png, {use}.json" in result.output
        story = json.loads((tmp_path / f"{use}.json").read_text())
        assert (story["parameters"]["items"], set(story["items"])) == ("tessera-v1", {"item-2023", "item-2024"})
    result = run("sample", tmp_path / "p.geojson", "tessera-v1", "--out", tmp_path / "s.parquet")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "2 rows, 2 with a vector (beside it: s.png, s.json)" in result.output
    assert run("preview", "tessera-v1", "--out", tmp_path / "first.png").exit_code == 0
    one = run("similar", "tessera-v1", "--bbox", around(40, 41), "--year", 2024, "--like", f"{lon},{lat}", "--out",
              tmp_path / "one.tif")  # fmt: skip
    assert "one.tif: 1 year of" in one.output
    assert "Name a place with --bbox" in str(run("open", "tessera-v1", "--out", tmp_path / "x.tif").exception)
    nothing = run("open", "aef-v1-annual", "--bbox", "0,0,1,1", "--out", tmp_path / "x.tif").exception
    assert "run `atlas crawl aef-v1-annual`" in str(nothing)


@pytest.mark.parametrize("use", ["open", "preview", "similar", "change", "cluster", "classify", "sample"])
def test_the_help_says_what_items_may_be(use):
    told = " ".join(run(use, "--help").output.split())
    assert "ITEMS is the id of a crawled product, or a file, folder or address of Items." in told
