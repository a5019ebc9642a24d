"""`atlas db repair`: each kind of damage is made, found and repaired, and no other row changes."""

import orjson
import psycopg
import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.errors import StoreError
from atlas.store.check import check_rows
from atlas.store.checksums import checksums
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder, load_queryables
from atlas.store.repair import repair_rows
from tests.integration.conftest import fresh_database
from tests.integration.loading import COLLECTION, column, one, url, write_crawl

PART = "_items_1_2020"
ANOTHER = """
DROP FUNCTION atlas.area;
CREATE FUNCTION atlas.area(_geometry geometry) RETURNS float8 AS 'SELECT 1.0::float8' LANGUAGE sql"""
NEVER_VALIDATED = f"""
ALTER TABLE {PART} DROP CONSTRAINT {PART}_dt;
ALTER TABLE {PART} ADD CONSTRAINT {PART}_dt CHECK (datetime >= '2020-01-01Z' AND datetime <= '2020-12-31Z'
    AND end_datetime >= '2020-12-31Z' AND end_datetime <= '2021-01-01Z') NOT VALID"""
OTHER_BODY = "CREATE OR REPLACE FUNCTION t2s(text) RETURNS text AS 'SELECT $1' LANGUAGE sql"
DAMAGE = {
    "pgstac's search is gone": ("part of pgstac", "function search", "DROP FUNCTION search(jsonb)"),
    "a function of pgstac is another": ("part of pgstac", "function t2s", OTHER_BODY),
    "a function of pgstac has other rights": (
        "part of pgstac", "function check_partition",
        "ALTER FUNCTION check_partition(text, tstzrange, tstzrange) SECURITY INVOKER",
    ),
    "a view of pgstac is gone": ("part of pgstac", "view partitions", "DROP VIEW partitions"),
    "a trigger of pgstac is gone": (
        "part of pgstac", "trigger items.items_after_delete_trigger",
        "DROP TRIGGER items_after_delete_trigger ON items",
    ),
    "an aggregate of pgstac is gone": (
        "part of pgstac", "aggregate first_notnull", "DROP AGGREGATE first_notnull(anyelement) CASCADE",
    ),
    "a function is gone": ("addition of the atlas", "function atlas.area(geometry)", "DROP FUNCTION atlas.area"),
    "a function is another": ("addition of the atlas", "function atlas.area(geometry)", ANOTHER),
    "a table is gone": ("addition of the atlas", "table atlas.loads", "DROP TABLE atlas.loads"),
    "the order's index is gone": ("addition of the atlas", "index items_annual_idx", "DROP INDEX items_annual_idx"),
    "an index in order is gone": ("index in order", "items_in_order_c3754457", "DROP INDEX items_in_order_c3754457"),
    "a trigger is off": (
        "trigger", "items.items_after_insert_trigger", "ALTER TABLE items DISABLE TRIGGER items_after_insert_trigger",
    ),
    "a partition is unknown": ("known partitions", PART, f"DELETE FROM partition_stats WHERE partition = '{PART}'"),
    "a partition is made up": (
        "known partitions", "_items_9", "INSERT INTO partition_stats (partition, collection) VALUES ('_items_9', 'x')",
    ),
    "a loaded table is gone": ("note of a load", PART, f"DROP TABLE {PART}; SELECT sync_partition_stats()"),
    "a constraint is gone": (
        "constraint of a partition", PART, f"ALTER TABLE {PART} DROP CONSTRAINT {PART}_dt",
    ),
    "a constraint was never validated": (
        "constraint of a partition", PART,
        NEVER_VALIDATED,
    ),
    "an index is not valid": (
        "index", f"{PART}_pk", f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{PART}_pk'::regclass",
    ),
    "ids are no longer unique": ("indexes of a partition", PART, f"DROP INDEX {PART}_pk"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The crawl of two years that is loaded."""
    return write_crawl(tmp_path_factory.mktemp("crawl"), years=(2019, 2020), rows=10)


@pytest.fixture(scope="module")
def two_years(folder):
    """Fills a template with it."""

    def two_years(conninfo):
        load_queryables(conninfo, {"properties": {"gsd": {"type": "number"}, "proj:code": {"type": "string"}}})
        load_folder(conninfo, folder)
        with connect(conninfo) as connection:
            assert check_rows(connection).sound

    return two_years


@pytest.fixture
def copy(cluster, two_years):
    """A database with it."""
    with fresh_database(cluster, two_years) as conninfo:
        yield conninfo


def run(database, *arguments):
    return CliRunner().invoke(cli, ["db", *map(str, arguments)], env={"ATLAS_DATABASE_URL": url(database)})


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_holds_the_rows_is_found_and_made_anew(copy, folder, damage):
    kind, name, statement = DAMAGE[damage]
    with connect(copy, autocommit=True) as connection:
        connection.execute(statement)
        before = checksums(connection)
        found = check_rows(connection)
        assert (kind, name) in {(flaw.kind, flaw.name) for flaw in found.layout}
        assert not found.faults
        dry = repair_rows(connection, dry_run=True)
        assert dry.left.sound
        assert check_rows(connection) == found
        report = repair_rows(connection)
        assert (report.mended, report.left.sound) == (dry.mended, True)
        assert kind in report.mended
        assert checksums(connection) == before | {"atlas.loads": checksums(connection)["atlas.loads"]}
    assert load_folder(copy, folder).items in {0, 10, 20}
    assert column(copy, "SELECT count(*) FROM items") == [20]


def test_what_went_with_a_function_of_pgstac_is_made_anew_after_it(copy):
    with connect(copy, autocommit=True) as connection:
        before = checksums(connection)
        connection.execute("DROP FUNCTION to_text(jsonb), partition_oid(text) CASCADE")
        dry = repair_rows(connection, dry_run=True)
        assert (dry.rest_unknown, dry.left.sound) == (True, True)
        assert {flaw.name for flaw in check_rows(connection).layout} >= {"function to_text", "function partition_oid"}
        report = repair_rows(connection)
        assert (report.rest_unknown, report.left.sound, report.refused) == (False, True, {})
        assert (report.mended["index of a queryable"], report.mended["indexes of a partition"]) == (1, 2)
        assert checksums(connection) == before


def test_who_may_run_a_function_of_pgstac_is_as_before_once_it_is_back(copy):
    may = "SELECT has_function_privilege(%s, 'pgstac.check_partition(text, tstzrange, tstzrange)', 'EXECUTE')"
    with connect(copy, autocommit=True) as connection:
        connection.execute("DROP FUNCTION check_partition(text, tstzrange, tstzrange)")
        assert repair_rows(connection).left.sound
        assert [connection.execute(may, [role]).fetchone() for role in ("atlas_reader", "pgstac_ingest")] == [
            (False,), (True,),
        ]  # fmt: skip


def test_a_function_in_the_way_of_pgstacs_own_is_named_with_what_the_database_says(copy):
    another = "CREATE FUNCTION t2s(text) RETURNS int AS 'SELECT 1' LANGUAGE sql"
    beside = "CREATE FUNCTION search(text) RETURNS int AS 'SELECT 1' LANGUAGE sql"
    with connect(copy, autocommit=True) as connection:
        connection.execute(f"DROP FUNCTION t2s(text); {another}; {beside}")
        for dry_run in (True, False):
            report = repair_rows(connection, dry_run=dry_run)
            assert {flaw.name for flaw in report.left.layout} == {"search(text)", "function t2s"}
            assert "cannot change return type" in report.refused["function t2s"]
        connection.execute("DROP FUNCTION t2s(text), search(text)")
        assert repair_rows(connection).left.sound


def test_what_cannot_be_made_as_it_was_is_left_and_said(copy):
    with connect(copy, autocommit=True) as connection:
        connection.execute(f"DROP INDEX {PART}_pk; INSERT INTO {PART} SELECT * FROM {PART} LIMIT 1")
        report = repair_rows(connection)
        assert [flaw.name for flaw in report.left.layout] == [PART]
        connection.execute("DROP INDEX items_annual_idx; CREATE INDEX items_annual_idx ON items (id)")
        assert "index items_annual_idx" in {flaw.name for flaw in repair_rows(connection).left.layout}
        assert "index items_annual_idx" in {flaw.name for flaw in check_rows(connection).layout}
    done = run(copy, "repair")
    assert (done.exit_code, f"{PART} - indexes of a partition - fault - an index that" in done.stdout) == (1, True)
    assert done.stdout.endswith("; 2 faults beside the rows\n")


SPAN = ["2019-03-01T00:00:00Z", "2019-04-01T00:00:00Z"]
EXTENT = orjson.dumps({"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [SPAN]}}).decode()


def test_an_extent_that_does_not_hold_its_items_is_widened_to_them(copy):
    with connect(copy, autocommit=True) as connection:
        connection.execute("UPDATE collections SET content = jsonb_set(content, '{extent}', %s)", [EXTENT])
        found = check_rows(connection)
        assert [p.field for p in found.problems] == ["extent.spatial.bbox", "extent.temporal.interval"]
        assert (found.faults, found.items) == (1, 20)
        report = repair_rows(connection)
        assert (report.mended, report.left.sound) == ({"extent.spatial.bbox": 1, "extent.temporal.interval": 1}, True)
        extent = connection.execute("SELECT content->'extent' FROM collections").fetchone()[0]
        west, south, east, north = extent["spatial"]["bbox"][0]
        places = (
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geometry) e FROM items) x"
        )
        items = connection.execute(places).fetchone()
        assert (west, south, east, north) == (min(0, items[0]), min(0, items[1]), max(1, items[2]), max(1, items[3]))
        assert extent["temporal"]["interval"] == [["2019-01-01T00:00:00.000000Z", "2020-12-31T23:59:59.000000Z"]]


def test_times_are_read_from_the_properties_whatever_the_partition_held(copy):
    wrong = "UPDATE items SET end_datetime = datetime - interval '1 day' WHERE id = 'tile-2020-000003'"
    with connect(copy, autocommit=True) as connection:
        before = checksums(connection)
        connection.execute(f"ALTER TABLE {PART} DROP CONSTRAINT {PART}_dt; {wrong}")
        connection.execute("SELECT update_partition_stats(%s, false, true)", [PART])
        report = repair_rows(connection)
        assert (report.mended["end_datetime"], report.left.sound) == (1, True)
        assert checksums(connection) == before


def test_what_cannot_be_mended_leaves_for_a_file_and_comes_back_from_it(copy, tmp_path):
    file = tmp_path / "aside.ndjson"
    with connect(copy, autocommit=True) as connection:
        before = checksums(connection)
        keep = "SELECT to_jsonb(geometry::text), content FROM items WHERE id = %s"
        connection.execute("UPDATE items SET geometry = 'SRID=4326;POINT EMPTY' WHERE id = 'tile-2020-000003'")
        connection.execute("UPDATE items SET id = '..' WHERE id = 'tile-2019-000004'")
        damaged = {name: connection.execute(keep, [name]).fetchone() for name in ("tile-2020-000003", "..")}
    assert run(copy, "repair").exit_code == 1
    dry = orjson.loads(run(copy, "repair", "--dry-run", "--set-aside", file, "--json").stdout)
    assert (dry["set_aside"], dry["left"]["faults"], dry["dry_run"], file.exists()) == (2, 0, True, False)
    done = run(copy, "repair", "--set-aside", file)
    assert (done.exit_code, done.stdout) == (
        0, f"2 Items set aside: {file}\n18 Items of 1 Collections: 0 rows with a fault, 0 with advice\n",
    )  # fmt: skip
    rows = {line["row"]["id"]: line for line in map(orjson.loads, file.read_bytes().splitlines())}
    assert {name: (r["row"]["geometry"], r["row"]["content"]) for name, r in rows.items()} == damaged
    assert {name: r["problems"][0]["field"] for name, r in rows.items()} == {"tile-2020-000003": "geometry", "..": "id"}
    assert one(copy, "SELECT count(*) FROM items") == (18,)
    with connect(copy, autocommit=True) as connection:
        for line in rows.values():
            fields = "geometry::geometry, id, collection, datetime, end_datetime, content, private"
            connection.execute(
                f"INSERT INTO items ({fields.replace('::geometry', '')}) SELECT {fields} "
                "FROM jsonb_to_record(%s) AS r (id text, geometry text, collection text, datetime timestamptz, "
                "end_datetime timestamptz, content jsonb, private jsonb)",
                [orjson.dumps(line["row"]).decode()],
            )
        assert checksums(connection)[f"Items of {COLLECTION}"][0] == before[f"Items of {COLLECTION}"][0]


def test_no_file_is_written_over_and_without_one_nothing_leaves(copy, tmp_path):
    with connect(copy, autocommit=True) as connection:
        connection.execute("UPDATE items SET id = '..' WHERE id = 'tile-2019-000004'")
        (tmp_path / "there").write_text("mine")
        with pytest.raises(StoreError, match="exists already: name a new file"):
            repair_rows(connection, aside=tmp_path / "there")
        with pytest.raises(StoreError, match="cannot be written"):
            repair_rows(connection, aside=tmp_path / "no folder" / "x")
        assert (tmp_path / "there").read_text() == "mine"
        assert check_rows(connection).faults == 1


def test_a_database_in_order_is_left_as_it_is(copy, tmp_path):
    with connect(copy, autocommit=True) as connection:
        report = repair_rows(connection, aside=tmp_path / "x")
    assert (report.mended, report.set_aside, report.file) == ({}, 0, None)
    assert not (tmp_path / "x").exists()


def test_who_may_not_write_is_told(copy):
    reader = psycopg.conninfo.make_conninfo(copy, user="atlas_reader")
    with connect(copy, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {PART} DROP CONSTRAINT {PART}_dt")
        connection.execute("UPDATE items SET id = '..' WHERE id = 'tile-2019-000004'")
    with connect(reader, autocommit=True) as connection, pytest.raises(StoreError, match="again as 'atlas', who owns"):
        repair_rows(connection)
