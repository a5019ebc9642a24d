"""Loads of two states of a crawl in turn, into a private database; each disturbed once, then repeated."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psycopg

from atlas.settings import Settings
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import database, migrate
from atlas.store.load.pgstac import load_folder
from tests.faults.children import child, seconds
from tests.faults.cut import Cut


class Loads:
    """Readers must see one state or the other, never a mixture; the load after a fault completes the change."""

    def __init__(self, root: Path, control: Path) -> None:
        """Load both states undisturbed."""
        self.state, self.control = Path(tempfile.mkdtemp(prefix="atlas-faults-")), control
        self.state.chmod(0o755)
        self.cluster = Cluster(self.state)
        self.cluster.start(keep=True)
        self.cluster.stop()
        self.folders = [root / "load-a", root / "load-b"]
        assert child(self.write)
        self.sums = []
        for folder in self.folders:
            assert child(self.load(folder))
            self.sums.append(self.checksum())
        self.time = seconds(self.load(self.folders[0]))
        self.turn, self.struck = 0, False
        parts = psycopg.conninfo.conninfo_to_dict(self.cluster.conninfo())
        name = f".s.PGSQL.{parts['port']}"
        sockets = Path(tempfile.mkdtemp(prefix="atlas-cut-"))
        self.cut = Cut(Path(parts["host"]) / name, sockets / name)
        self.through = psycopg.conninfo.make_conninfo(self.cluster.conninfo(), host=str(sockets))

    def write(self):
        from tests.integration.loading import batch, write_crawl

        for folder, rows in zip(self.folders, (400, 500), strict=True):
            write_crawl(folder, batches=[batch(2019, rows), batch(2020, rows)])

    def load(self, folder):
        def work():
            with database(Settings(state_dir=self.state)) as conninfo:
                load_folder(conninfo, folder)

        return work

    def checksum(self):
        """Row count and checksum of the ids; starts the database or waits for its recovery where needed."""
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.cluster.conninfo()) as connection:
                return connection.execute(
                    "SELECT count(*), count(DISTINCT id), md5(string_agg(md5(i::text), '' ORDER BY id)) "
                    "FROM pgstac.items i"
                ).fetchone()
            assert time.monotonic() < end, "the database did not come back"
            if not self.cluster.running():
                self.cluster.start(keep=True)
                self.cluster.stop()
            time.sleep(0.1)

    def round(self, break_it):
        self.turn = 1 - self.turn
        folder, before, after = self.folders[self.turn], self.sums[1 - self.turn], self.sums[self.turn]
        self.struck = break_it(folder) is False
        seen = self.checksum()
        odd = [] if seen in (before, after) else [f"readers saw {seen}"]
        if not child(self.load(folder)):
            odd.append("the load after a fault failed")
        return odd if self.checksum() == after else [*odd, "the load after it is not complete"]

    def killed(self, chosen):
        return self.round(lambda folder: child(self.load(folder), kill_after=chosen.uniform(0, self.time)))

    def beside(self, work, folder):
        """A load with something else happening during it."""
        other = os.fork()
        if other == 0:
            with contextlib.suppress(BaseException):
                work()
            os._exit(0)
        done = child(self.load(folder))
        os.waitpid(other, 0)
        return done

    def database_killed(self, chosen):
        """One backend is killed, so that PostgreSQL ends all others and recovers."""
        pause = chosen.uniform(0, self.time)

        def work():
            with psycopg.connect(self.cluster.conninfo()) as connection:
                victim = connection.info.backend_pid
                time.sleep(pause)
                os.kill(victim, signal.SIGKILL)

        return self.round(lambda folder: self.beside(work, folder))

    def database_disk(self, chosen, what, lasting):
        """The disk below PostgreSQL fails for a while."""
        pause, end = chosen.uniform(0, self.time), chosen.uniform(0, lasting)

        def work():
            time.sleep(pause)
            self.control.write_text(what)
            time.sleep(end)

        def break_it(folder):
            done = self.beside(work, folder)
            self.control.unlink(missing_ok=True)
            return done

        return self.round(break_it)

    def database_full(self, chosen):
        return self.database_disk(chosen, "full", self.time)

    def database_torn(self, chosen):
        """A torn page or log record, and the process that wrote it dies."""
        return self.database_disk(chosen, "torn", self.time)

    def connection_cut(self, chosen):
        """The connection to the database is cut after some bytes."""

        def break_it(folder):
            self.cut.after(chosen.randrange(1, 400_000), lasting=chosen.random() < 0.7)

            def work():
                migrate(self.through, upgrade=False)
                load_folder(self.through, folder)

            done = child(work)
            self.cut.after(None)
            return done

        return self.round(break_it)

    def close(self) -> None:
        self.control.unlink(missing_ok=True)
        self.cut.close()
        self.cluster.shut_down()
        self.cluster.erase()
        shutil.rmtree(self.state, ignore_errors=True)
