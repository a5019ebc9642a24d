"""A restore drill: back up rows of every kind, restore into an empty database, and compare."""

import fcntl
import json

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.types.json import Jsonb

from atlas.cli import cli
from atlas.errors import StoreError
from atlas.store.backup import backup, restore
from atlas.store.checksums import checksums, differences
from atlas.store.database import connect
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.integration.conftest import fresh_database
from tests.integration.loading import batch, collection_document, column, url, write_crawl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled(cluster, tmp_path_factory):
    """A database with a load, Items written over the API to the same and another Collection, and queryables."""
    folder = write_crawl(tmp_path_factory.mktemp("crawl"), batches=[batch(2019, 30), batch(2020, 20)])
    with fresh_database(cluster) as conninfo:
        load_queryables(conninfo, queryables())
        load_folder(conninfo, folder)
        load_collections(conninfo, [collection_document("written")])
        with connect(conninfo) as connection:
            item = {
                "type": "Feature", "stac_version": "1.1.0", "id": "by-hand", "links": [], "assets": {},
                "geometry": {"type": "Point", "coordinates": [5, 50]}, "bbox": [5, 50, 5, 50],
                "properties": {"datetime": "2021-05-05T00:00:00Z", "deprecated": True},
            }  # fmt: skip
            for collection in ("written", "synthetic"):
                connection.execute("SELECT create_item(%s)", [Jsonb(item | {"collection": collection})])
        yield conninfo, folder


@pytest.fixture(scope="module")
def saved(filled, tmp_path_factory):
    where = tmp_path_factory.mktemp("backups") / "one"
    report = backup(filled[0], where)
    assert report.rows["Items of synthetic"] == 51
    return where


def test_a_restored_database_holds_the_same_and_needs_no_load(filled, saved, empty_database):
    conninfo, folder = filled
    report = restore(empty_database, saved)
    assert report.rows["Items of written"] == 1
    with connect(conninfo) as before, connect(empty_database) as after:
        assert differences(checksums(before), checksums(after)) == []
        described = (
            "SELECT relname, relkind, pg_get_userbyid(relowner), array(SELECT unnest(relacl)::text ORDER BY 1) "
            "FROM pg_class WHERE relnamespace::regnamespace::text IN ('pgstac', 'atlas') ORDER BY 1"
        )
        assert before.execute(described).fetchall() == after.execute(described).fetchall()
    loaded = load_folder(empty_database, folder)
    assert (loaded.loaded, loaded.unchanged) == (0, 50)
    reader = psycopg.conninfo.make_conninfo(empty_database, user="atlas_reader")
    assert column(reader, "SELECT search('{}')->'numberReturned'") == [10]


def test_a_difference_of_one_byte_is_named(filled, empty_database, saved):
    restore(empty_database, saved)
    with connect(filled[0]) as before, connect(empty_database) as after:
        after.execute("UPDATE items SET content = content || '{\"a\": 1}' WHERE id = 'tile-2020-000003'")
        after.execute("DELETE FROM items WHERE collection = 'written'")
        assert differences(checksums(before), checksums(after)) == [
            "Items of synthetic: 51 rows as before, but not the same",
            "Items of written: 0 rows, not 1",
        ]


def test_a_database_that_holds_something_is_left_alone(filled, saved):
    with pytest.raises(StoreError, match="the database holds 2 Collections: restore into an empty one"):
        restore(filled[0], saved)


def test_what_is_no_whole_backup_changes_nothing(saved, empty_database, tmp_path):
    with pytest.raises(StoreError, match=r"is not a backup: it has no backup\.json"):
        restore(empty_database, tmp_path)
    note = json.loads((saved / "backup.json").read_text())
    dump = (saved / "catalogue.dump").read_bytes()
    (tmp_path / "catalogue.dump").write_bytes(dump[:-100])
    (tmp_path / "backup.json").write_text(json.dumps(note))
    with pytest.raises(StoreError, match=r"catalogue\.dump: missing or damaged"):
        restore(empty_database, tmp_path)
    (tmp_path / "catalogue.dump").write_bytes(dump)
    (tmp_path / "backup.json").write_text(json.dumps(note | {"pgstac": "99.0.0"}))
    with pytest.raises(StoreError, match=r"written with pgstac 99\.0\.0, newer than"):
        restore(empty_database, tmp_path)
    (tmp_path / "backup.json").write_text("{")
    with pytest.raises(StoreError, match=r"backup\.json: not the note of a backup"):
        restore(empty_database, tmp_path)
    assert column(empty_database, "SELECT count(*) FROM collections") == [0]


def test_a_dump_that_breaks_off_leaves_an_empty_catalogue(saved, empty_database, tmp_path, monkeypatch):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    dump = broken / "catalogue.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    monkeypatch.setattr(
        "atlas.store.backup.sha256_of", lambda _: json.loads((saved / "backup.json").read_text())["sha256"]
    )
    with pytest.raises(StoreError, match="pg_restore: "):
        restore(empty_database, broken)
    assert column(empty_database, "SELECT count(*) FROM collections") == [0]
    assert restore(empty_database, saved).rows["Items of written"] == 1


def test_a_backup_is_a_new_folder(filled, saved, tmp_path):
    with pytest.raises(StoreError, match="exists already"):
        backup(filled[0], saved)
    (tmp_path / ".next.tmp").mkdir()
    assert backup(filled[0], tmp_path / "next").rows["Items of synthetic"] == 51
    assert [path.name for path in tmp_path.iterdir()] == ["next"]


def test_a_backup_that_fails_leaves_nothing(filled, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("atlas.store.backup.write_json", full)
    with pytest.raises(OSError, match="No space left"):
        backup(filled[0], tmp_path / "next")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_goes_with_the_next_one_whatever_its_name(filled, tmp_path):
    others = tmp_path / ".notes.tmp"  # of another program
    others.mkdir()
    killed, running = tmp_path / ".2026-11-01.tmp", tmp_path / ".2026-11-02.tmp"
    for folder in (killed, running):
        folder.mkdir()
        (folder / ".lock").touch()
    with (running / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        backup(filled[0], tmp_path / "2026-11-03")
        assert sorted(path.name for path in tmp_path.iterdir()) == [running.name, others.name, "2026-11-03"]
        with pytest.raises(StoreError, match="another backup of this name is being written"):
            backup(filled[0], tmp_path / "2026-11-02")
    assert sorted(path.name for path in (tmp_path / "2026-11-03").iterdir()) == ["backup.json", "catalogue.dump"]


def test_the_commands_say_what_was_saved_and_brought_back(filled, empty_database, tmp_path):
    def run(database, *arguments):
        return CliRunner().invoke(cli, ["db", *arguments], env={"ATLAS_DATABASE_URL": url(database)})

    said = run(filled[0], "backup", str(tmp_path / "b")).output
    assert said.startswith(f"{tmp_path}/b: 2 Collections, 52 Items, ")
    assert run(empty_database, "restore", str(tmp_path / "b")).output == said
