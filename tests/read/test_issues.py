"""Known issues of a product are reported once when its vectors are opened, with their source."""

import warnings

import numpy as np
import pytest
from PIL import Image

import atlas
from atlas.read import issues
from atlas.read.identity import Identity, identity_of
from atlas.read.issues import KnownIssueWarning, issues_of
from atlas.records import load_product
from atlas.uses import change
from atlas.uses.pictures import EDGE, SIDE, STRIPE, draw
from tests.read import shapes

SEAMS = {
    "title": "Seams",
    "description": "Steps at the edges of tiles.",
    "status": "suspected",
    "region": "West",
    "href": "https://example.org/7",
    "workaround": "Leave out the edges.",
}


@pytest.fixture(autouse=True)
def untold():
    issues._told.clear()
    yield
    issues._told.clear()


def collection(*issues):
    return {"type": "Collection", "id": "p", "emb:known_issues": list(issues)}


def test_issues_are_told_once_with_text_and_source(tmp_path):
    item = shapes.cog(tmp_path).item
    of = collection(SEAMS, SEAMS | {"title": "Mended", "status": "fixed"})
    told = (
        "known issues of p:\n- Seams \\(suspected; West\\). Steps at the edges of tiles. Leave out the edges. "
        "See https://example.org/7$"
    )
    with pytest.warns(KnownIssueWarning, match=told) as seen:
        cube = atlas.open(item, collection=of)
    assert len(seen) == 1
    assert seen[0].filename == __file__  # whoever opens is told, not the library
    assert identity_of(cube).issues == ("Seams",)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        atlas.open(item, collection=of)
        atlas.sample(item, [(3.01, 51.44)], collection=of)


def test_without_a_collection_the_record_is_asked_and_names_readers_that_are_wrong(tmp_path):
    item = shapes.cog(tmp_path, year=2023).item | {"collection": "aef-v1-annual"}
    with pytest.warns(KnownIssueWarning) as seen:
        cube = atlas.open(item)
    text = str(seen[0].message)
    assert "A linear scale of 1/127 does not restore the vectors" in text
    assert "https://github.com/rasterio/rasterio/issues/3505" in text
    readers = text.split("Other readers of it:\n")[1]
    assert "- TorchGeo: Returns the stored 8-bit values without restoring them" in readers
    assert "The GeoTIFFs are stored bottom-up" in identity_of(cube).issues


@pytest.mark.parametrize(
    ("versions", "version", "told"),
    [(["1.0"], "1.1", False), (["1.0"], "1.0", True), (["1.0"], None, True), (["a-reader 0.1"], "1.1", True)],
)
def test_an_issue_of_another_version_is_not_told(versions, version, told):
    item = {"id": "x", "properties": {"version": version} if version else {}}
    found = issues_of(item, collection(SEAMS | {"versions": versions}), None)
    assert bool(found) is told


def test_an_issue_that_says_where_it_lies_is_marked_in_change(tmp_path):
    here = [shapes.cog(tmp_path, year=y).item for y in (2022, 2023)]
    here[1]["properties"]["emb:known_issues"] = [SEAMS]  # of this Item: its ground, its year
    here[1]["bbox"] = [3.0, 51.44, 3.005, 51.5]
    of = collection(SEAMS | {"title": "Else", "bbox": [-10, 49, 3.002, 61], "years": [2019]})
    with pytest.warns(KnownIssueWarning):
        cube = atlas.open(here, collection=of)
    assert Identity.read(cube.attrs["emb_identity"]).artefacts == (
        ("Else", (-10.0, 49.0, 3.002, 61.0), (2019,)),
        ("Seams", (3.0, 51.44, 3.005, 51.5), (2023,)),
    )
    found = change(cube, 2022, 2023)
    box = cube.odc.geobox
    from pyproj import Transformer

    x, y = np.meshgrid(cube.x, cube.y)
    lon, lat = Transformer.from_crs(str(box.crs), "OGC:CRS84", always_xy=True).transform(x, y)
    expected = (lon > 3.0) & (lon < 3.005) & (lat > 51.44)
    assert np.array_equal(found["artefact"] == 1, expected)
    how = draw(found["distance"], tmp_path / "c.png", "distance", doubtful=found["artefact"])
    assert how["striped"] == "known artefact"
    with Image.open(tmp_path / "c.png") as picture:
        striped = (np.asarray(picture.convert("RGB")) == STRIPE).all(axis=-1)
    zoom = SIDE // (2 * max(expected.shape))
    height, width = (zoom * n for n in expected.shape)
    on_map = striped[EDGE : EDGE + height, EDGE : EDGE + width]
    over = on_map.reshape(expected.shape[0], zoom, -1, zoom).any(axis=(1, 3))
    assert np.array_equal(over, expected)  # every pixel of it, and no other
    assert 0.1 < on_map[np.repeat(np.repeat(expected, zoom, 0), zoom, 1)].mean() < 0.5  # the map is seen between
    assert "striped" not in draw(found["distance"], tmp_path / "c.png", "distance", doubtful=found["artefact"] * 0)
    assert 0.05 < expected.mean() < 0.9


def test_the_record_places_what_its_source_places():
    issue = next(i for i in load_product("tessera-v1").known_issues if i.id == "tiling-artefacts")
    assert issue.years == [2017, 2018, 2019, 2024]
    west, south, east, north = issue.bbox
    assert west < -7 < 1 < east
    assert south < 51 < 60 < north
