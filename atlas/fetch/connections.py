"""Connections to checked addresses; each socket operation ends at the deadline of the thread that sent the request.

urllib3 keeps and reuses them; only how a connection opens its socket, and reads the head of an answer, is changed.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any, ClassVar

import certifi
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HeaderParsingError, NewConnectionError
from urllib3.util.response import assert_header_parsing

from atlas.fetch.faults import TooSlow
from atlas.fetch.guard import addresses_of
from atlas.fetch.policy import FetchPolicy

__all__ = ["deadline", "pools"]

IDLE = 10.0
"""Seconds after which an idle connection is not reused: a firewall in between may have dropped it."""
MOST_INTERIM = 16
"""Interim answers, such as 100 and 103, before the final one."""
MOST_TRAILERS = 100
LONGEST_LINE = 65_536
_clock = threading.local()


@contextlib.contextmanager
def deadline(seconds: float, silence: float | None = None) -> Iterator[None]:
    """Bound every socket operation of this thread: a read timeout alone never ends when one byte comes at a time.

    `seconds` are for all operations together, `silence` for each.
    """
    before = getattr(_clock, "end", None), getattr(_clock, "silence", None)
    end = time.monotonic() + seconds
    _clock.end, _clock.silence = end if before[0] is None else min(end, before[0]), silence
    try:
        yield
    finally:
        _clock.end, _clock.silence = before


def _left(seconds: float | None, what: str, end: float | None = None) -> float | None:
    end = getattr(_clock, "end", None) or end
    if end is None:
        return seconds
    left = end - time.monotonic()
    if left <= 0:
        raise TooSlow(f"{what}: the total time for one answer is up")
    return left if seconds is None else min(seconds, left)


class _Timed:
    """Socket operations that may block, each with the time that is left as its timeout."""

    used = 0.0
    end: float | None = None
    silence: float | None = None
    """Of the thread that sent the request: Arrow reads a stream in its own threads, which have no deadline."""

    def recv_into(self, *args: Any, **options: Any) -> int:  # noqa: ANN401 - as the socket has it
        return int(self._timed("recv_into", *args, **options))

    def sendall(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the socket has it
        self._timed("sendall", *args, **options)

    def _timed(self, name: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - see above
        way: Any = super()
        if getattr(_clock, "end", None) is not None:
            self.end, self.silence = _clock.end, _clock.silence
        way.settimeout(_left(self.silence, "the host", self.end))
        try:
            found = getattr(way, name)(*args, **options)
        except TimeoutError:
            _left(None, "the host", self.end)  # the deadline, and not the silence, may have ended it
            raise
        self.used = time.monotonic()
        return found


class _Socket(_Timed, socket.socket):
    pass


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


class _Answer(HTTPResponse):
    """Reads the head of an answer, and the end of a chunked one, strictly.

    http.client misreads what it does not understand: it drops the headers after a malformed line, and with them a
    stated length; it ignores codings before `chunked`; it takes 103 for the final answer. Each would silently give
    other bytes than the object's.
    """

    interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        """Called by `begin`, which itself skips only 100."""
        way: Any = super()
        version, status, reason = way._read_status()
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise HTTPException("101: the host switches to another protocol")
        if status < HTTPStatus.OK:
            self.interim += 1
            if self.interim > MOST_INTERIM:
                raise HTTPException(f"more than {MOST_INTERIM} interim answers before the final one")
            status = int(HTTPStatus.CONTINUE)
        return version, status, reason

    def begin(self) -> None:
        """Read the head, of which each line must be a header, and whose body has no coding that was not asked for."""
        super().begin()
        try:
            assert_header_parsing(self.headers)
        except HeaderParsingError as error:
            raise HTTPException(f"a line of the head is not a header: {error}") from error
        codings = self.headers.get_all("Transfer-Encoding") or ["chunked"]
        if [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise HTTPException(f"Transfer-Encoding: {', '.join(codings)[:80]}, which was not asked for")

    def _read_and_discard_trailer(self) -> None:
        """Called after the last chunk; http.client itself reads for as long as lines come."""
        way: Any = self
        for _ in range(MOST_TRAILERS):
            if way.fp.readline(LONGEST_LINE) in {b"\r\n", b"\n", b""}:
                return
        raise HTTPException(f"more than {MOST_TRAILERS} lines after the last chunk")


class _Guarded:
    """Makes a connection of urllib3 go to a checked address, and end when it was idle for long."""

    policy: ClassVar[FetchPolicy]
    host: str
    port: int
    sock: Any

    def _new_conn(self) -> socket.socket:
        """Called by urllib3 to open the socket, below TLS; it knows errors of its own only."""
        connection: Any = self  # of this class and of urllib3's
        try:
            addresses = addresses_of(self.host, self.port, self.policy)
        except OSError as error:
            raise NewConnectionError(connection, f"{self.host}: {error}") from error
        last: OSError = OSError("no address")
        for address in addresses:
            sock = _Socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                sock.settimeout(_left(self.policy.connect_timeout, self.host))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect((address, self.port))
            except OSError as error:
                sock.close()
                last = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(connection, f"{self.host}: {last}") from last
        raise NewConnectionError(connection, f"{self.host}: {last}") from last

    @property
    def is_connected(self) -> bool:
        """Called by urllib3 before it reuses a connection."""
        way: Any = super()
        return bool(way.is_connected) and time.monotonic() - self.sock.used < IDLE


def pools(policy: FetchPolicy) -> PoolManager:
    """The connection pools of one policy, without a proxy."""

    class Plain(_Guarded, HTTPConnection):
        response_class = _Answer

    class Tls(_Guarded, HTTPSConnection):
        response_class = _Answer

    Plain.policy = Tls.policy = policy

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    # HostManners lets no more requests run at a host than the pool keeps connections.
    made = PoolManager(num_pools=64, maxsize=policy.concurrency, ssl_context=_tls())
    made.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
    return made


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context per process: reading the list of authorities takes longer than most requests."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.sslsocket_class = _TlsSocket
    return context
