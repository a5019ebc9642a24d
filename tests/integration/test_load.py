"""`load_folder`: the rows of pypgstac; unchanged rows stay; Items that a crawl no longer has are removed."""

import threading

import orjson
import pyarrow as pa
import pytest

from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from tests.integration.conftest import fresh_database
from tests.integration.loading import (
    COLLECTION,
    assert_items_come_back,
    batch,
    checksum,
    collection_document,
    column,
    load_with_pypgstac,
    one,
    partitions,
    write_crawl,
)
from tests.integration.plain_items import items_of_folder


@pytest.mark.usefixtures("filling")
def test_the_rows_and_partitions_are_those_of_pypgstac(cluster, empty_database, tmp_path):
    folder = write_crawl(tmp_path, batches=[batch(2019, 300), batch(2021, 300), batch(2019, 200, first=300)])
    with fresh_database(cluster) as theirs:
        load_with_pypgstac(theirs, collection_document(), items_of_folder(folder))
        load_folder(empty_database, folder)
        assert checksum(empty_database) == checksum(theirs)
        assert checksum(theirs)[0] == 800
        described = (
            "SELECT partition, collection, level, relhastriggers, partition_dtrange, constraint_dtrange, "
            "constraint_edtrange, dtrange, edtrange FROM partitions_view ORDER BY 1"
        )
        indexed = (
            "SELECT tablename, substr(indexdef, strpos(indexdef, ' USING ')), indexdef LIKE 'CREATE UNIQUE%%' "
            "FROM pg_indexes WHERE tablename ~ '^_items' ORDER BY 1, 2"
        )
        owned = (
            "SELECT relname, relkind, pg_get_userbyid(relowner), array(SELECT unnest(relacl)::text ORDER BY 1) "
            "FROM pg_class WHERE relname ~ '^_items_[0-9]+(_[0-9]+)?$' ORDER BY 1"
        )
        constrained = (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
            "WHERE conrelid::regclass::text ~ '^_items' ORDER BY 1, 2"
        )
        for question in (described, indexed, owned, constrained):
            with connect(empty_database) as ours, connect(theirs) as other:
                assert ours.execute(question).fetchall() == other.execute(question).fetchall()


def test_the_spatial_extent_is_known_at_once(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path, years=(2019, 2020)))
    before = one(empty_database, "SELECT collection_extent(%s)", COLLECTION)
    after = one(empty_database, "SELECT collection_extent(%s, true)", COLLECTION)
    assert before == after
    assert before[0]["temporal"]["interval"] == [["2019-01-01T00:00:00+00:00", "2020-12-31T23:59:59+00:00"]]


