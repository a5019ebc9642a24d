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

__all__ = ["Options", "in_order", "options_of", "validator_of"]

T = TypeVar("T")
Options = tuple[bool, Fetch | None, Selection]
"""What makes one validator like another."""
_VALIDATORS: dict[Options, Validator] = {}


def options_of(validator: Validator) -> Options:
    """What another process needs to make a validator like this one."""
    return validator.semantic, validator.fetch, validator.rules


def validator_of(options: Options) -> Validator:
    """The validator of this process with these options, which keeps what it compiled."""
    if options not in _VALIDATORS:
        semantic, fetch, rules = options
        _VALIDATORS[options] = Validator(fetch=fetch, semantic=semantic, rules=rules)
    return _VALIDATORS[options]


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; the one that started us decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_order(
    function: Callable[..., T], calls: Iterable[tuple[Any, ...]], *, jobs: int | None, worth: int
) -> Iterator[T]:
    """What a function gives for each tuple of arguments.

    Args:
        function: of a module, so that another process finds it.
        calls: the arguments of each call; taken a few ahead of what is read.
        jobs: processes; all cores where None.
        worth: calls up to which starting processes costs more than it saves.
    """
    workers = jobs or os.cpu_count() or 1
    calls = iter(calls)
    first = list(islice(calls, worth + 1)) if workers > 1 else []
    calls = chain(first, calls)
    if len(first) <= worth:
        yield from (function(*arguments) for arguments in calls)
        return
    # `spawn`: a forked copy of a process with threads (Arrow has some) may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_interrupts) as pool:
        waiting: deque[Future[T]] = deque()
        try:
            # Few ahead of the reader: outcomes with many faults must not pile up.
            for arguments in calls:
                waiting.append(pool.submit(function, *arguments))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
