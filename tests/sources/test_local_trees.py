"""Local trees with blanks and special characters in names: crawler, `validate -r` and reader follow the same hrefs."""

import json
import os

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from atlas.commands.crawl import command as crawl_command
from atlas.commands.validate import command as validate_command

NAMES = {
    "a%20b.json": "a b.json",
    "a%23b.json": "a#b.json",
    "./a b.json": "a b.json",
    "deep%2Fa.json": "deep/a.json",
    "a.json#part": "a.json",
    "a.json?v=1": "a.json",
    "100%.json": "100%.json",
    "missing/../a.json": "a.json",
}


def item(name):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "c",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "bbox": [1, 2, 1, 2],
        "properties": {"datetime": "2021-06-01T00:00:00Z"},
        "links": [{"rel": "collection", "href": "./catalog%20of%20all.json"}],
        "assets": {"embeddings": {"href": "./vectors%20of%20it.parquet"}},
    }


def tree(root, links, items):
    links = [{"rel": "item", "href": href} for href in links]
    catalog = {"type": "Catalog", "stac_version": "1.1.0", "id": "c", "description": "d", "links": links}
    (root / "catalog of all.json").write_text(json.dumps(catalog))
    for name, content in items.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return root / "catalog of all.json"


def crawl(source, out):
    run = CliRunner().invoke(
        crawl_command, ["earth-genome-ssl4eo-yearly", "--source", str(source), "--out", str(out), "--json"]
    )
    assert run.stdout, run.output
    return json.loads(run.stdout)


def validated(source):
    run = CliRunner().invoke(validate_command, ["-r", "--format", "json", str(source)])
    return json.loads(run.stdout)


@pytest.mark.parametrize(("href", "name"), NAMES.items())
def test_a_link_is_followed_as_a_uri_by_crawler_and_validator(tmp_path, href, name):
    root = tmp_path / "a tree"
    root.mkdir()
    source = tree(root, [href], {name: item("one")})
    for where in (source, source.as_uri()):
        report = crawl(where, tmp_path / f"out-{where == source}")
        assert (report["items"], report["set_aside"]) == (1, [])
    found = pq.read_table(tmp_path / "out-True" / "items")["assets"][0].as_py()["embeddings"]["href"]
    folder = root.resolve() / os.path.dirname(name)  # noqa: PTH120
    assert found == (folder / "vectors of it.parquet").as_uri()
    assert validated(source)["checked"] == 2


def test_a_file_uri_within_the_tree_is_followed_and_no_other(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    links = [(root / "a b.json").as_uri(), "file://localhost" + (root / "a b.json").as_uri()[7:], "file://other/a.json"]
    source = tree(root, links, {"a b.json": item("one")})
    report = crawl(source, tmp_path / "out")
    assert report["items"] == 1
    assert [one["reason"] for one in report["set_aside"]] == ["link leads to a host that the record does not name"]


def test_a_link_to_no_file_is_told_alike_by_crawler_and_validator(tmp_path):
    source = tree(tmp_path, ["gone%20away.json", "a.json"], {"a.json": item("one")})
    report = crawl(source, tmp_path / "out")
    assert report["items"] == 1
    (aside,) = report["set_aside"]
    assert aside["reason"] == "link leads to no file"
    assert aside["file"].endswith("/gone away.json")
    assert validated(source)["unreadable"] == 1


def test_the_report_names_the_file_in_which_a_bad_item_was(tmp_path):
    bad = item("a/b") | {"geometry": {"type": "Point", "coordinates": [3, 4]}}
    source = tree(tmp_path, ["one.json", "two.json", "three.json"], {})
    for name, content in {"one": item("one"), "two": bad, "three": item("one")}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    found = {one["reason"]: one["file"] for one in crawl(source, tmp_path / "out")["set_aside"]}
    assert {reason: file.rpartition("/")[2] for reason, file in found.items()} == {
        "illegal id": "two.json",
        "duplicate": "three.json",
    }


def test_the_report_names_the_row_of_a_bad_item_in_a_document(tmp_path):
    items = {"type": "FeatureCollection", "features": [item("one"), item("a/b"), item("c") | {"geometry": None}]}
    (tmp_path / "items.json").write_text(json.dumps(items))
    report = crawl(tmp_path / "items.json", tmp_path / "out")
    assert [(one["file"], one["line"], one["reason"]) for one in report["set_aside"]] == [
        ("items.json/c", 3, "no geometry"),
        ("items.json/a/b", 2, "illegal id"),
    ]
