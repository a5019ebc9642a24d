"""Forks of this process that work for it: there in no time, with all that it has read and compiled.

A fork has one call at work and one at hand, which waits in the pipe and fits into it: neither side ever waits for the
other to read. What the standard library has for this (concurrent.futures, multiprocessing) takes longer to import than
a hundred documents.
"""

import gc
import os
import pickle
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from typing import IO, Any, NoReturn

__all__ = ["Ended", "NotStarted", "in_forks"]

_AHEAD = 16
"""Calls for each fork whose results may wait for those before them: outcomes with many faults must not pile up."""
_CHOICE = 6
"""Calls for each fork among which there is likely to be one that is like what it has done."""
_ROOM = 2**20
"""Bytes that a pipe had better hold: the most that a process without privileges may ask for."""
_LENGTH = 8
"""Bytes that say how long a result is."""


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
        self._room = _room(to_calls)
        self.at_work: deque[int] = deque()
        """Numbers of the calls whose results have not come."""
        self.done: set[Hashable] = set()
        """What its calls were like."""

    def takes(self, call: bytes) -> bool:
        """Whether a call can be sent without waiting for its last result."""
        return not self.at_work or (len(self.at_work) == 1 and len(call) <= self._room)

    def send(self, number: int, call: bytes) -> None:
        self.at_work.append(number)
        rest = memoryview(call)
        while rest:
            rest = rest[os.write(self.pipes[0], rest) :]

    def receive(self) -> tuple[int, Any, Exception | None]:
        """Number of a call, its result, and what it raised."""
        # No more is read than this: what waits in the memory of this process, no pipe would tell of.
        result, error = pickle.loads(self._read(int.from_bytes(self._read(_LENGTH))))  # noqa: S301  # of our own fork
        return self.at_work.popleft(), result, error

    def _read(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            more = os.read(self.pipes[1], length - len(found))
            if not more:
                raise EOFError
            found += more
        return bytes(found)

    def end(self, *, now: bool) -> None:
        if now:
            os.kill(self.process, signal.SIGKILL)
        for pipe in self.pipes:  # it ends where no call can come any more
            os.close(pipe)
        os.waitpid(self.process, 0)


def _room(pipe: int) -> int:
    """Bytes of a call that a pipe takes whatever its reader does; it is made larger if that is allowed."""
    import fcntl  # not on every system, nor are forks

    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ROOM)
    # Pages are filled one after the other, and the first and the last may be shared with other calls.
    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) - 2 * os.sysconf("SC_PAGESIZE")


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
        self._by_pipe: dict[int, _Fork] = {}
        """Forks by where their results come from."""
        self._ready: dict[int, tuple[Hashable, bytes]] = {}
        """Calls that nobody has yet, by their numbers: what they are like, and what is sent."""
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
            busy = any(fork.at_work for fork in self.forks)
            if busy and self._receive(None if full and told not in self._found else 0):
                continue
            if not full:
                call = next(self._calls, None)
                complete = call is None
                if call is not None:
                    self._ready[taken] = self._alike(call), pickle.dumps(call, pickle.HIGHEST_PROTOCOL)
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
        """Give a call to a fork: one like those it had, or one that is new to all, or any if it waits."""
        if not self._ready:
            return False
        if len(self.forks) < self._most and all(fork.at_work for fork in self.forks):
            self.forks.append(fork := _Fork(self._function, self.forks))
            self._by_pipe[fork.pipes[1]] = fork
            self._events.register(fork.pipes[1], select.POLLIN)
        for fork in sorted(self.forks, key=lambda fork: len(fork.at_work)):
            number = self._chosen(fork, whatever=whatever and not fork.at_work)
            if number is not None:
                like, call = self._ready.pop(number)
                fork.done.add(like)
                fork.send(number, call)
                return True
        return False

    def _chosen(self, fork: _Fork, *, whatever: bool) -> int | None:
        """The number of the call that a fork had better get."""
        # Each is asked for one: with thousands of kinds, a set of all of them takes longer than the work.
        fitting = {number: like for number, (like, call) in self._ready.items() if fork.takes(call)}
        number = next((number for number, like in fitting.items() if like in fork.done), None)
        if number is None:
            number = next((number for number, like in fitting.items() if like is None or not self._done(like)), None)
        return next(iter(fitting), None) if number is None and whatever else number

    def _done(self, like: Hashable) -> bool:
        return any(like in fork.done for fork in self.forks)

    def _receive(self, timeout: int | None) -> bool:
        """Take what was found, and wait for it unless the timeout is 0; whether there was anything."""
        events = self._events.poll(timeout)
        for pipe, _ in events:
            number, result, error = self._by_pipe[pipe].receive()
            self._found[number] = result, error
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
        results.write(len(answer).to_bytes(_LENGTH) + answer)
        results.flush()
