"""The parts of a folder, and the JSON of their values."""

from tests.integration.loading import write_crawl
from tests.integration.plain_items import items_of_folder


def test_an_item_is_read_without_nulls(tmp_path):
    (item, other, *_) = items_of_folder(write_crawl(tmp_path, rows=4))
    assert item["type"] == "Feature"
    assert item["properties"]["datetime"] is None
    assert item["properties"]["start_datetime"] == "2021-01-01T00:00:00Z"
    assert item["properties"]["gsd"] == 10.0
    assert item["properties"]["note"] == 'a "quoted" back\\slash\nand é'
    assert "note" not in other["properties"]
    assert item["geometry"]["type"] == "Polygon"
    assert len(item["geometry"]["coordinates"][0]) == 5
    assert len(item["bbox"]) == 4
    assert set(item["assets"]) >= {"embeddings", "scales"}
