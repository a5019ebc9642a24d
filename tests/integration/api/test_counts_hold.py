"""Counts that the database keeps hold until a row changes, whoever writes, and are made again."""

import random
import string

import asyncpg
import orjson
import psycopg
import pyarrow as pa
import pytest

from atlas.api.search.requests import SearchRequest
from atlas.api.times import Interval
from atlas.store import counts
from atlas.store.backup import backup, restore
from atlas.store.check import check_rows
from atlas.store.counts import count_missing, count_partition
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder, load_queryables
from atlas.store.migration import migrate_compared
from atlas.store.repair import repair_rows
from stac_emb.queryables import queryables
from tests.integration.api.kept_counts import YEARS, Asking, counted, counted_tiles, crawl_of_counted, moment, placed
from tests.integration.conftest import fresh_database
from tests.integration.loading import load_with_pypgstac, write_crawl
from tests.integration.plain_items import items_of_folder

ONE = "(SELECT id FROM items WHERE datetime = '2020-01-01Z' ORDER BY id LIMIT 1)"
THERE = "SELECT relname FROM pg_class WHERE relname ~ '^_items_\\d+_2020$'"
MOVED = "ST_SetSRID(ST_Translate(geometry, CASE WHEN ST_XMax(geometry) < 0 THEN 90 ELSE -90 END, 0), 4326)"
OTHER = "jsonb_set(content, '{properties,proj:code}', '\"EPSG:1\"')"
COPY = "SELECT 'new', geometry, collection, datetime, end_datetime, content, private FROM items LIMIT 1"
ITEM = f"get_item({ONE}, 'one')"
STATEMENTS = {
    "delete": f"DELETE FROM items WHERE id = {ONE}",
    "insert": f"INSERT INTO items {COPY}",
    "move": f"UPDATE items SET geometry = {MOVED} WHERE id = {ONE}",
    "another value": f"UPDATE items SET content = {OTHER} WHERE id = {ONE}",
    "delete in the partition": f"DELETE FROM TABLE_ WHERE id = {ONE}",
    "move in the partition": f"UPDATE TABLE_ SET geometry = {MOVED}",
    "truncate": "TRUNCATE TABLE_",
    "truncate and fill": "CREATE TEMPORARY TABLE t AS SELECT * FROM TABLE_ LIMIT 7; TRUNCATE TABLE_; "
    "INSERT INTO TABLE_ SELECT * FROM t",
    "drop": "DROP TABLE TABLE_",
    "another table": "CREATE TABLE other (LIKE TABLE_ INCLUDING ALL); "
    "INSERT INTO other SELECT * FROM TABLE_ LIMIT 9; "
    "DROP TABLE TABLE_; ALTER TABLE other RENAME TO TABLE_; ALTER TABLE PARENT ATTACH PARTITION TABLE_ "
    "FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z')",
    "detached": "ALTER TABLE PARENT DETACH PARTITION TABLE_; DELETE FROM TABLE_ WHERE datetime < now(); "
    "ALTER TABLE PARENT ATTACH PARTITION TABLE_ FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z')",
    "a year more": "SELECT check_partition('one', '[2024-01-01Z,2024-01-01Z]', '[2024-01-01Z,2024-12-31Z]'); "
    "INSERT INTO items SELECT id, geometry, 'one', '2024-01-01Z', '2024-06-01Z', content, NULL FROM items",
    "to another year": "UPDATE items SET datetime = '2021-01-01Z', end_datetime = '2021-12-31T23:59:59Z', id = 'moved' "
    f"WHERE id = {ONE}",
    "as a replica": f"SET session_replication_role = replica; DELETE FROM items WHERE id = {ONE}",
    "pgstac deletes": f"SELECT delete_item({ONE}, 'one')",
    "pgstac creates": f'SELECT create_item({ITEM} || \'{{"id": "new"}}\')',
    "pgstac updates": f"SELECT upsert_item(jsonb_set({ITEM}, '{{properties,proj:code}}', '\"EPSG:1\"'))",
    "rewritten": "VACUUM FULL TABLE_",
    "triggers off and on": "ALTER TABLE TABLE_ DISABLE TRIGGER ALL; DELETE FROM TABLE_ WHERE id ~ '1$'; "
    "ALTER TABLE TABLE_ ENABLE TRIGGER ALL",
    "as it was again": "ALTER TABLE TABLE_ DISABLE TRIGGER USER; DELETE FROM TABLE_ WHERE id ~ '1$'; "
    "ALTER TABLE TABLE_ ENABLE ALWAYS TRIGGER atlas_note_change",
    "without the trigger": "DROP TRIGGER atlas_note_change ON TABLE_; DELETE FROM TABLE_ WHERE id ~ '1$'",
    "divided again": "ALTER TABLE PARENT DETACH PARTITION TABLE_; ALTER TABLE TABLE_ RENAME TO part_of_it; "
    "CREATE TABLE pgstac.TABLE_ (LIKE items) PARTITION BY RANGE (datetime); "
    "ALTER TABLE TABLE_ ATTACH PARTITION part_of_it FOR VALUES FROM ('2020-01-01Z') TO ('2020-06-01Z'); "
    "ALTER TABLE PARENT ATTACH PARTITION TABLE_ FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z'); "
    f"DELETE FROM items WHERE id = {ONE}",
    "not all to be seen": "CREATE POLICY a_few ON items USING (id ~ '1$'); GRANT pgstac_read TO CURRENT_USER; "
    "ALTER TABLE items FORCE ROW LEVEL SECURITY; ALTER TABLE items ENABLE ROW LEVEL SECURITY",
    "counts put back": f"CREATE TEMPORARY TABLE t AS SELECT * FROM atlas.counted; DELETE FROM items WHERE id = {ONE}; "
    "DELETE FROM atlas.counted; INSERT INTO atlas.counted OVERRIDING SYSTEM VALUE SELECT * FROM t; "
    "DELETE FROM atlas.changed",
    "far away": f"UPDATE items SET geometry = 'SRID=4326;POINT(1e10 3)' WHERE id = {ONE}",
    "no number": f"UPDATE items SET geometry = 'SRID=4326;LINESTRING(NaN 3, 4 5)' WHERE id = {ONE}",
    "by month": f"UPDATE collections SET partition_trunc = 'month'; DELETE FROM items WHERE id = {ONE}",
}
COUNTED = "SELECT atlas.count_partition('TABLE_', '{proj:code}'); UPDATE atlas.counted"
"""What a count writes may be changed in its own transaction alone."""
ODD = {"another table", "detached", "drop", "a year more", "divided again", "no number", "by month"}
"""Ways after which a check tells of something else."""
ROWS = {"delete", "insert", "delete in the partition", "truncate and fill", "to another year"}
ROWS |= {"as a replica", "pgstac deletes", "rewritten"}
"""Ways that may follow each other in one database, as each leaves all counted."""
SEARCHES = (
    SearchRequest(),
    SearchRequest(interval=Interval(moment(2020, 3), moment(2020, 9))),
    SearchRequest(bbox=(-170.0, -80.0, 170.0, 80.0)),
    SearchRequest(bbox=(-179.9, -89.0, -0.3, 89.0)),
    SearchRequest(bbox=(0.3, -89.0, 179.9, 89.0)),
    SearchRequest(filter={"op": "in", "args": [{"property": "proj:code"}, ["EPSG:1", "EPSG:32602"]]}),
    SearchRequest(collections=("one", "another")),
)