def test_a_second_load_leaves_everything_as_it_is(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    first = load_folder(empty_database, folder)
    assert (first.items, first.loaded, first.unchanged) == (100, 100, 0)
    rows, tables = checksum(empty_database), partitions(empty_database)
    second = load_folder(empty_database, folder)
    assert (second.items, second.loaded, second.unchanged) == (100, 0, 100)
    assert checksum(empty_database) == rows
    assert partitions(empty_database) == tables


def test_only_the_year_that_changed_is_written(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    tables = partitions(empty_database)
    write_crawl(tmp_path, batches=[batch(2019, 50), batch(2020, 60)])
    report = load_folder(empty_database, folder)
    assert (report.items, report.loaded, report.unchanged) == (110, 60, 50)
    changed = {name for name, oid in partitions(empty_database).items() if tables[name] != oid}
    assert [name[-4:] for name in changed] == ["2020"]


def test_items_and_years_that_a_crawl_no_longer_has_go(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020, 2021))
    load_folder(empty_database, folder)
    (folder / "items" / "part-0002.parquet").unlink()
    write_crawl(tmp_path, batches=[batch(2019, 50), batch(2020, 20)])
    report = load_folder(empty_database, folder)
    assert (report.items, report.removed_partitions) == (70, 1)
    assert checksum(empty_database)[0] == 70
    assert sorted(name[-4:] for name in partitions(empty_database)) == ["2019", "2020"]
    stats = column(empty_database, "SELECT partition FROM partition_stats WHERE collection = %s", COLLECTION)
    assert sorted(stats) == sorted(partitions(empty_database))


def test_a_crawl_without_items_empties_the_collection(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    (folder / "items" / "part-0000.parquet").unlink()
    assert load_folder(empty_database, folder).items == 0
    assert checksum(empty_database)[0] == 0
    assert one(empty_database, "SELECT count(*) FROM collections") == (1,)


@pytest.mark.parametrize(
    "change",
    [
        "SELECT delete_item('tile-2021-000007', 'synthetic')",
        "SELECT upsert_item(jsonb_set(get_item('tile-2021-000007', 'synthetic'), '{properties,gsd}', '99'))",
        "SELECT create_item(jsonb_set(get_item('tile-2021-000007', 'synthetic'), '{id}', '\"stranger\"'))",
        "SELECT update_item(jsonb_set(get_item('tile-2021-000007', 'synthetic'), '{properties,gsd}', '99'))",
    ],
)
def test_what_others_changed_is_seen_and_put_right(empty_database, tmp_path, change):
    """So that pgstac's own functions work on loaded data."""
    folder = write_crawl(tmp_path)
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    with connect(empty_database) as connection:
        connection.execute(change)
    assert checksum(empty_database) != rows
    assert load_folder(empty_database, folder).loaded == 50
    assert checksum(empty_database) == rows


def test_an_item_of_a_new_year_gets_its_partition_from_pgstac(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path))
    with connect(empty_database) as connection:
        connection.execute(
            "SELECT create_item(get_item('tile-2021-000007', 'synthetic') || '{\"id\": \"later\"}' || "
            "jsonb_build_object('properties', jsonb_build_object('datetime', '2023-05-06T00:00:00Z')))"
        )
    assert sorted(name[-4:] for name in partitions(empty_database)) == ["2021", "2023"]
    found = one(empty_database, 'SELECT search(\'{"ids": ["later"]}\')')[0]
    assert found["features"][0]["properties"] == {"datetime": "2023-05-06T00:00:00Z"}


def test_items_come_back_as_the_crawl_has_them(empty_database, tmp_path):
    folder = write_crawl(tmp_path, rows=20)
    load_folder(empty_database, folder)
    assert_items_come_back(empty_database, folder)


def test_searches_find_items_by_place_and_time(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2021), rows=40)
    load_folder(empty_database, folder)
    wanted = next(item for item in items_of_folder(folder) if "2021" in item["id"])
    x, y = (wanted["bbox"][0] + wanted["bbox"][2]) / 2, (wanted["bbox"][1] + wanted["bbox"][3]) / 2
    query = {
        "collections": [COLLECTION],
        "datetime": "2021-01-01T00:00:00Z/2021-12-31T23:59:59Z",
        "intersects": {"type": "Point", "coordinates": [x, y]},
    }
    found = one(empty_database, "SELECT search(%s)", orjson.dumps(query).decode())[0]["features"]
    assert [feature["id"] for feature in found] == [wanted["id"]]


@pytest.mark.usefixtures("filling")
def test_a_part_may_hold_several_years(empty_database, tmp_path):
    mixed = pa.concat_batches([batch(2019, 30), batch(2020, 20), batch(2021, 10)])
    shuffled = mixed.take(pa.array([(7 * n) % 60 for n in range(60)]))
    report = load_folder(empty_database, write_crawl(tmp_path, batches=[shuffled, batch(2020, 5, first=20)]), workers=2)
    assert report.items == 65
    counts = column(
        empty_database, "SELECT count(*) FROM items GROUP BY date_trunc('year', datetime) ORDER BY min(datetime)"
    )
    assert counts == [30, 25, 10]


def test_the_indexes_survive_pgstacs_maintenance(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path))
    question = "SELECT indexname FROM pg_indexes WHERE tablename ~ '^_items' ORDER BY 1"
    before = column(empty_database, question)
    assert len(before) == 9  # five of the partition, four of the Collection's own table
    with connect(empty_database) as connection:
        connection.execute("SELECT maintain_partitions('items', true)")
    assert column(empty_database, question) == before


def test_deleting_the_collection_leaves_nothing(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path))
    with connect(empty_database) as connection:
        connection.execute("SELECT delete_collection(%s)", [COLLECTION])
    assert one(empty_database, "SELECT count(*) FROM items") == (0,)
    assert load_folder(empty_database, write_crawl(tmp_path)).loaded == 50


def test_readers_see_the_old_items_or_the_new_ones(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2018, 2019, 2020), rows=100)
    load_folder(empty_database, folder)
    seen, began, stop = set(), threading.Event(), threading.Event()

    def read():
        with connect(empty_database, autocommit=True) as connection:
            last = False
            while not last:
                last = stop.is_set()  # one look more when all is loaded
                seen.add(connection.execute("SELECT count(*), count(DISTINCT datetime) FROM items").fetchone())
                began.set()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        assert began.wait(60)
        for rows in (150, 90, 130):
            write_crawl(tmp_path, years=(2018, 2019, 2020), rows=rows)
            load_folder(empty_database, folder)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert seen <= {(300, 3), (450, 3), (270, 3), (390, 3)}
    assert {(300, 3), (390, 3)} <= seen


@pytest.mark.usefixtures("filling")
def test_progress_ends_at_the_total(empty_database, tmp_path):
    seen = []
    load_folder(empty_database, write_crawl(tmp_path, years=(2019, 2020)), progress=lambda *now: seen.append(now))
    assert seen[-1] == (100, 100)
