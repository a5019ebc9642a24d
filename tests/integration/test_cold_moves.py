"""Items move from the database to parts and back without loss; moves that would lose something are refused."""

import shutil
import time

import orjson
import psycopg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from atlas.commands.db import command
from atlas.errors import StoreError
from atlas.store.check import check_rows
from atlas.store.cold.marks import NOTICE, mark_of
from atlas.store.cold.moves import cool, warm
from atlas.store.database import connect
from atlas.store.load.pgstac import compare_folder, load_collections, load_folder
from atlas.store.load.swap import drop_partitions
from tests.integration.loading import COLLECTION, batch, checksum, collection_document, url, write_crawl


def count(conninfo):
    with connect(conninfo) as connection:
        return connection.execute("SELECT count(*) FROM pgstac.items").fetchone()[0]


def extent(conninfo):
    with connect(conninfo) as connection:
        return connection.execute("SELECT content->'extent' FROM pgstac.collections").fetchone()[0]


@pytest.fixture
def folder(empty_database, tmp_path):
    made = write_crawl(tmp_path / "crawl", years=(2019, 2020))
    load_folder(empty_database, made)
    return made


def test_items_leave_and_come_back_as_they_were(empty_database, folder):
    before = checksum(empty_database)
    report = cool(empty_database, [str(folder)], notice=0)
    assert (report.collection, report.items, report.parts) == (COLLECTION, 100, 2)
    assert count(empty_database) == 0
    with connect(empty_database) as connection:
        assert mark_of(connection, COLLECTION).items == 100
        assert connection.execute("SELECT id FROM pgstac.collections").fetchall() == [(COLLECTION,)]
        assert check_rows(connection).sound
    assert warm(empty_database, COLLECTION).items == 100
    assert checksum(empty_database) == before
    with connect(empty_database) as connection:
        assert mark_of(connection, COLLECTION) is None
    with pytest.raises(StoreError, match="is not cold: its Items are in the database"):
        warm(empty_database, COLLECTION)


def test_what_was_written_since_keeps_a_collection_in_the_database(empty_database, folder):
    with connect(empty_database, autocommit=True) as connection:
        item = connection.execute("SELECT pgstac.get_item('tile-2019-000001', %s)", [COLLECTION]).fetchone()[0]
        item |= {"id": "own", "collection": COLLECTION}
        item["properties"] |= {"start_datetime": "2030-01-01T00:00:00Z", "end_datetime": "2030-12-31T00:00:00Z"}
        connection.execute("SELECT pgstac.create_items(%s)", [orjson.dumps([item]).decode()])
    with pytest.raises(StoreError, match=r"holds 1 Items in the partition .*_2030 that no crawl has in this form"):
        cool(empty_database, [str(folder)], notice=0)
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("DELETE FROM pgstac.items WHERE id = 'own'")
        connection.execute("UPDATE pgstac.items SET content = content || '{\"a\": 1}' WHERE id = 'tile-2020-000001'")
    with pytest.raises(StoreError, match=r"stays in the database.*2020: the database holds other Items.*replaces what"):
        cool(empty_database, [str(folder)], notice=0)
    assert count(empty_database) == 100


def test_what_is_written_while_the_api_is_being_told_keeps_it_too(empty_database, folder, monkeypatch):
    def meanwhile(_):
        with connect(empty_database, autocommit=True) as connection:
            connection.execute("DELETE FROM pgstac.items WHERE id = 'tile-2020-000001'")

    monkeypatch.setattr("atlas.store.cold.moves.time.sleep", meanwhile)
    with pytest.raises(StoreError, match=r"49 Items in the partition .*_2020 that no crawl has in this form"):
        cool(empty_database, [str(folder)], notice=0)
    assert count(empty_database) == 99
    with connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM atlas.cold").fetchone() == (0,)


def test_an_interrupted_move_is_not_undone_while_it_still_goes_on(empty_database, folder, monkeypatch):
    refused, sleep = [], time.sleep

    def meanwhile(_):
        monkeypatch.setattr("atlas.store.cold.moves.time.sleep", sleep)
        with pytest.raises(StoreError) as error:
            warm(empty_database, COLLECTION)
        refused.append(str(error.value))

    monkeypatch.setattr("atlas.store.cold.moves.time.sleep", meanwhile)
    assert cool(empty_database, [str(folder)], notice=0).items == 100
    assert refused == [f"another load of the Collection {COLLECTION} is running"]
    assert warm(empty_database, COLLECTION).items == 100


def test_items_stay_where_nothing_says_any_more_where_their_parts_lie(empty_database, folder, monkeypatch):
    def meanwhile(_):
        with connect(empty_database, autocommit=True) as connection:
            connection.execute("DELETE FROM atlas.cold")

    monkeypatch.setattr("atlas.store.cold.moves.time.sleep", meanwhile)
    with pytest.raises(StoreError, match="it stays in the database: the record of its parts was removed meanwhile"):
        cool(empty_database, [str(folder)], notice=0)
    assert count(empty_database) == 100


