"""`load_folder`: the rows of pypgstac; what is unchanged stays; what a crawl no longer has goes."""

import fcntl
import os
import threading

import orjson
import psycopg
import pyarrow as pa
import pytest

from atlas.errors import StoreError
from atlas.store import pgstac
from atlas.store.database import connect
from atlas.store.parquet import items_of_folder
from atlas.store.pgstac import load_folder
from atlas.store.staging import hold_collection
from tests.integration.conftest import fresh_database
from tests.integration.loading import (
    COLLECTION,
    ITEM_ASSETS,
    batch,
    checksum,
    collection_document,
    load_with_pypgstac,
    write_crawl,
)


def one(conninfo, query, *parameters):
    with connect(conninfo) as connection:
        return connection.execute(query, parameters).fetchone()


def column(conninfo, query, *parameters):
    with connect(conninfo) as connection:
        return [row[0] for row in connection.execute(query, parameters).fetchall()]


def partitions(conninfo):
    """Table of each partition of the Collection: a rewritten one has another oid."""
    with connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT partition, partition::regclass::oid FROM partitions_view WHERE collection = %s", [COLLECTION]
        )
        return dict(rows.fetchall())


def assert_items_come_back(conninfo, folder):
    for item in items_of_folder(folder):
        del item["properties"]["datetime"]  # pgstac's own hydration leaves out what is null; the API puts it back
        assert one(conninfo, "SELECT get_item(%s, %s)", item["id"], COLLECTION) == (item,)


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
    """And so pgstac's own functions work on what was loaded."""
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


def test_a_part_may_hold_several_years(empty_database, tmp_path):
    mixed = pa.concat_batches([batch(2019, 30), batch(2020, 20), batch(2021, 10)])
    shuffled = mixed.take(pa.array([(7 * n) % 60 for n in range(60)]))
    report = load_folder(empty_database, write_crawl(tmp_path, batches=[shuffled, batch(2020, 5, first=20)]), workers=2)
    assert report.items == 65
    counts = column(
        empty_database, "SELECT count(*) FROM items GROUP BY date_trunc('year', datetime) ORDER BY min(datetime)"
    )
    assert counts == [30, 25, 10]


def test_another_base_item_is_taken_up_by_every_row(empty_database, tmp_path):
    """Without this, Items stored against the old `item_assets` would be read with the new ones."""
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


def test_the_indexes_survive_pgstacs_maintenance(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path))
    question = "SELECT indexname FROM pg_indexes WHERE tablename ~ '^_items' ORDER BY 1"
    before = column(empty_database, question)
    assert len(before) == 7  # four of the partition, three of the Collection's own table
    with connect(empty_database) as connection:
        connection.execute("SELECT maintain_partitions('items', true)")
    assert column(empty_database, question) == before


def test_deleting_the_collection_leaves_nothing(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path))
    with connect(empty_database) as connection:
        connection.execute("SELECT delete_collection(%s)", [COLLECTION])
    assert one(empty_database, "SELECT count(*) FROM items") == (0,)
    assert load_folder(empty_database, write_crawl(tmp_path)).loaded == 50


def test_rows_that_cannot_be_held_are_set_aside_and_remembered(empty_database, tmp_path):
    items = batch(2021, 5)
    geometry = items["geometry"].to_pylist()
    geometry[3] = None
    items = items.set_column(items.schema.get_field_index("geometry"), "geometry", pa.array(geometry, pa.binary()))
    folder = write_crawl(tmp_path, batches=[items, batch(2022, 5)])
    expected = {
        "file": "items/part-0000.parquet",
        "row": 3,
        "id": "tile-2021-000003",
        "reason": "geometry: pgstac cannot hold an Item without one",
    }
    for _ in range(2):
        report = load_folder(empty_database, folder)
        assert report.items == 9
        assert report.set_aside == [expected]
        assert report.set_aside_by_reason == {expected["reason"]: 1}


def test_a_part_of_which_nothing_can_be_loaded_is_explained(empty_database, tmp_path):
    items = batch(2021, 2)
    for name in ("start_datetime", "end_datetime"):
        items = items.set_column(items.schema.get_field_index(name), name, items["datetime"])
    report = load_folder(empty_database, write_crawl(tmp_path, batches=[items]))
    assert report.items == 0
    assert report.set_aside_by_reason == {"datetime: an Item needs one, or both start_datetime and end_datetime": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "a crawl writes the Collection here"), ("{", "cannot be read"), ("[]", "is not a Collection with an id")],
)
def test_a_folder_without_a_collection_is_refused(empty_database, tmp_path, text, message):
    folder = write_crawl(tmp_path)
    (folder / "collection.json").unlink()
    if text is not None:
        (folder / "collection.json").write_text(text)
    with pytest.raises(StoreError, match=message):
        load_folder(empty_database, folder)