@pytest.fixture
def database(cluster):
    """Three years of a Collection, counted."""
    with fresh_database(cluster, counted) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def mended(cluster):
    """The same for all tests that leave it counted and sound."""
    with fresh_database(cluster, counted) as conninfo:
        with connect(conninfo) as connection:
            assert check_rows(connection).sound
        yield conninfo


def written(asking, connection, statement):
    """Whether a statement changes what the searches find, by what was known before it and afterwards."""
    before = [asking.both(request) for request in SEARCHES]
    assert all(kept == plain for kept, plain in before)
    (table,) = connection.execute(THERE).fetchone()
    for part in statement.replace("TABLE_", table).replace("PARENT", table[:-5]).split("; "):
        connection.execute(part)
    for forget in (False, True):
        after = []
        for request in SEARCHES:
            try:
                kept, plain = asking.both(request, forget=forget)
            except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
                continue  # as in `Searcher`, which then counts one by one
            assert kept in (plain, "none" if forget else None), (request, forget)
            after.append(plain)
    return [plain for _, plain in before] != after


@pytest.mark.parametrize("way", STATEMENTS)
def test_a_count_does_not_outlive_a_change(request, way):
    database = request.getfixturevalue("mended" if way in ROWS else "database")
    with Asking(database) as asking:
        with connect(database, autocommit=True) as connection:  # ended where roles were changed
            assert written(asking, connection, STATEMENTS[way]) == (way != "rewritten")
        with connect(database, autocommit=True) as connection:
            assert check_rows(connection).layout == [] or way in ODD
            count_missing(connection)
        hidden = "none" if way == "not all to be seen" else None
        assert all(kept in (plain, hidden) for kept, plain in map(asking.both, SEARCHES))


