"""Indexes without ETag or hash: read every time, and parts kept where their Items are the same."""

import json

import pyarrow.parquet as pq
import pytest

from atlas.fetch.client import close_fetchers

from .hosts import Host

TILES = [(f"18SU{letter}", column) for column, letter in enumerate("JKLMN")]


def item(tile, column, title="one"):
    west = -77 + column
    ring = [[west, 38], [west + 1, 38], [west + 1, 39], [west, 39], [west, 38]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"{tile}_2025",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "title": title,
            "datetime": None,
            "start_datetime": "2025-01-01T00:00:00Z",
            "end_datetime": "2026-01-01T00:00:00Z",
        },
        "assets": {"embeddings": {"href": f"https://example.com/{tile}.parquet"}},
        "links": [],
    }


@pytest.fixture
def api(crawl, catalog):
    """`api(items)` crawls an API that returns these Items in this order."""
    host = Host()
    collection = {
        "type": "Collection",
        "id": "c",
        "links": [{"rel": "items", "href": f"{host.url}/collections/c/items"}],
    }
    host.objects["/collections/c"] = json.dumps(collection).encode()

    def run(items):
        page = {"type": "FeatureCollection", "features": items, "links": []}
        host.objects["/collections/c/items"] = json.dumps(page).encode()
        return crawl(f"{host.url}/collections/c", record=catalog.products["earth-genome-ssl4eo-yearly"])

    yield run
    host.stop()
    close_fetchers()


def part(tmp_path):
    path = tmp_path / "out" / "items" / "year_all.parquet"
    return path.read_bytes(), path.stat().st_ino


def test_the_same_items_in_another_order_are_unchanged_and_the_part_is_not_rewritten(api, tmp_path):
    first = api([item(*tile) for tile in TILES])
    assert (first.items, first.faults) == (5, {})
    before, manifest = part(tmp_path), (tmp_path / "out" / "manifest.json").read_bytes()
    again = api([item(*tile) for tile in reversed(TILES)])
    assert (again.read, again.skipped, again.changes.unchanged, again.nothing_changed) == (1, 0, 5, True)
    assert part(tmp_path) == before
    assert (tmp_path / "out" / "manifest.json").read_bytes() == manifest
    assert again.to_text().splitlines()[0].endswith("nothing changed: 5 items, 0 of 1 shards unread")


def test_one_changed_item_makes_a_new_part(api, tmp_path):
    api([item(*tile) for tile in TILES])
    before = part(tmp_path)
    report = api([item(*tile, title="two" if tile is TILES[2] else "one") for tile in TILES])
    assert (report.changes.changed, report.changes.unchanged) == (1, 4)
    assert part(tmp_path)[0] != before[0]


def test_a_part_that_somebody_edited_is_made_anew(api, tmp_path):
    api([item(*tile) for tile in TILES])
    good = part(tmp_path)[0]
    path = tmp_path / "out" / "items" / "year_all.parquet"
    pq.write_table(pq.read_table(path), path)  # the same Items in other bytes
    report = api([item(*tile) for tile in TILES])
    assert (report.faults, report.changes.unchanged) == ({}, 5)
    assert part(tmp_path)[0] == good


def test_a_new_format_of_parts_makes_them_anew(api, tmp_path, monkeypatch):
    api([item(*tile) for tile in TILES])
    before = part(tmp_path)
    monkeypatch.setattr("atlas.stac.item_template.FORMAT", 0)
    api([item(*tile) for tile in TILES])
    assert part(tmp_path)[1] != before[1]


def test_a_local_tree_of_items_is_known_by_their_hashes(crawl, catalog, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    links = [{"rel": "item", "href": f"{tile}.json"} for tile, _ in TILES] + [{"rel": "item", "href": "gone.json"}]
    (tree / "collection.json").write_text(json.dumps({"type": "Collection", "id": "c", "links": links}))
    for tile in TILES:
        (tree / f"{tile[0]}.json").write_text(json.dumps(item(*tile)))
    record = catalog.products["earth-genome-ssl4eo-yearly"]
    first = crawl(tree / "collection.json", record=record)
    assert (first.items, first.faults, dict(first.rejected)) == (5, {}, {"link leads to no file": 1})
    again = crawl(tree / "collection.json", record=record)
    assert (again.skipped, again.read) == (1, 0)
    (tree / "18SUJ.json").write_text(json.dumps(item("18SUJ", 0, title="two")))
    changed = crawl(tree / "collection.json", record=record)
    assert (changed.read, changed.changes.changed) == (1, 1)
