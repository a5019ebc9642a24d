"""A crawl folder against its manifest."""

import hashlib
import random

import orjson
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
import shapely

from atlas.errors import CrawlError
from atlas.formats.crawl_folder import part_files, promised_parts, read_crawl
from atlas.formats.item_columns import boxes_meeting


@pytest.fixture
def crawl(tmp_path):
    """A folder with two parts and a manifest of them; returns the folder and the parts."""
    (tmp_path / "items").mkdir()
    shards = {}
    for name in ("a", "b"):
        (tmp_path / "items" / f"{name}.parquet").write_bytes(name.encode())
        digest = hashlib.sha256(name.encode()).hexdigest()
        shards[name] = {"parts": {f"items/{name}.parquet": {"sha256": digest}}}
    (tmp_path / "manifest.json").write_bytes(orjson.dumps({"version": 1, "shards": shards}))
    return tmp_path, sorted((tmp_path / "items").iterdir())


def test_a_whole_folder_is_in_order(crawl):
    folder, parts = crawl
    promised = promised_parts(folder, parts)
    assert sorted(promised) == parts
    assert promised == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in parts}


def test_a_folder_without_a_manifest_promises_nothing(crawl):
    folder, parts = crawl
    (folder / "manifest.json").unlink()
    assert promised_parts(folder, parts) == {}


def test_a_part_that_is_missing_is_named(crawl):
    folder, parts = crawl
    with pytest.raises(CrawlError, match=r"items/b\.parquet: the manifest names this part, and it is not there; copy"):
        promised_parts(folder, parts[:1])
    with pytest.raises(CrawlError, match=r"items/a\.parquet: .* not there \(and 1 more like it\)"):
        promised_parts(folder, [])


def test_a_part_that_is_not_promised_is_named(crawl):
    folder, parts = crawl
    with pytest.raises(CrawlError, match=r"items/c\.parquet: the manifest does not name this part"):
        promised_parts(folder, [*parts, folder / "items" / "c.parquet"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "is not the manifest of a crawl: JSONDecodeError"),
        (b"[]", "is not the manifest of a crawl"),
        (b'{"shards": {"a": {"parts": {"items/a.parquet": {}}}}}', "is not the manifest of a crawl: KeyError"),
    ],
)
def test_a_manifest_that_is_none_is_named(crawl, text, message):
    folder, parts = crawl
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(CrawlError, match=rf"manifest\.json: {message}"):
        promised_parts(folder, parts)


def test_a_folder_without_items_is_named(tmp_path):
    with pytest.raises(CrawlError, match="is not the output of a crawl: it has no folder 'items'"):
        part_files(tmp_path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("report", {"finished": "0001-01-01T00:00:00+14:00"}),
        ("report", {"finished": "9999-12-31T23:59:59-14:00"}),
        ("drift", {"drift": [{}]}),
        ("drift", {"drift": None}),
    ],
)
def test_the_file_that_does_not_say_what_a_crawl_found_is_named(tmp_path, name, change):
    documents = {"report": {"product": "one", "items": 1}, "drift": {"drift": []}}
    for file, document in documents.items():
        (tmp_path / f"{file}.json").write_bytes(orjson.dumps(document))
    assert read_crawl(tmp_path).drift == ()
    (tmp_path / f"{name}.json").write_bytes(orjson.dumps(documents[name] | change))
    with pytest.raises(CrawlError, match=rf"/{name}\.json: not the {name} of a crawl"):
        read_crawl(tmp_path)


def test_boxes_meet_as_their_pieces_on_both_sides_of_the_antimeridian_do():
    def pieces(box):
        west, south, east, north = box
        sides = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        return [shapely.box(a, south, b, north) for a, b in sides]

    chosen = random.Random(5)

    def one():
        west, south = chosen.uniform(-180, 180), chosen.uniform(-90, 80)
        return west, south, (west + chosen.uniform(0, 90) + 180) % 360 - 180, south + chosen.uniform(0, 10)

    rows = [one() for _ in range(300)]
    names = ("xmin", "ymin", "xmax", "ymax")
    table = pa.table({"row": range(300), "bbox": [dict(zip(names, row, strict=True)) for row in rows]})
    for box in [one() for _ in range(40)]:
        met = [n for n, row in enumerate(rows) if any(a.intersects(b) for a in pieces(row) for b in pieces(box))]
        assert ds.dataset(table).to_table(filter=boxes_meeting(*box))["row"].to_pylist() == met
    assert sum(west > east for west, _, east, _ in rows) > 20