def test_what_is_detached_is_not_counted_before_it_is_detached_for_good(database):
    with connect(database, autocommit=True) as connection, connect(database) as reader:
        (table,) = connection.execute(THERE).fetchone()
        reader.execute("SELECT FROM items LIMIT 1")
        connection.execute("SET statement_timeout = '500ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(f"ALTER TABLE {table[:-5]} DETACH PARTITION {table} CONCURRENTLY")
        with Asking(database) as asking:
            assert asking.both(SEARCHES[0]) == (120, 120)


def test_no_items_of_a_table_of_another_name_are_counted_of_another_collection(database):
    with connect(database, autocommit=True) as connection, Asking(database) as asking:
        for statement in (
            "ALTER TABLE _items_1 RENAME TO _items_7",
            "ALTER TABLE items DETACH PARTITION _items_7",
            "ALTER TABLE items ATTACH PARTITION _items_7 FOR VALUES IN ('one', 'two')",
        ):
            connection.execute(statement)
            for name in ("another", "two", "one"):
                kept, plain = asking.both(SearchRequest(collections=(name,)))
                assert kept in (plain, "none"), (name, statement)


def test_a_change_that_is_taken_back_changes_no_count(database):
    with connect(database) as connection:
        with connection.transaction(force_rollback=True):
            connection.execute(f"DELETE FROM items WHERE id = {ONE}")
        connection.execute("SELECT 1")
        with connection.transaction(force_rollback=True):
            connection.execute(f"DELETE FROM items WHERE id = {ONE}")
        connection.execute("DELETE FROM items WHERE id ~ '^tile-2021.*1$'")
        connection.commit()
        assert connection.execute("SELECT count(*) FROM atlas.counted_now()").fetchone() == (2,)
    with Asking(database) as asking:
        assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))


def test_pypgstac_and_the_next_load_leave_no_wrong_count(database, tmp_path):
    folder = crawl_of_counted(tmp_path / "crawl")
    items = [item | {"id": f"new-{n}"} for n, item in enumerate(items_of_folder(folder))]
    with Asking(database) as asking:
        document = orjson.loads((folder / "collection.json").read_bytes())
        load_with_pypgstac(database, document, items[:90])
        assert asking.both(SEARCHES[0]) == (270, 270)
        assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))
        load_folder(database, folder)
        assert asking.both(SEARCHES[0]) == (180, 180)
        assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))


def test_a_writer_that_does_not_see_the_count_ends_it_too(database):
    with connect(database, autocommit=True) as connection, connect(database) as old:
        connection.execute(f"DELETE FROM items WHERE id = {ONE}")
        old.commit()
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT FROM items LIMIT 1")
        count_missing(connection)
        old.execute(f"DELETE FROM items WHERE id = {ONE}")
        old.commit()
        with Asking(database) as asking:
            assert asking.both(SEARCHES[0]) == (178, 178)


def test_what_is_counted_meanwhile_is_used(database):
    with connect(database, autocommit=True) as connection, Asking(database) as asking:
        connection.execute("DELETE FROM atlas.counted")
        asking.refresh()
        assert asking.both(SEARCHES[0], forget=False) == ("none", 180)
        count_missing(connection)
        asking.refresh()
        assert asking.both(SEARCHES[0], forget=False) == (180, 180)


