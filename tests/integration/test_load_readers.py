"""A load while long readers are active: it waits for them, and nobody waits for it."""

import threading
import time

import pytest

from atlas.errors import StoreError
from atlas.store.database import connect
from atlas.store.load import readers
from atlas.store.load.pgstac import load_folder
from tests.integration.loading import batch, checksum, column, write_crawl


@pytest.fixture
def dumped(empty_database, tmp_path, monkeypatch):
    """A loaded crawl that changed since, and a dump's open transaction that locks every table."""
    monkeypatch.setattr(readers, "_LONGEST_PAUSE", 0.2)
    load_folder(empty_database, write_crawl(tmp_path / "other", name="other"))
    folder = write_crawl(tmp_path / "crawl", years=(2019, 2020))
    load_folder(empty_database, folder)
    write_crawl(folder, batches=[batch(2019, 60), batch(2020, 70)])
    with connect(empty_database) as dump:
        tables = column(
            empty_database,
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '^(_)?items'",
        )
        dump.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS SHARE MODE")
        yield folder, dump


def test_a_load_beside_a_dump_keeps_no_search_waiting(empty_database, dumped, capsys):
    folder, dump = dumped
    reports = []
    load = threading.Thread(target=lambda: reports.append(load_folder(empty_database, folder)))
    load.start()
    said, end = "", time.monotonic() + 60
    with connect(empty_database, autocommit=True) as search:
        # Twice the longest queue. It was two seconds once, behind which every search of every Collection waited.
        search.execute("SET lock_timeout = '1s'")
        found = 0
        while "waiting for a long reader" not in said or found < 200:
            assert time.monotonic() < end
            assert search.execute("SELECT count(*) FROM items").fetchone() == (150,)
            found += 1
            said += capsys.readouterr().err
        assert load.is_alive()
        assert f"Collection synthetic: waiting for a long reader (server process {dump.info.backend_pid})" in said
        dump.rollback()
        load.join(60)
        assert reports[0].loaded == 130
        assert search.execute("SELECT count(*) FROM items").fetchone() == (180,)


def test_a_reader_that_never_ends_fails_the_load_and_changes_nothing(empty_database, dumped, monkeypatch):
    folder, _ = dumped
    rows = checksum(empty_database)
    monkeypatch.setattr(readers, "PATIENCE", 0.5)
    with pytest.raises(StoreError, match="Collection synthetic: its Items are being read without a break"):
        load_folder(empty_database, folder)
    assert checksum(empty_database) == rows
