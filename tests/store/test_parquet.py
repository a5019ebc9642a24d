"""The parts of a crawl folder, and their values as JSON."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

from atlas.store.load.rejected import Rejections
from atlas.store.load.staging_work import StagingWork
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


def test_a_part_is_read_for_loading_without_holding_the_whole_of_it(tmp_path):
    (part,) = (write_crawl(tmp_path, rows=24_000) / "items").glob("*.parquet")
    table = pq.read_table(part)
    table = table.append_column("noise", pa.array([os.urandom(512).hex() for _ in range(len(table))]))
    pq.write_table(table, part, row_group_size=1_000, compression="none", use_dictionary=False)
    del table
    size, before, held = part.stat().st_size, pa.total_allocated_bytes(), []

    class Watched(Rejections):
        def add(self, *_):
            held.append(pa.total_allocated_bytes() - before)

    watched = Watched()
    work = StagingWork("", {part: part.name}, "tessera-v1", {}, [], planned={}, rejected=watched, progress=None)
    work.inspect(part)
    assert len(held) > 5
    assert max(held) < size / 2