def test_it_is_said_which_partition_could_not_be_counted(database, tmp_path, monkeypatch, caplog):
    folder = crawl_of_counted(tmp_path / "crawl")
    monkeypatch.setattr(counts, "_PATIENCE", "100ms")
    with connect(database, autocommit=True) as connection, connect(database) as writer:
        connection.execute("DELETE FROM atlas.counted")
        writer.execute(f"DELETE FROM _items_1_2020 WHERE id = {ONE}")
        load_folder(database, folder)
        assert [text.partition(",")[0] for text in caplog.messages] == ["atlas: _items_1_2020 is not counted"]


def test_writers_of_one_partition_do_not_wait_for_each_other(database):
    with connect(database) as one, connect(database) as other:
        (table,) = one.execute(THERE).fetchone()
        other.execute("SET lock_timeout = '2s'")
        for writer, order in ((one, ""), (other, "DESC")):
            writer.execute(f"DELETE FROM {table} WHERE id = (SELECT id FROM {table} ORDER BY id {order} LIMIT 1)")
        one.rollback()  # the other's note stays
        other.commit()
        with Asking(database) as asking:
            assert asking.both(SEARCHES[0]) == (179, 179)


@pytest.fixture
def tiles(cluster):
    """Tiles of a lattice, counted."""
    with fresh_database(cluster, counted_tiles) as conninfo:
        with connect(conninfo) as connection:
            assert check_rows(connection).sound
        yield conninfo


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE atlas.counted_rows SET upto = upto + 1 WHERE ctid = (SELECT min(ctid) FROM atlas.counted_rows)",
        "DELETE FROM atlas.counted_rows WHERE ctid = (SELECT min(ctid) FROM atlas.counted_rows)",
        "UPDATE atlas.counted_values SET n = n + 1 WHERE value = 'EPSG:32601'",
        f"{COUNTED} SET items = items + 1",
        f"{COUNTED} SET last = last - interval '1 day'",
        f"{COUNTED} SET extent = '{{0,0,1,1}}'",
        f"{COUNTED} SET north[1] = north[1] + 0.01 WHERE lattice",
    ],
)
def test_a_count_that_is_wrong_is_found_and_made_again(request, damage):
    conninfo = request.getfixturevalue("tiles" if "lattice" in damage else "mended")
    with connect(conninfo, autocommit=True) as connection, Asking(conninfo) as asking:
        (table,) = connection.execute(THERE).fetchone()
        connection.execute(damage.replace("TABLE_", table))
        assert {flaw.kind for flaw in check_rows(connection).layout} == {"counts of a partition"}
        report = repair_rows(connection)
        assert (list(report.mended), report.left.sound) == (["counts of a partition"], True)
        assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))


def test_a_load_a_migration_and_a_restore_count_what_is_not_counted(cluster, database, tmp_path):
    folder, backed_up = crawl_of_counted(tmp_path / "crawl"), tmp_path / "backup"
    number = "SELECT count(*) FROM atlas.counted_now()"

    def again(conninfo, work):
        with connect(conninfo, autocommit=True) as connection:
            connection.execute("DELETE FROM atlas.counted")
            work()
            assert connection.execute(number).fetchone() == (3,)
        with Asking(conninfo) as asking:
            assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))

    again(database, lambda: load_folder(database, folder))
    again(database, lambda: migrate_compared(database))
    backup(database, backed_up)
    with fresh_database(cluster) as other:
        again(other, lambda: restore(other, backed_up))


def test_what_was_counted_in_another_database_does_not_hold(database):
    with connect(database, autocommit=True) as connection:
        (table,) = connection.execute(THERE).fetchone()
        for change, held in (("paths = paths", 3), ("made_in = '7.1', items = 1", 2)):
            statement = f"{COUNTED} SET {change} WHERE partition = 'TABLE_'::regclass"
            connection.execute(statement.replace("TABLE_", table))
            assert connection.execute("SELECT count(*) FROM atlas.counted_now()").fetchone() == (held,)
    with Asking(database) as asking:
        assert asking.both(SEARCHES[0]) == (180, 180)


