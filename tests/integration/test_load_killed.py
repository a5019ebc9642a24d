"""A killed load changes nothing, and the next one cleans up after it."""

import signal
import subprocess
import sys
import time

import pytest

from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from tests.integration.loading import batch, checksum, write_crawl

# Stops for good at a chosen point, so that the kill hits there and nowhere else.
PROGRAM = """
import os, sys, time
from pathlib import Path
import atlas.store.load.{module} as module
from atlas.store.load.pgstac import load_folder

def wait(*arguments, **named):
    os.write(1, b"here\\n")
    time.sleep(600)

{patch}
load_folder(sys.argv[1], Path(sys.argv[2]))
"""

POINTS = {
    "while rows are sent": (
        "staging",
        "write = module.Stage.write\nmodule.Stage.write = lambda s, r: (write(s, r), wait())",
    ),
    "before a table is indexed": ("staging", "module.Stage._build = wait"),
    "when all tables are ready": ("pgstac", "module.swap = wait"),
    "in the middle of the swap": ("swap", "module._attach = wait"),
}


def leftovers(connection):
    return connection.execute("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^_atlas'").fetchone()[0]


@pytest.mark.parametrize(
    "point", [pytest.param(p, marks=[pytest.mark.slow] * (p == "before a table is indexed")) for p in POINTS]
)
def test_a_killed_load_leaves_the_earlier_items(empty_database, tmp_path, point):
    folder = write_crawl(tmp_path, years=(2019, 2020))
    load_folder(empty_database, folder)
    rows = checksum(empty_database)
    write_crawl(tmp_path, batches=[batch(2019, 80), batch(2020, 90), batch(2021, 10)])
    module, patch = POINTS[point]
    program = PROGRAM.format(module=module, patch=patch)
    process = subprocess.Popen([sys.executable, "-c", program, empty_database, str(folder)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        # In the middle of the swap readers wait: it holds the partitions, usually for some milliseconds.
        if point != "in the middle of the swap":
            assert checksum(empty_database) == rows
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with connect(empty_database, autocommit=True) as connection:
        if point == "when all tables are ready":
            assert leftovers(connection) == 3
        # The server notices that the client is gone; until then the Collection's lock is held.
        deadline = time.monotonic() + 60
        while connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert checksum(empty_database) == rows
        report = load_folder(empty_database, folder)
        assert (report.items, checksum(empty_database)[0]) == (180, 180)
        assert leftovers(connection) == 0


def test_leftovers_of_another_collection_go_too_unless_it_is_being_loaded(empty_database, tmp_path):
    from atlas.store.load.staging import drop_leftovers, hold_collection, lock_key

    names = {name: f"_atlas_{lock_key(name) & 0xFFFFFFFF:08x}_2020" for name in ("dead", "alive")}
    with connect(empty_database, autocommit=True) as connection, connect(empty_database) as other:
        for table in names.values():
            connection.execute(f"CREATE TABLE pgstac.{table} (LIKE pgstac.items)")
        with hold_collection(other, "alive"):
            assert drop_leftovers(connection) == 1
        left = connection.execute("SELECT relname FROM pg_class WHERE relname ~ '^_atlas_'").fetchall()
        assert left == [(names["alive"],)]
