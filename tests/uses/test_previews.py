"""Previews: contents, components, errors; those in the catalogue can be reproduced."""

import importlib.util
import io
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner
from PIL import Image

from atlas.cli import cli
from atlas.errors import RestoreError, UnreadableInput
from atlas.read.identity import Identity
from atlas.uses.preview import Components, components_of, kept_components
from atlas.uses.preview_picture import patches_picture, png_bytes

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
KEPT = ROOT / "catalog" / "previews"


def loaded(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


previews = loaded("previews", ROOT / "scripts" / "previews.py")


def run(*arguments):
    return CliRunner().invoke(cli, ["preview", *map(str, arguments)])


@pytest.fixture
def patches(tmp_path):
    """Items of a patch product: four squares in a row, one without a vector."""
    places = [shapely.box(k, 50, k + 0.9, 50.9) for k in range(4)]
    values = np.random.default_rng(0).normal(size=(4, 768)).astype("float32").tolist()
    columns = {
        "embeddings": pa.array([*values[:3], None], pa.list_(pa.float32())),
        "geometry": shapely.to_wkb(places).tolist(),
    }
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    more = {"embeddings": pa.array([*values[:3], values[0]], pa.list_(pa.float32()))}
    pq.write_table(pa.table(columns | more).replace_schema_metadata({"geo": json.dumps(geo)}), tmp_path / "a.parquet")
    sample = previews.Sample("clay-v0-sentinel", "a.parquet", "2022-06-10T00:00:00Z", "nowhere", "https://example.org")
    path = tmp_path / "item.json"
    path.write_text(json.dumps(previews.item_of(sample, tmp_path)))
    return path


def test_patches_are_drawn_on_their_ground_by_the_components_of_their_space(patches, tmp_path):
    out = tmp_path / "o.png"
    assert run(patches, "--out", out).exit_code == 0
    story = json.loads(out.with_suffix(".json").read_text())
    assert story["components"] == {"of": "the space", "sample": 417}
    assert story["vectors"] == 4
    assert story["bbox"] == [0, 50, 3.9, 50.9]
    assert story["products"] == ["clay-v0-sentinel"]
    assert story["items"] == ["a"]
    with Image.open(out) as sheet:
        assert sheet.size[0] > 900
    fit = run(patches, "--fit", "--out", out)
    assert fit.exit_code == 0, fit.output
    fitted = json.loads(out.with_suffix(".json").read_text())["components"]
    assert (fitted["of"], fitted["sample"], len(fitted["axes"])) == ("these vectors", 4, 3)


def test_a_picture_has_a_colour_for_each_vector_and_gaps_for_none():
    places = np.array([shapely.box(k, 0, k + 1, 1) for k in range(3)], object)
    colours = np.array([[1, 0, 0], [np.nan] * 3, [0, 0, 2]], np.float32)
    image = patches_picture(places, colours)
    middle = image.height // 2
    assert [image.getpixel((x, middle)) for x in (80, 240, 400)] == [(255, 0, 0, 255), (0, 0, 0, 0), (0, 0, 255, 255)]
    with pytest.raises(RestoreError, match="no patch has a footprint and a vector"):
        patches_picture(places, np.full((3, 3), np.nan, np.float32))


def test_components_that_are_kept_give_the_same_colours(tmp_path):
    vectors = np.random.default_rng(1).normal(size=(50, 8)).astype("float32")
    identity = Identity("a-space", 8)
    fit = components_of(vectors, identity)
    path = tmp_path / "components" / "a-space.json"
    path.parent.mkdir()
    path.write_text(json.dumps(fit.as_json()))
    kept = kept_components("a-space", tmp_path)
    assert np.array_equal(kept.colours_of(vectors, identity), fit.colours_of(vectors, identity))
    assert kept_components("another", tmp_path) is None
    with pytest.raises(RestoreError, match="a-space"):
        kept.colours_of(vectors, Identity("another", 8))
    path.write_text(json.dumps(fit.as_json() | {"low": [0, 0]}))
    with pytest.raises(UnreadableInput, match=r"a-space\.json: no components of a space"):
        Components.read(path)
    with pytest.raises(RestoreError, match="three components of 3 vectors"):
        components_of(vectors[:3], identity)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("geoclip",), "'geoclip' is a location encoder"),
        (("clay-v0-sentinel",), "run `atlas crawl clay-v0-sentinel`, or name a file"),
        (("clay-v0-sentinel", "--at", "500,1"), "--at: '500,1' is not LON,LAT in degrees"),
        (("clay-v0-sentinel", "--at", "5"), "--at: '5' is not LON,LAT"),
        (("clay-v0-sentinel", "--at", "5,1", "--bbox", "0,0,1,1"), "--at and --bbox cannot be combined"),
        (("no-such-product",), "no-such-product: no such file"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, words, tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    result = run(*arguments, "--out", tmp_path / "o.png")
    assert result.exit_code == 1
    assert words in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_an_item_of_a_crawl_is_found_by_id_place_or_as_the_first(patches, tmp_path, monkeypatch):
    from stac_geoparquet.arrow import parse_stac_items_to_arrow, to_parquet

    item = json.loads(patches.read_text()) | {"bbox": [0, 50, 4, 51]}
    item["geometry"] = shapely.geometry.mapping(shapely.box(*item["bbox"]))
    far = item | {"id": "far", "bbox": [90, 0, 91, 1], "geometry": shapely.geometry.mapping(shapely.box(90, 0, 91, 1))}
    folder = tmp_path / "state" / "crawls" / "clay-v0-sentinel" / "items"
    folder.mkdir(parents=True)
    to_parquet(parse_stac_items_to_arrow([item, far]), folder / "one.parquet")
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    out = tmp_path / "o.png"

    def items(*arguments):
        result = run("clay-v0-sentinel", *arguments, "--out", out)
        assert result.exit_code == 0, result.output
        return json.loads(out.with_suffix(".json").read_text())["items"]

    assert items() == ["a"]
    assert items("--item", "far") == ["far"]
    assert items("--at", "1.5,50.5") == ["a"]
    result = run("clay-v0-sentinel", "--at", "-60,0", "--out", out)
    assert "no Item has a box that meets" in str(result.exception)
    result = run(patches, "--item", "none", "--out", out)
    assert "no Item has the id 'none'" in str(result.exception)


def test_previews_of_the_catalogue_are_small_and_of_producers_files():
    products = previews.catalog().products
    pictures = sorted(path.stem for path in KEPT.glob("*.png"))
    assert pictures == sorted(sample.product for sample in previews.SAMPLES)
    for sample in previews.SAMPLES:
        assert "synthetic" not in sample.file
        assert (KEPT / f"{sample.product}.png").stat().st_size < 60_000
        story = json.loads((KEPT / f"{sample.product}.json").read_text())
        assert story["licences"] == [products[sample.product].licences.data]
        assert story["origin"].startswith("https://")
        assert kept_components(products[sample.product].embedding.space, KEPT).sample == story["components"]["sample"]


@pytest.mark.filterwarnings("ignore::atlas.read.issues.KnownIssueWarning")
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the producers' files lie only beside this checkout")
@pytest.mark.parametrize("sample", previews.SAMPLES, ids=lambda one: one.product)
def test_previews_of_the_catalogue_are_what_is_made_of_the_files(sample, tmp_path):
    previews.make(sample, SHARED, tmp_path)  # components too, as there are none yet
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        kept = KEPT / path.relative_to(tmp_path)
        if path.suffix == ".png":
            made, shown = (np.asarray(Image.open(p).convert("RGBA")).astype(int) for p in (path, kept))
            assert np.abs(made - shown).max() <= 1
        else:
            assert_alike(json.loads(path.read_text()), json.loads(kept.read_text()))


def assert_alike(one, other):
    """Equal up to the last digits of numbers."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_alike(one[key], other[key])
    elif isinstance(one, list) and one and isinstance(one[0], float):
        assert np.allclose(one, other, atol=2e-5)
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_alike(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, abs=2e-5)
    else:
        assert one == other


def test_png_loses_no_colour():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (9, 9, 4), np.uint8), "RGBA")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(image))).convert("RGBA")), np.asarray(image))