def test_a_broken_part_is_named_and_changes_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    part = folder / "items" / "part-0001.parquet"
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(StoreError, match=r"part-0001\.parquet cannot be read as parquet"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows


def test_two_items_with_one_id_are_named_and_change_nothing(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, batches=[batch(2019, 70), batch(2020, 50), batch(2020, 10, first=45)])
    with pytest.raises(StoreError, match=r"synthetic, 2020: two Items have one id: .*tile-2020-00004[5-9]"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows
    assert column(empty_database, "SELECT relname FROM pg_class WHERE relname ~ '^_atlas'") == []


def test_two_loads_of_one_collection_do_not_mix(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    with connect(empty_database) as other, hold_collection(other, COLLECTION):
        with pytest.raises(StoreError, match="another load of the Collection synthetic is running"):
            load_folder(empty_database, folder)
        assert load_folder(empty_database, write_crawl(tmp_path / "b", name="another")).items == 50


def test_a_crawl_that_is_running_is_waited_for(empty_database, tmp_path):
    folder = write_crawl(tmp_path)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="a crawl is writing here"):
            load_folder(empty_database, folder)
    finally:
        os.close(handle)
    assert load_folder(empty_database, folder).items == 50


def test_a_part_that_changes_while_it_is_loaded_is_noticed(empty_database, tmp_path, monkeypatch):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, years=(2019, 2020), rows=60)
    plan = pgstac.plan_partitions

    def plan_and_change(*arguments):
        plans = plan(*arguments)
        write_crawl(tmp_path, years=(2019, 2025))
        return plans

    monkeypatch.setattr(pgstac, "plan_partitions", plan_and_change)
    with pytest.raises(StoreError, match=r"part-0001\.parquet: its Items were others a moment ago"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows


def years(conninfo):
    return sorted(int(name[-4:]) for name in partitions(conninfo))


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
    with pytest.raises(StoreError, match="two Items have one id"):
        load_folder(empty_database, first, second)
    with pytest.raises(StoreError, match="folders of different Collections cannot be loaded as one: other, synthetic"):
        load_folder(empty_database, first, write_crawl(tmp_path / "c", name="other"))


def test_items_of_another_index_are_read_with_the_base_item_of_their_time(empty_database, tmp_path):
    """The Collection's `item_assets` change between two indexes: each Item keeps what it was loaded with."""
    first = write_crawl(tmp_path / "a", years=(2019,))
    load_folder(empty_database, first)
    assets = {"embeddings": {"title": "Renamed", "type": "application/x-npy"}, "new": {"title": "On no Item"}}
    second = write_crawl(tmp_path / "b", years=(2021,), document=collection_document(item_assets=assets))
    load_folder(empty_database, second)
    for folder in (first, second):
        assert_items_come_back(empty_database, folder)
    assert load_folder(empty_database, second).unchanged == 50
    load_folder(empty_database, second, replace=True)
    assert one(empty_database, "SELECT count(*) FROM items") == (50,)
    assert_items_come_back(empty_database, second)


def test_readers_see_the_old_items_or_the_new_ones(empty_database, tmp_path):
    folder = write_crawl(tmp_path, years=(2018, 2019, 2020), rows=100)
    load_folder(empty_database, folder)
    seen, stop = set(), threading.Event()

    def read():
        with connect(empty_database, autocommit=True) as connection:
            while not stop.is_set():
                seen.add(connection.execute("SELECT count(*), count(DISTINCT datetime) FROM items").fetchone())

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for rows in (150, 90, 130):
            write_crawl(tmp_path, years=(2018, 2019, 2020), rows=rows)
            load_folder(empty_database, folder)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert seen <= {(300, 3), (450, 3), (270, 3), (390, 3)}
    assert len(seen) > 1


def test_progress_ends_at_the_total(empty_database, tmp_path):
    seen = []
    load_folder(empty_database, write_crawl(tmp_path, years=(2019, 2020)), progress=lambda *now: seen.append(now))
    assert seen[-1] == (100, 100)
