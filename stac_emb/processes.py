"""Work in several processes, with the outcomes in the order of the work."""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from stac_emb.errors import UnreadableInput
from stac_emb.forks import Ended, NotStarted, in_forks
from stac_emb.selection import Selection
from stac_emb.validate import Fetch, Validator

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["in_order", "may_fork", "processes_of"]

T = TypeVar("T")
_Options = tuple[bool, Fetch | None, Selection]
_VALIDATORS: dict[_Options, Validator] = {}
"""Of a process that works for another: one run makes it, and ends it."""


def _elsewhere(function: Callable[..., T], arguments: tuple[Any, ...], options: _Options) -> T:
    """The call in a process of its own, which keeps what its validator compiled."""
    if options not in _VALIDATORS:
        semantic, fetch, rules = options
        _VALIDATORS[options] = Validator(fetch=fetch, semantic=semantic, rules=rules)
    return function(*arguments, _VALIDATORS[options])


def _begin(threshold: tuple[int, int, int]) -> None:
    """What a process does first: the collector is as in the one that started it, and it ends when that one does.

    Interrupts are left to that one: Ctrl-C reaches every process of the terminal.
    """
    gc.set_threshold(*threshold)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one, which may be killed: nobody else would end this one."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def processes_of(jobs: int | None) -> int:
    """How many processes are meant; None is one for each core."""
    return jobs or os.cpu_count() or 1


def may_fork() -> bool:
    """Whether this process has no other thread: a fork of it would wait for what such a one holds (Arrow has some)."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:  # only Linux tells
        return False


def in_order(
    function: Callable[..., T],
    calls: Iterable[tuple[Any, ...]],
    validator: Validator,
    *,
    jobs: int | None,
    worth: int,
    alike: Callable[[tuple[Any, ...]], Hashable] = lambda _: None,
) -> Iterator[T]:
    """Results of a function called with each tuple of arguments and, last, a validator.

    Args:
        function: of a module, so that another process finds it.
        calls: the arguments of each call; taken a few ahead of what is read.
        validator: is handed over here; another process makes one of its own like it.
        jobs: processes; all cores where None.
        worth: calls up to which starting processes costs more than it saves.
        alike: what calls have in common that are better made in one process; None where nothing.

    Raises:
        UnreadableInput: one of the processes could not be started, or was ended from outside.
    """
    workers = processes_of(jobs)
    calls = iter(calls)
    first = list(islice(calls, worth + 1)) if workers > 1 else []
    calls = chain(first, calls)
    if len(first) <= worth:
        yield from (function(*arguments, validator) for arguments in calls)
        return
    try:
        if may_fork():
            yield from in_forks(lambda *arguments: function(*arguments, validator), calls, workers, alike)
        else:
            yield from _in_new_processes(function, calls, validator, workers)
    except NotStarted as error:
        msg = f"{workers} processes could not be started ({error}): ask for fewer with --jobs"
        raise UnreadableInput(msg) from error
    except Ended as error:
        msg = "a process that validated was ended from outside (short of memory?): what comes after was not checked"
        raise UnreadableInput(msg) from error


def _in_new_processes(
    function: Callable[..., T], calls: Iterable[tuple[Any, ...]], validator: Validator, workers: int
) -> Iterator[T]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    options = validator.semantic, validator.fetch, validator.rules
    context = get_context("spawn")
    pool_of = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(gc.get_threshold(),))
    with pool_of as pool:
        waiting: deque[Future[T]] = deque()
        try:
            # Few ahead of the reader: outcomes with many faults must not pile up.
            for arguments in calls:
                waiting.append(pool.submit(_elsewhere, function, arguments, options))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise Ended from error
        finally:
            for future in waiting:
                future.cancel()
