"""Work in several processes, with the outcomes in the order of the work."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, TypeVar

from stac_emb.selection import Selection
from stac_emb.validate import Fetch, Validator

__all__ = ["in_order"]

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


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; the one that started us decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_order(
    function: Callable[..., T], calls: Iterable[tuple[Any, ...]], validator: Validator, *, jobs: int | None, worth: int
) -> Iterator[T]:
    """What a function gives for each tuple of arguments, with a validator after them.

    Args:
        function: of a module, so that another process finds it.
        calls: the arguments of each call; taken a few ahead of what is read.
        validator: is handed over here; another process makes one of its own like it.
        jobs: processes; all cores where None.
        worth: calls up to which starting processes costs more than it saves.
    """
    workers = jobs or os.cpu_count() or 1
    calls = iter(calls)
    first = list(islice(calls, worth + 1)) if workers > 1 else []
    calls = chain(first, calls)
    if len(first) <= worth:
        yield from (function(*arguments, validator) for arguments in calls)
        return
    options = validator.semantic, validator.fetch, validator.rules
    # `spawn`: a forked copy of a process with threads (Arrow has some) may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_interrupts) as pool:
        waiting: deque[Future[T]] = deque()
        try:
            # Few ahead of the reader: outcomes with many faults must not pile up.
            for arguments in calls:
                waiting.append(pool.submit(_elsewhere, function, arguments, options))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
