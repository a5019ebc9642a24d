"""Forks of this process that work for it: there in no time, with all that it has read and compiled.

A fork gets its next call when it has given its result, so that neither side ever waits for the other to read. What the
standard library has for this (concurrent.futures, multiprocessing) takes longer to import than a hundred documents.
"""

import gc
import os
import pickle
import select
import signal
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from typing import IO, Any, NoReturn

__all__ = ["Ended", "NotStarted", "in_forks"]

_AHEAD = 16
"""Calls for each fork whose results may wait for those before them: outcomes with many faults must not pile up."""
_CHOICE = 6
"""Calls for each fork among which there is likely to be one that is like what it has done."""


class Ended(Exception):  # noqa: N818  # said in other words by whoever asked for the work
    """A process that worked was ended from outside."""


class NotStarted(Exception):  # noqa: N818  # said in other words by whoever asked for the work
    """The system allows no further process or pipe."""


class _Fork:
    """A process, and the pipes to and from it."""

    pipes: tuple[int, int]

    def __init__(self, function: Callable[..., Any], others: "Iterable[_Fork]") -> None:
        ends: list[int] = []
        # An interrupt right after the fork would unwind, and end, in the fork what belongs to the first process.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            ends += os.pipe()
            ends += os.pipe()
            self.process = os.fork()
            if not self.process:
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal
        except OSError as error:
            for pipe in ends:
                os.close(pipe)
            raise NotStarted(error.strerror) from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        calls, to_calls, results, to_results = ends
        if not self.process:
            for pipe in (to_calls, results, *(fd for other in others for fd in other.pipes)):
                os.close(pipe)  # or nobody would hear that the first process is gone
            _live(function, calls, to_results)
        os.close(calls)
        os.close(to_results)
        self.pipes = to_calls, results
        self._calls, self._results = os.fdopen(to_calls, "wb"), os.fdopen(results, "rb")
        self.done: set[Hashable] = set()
        """What its calls were like."""

    def send(self, call: tuple[Any, ...]) -> None:
        pickle.dump(call, self._calls, pickle.HIGHEST_PROTOCOL)
        self._calls.flush()

    def receive(self) -> tuple[Any, Exception | None]:
        found: tuple[Any, Exception | None] = pickle.load(self._results)  # noqa: S301  # what our own fork says
        return found

    def end(self, *, now: bool) -> None:
        if now:
            os.kill(self.process, signal.SIGKILL)
        with suppress(BrokenPipeError):
            self._calls.close()  # it ends where no call can come any more
        self._results.close()
        os.waitpid(self.process, 0)


def in_forks(
    function: Callable[..., Any],
    calls: Iterator[tuple[Any, ...]],
    most: int,
    alike: Callable[[tuple[Any, ...]], Hashable] = lambda _: None,
) -> Iterator[Any]:
    """Results of a function called with each tuple of arguments, in the order of the calls.

    Args:
        function: forked, with all that it refers to.
        calls: the arguments, which are sent to a fork; taken a few ahead of what is read.
        most: forks.
        alike: what calls have in common that one fork had better make; None where nothing.

    Raises:
        Ended: a fork was ended from outside.
        NotStarted: a fork could not be made.
        Exception: what the function raises.
    """
    work = _Work(function, calls, most, alike)
    complete = False
    try:
        yield from work.results()
        complete = True
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise Ended from error
    finally:
        for fork in work.forks:
            fork.end(now=not complete)


class _Work:
    """Calls that are shared out among forks."""

    def __init__(
        self,
        function: Callable[..., Any],
        calls: Iterator[tuple[Any, ...]],
        most: int,
        alike: Callable[[tuple[Any, ...]], Hashable],
    ) -> None:
        self._function, self._calls, self._most, self._alike = function, calls, most, alike
        self.forks: list[_Fork] = []
        self._idle: list[_Fork] = []
        self._busy: dict[int, tuple[_Fork, int]] = {}
        """Where a result will come from to the fork, and the number of the call."""
        self._ready: dict[int, tuple[Any, ...]] = {}
        """Calls that nobody has yet, by their numbers."""
        self._found: dict[int, tuple[Any, Exception | None]] = {}
        self._events = select.poll()

    def results(self) -> Iterator[Any]:
        taken = told = 0
        complete = False
        while True:
            full = complete or len(self._ready) >= _CHOICE * self._most or taken - told >= _AHEAD * self._most
            if self._hand_over(whatever=full):
                continue
            # Whoever is ready gets a call before anything is told: who hears it may take some time.
            if self._busy and self._receive(None if full and told not in self._found else 0):
                continue
            if not full:
                call = next(self._calls, None)
                complete = call is None
                if call is not None:
                    self._ready[taken] = call
                    taken += 1
            elif told in self._found:
                result, error = self._found.pop(told)
                told += 1
                if error is not None:
                    raise error
                yield result
            else:
                return

    def _hand_over(self, *, whatever: bool) -> bool:
        """Give a call to a fork: one like those it had, one that is like none, or whatever there is."""
        if not self._ready or not (self._idle or len(self.forks) < self._most):
            return False
        if not self._idle:
            self._idle.append(_Fork(self._function, self.forks))
            self.forks += self._idle
            self._events.register(self._idle[0].pipes[1], select.POLLIN)
        for fork in self._idle:
            # Each is asked for one: with thousands of kinds, a set of all of them takes longer than the work.
            likes = {number: self._alike(call) for number, call in self._ready.items()}
            number = next((number for number, like in likes.items() if like in fork.done), None)
            if number is None:
                number = next((number for number, like in likes.items() if like is None or not self._done(like)), None)
            if number is None and whatever:
                number = next(iter(likes))
            if number is not None:
                self._idle.remove(fork)
                fork.done.add(likes[number])
                self._busy[fork.pipes[1]] = fork, number
                fork.send(self._ready.pop(number))
                return True
        return False

    def _done(self, like: Hashable) -> bool:
        return any(like in fork.done for fork in self.forks)

    def _receive(self, timeout: int | None) -> bool:
        """Take what was found, and wait for it unless the timeout is 0; whether there was anything."""
        events = self._events.poll(timeout)
        for pipe, _ in events:
            if pipe not in self._busy:  # of one without a call: it is gone
                raise EOFError
            fork, number = self._busy.pop(pipe)
            self._found[number] = fork.receive()
            self._idle.append(fork)
        return bool(events)


def _live(function: Callable[..., Any], calls: int, results: int) -> NoReturn:
    try:
        gc.freeze()  # what is shared with the first process would be copied by looking for cycles in it
        _work(function, os.fdopen(calls, "rb"), os.fdopen(results, "wb"))
    except (EOFError, BrokenPipeError):  # no call comes any more, or nobody waits for a result
        pass
    except BaseException:  # noqa: BLE001  # nobody else would tell
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)  # nothing of the first process is written or ended twice


def _work(function: Callable[..., Any], calls: IO[bytes], results: IO[bytes]) -> None:
    while True:
        arguments = pickle.load(calls)  # noqa: S301  # what the first process says
        try:
            answer = pickle.dumps((function(*arguments), None), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001  # raised where the result is awaited
            answer = pickle.dumps((None, error))
        results.write(answer)
        results.flush()
