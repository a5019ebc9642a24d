"""Crawls of several indexes of one Collection, and Collections that change."""

import psycopg
import pytest

from atlas.errors import StoreError
from atlas.store.check import check_rows
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from tests.integration.loading import (
    ITEM_ASSETS,
    assert_items_come_back,
    batch,
    collection_document,
    one,
    partitions,
    write_crawl,
    years,
)
from tests.integration.plain_items import items_of_folder


def test_another_base_item_is_taken_up_by_every_row(empty_database, tmp_path):
    """Otherwise Items stored against the old `item_assets` would be read with the new ones."""
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    assets = {**ITEM_ASSETS, "embeddings": {"title": "Renamed", "type": "application/x-npy"}}
    write_crawl(tmp_path, document=collection_document(item_assets=assets))
    report = load_folder(empty_database, folder)
    assert (report.loaded, report.unchanged) == (50, 0)
    assert one(empty_database, "SELECT count(*) FROM base_items") == (0,)
    assert_items_come_back(empty_database, folder)


def test_a_change_of_the_collection_alone_rewrites_no_items(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    tables = partitions(empty_database)
    write_crawl(tmp_path, document=collection_document(title="Now with a title"))
    assert load_folder(empty_database, folder).loaded == 0
    assert one(empty_database, "SELECT content->>'title' FROM collections") == ("Now with a title",)
    assert partitions(empty_database) == tables


def test_a_collection_that_was_not_partitioned_by_year_becomes_so(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020), rows=10)
    with connect(empty_database) as connection:
        connection.execute("SELECT create_collection(%s)", [psycopg.types.json.Jsonb(collection_document())])
        for item in items_of_folder(folder):
            connection.execute("SELECT create_item(%s)", [psycopg.types.json.Jsonb(item)])
        connection.execute(
            "SELECT create_item(get_item('tile-2019-000001', 'synthetic') || '{\"id\": \"of others\"}' || "
            "jsonb_build_object('properties', jsonb_build_object('datetime', '2023-05-06T00:00:00Z')))"
        )
    report = load_folder(empty_database, folder)
    assert (report.loaded, report.items) == (20, 21)
    assert years(empty_database) == [2019, 2020, 2023]
    assert_items_come_back(empty_database, folder)


def test_crawls_of_several_indexes_add_up_and_each_replaces_only_its_own(empty_database, tmp_path):
    first, second = write_crawl(tmp_path / "a", years=(2017, 2018)), write_crawl(tmp_path / "b", years=(2020, 2021))
    load_folder(empty_database, first)
    assert load_folder(empty_database, second).items == 200
    assert years(empty_database) == [2017, 2018, 2020, 2021]
    (second / "items" / "part-0001.parquet").unlink()
    report = load_folder(empty_database, second)
    assert (report.items, report.unchanged, report.removed_partitions) == (150, 50, 1)
    assert years(empty_database) == [2017, 2018, 2020]
    assert load_folder(empty_database, first).unchanged == 100
    write_crawl(tmp_path / "c", batches=[batch(2018, 7)])
    assert load_folder(empty_database, tmp_path / "c").items == 50 + 7 + 50
    assert load_folder(empty_database, tmp_path / "c", replace=True).items == 7
    assert years(empty_database) == [2018]


def test_the_extent_covers_all_indexes(empty_database, tmp_path):
    def extent(year):
        interval = [[f"{year}-01-01T00:00:00Z", f"{year}-12-31T23:59:59Z"]]
        return {"spatial": {"bbox": [[10, 10, 20, 20]]}, "temporal": {"interval": interval}}

    for year in (2021, 2017):
        document = collection_document(extent=extent(year))
        load_folder(empty_database, write_crawl(tmp_path / str(year), years=(year,), document=document))
    (found,) = one(empty_database, "SELECT content->'extent' FROM collections")
    assert found["temporal"]["interval"] == [["2017-01-01T00:00:00Z", "2021-12-31T23:59:59+00:00"]]
    assert found["spatial"]["bbox"][0][0] < 10
    tables = partitions(empty_database)
    load_folder(empty_database, tmp_path / "2017")
    assert partitions(empty_database) == tables
    assert one(empty_database, "SELECT content->'extent' FROM collections") == (found,)


def test_folders_that_share_a_year_are_loaded_as_one(empty_database, tmp_path):
    first = write_crawl(tmp_path / "a", batches=[batch(2021, 30)])
    second = write_crawl(tmp_path / "b", batches=[batch(2021, 20, first=30), batch(2022, 5)])
    assert load_folder(empty_database, first, second).items == 55
    assert load_folder(empty_database, second, first).unchanged == 55
    write_crawl(tmp_path / "b", batches=[batch(2021, 21, first=30), batch(2022, 5)])
    assert load_folder(empty_database, second, first).items == 56
    write_crawl(tmp_path / "b", batches=[batch(2021, 20, first=25), batch(2022, 5)])
    with pytest.raises(StoreError, match="two Items have the same id"):
        load_folder(empty_database, first, second)
    with pytest.raises(StoreError, match="folders of different Collections cannot be loaded as one: other, synthetic"):
        load_folder(empty_database, first, write_crawl(tmp_path / "c", name="other"))


def test_items_of_another_index_are_read_with_the_base_item_of_their_time(empty_database, tmp_path):
    """`item_assets` change between two indexes: each Item keeps those it was loaded with."""
    first = write_crawl(tmp_path / "a", years=(2019,))
    load_folder(empty_database, first)
    assets = {
        "embeddings": {"title": "Renamed", "type": "application/x-npy"},
        "new": {"title": "On no Item", "roles": ["data"]},
    }
    second = write_crawl(tmp_path / "b", years=(2021,), document=collection_document(item_assets=assets))
    load_folder(empty_database, second)
    with connect(empty_database) as connection:  # what the load counted holds, though it wrote to each row afterwards
        assert connection.execute("SELECT count(*) FROM atlas.counted_now()").fetchone() == (2,)
        assert check_rows(connection).layout == []
    for folder in (first, second):
        assert_items_come_back(empty_database, folder)
    assert load_folder(empty_database, second).unchanged == 50
    load_folder(empty_database, second, replace=True)
    assert one(empty_database, "SELECT count(*) FROM items") == (50,)
    assert_items_come_back(empty_database, second)
