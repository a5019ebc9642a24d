"""Hrefs are URI references: file names with blanks and special characters, relative to the Item."""

import numpy as np
import pytest

from atlas.errors import RestoreError
from atlas.read import asset_spec, sample

COLLECTION = {
    "emb:dimensions": 2,
    "emb:quantization": {"method": "none"},
    "emb:layout": {"kind": "array", "axis": 2},
    "proj:code": "EPSG:4326",
    "proj:transform": [1, 0, 0, 0, -1, 1],
}


def item(href, own=None):
    links = [{"rel": "self", "href": own}] if own else []
    assets = {"embeddings": {"href": href, "roles": ["data"]}}
    return {"type": "Feature", "id": "x", "properties": {}, "links": links, "assets": assets}


@pytest.fixture(params=["a b.npy", "a#b.npy", "a%b.npy", "a%20b.npy", "é.npy", "a?b.npy", "a+b.npy"])
def file(request, tmp_path):
    path = tmp_path / "data" / request.param
    path.parent.mkdir()
    np.save(path, np.ones((1, 1, 2), "float32"))
    return path


def read(href, own=None):
    return sample(item(href, own), 0.5, 0.5, collection=COLLECTION).values.tolist()


def test_a_file_is_found_by_its_uri_and_by_its_path(file, monkeypatch):
    assert read(file.as_uri()) == [1, 1]
    assert read(file.as_uri().replace("file://", "file://localhost")) == [1, 1]
    assert read(file.as_uri().replace("file://", "file:")) == [1, 1]
    assert read(str(file)) == [1, 1]
    monkeypatch.chdir(file.parent)
    assert read(f"./{file.as_uri().rpartition('/')[2]}") == [1, 1]
    assert read(file.name) == [1, 1]


def test_a_relative_href_is_found_beside_the_item(file):
    relative = "../data/" + file.as_uri().rpartition("/")[2]
    for own in (file.parent / "item.json", file.parent.parent / "items" / "item.json"):
        assert read(relative, str(own)) == [1, 1]
        assert read(relative, own.as_uri()) == [1, 1]


def test_a_relative_href_of_a_published_item_is_an_address():
    found = asset_spec(item("../a%20b.npy", "https://example.org/x/item.json"), collection=COLLECTION)
    assert found.href == "https://example.org/a%20b.npy"


def test_an_escaped_name_wins_over_its_text(tmp_path):
    for name, value in (("a b.npy", 1), ("a%20b.npy", 2)):
        np.save(tmp_path / name, np.full((1, 1, 2), value, "float32"))
    assert read(str(tmp_path / "a%20b.npy")) == [1, 1]
    assert read(str(tmp_path / "a%2520b.npy")) == [2, 2]


@pytest.mark.parametrize(
    "href", ["file://other/a.npy", "ftp://example.org/a.npy", "//other/a.npy", "javascript:1", "//["]
)
def test_an_href_that_leads_to_no_file_is_an_error(href):
    with pytest.raises(RestoreError, match=r"asset 'embeddings' of 'x': its href .* leads to no file"):
        read(href)