def test_what_cannot_be_placed_is_counted_one_by_one(database):
    deep = "ST_GeomFromText('GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1)),POINT(2 2))', 4326)"
    with connect(database, autocommit=True) as connection:
        connection.execute(f"UPDATE items SET geometry = {deep} WHERE id = {ONE}")
        count_missing(connection)
        placed_now = connection.execute("SELECT placed FROM atlas.counted_now() ORDER BY first").fetchall()
        assert placed_now == [(True,), (False,), (True,)]
        assert check_rows(connection).layout == []
    with Asking(database) as asking:
        assert all(kept == plain for kept, plain in map(asking.both, SEARCHES))


def test_nothing_stays_of_partitions_that_are_gone(database, tmp_path):
    folder = crawl_of_counted(tmp_path / "crawl")
    write_crawl(folder, batches=[placed(year, 30, name="one") for year in YEARS], name="one")
    load_folder(database, folder)
    with connect(database, autocommit=True) as connection:
        assert connection.execute("SELECT count(*), sum(items) FROM atlas.counted").fetchone() == (3, 90)
        connection.execute("DELETE FROM collections")
        count_missing(connection)
        for table in ("counted", "counted_rows", "counted_values", "changed"):
            assert connection.execute(f"SELECT count(*) FROM atlas.{table}").fetchone() == (0,)


@pytest.mark.parametrize("table", ["TABLE_", *(f"atlas.{name}" for name in ("changed", "counted", "counted_rows"))])
def test_a_table_that_a_crash_empties_is_counted_one_by_one(database, table):
    with connect(database, autocommit=True) as connection:
        (part,) = connection.execute(THERE).fetchone()
        connection.execute(f"ALTER TABLE {table.replace('TABLE_', part)} SET UNLOGGED")
        count_missing(connection)
        with connection.transaction():
            count_partition(connection, part)  # not even one that was counted as it is
        held = connection.execute("SELECT count(*) FROM atlas.counted_now()").fetchone()
        assert held == (2 if table == "TABLE_" else 0,)
    with Asking(database) as asking:
        for request in SEARCHES:
            kept, plain = asking.both(request)
            assert kept in (plain, "none")


def test_a_text_that_fits_in_no_index_is_counted_one_by_one(empty_database, tmp_path):
    chosen = random.Random(5)
    long = "".join(chosen.choices(string.ascii_letters + string.digits + "+/", k=2_650))
    rows = placed(2021, 60, name="one")
    codes = pa.array([long, *rows["proj:code"].to_pylist()[1:]])
    rows = rows.set_column(rows.schema.names.index("proj:code"), "proj:code", codes)
    load_queryables(empty_database, queryables())
    load_folder(empty_database, write_crawl(tmp_path, batches=[rows], name="one"))
    search = SearchRequest(filter={"op": "in", "args": [{"property": "proj:code"}, [long, "EPSG:32602"]]})
    with connect(empty_database, autocommit=True) as connection, Asking(empty_database) as asking:
        for _ in range(2):
            assert check_rows(connection).layout == []
            assert connection.execute("SELECT count(*) FROM atlas.counted_now()").fetchone() == (1,)
            kept, plain = asking.both(search)
            assert (kept, plain) == ("none", 1 + codes.to_pylist().count("EPSG:32602"))
            connection.execute("DELETE FROM atlas.counted")
            count_missing(connection)


def test_numbers_that_begin_anew_are_in_no_ones_way(database, tmp_path):
    folder = crawl_of_counted(tmp_path / "crawl")
    with connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE atlas.counted RESTART IDENTITY")
        count_missing(connection)
        connection.execute("TRUNCATE atlas.counted RESTART IDENTITY")
        write_crawl(folder, batches=[placed(year, 30, name="one") for year in YEARS], name="one")
        load_folder(database, folder)
        assert connection.execute("SELECT sum(items) FROM atlas.counted_now()").fetchone() == (90,)
        assert check_rows(connection).layout == []
