"""Every executor gives the same parts, also where a worker is killed."""

import contextlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future

import pytest

from atlas.crawl.executors import open_executor
from atlas.errors import CrawlError, SettingsError

from .conftest import lines

SHARDS = 24


def many(count=SHARDS, tiles=4):
    return {
        f"part-{n:02d}.txt": lines(*(f"{n}.{i}5_52.05" for i in range(tiles)), year=2021) + "broken\n"
        for n in range(count)
    }


def parts(out):
    return {p.relative_to(out).as_posix(): p.read_bytes() for d in ("items", "set-aside") for p in (out / d).iterdir()}


def test_processes_write_the_same_bytes_as_one_process(crawl, index, tmp_path):
    folder = index(many(4))
    crawl(folder, tmp_path / "one")
    with open_executor(2) as (executor, workers):
        assert workers == 2
        report = crawl(folder, tmp_path / "pool", executor=executor, workers=workers)
    assert report.read == 4
    assert parts(tmp_path / "pool") == parts(tmp_path / "one")
    assert len(parts(tmp_path / "one")) == 8


def test_a_pool_whose_process_dies_is_an_error_that_says_what_to_do(crawl, index, tmp_path):
    folder = index(many(4))
    with open_executor(2) as (executor, workers):
        asleep = executor.submit(time.sleep, 60)
        os.kill(next(iter(executor._processes)), signal.SIGKILL)
        assert isinstance(asleep.exception(timeout=50), BrokenExecutor)
        with pytest.raises(CrawlError, match=r"a worker process died .* run the crawl again"):
            crawl(folder, tmp_path / "pool", executor=executor, workers=workers)
    crawl(folder, tmp_path / "one")
    crawl(folder, tmp_path / "pool")
    assert parts(tmp_path / "pool") == parts(tmp_path / "one")


def test_a_shard_that_kills_its_workers_is_a_fault_and_the_others_go_on(crawl, index, tmp_path):
    class LostError(Exception):
        """Like Dask's KilledWorker, not a BrokenExecutor."""

    class Fatal(Executor):
        def submit(self, function, task):
            future = Future()
            if task.shard.id == "part-01":
                future.set_exception(LostError("all those workers died while running it"))
            else:
                future.set_result(function(task))
            return future

    report = crawl(index(many(3)), executor=Fatal(), workers=2)
    assert report.faults == {"part-01": "no worker could finish it: LostError: all those workers died while running it"}
    assert report.read == 2


def test_an_interrupted_crawl_leaves_no_process_behind():
    before, begin = multiprocessing.active_children(), time.monotonic()

    def interrupted():
        with open_executor(2) as (executor, _):
            executor.submit(time.sleep, 120)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begin < 60
    assert multiprocessing.active_children() == before


def test_one_worker_needs_no_executor():
    with open_executor() as found:
        assert found == (None, 1)


def test_a_scheduler_that_is_not_there_is_an_error_that_names_it(monkeypatch):
    with (
        pytest.raises(CrawlError, match=r"the Dask scheduler at tcp://127\.0\.0\.1:9 does not answer"),
        open_executor(scheduler="tcp://127.0.0.1:9", patience="1s"),
    ):
        pass


def test_an_address_that_is_none_is_an_error_of_the_setting():
    with pytest.raises(SettingsError, match="--scheduler nonsense://x"), open_executor(scheduler="nonsense://x"):
        pass


# Runs in each worker as it starts: the first that has written a shard, and not yet said so, stays there for good.
STUCK = """
import os, time
from atlas.crawl import shard

def stuck(*arguments, **named):
    try:
        os.rename({free!r}, {taken!r} + str(os.getpid()))
    except FileNotFoundError:
        return commit(*arguments, **named)
    time.sleep(600)

if shard.commit.__name__ != "stuck":  # the library runs this file more than once, in one namespace
    commit, shard.commit = shard.commit, stuck
"""


@contextlib.contextmanager
def dask(workers, preload):
    """A scheduler and workers on loopback, stopped at the end of the test."""
    environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10"}
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    started = []
    try:
        scheduler = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        started.append(scheduler)
        address = next(m[1] for line in scheduler.stderr if (m := re.search(r"Scheduler at:\s+(tcp://\S+)", line)))
        threading.Thread(target=scheduler.stderr.read, daemon=True).start()
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"]
        worker += ["--no-dashboard", "--host", "127.0.0.1", "--death-timeout", "120", "--preload", str(preload)]
        started += [subprocess.Popen(worker, stderr=subprocess.DEVNULL, env=environment) for _ in range(workers)]
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_dask_finishes_although_a_worker_is_killed(crawl, index, tmp_path):
    from distributed import Client

    folder = index(many(tiles=9))
    crawl(folder, tmp_path / "one")
    preload, free, taken = (tmp_path / name for name in ("preload.py", "free", "taken-by-"))
    preload.write_text(STUCK.format(free=str(free), taken=str(taken)))
    free.touch()
    with dask(2, preload) as (address, workers):
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        killed = []

        def kill_the_stuck_one():
            end = time.monotonic() + 200
            while not (found := list(tmp_path.glob("taken-by-*"))) and time.monotonic() < end:
                time.sleep(0.01)
            killed.extend(w for w in workers if found and found[0].name == f"taken-by-{w.pid}")
            for worker in killed or workers:
                worker.kill()

        killer = threading.Thread(target=kill_the_stuck_one)
        killer.start()
        with open_executor(scheduler=address) as (executor, slots):
            assert slots == 2
            report = crawl(folder, tmp_path / "dask", executor=executor, workers=slots)
        killer.join()
    assert [worker.returncode for worker in killed] == [-signal.SIGKILL]
    assert (report.faults, report.read) == ({}, SHARDS)
    assert parts(tmp_path / "dask") == parts(tmp_path / "one")
