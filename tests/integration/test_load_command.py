"""`atlas load` and `atlas db` on the command line."""

import shutil
import tempfile
from pathlib import Path

import orjson
import psycopg
import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.store.database import connect
from tests.catalogue import whole_catalogue
from tests.integration.loading import batch, collection_document, url, write_crawl, write_manifest
from tests.memory import memory


@pytest.fixture
def atlas(empty_database, tmp_path):
    """Runs a command on a fresh database."""

    def run(*arguments):
        environment = {"ATLAS_DATABASE_URL": url(empty_database), "ATLAS_STATE_DIR": str(tmp_path / "state")}
        return CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)

    return run


def test_the_collections_of_all_records_are_loaded(atlas, empty_database):
    result = atlas("load", "--json")
    assert result.exit_code == 0, result.output
    count = len(whole_catalogue().products)
    document = orjson.loads(result.stdout)
    assert (document["collections"], document["changed"]) == (count, count)
    assert document["queryables_changed"] > 10
    again = orjson.loads(atlas("load", "--json").stdout)
    assert (again["changed"], again["queryables_changed"]) == (0, 0)
    with connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM collections").fetchone() == (count,)


def test_folders_are_loaded_and_reported(atlas, tmp_path):
    first, second = write_crawl(tmp_path / "a"), write_crawl(tmp_path / "b", name="second", years=(2020, 2021))
    result = atlas("load", first, second)
    assert result.exit_code == 0, result.output
    assert "synthetic: 50 items in the database, 50 written" in result.stdout
    assert "second: 100 items in the database, 100 written" in result.stdout
    assert "synthetic: 50 items in the database, 50 unchanged" in atlas("load", first).stdout
    document = orjson.loads(atlas("load", "--json", "--workers", 1, second).stdout)
    assert (document["collection"], document["items"], document["unchanged"]) == ("second", 100, 100)


def test_what_was_rejected_is_shown_row_by_row(atlas, tmp_path):
    folder = write_crawl(tmp_path, batches=[batch(2021, 3), batch(2021, 3, name="other")])
    result = atlas("load", folder)
    assert result.exit_code == 0, result.output
    assert "synthetic: 3 items in the database, 3 written" in result.stdout
    assert "  rejected: items/part-0001.parquet row 1: collection: is not 'synthetic'" in result.stdout


def test_a_crawl_of_which_everything_is_rejected_is_a_fault(atlas, tmp_path):
    result = atlas("load", write_crawl(tmp_path, batches=[batch(2021, 3, name="other")]))
    assert result.exit_code == 1
    assert "synthetic: 0 items in the database, 3 rejected" in result.stdout


def test_a_folder_that_is_no_crawl_fails_and_the_others_are_loaded(atlas, tmp_path):
    (tmp_path / "empty").mkdir()
    good, lost = write_crawl(tmp_path / "good"), write_crawl(tmp_path / "lost", name="lost")
    write_manifest(lost)
    (lost / "items" / "part-0000.parquet").unlink()
    result = atlas("load", tmp_path / "empty", lost, good)
    assert result.exit_code == 1
    assert "synthetic: 50 items in the database, 50 written" in result.stdout
    assert "empty/collection.json: a crawl writes the Collection here" in result.stderr
    assert "part-0000.parquet: the manifest names this part" in result.stderr
    document = orjson.loads(atlas("load", "--json", lost).stdout)
    assert (document["folders"], "the manifest names" in document["error"]) == ([str(lost)], True)


def test_a_folder_that_is_not_there_is_a_wrong_use(atlas, tmp_path):
    assert atlas("load", tmp_path / "nowhere").exit_code == 2


def test_the_status_counts_items(atlas, tmp_path):
    atlas("load", write_crawl(tmp_path))
    document = orjson.loads(atlas("db", "status", "--json").stdout)
    assert document["items"] == {"synthetic": 50}
    assert "synthetic: 50 items" in atlas("db", "status").stdout


def test_an_existing_server_is_neither_started_nor_stopped(atlas):
    for command in ("start", "stop"):
        result = atlas("db", command)
        assert result.exit_code != 0
        assert "neither starts nor stops" in str(result.exception)


def test_an_existing_server_is_migrated_on_request(atlas):
    assert "the database has pgstac" in atlas("db", "migrate").stdout


def test_the_private_database_is_started_shown_stopped_and_removed():
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=memory()))
    folder.chmod(0o755)

    def run(*arguments, confirm=None):
        environment = {"ATLAS_DATABASE_URL": None, "ATLAS_STATE_DIR": str(folder)}
        return CliRunner().invoke(cli, ["db", *arguments], env=environment, input=confirm)

    try:
        assert "not running" in run("status").stdout
        assert "was not running" in run("stop").stdout
        started = run("start")
        assert started.exit_code == 0, started.output
        with connect(started.stdout.strip()) as connection:
            connection.execute("SELECT create_collection(%s)", [psycopg.types.json.Jsonb(collection_document("here"))])
        assert orjson.loads(run("status", "--json").stdout)["items"] == {"here": 0}
        assert "atlas_reader may read" in run("reader").stdout
        assert "stopped" in run("stop").stdout
        assert run("reset", confirm="n\n").exit_code == 1
        assert (folder / "postgres" / "data").exists()
        assert run("reset", confirm="y\n").exit_code == 0
        assert not (folder / "postgres" / "data").exists()
    finally:
        run("stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_the_bundled_tiles_are_found_by_place_and_year(atlas_database):
    with connect(atlas_database) as connection:
        (count,) = connection.execute("SELECT count(*) FROM items WHERE collection = 'tessera-v1'").fetchone()
        assert count >= 100
        tile = connection.execute(
            "SELECT id, ST_X(ST_Centroid(geometry)), ST_Y(ST_Centroid(geometry)), extract(year FROM datetime)::int "
            "FROM items WHERE collection = 'tessera-v1' ORDER BY id LIMIT 1"
        ).fetchone()
        query = {
            "collections": ["tessera-v1"],
            "datetime": f"{tile[3]}-01-01T00:00:00Z/{tile[3]}-12-31T23:59:59Z",
            "intersects": {"type": "Point", "coordinates": list(tile[1:3])},
        }
        (found,) = connection.execute("SELECT search(%s)", [orjson.dumps(query).decode()]).fetchone()
    assert [feature["id"] for feature in found["features"]] == [tile[0]]
