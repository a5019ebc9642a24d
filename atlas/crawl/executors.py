"""Where shards run: in this process, in a pool of processes, or on the workers of a Dask scheduler."""

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from atlas.errors import CrawlError, SettingsError

__all__ = ["open_executor"]

_RETRIES = 3
"""How often Dask gives a shard to another worker after one was lost."""


@contextmanager
def open_executor(
    workers: int = 1, scheduler: str | None = None, *, patience: str = "10s"
) -> Iterator[tuple[Executor | None, int]]:
    """The executor for a number of workers, or of a scheduler, and how many shards it runs at once.

    Args:
        workers: processes on this machine; 1 runs the shards in this process, where no executor is needed.
        scheduler: address of a Dask scheduler such as `tcp://10.0.0.1:8786`. Its workers must have this package, and
            see the output folder under the same path.
        patience: how long to wait for the scheduler.

    Raises:
        SettingsError: the scheduler's address is invalid, or its library is not installed.
        CrawlError: the scheduler does not answer, or has no workers.
    """
    if scheduler is not None:
        yield from _dask(scheduler, patience)
    elif workers > 1:
        # Spawned, not forked: the network libraries and Arrow keep threads that a fork would break.
        context = multiprocessing.get_context("spawn")
        others = set(multiprocessing.active_children())
        # Ctrl-C reaches the whole process group; the parent decides about the workers.
        ignore = signal.signal, (signal.SIGINT, signal.SIG_IGN)
        with ProcessPoolExecutor(workers, context, *ignore) as pool:
            try:
                yield pool, workers
            except BaseException:
                # Ctrl-C, or the crawl cannot go on. A shard may be killed at any point: the next crawl recreates it.
                # The pool itself then sees its workers gone and collects them as it is left: two threads that wait
                # for one process would each take the other's answer.
                for worker in set(multiprocessing.active_children()) - others:
                    worker.kill()
                raise
    else:
        yield None, 1


def _dask(address: str, patience: str) -> Iterator[tuple[Executor, int]]:
    try:
        import distributed
    except ModuleNotFoundError:
        raise SettingsError("--scheduler needs the extra: pip install 'earth-embedding-atlas[distributed]'") from None
    connect: Any = distributed.Client  # the library's types stop at its constructor
    try:
        client = connect(address, timeout=patience, set_as_default=False)
    except ValueError as error:
        raise SettingsError(f"--scheduler {address}: {error}") from None
    except OSError as error:
        raise CrawlError(f"the Dask scheduler at {address} does not answer: {error}") from None
    with client:
        slots = sum(client.nthreads().values())
        if not slots:
            raise CrawlError(f"the Dask scheduler at {address} has no workers")
        # Not pure: a shard's result is also on the disk, and must be rewritten when it is asked for again.
        with client.get_executor(pure=False, retries=_RETRIES) as executor:
            yield executor, slots
