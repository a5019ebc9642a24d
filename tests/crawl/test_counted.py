"""The count that an API states against the Items read: a difference is reported."""

import json

import pytest

from atlas.crawl.engine import Crawl
from atlas.crawl.folder import CrawlFolder
from atlas.sources.base import Source

from .hosts import Host, answer


def item(name, year, **more):
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"datetime": f"{year}-06-01T00:00:00Z"},
        "assets": {"embeddings": {"href": f"https://example.com/{name}.parquet"}},
        **more,
    }


@pytest.fixture
def run(catalog, tmp_path, monkeypatch):
    """Crawl an API whose time queries return what `found` gives, and which states a total count."""
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    host = Host()
    product = catalog.products["earth-genome-ssl4eo-yearly"]

    def page(found, stated):
        def send(handler, _):
            features = found if "datetime" in handler.path or "limit=1" not in handler.path else []
            answer(handler, 200, json.dumps({"features": features, "links": [], **stated}).encode())

        return send

    def crawl(found, **stated):
        interval = [["2020-01-01T00:00:00Z", "2021-12-31T23:59:59Z"]]
        collection = {"type": "Collection", "links": [{"rel": "items"}], "extent": {"temporal": {"interval": interval}}}
        host.objects["/collections/c"] = json.dumps(collection).encode()
        host.objects["/collections/c/items"] = b""
        host.fault = ("/collections/c/items", page(found, stated))
        return Crawl(Source(product, f"{host.url}/collections/c"), catalog, tmp_path / "out").run()

    try:
        yield crawl
    finally:
        host.stop()


TWO = [item("a", 2020), item("b", 2021)]


@pytest.mark.parametrize("stated", [{"numberMatched": 3}, {"context": {"matched": 3}}])
def test_items_that_did_not_come_are_missed_in_the_report(run, tmp_path, stated):
    report = run(TWO, **stated)
    assert report.faults == {
        "count": "the index states 3 Items, 2 came: 1 are missing, or its count is not exact",
    }
    assert "INCOMPLETE: the index states 3 Items, 2 came" in report.to_text().splitlines()[1]
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (written["stated_items"], written["items"], written["nothing_changed"]) == (3, 2, False)


@pytest.mark.parametrize(
    "stated", [{"numberMatched": 2}, {"numberMatched": 1}, {}, {"numberMatched": "many"}, {"numberMatched": 10**30}]
)
def test_nothing_is_missed_where_as_many_came_or_nobody_counts(run, stated):
    assert run(TWO, **stated).faults == {}


def test_more_than_stated_is_said_and_no_fault(run):
    assert "1 more than the 1 Items that the index states" in run(TWO, numberMatched=1).to_text()
    assert "more than" not in run(TWO, numberMatched=2).to_text()


def test_what_is_rejected_came_and_what_came_twice_did_not_come_once_more(run):
    found = [*TWO, item("c", 2020, geometry=None), item("a", 2020)]
    assert run(found, numberMatched=3).faults == {}
    assert "1 are missing" in run(found, numberMatched=4).faults["count"]


def test_items_of_another_collection_make_up_for_none_that_is_missing(run):
    found = [*TWO, item("c", 2020) | {"collection": "other"}]
    assert "1 are missing" in run(found, numberMatched=3).faults["count"]


def test_items_that_name_no_collection_are_told(run, tmp_path):
    named = item("c", 2021) | {"collection": "c"}
    report = run([*TWO, named], numberMatched=3)
    note = "Items name no Collection, and were taken to belong to the one that the API was asked for"
    assert report.items == 3
    assert report.to_json(CrawlFolder(tmp_path / "out"))["notes"] == {note: 2}
    assert f"  note: 2 {note}" in report.to_text().splitlines()
