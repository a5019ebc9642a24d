"""Faults at random moments, over and over: `make faults` (TIMES=1000 for the full length, SEED to repeat a run).

Each round breaks one thing, runs the command again as an operator would, and compares with an undisturbed run: an Item
that is not there is lost, one that is there twice or should not be is doubled. Prints how many of which kind were
survived, and exits with 1 where one was not. Run as a process of its own: it forks, and threads would not survive that.
"""

import argparse
import contextlib
import errno
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import psycopg

from atlas.crawl.engine import Crawl
from atlas.crawl.verify import VERIFIED  # noqa: F401 - loaded before forking, so that a child begins at once
from atlas.settings import Settings
from atlas.sources.base import Source
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import database
from atlas.store.load.pgstac import load_folder
from tests.crawl.killed_crawl import CATALOG, PRODUCT, put, what_is_there
from tests.crawl.test_kill import AFTER, BEFORE

OPERATIONS = ("replace", "unlink", "fsync", "mkdir", "rmdir")
KINDS = ("crawl killed", "crawl without disk", "load killed", "database killed under a load")


def child(work, *, kill_after=None):
    """Run work in a child; kill it after some seconds. Whether it came to its end without a fault."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent sees the exit code
            traceback.print_exc()
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def seconds(work):
    """How long a child takes."""
    began = time.monotonic()
    assert child(work)
    return time.monotonic() - began


class Crawls:
    """Crawls of an index that changed."""

    def __init__(self, root):
        self.root, self.index = root, root / "index"
        root.mkdir()
        put(self.index, BEFORE)
        assert child(self.crawl(root / "base"))
        put(self.index, AFTER)
        shutil.copytree(root / "base", root / "undisturbed")
        self.time = seconds(self.crawl(root / "undisturbed"))
        self.expected = what_is_there(root / "undisturbed")[0]

    def crawl(self, out, before=lambda: None):
        def work():
            before()
            Crawl(Source(PRODUCT, str(self.index)), CATALOG, out).run()

        return work

    def round(self, break_it):
        """One fault, a crawl after it; the files that are not as they should be."""
        out = self.root / "out"
        shutil.copytree(self.root / "base", out)
        break_it(out)
        assert child(self.crawl(out)), "the crawl after a fault failed"
        found = what_is_there(out)[0]
        shutil.rmtree(out)
        return [name for name in self.expected.keys() | found.keys() if self.expected.get(name) != found.get(name)]

    def killed(self, chosen):
        return self.round(lambda out: child(self.crawl(out), kill_after=chosen.uniform(0, self.time)))

    def without_disk(self, chosen):
        """From some operation on the disk is full, or a single one fails."""
        at, lasting = chosen.randrange(1, 110), chosen.random() < 0.5
        fault = OSError(chosen.choice((errno.ENOSPC, errno.EIO)), "made up")

        def patch():
            count = 0

            def failing(operation):
                def run(*arguments, **named):
                    nonlocal count
                    count += 1
                    if count == at or (lasting and count > at):
                        raise fault
                    return operation(*arguments, **named)

                return run

            for name in OPERATIONS:
                setattr(os, name, failing(getattr(os, name)))

        return self.round(lambda out: child(self.crawl(out, patch)))


class Loads:
    """Loads of two states of a crawl in turn, into a private database of their own."""

    def __init__(self, root):
        self.state = Path(tempfile.mkdtemp(prefix="atlas-faults-"))
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
        self.turn = 0

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
        """As many rows and ids as there are; the database may be recovering."""
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.cluster.conninfo()) as connection:
                return connection.execute(
                    "SELECT count(*), count(DISTINCT id), md5(string_agg(md5(i::text), '' ORDER BY id)) "
                    "FROM pgstac.items i"
                ).fetchone()
            assert time.monotonic() < end, "the database did not come back"
            time.sleep(0.1)

    def round(self, break_it):
        self.turn = 1 - self.turn
        folder, before, after = self.folders[self.turn], self.sums[1 - self.turn], self.sums[self.turn]
        break_it(folder)
        seen = self.checksum()
        odd = [] if seen in (before, after) else [f"readers saw {seen}"]
        assert child(self.load(folder)), "the load after a fault failed"
        return odd if self.checksum() == after else [*odd, "the load after it is not complete"]

    def killed(self, chosen):
        return self.round(lambda folder: child(self.load(folder), kill_after=chosen.uniform(0, self.time)))

    def database_killed(self, chosen):
        """One of its processes is killed: it ends all others and recovers."""

        def break_it(folder):
            pause = chosen.uniform(0, self.time)

            def work():
                with psycopg.connect(self.cluster.conninfo()) as connection:
                    victim = connection.info.backend_pid
                    time.sleep(pause)
                    os.kill(victim, signal.SIGKILL)

            killer = os.fork()
            if killer == 0:
                with contextlib.suppress(BaseException):
                    work()
                os._exit(0)
            child(self.load(folder))
            os.waitpid(killer, 0)

        return self.round(break_it)

    def close(self):
        self.cluster.erase()
        shutil.rmtree(self.state, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20, help="rounds of each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    chosen, survived, faults = random.Random(asked.seed), Counter(), []
    root = Path(tempfile.mkdtemp(prefix="atlas-faults-crawl-"))
    loads = Loads(root)
    try:
        crawls = Crawls(root / "crawls")
        rounds = (crawls.killed, crawls.without_disk, loads.killed, loads.database_killed)
        for number in range(asked.times):
            for kind, play in zip(KINDS, rounds, strict=True):
                odd = play(chosen)
                survived[kind] += not odd
                faults += [f"round {number}, {kind}: {one}" for one in odd]
    finally:
        loads.close()
        shutil.rmtree(root, ignore_errors=True)
    for kind in KINDS:
        print(f"{kind}: {survived[kind]} of {asked.times} survived")
    print(f"lost or doubled: {len(faults)} (seed {asked.seed})")
    for one in faults:
        print(one)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
