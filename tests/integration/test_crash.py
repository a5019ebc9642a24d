"""PostgreSQL is killed: the following commands wait for recovery, and no loaded data is lost."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from atlas.settings import Settings
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import database
from atlas.store.load.pgstac import load_folder
from tests.integration.loading import batch, checksum, write_crawl


@pytest.fixture
def state():
    """A state folder whose private database keeps running between commands."""
    folder = Path(tempfile.mkdtemp(prefix="atlas-crash-"))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start(keep=True)
    cluster.stop()
    yield folder
    cluster.erase()
    shutil.rmtree(folder, ignore_errors=True)


def postmaster(conninfo):
    with psycopg.connect(conninfo) as connection:
        folder = connection.execute("SHOW data_directory").fetchone()[0]
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def backend(conninfo):
    """The backend process of a connection: killing one makes the server end all others and recover."""
    connection = psycopg.connect(conninfo)
    return connection.info.backend_pid, connection


@pytest.mark.slow
def test_a_load_right_after_a_crash_waits_and_loads(state, tmp_path):
    settings = Settings(state_dir=state)
    folder = write_crawl(tmp_path, rows=10)
    with database(settings) as conninfo:
        load_folder(conninfo, folder)
    for kill in range(4):
        rows = checksum(conninfo)
        assert rows[0] == 10 + kill
        if kill % 2:
            os.kill(postmaster(conninfo), signal.SIGKILL)
        else:
            pid, connection = backend(conninfo)
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)  # until the server has noticed it: before that it answers as always
            connection.close()
        write_crawl(tmp_path, batches=[batch(2021, 11 + kill)])
        with database(settings) as conninfo:
            assert checksum(conninfo) == rows
            assert load_folder(conninfo, folder).items == 11 + kill