def test_no_program_writes_between_the_last_look_and_the_end(empty_database, folder, monkeypatch):
    tried = []

    def write_first(connection, name, old, patience):
        with connect(empty_database, autocommit=True) as other:
            other.execute("SET lock_timeout = '200ms'")
            for change in ("UPDATE pgstac.items SET content = content || '{\"a\": 1}'", "DELETE FROM pgstac.items"):
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute(change)
                tried.append(change)
        drop_partitions(connection, name, old, patience)

    monkeypatch.setattr("atlas.store.cold.moves.drop_partitions", write_first)
    assert cool(empty_database, [str(folder)], notice=0).items == 100
    assert len(tried) == 2


def test_a_part_that_is_missing_or_another_one_keeps_it(empty_database, folder):
    part = folder / "items" / "part-0001.parquet"
    kept = part.read_bytes()
    part.unlink()
    with pytest.raises(StoreError, match="2020: the database holds Items that the crawl no longer has"):
        cool(empty_database, [str(folder)], notice=0)
    pq.write_table(pq.read_table(folder / "items" / "part-0000.parquet"), part)
    with pytest.raises(StoreError, match="it stays in the database"):
        cool(empty_database, [str(folder)], notice=0)
    part.write_bytes(kept)
    assert cool(empty_database, [str(folder)], notice=0).items == 100


def test_a_load_of_a_cold_collection_is_refused_unless_it_is_of_its_parts(empty_database, folder, tmp_path):
    cool(empty_database, [str(folder)], notice=0)
    again = load_folder(empty_database, folder)
    assert (again.cold, again.items, again.loaded, again.nothing_loaded) == (100, 0, 0, False)
    newer = write_crawl(tmp_path / "newer", batches=[batch(2021, 7)])
    with pytest.raises(StoreError, match=r"its 100 Items lie in other parts than these, in .*crawl"):
        load_folder(empty_database, newer)
    assert cool(empty_database, [str(folder)]).items == 100  # once more
    other = write_crawl(tmp_path / "other", name="other")
    assert load_folder(empty_database, other).items == 50


def test_the_records_do_not_narrow_the_extent_of_a_cold_collection(empty_database, folder):
    cool(empty_database, [str(folder)], notice=0)
    before = extent(empty_database)
    narrow = {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["2019-01-01T00:00:00Z", None]]}}
    load_collections(empty_database, [collection_document(title="New", extent=narrow)], keep_found=True)
    assert extent(empty_database) == before


def test_a_newer_crawl_is_loaded_in_place_of_the_parts_that_it_left_for(empty_database, folder, tmp_path):
    cool(empty_database, [str(folder)], notice=0)
    newer = write_crawl(tmp_path / "newer", batches=[batch(2021, 7)])
    assert compare_folder(empty_database, newer) == [
        "part-0000.parquet: the cold Collection does not have this part",
        "the cold Collection has 2 parts that the crawl does not have",
    ]
    assert compare_folder(empty_database, folder) == []
    shutil.copy(newer / "items" / "part-0000.parquet", folder / "items" / "part-0000.parquet")
    with pytest.raises(StoreError, match=r"part-0000\.parquet: the cold Collection does not have this part"):
        warm(empty_database, COLLECTION)
    assert warm(empty_database, COLLECTION, [str(newer)]).items == 7


def test_the_check_of_the_database_opens_the_parts(empty_database, folder):
    cool(empty_database, [str(folder)], notice=0)

    def faults():
        with connect(empty_database) as connection:
            return [str(one) for one in check_rows(connection).problems]

    assert faults() == []
    part = folder / "items" / "part-0000.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:-100])
    (folder / "items" / "part-0001.parquet").unlink()
    found = faults()
    assert len(found) == 2
    assert found[0].endswith("part-0000.parquet: a part is not Parquet, or is truncated")
    assert found[1].endswith("part-0001.parquet: a part is missing")


def test_what_an_interrupted_command_left_is_told_and_undone(empty_database, folder):
    with connect(empty_database, autocommit=True) as connection:
        connection.execute("INSERT INTO atlas.cold VALUES (%s, false, '[]', '{}')", [COLLECTION])
        assert "was about to leave the database" in str(check_rows(connection).problems[0])
    assert warm(empty_database, COLLECTION).items == 100
    with connect(empty_database) as connection:
        assert check_rows(connection).sound


def test_row_groups_that_would_fill_the_memory_are_refused(empty_database, folder, monkeypatch):
    monkeypatch.setattr("atlas.store.cold.facts._MOST_ROWS", 49)
    with pytest.raises(StoreError, match=r"part-0000\.parquet: has a row group of 50 rows; write it with at most 49"):
        cool(empty_database, [str(folder)], notice=0)


def test_the_commands(empty_database, folder, monkeypatch, tmp_path):
    monkeypatch.setenv("ATLAS_DATABASE_URL", url(empty_database))
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    waited = []
    monkeypatch.setattr("atlas.store.cold.moves.time.sleep", waited.append)

    def run(*arguments):
        done = CliRunner().invoke(command, [str(one) for one in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert run("cool", folder) == "synthetic: 100 Items left the database for 2 parts\n"
    assert waited == [NOTICE]
    assert f"synthetic: 100 items in {folder}" in run("status")
    assert orjson.loads(run("status", "--json"))["cold"] == {"synthetic": {"items": 100, "folders": [str(folder)]}}
    assert run("warm", "synthetic") == "synthetic: 100 Items in the database\n"
