"""The fetcher: whole documents, heads and streams; and the fetchers of this process, one per policy."""

import atexit
import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Self, TypeVar

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as Silence

from atlas.fetch.address import joined, split
from atlas.fetch.connections import deadline, pools
from atlas.fetch.faults import FetchError, HttpStatus, Missing, TooLarge, TooSlow, Truncated, Unreachable, UrlRefused
from atlas.fetch.guard import check_url
from atlas.fetch.payer import account_of
from atlas.fetch.policy import FetchPolicy, HostManners, pause_before, retry_after
from atlas.fetch.reply import Head, Reply, head_of, said_once, whole_number

__all__ = ["Fetcher", "close_fetchers", "fetcher_for"]

REDIRECTS = {301, 302, 303, 307, 308}
REFUSED = {400, 401, 403}
"""Status codes of stores for a key that is unknown, expired or lacks the permission."""
PIECE = 256 * 1024
"""Bytes of a body that are read at a time."""
T = TypeVar("T")
Headers = dict[str, str]


class Fetcher:
    """Reads from the hosts of one policy. Thread-safe; one per process and policy, see `fetcher_for`."""

    def __init__(self, policy: FetchPolicy, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Open no connection yet; `sleep` is a parameter so that tests need not wait."""
        self.policy = policy
        self.requests = 0
        """Requests sent so far, for reports and for tests of the rate."""
        self.bytes_read = 0
        self.without_suffix: set[str] = set()
        """Hosts that serve no ranges from the end of an object."""
        self._sleep = sleep
        self._headers = {"User-Agent": policy.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        self.begin()

    def begin(self) -> None:
        """Make new connections and locks, whoever holds the old ones."""
        self._hosts: dict[str, HostManners] = {}
        self._lock = threading.Lock()
        self._pools = pools(self.policy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._pools.clear()

    def get(
        self,
        url: str,
        *,
        headers: Headers | None = None,
        max_bytes: int | None = None,
        expect: tuple[int, ...] = (200,),
    ) -> Reply:
        """The whole document: at most `max_bytes`, where the policy allows more, with one of the status codes in
        `expect`.

        Raises:
            FetchError: see `atlas.fetch.faults`.
        """
        return self._whole("GET", url, headers or {}, None, max_bytes or self.policy.max_bytes, expect)

    def post(self, url: str, body: dict[str, Any], *, headers: Headers | None = None) -> Reply:
        """Send a JSON query, as the search of a STAC API takes it; it is retried like a GET."""
        sent = {"Content-Type": "application/json"} | (headers or {})
        return self._whole("POST", url, sent, json.dumps(body).encode(), self.policy.max_bytes, (200,))

    def head(self, url: str) -> Head:
        """Size, ETag and type of an object."""
        return self._whole("HEAD", url, {}, None, self.policy.max_bytes, (200,)).head

    @contextlib.contextmanager
    def stream(self, url: str) -> Iterator[tuple[Head, Iterator[bytes]]]:
        """The document as chunks, for what is too large for memory; not retried once it has begun."""
        with contextlib.ExitStack() as stack:
            limit = self.policy.stream_timeout
            asked, response = self.attempts(
                url, lambda: stack.enter_context(self._answer("GET", url, {}, None, (200,), limit))
            )
            yield head_of(asked, response), self._chunks(asked, response, self.policy.max_stream_bytes)

    def attempts(self, url: str, once: Callable[[], T]) -> T:
        """Run `once`, and again after a pause where the fault is temporary, at most `policy.attempts` times."""
        attempt = 1
        while True:
            try:
                return once()
            except FetchError as error:
                attempt += 1
                if not error.retryable or attempt > self.policy.attempts:
                    raise
                pause = pause_before(attempt, self.policy, error.retry_after)
                if pause > self.policy.longest_wait:
                    error.add_note(f"{url}: the host asks for a pause of {pause:.0f} s; crawl again after that")
                    raise
            self._sleep(pause)

    def _whole(
        self, method: str, url: str, headers: Headers, body: bytes | None, max_bytes: int, expect: tuple[int, ...]
    ) -> Reply:
        def once() -> Reply:
            with self._answer(method, url, headers, body, expect, self.policy.total_timeout) as (asked, response):
                content = b"".join(self._chunks(asked, response, max_bytes, told=method != "HEAD"))
                # Not from items(), which yields repeated headers such as Link one by one.
                stated = {name.lower(): response.headers[name] for name in response.headers}
                return Reply(head_of(asked, response), response.status, stated, content)

        return self.attempts(url, once)

    @contextlib.contextmanager
    def _answer(
        self, method: str, url: str, headers: Headers, body: bytes | None, expect: tuple[int, ...], seconds: float
    ) -> Iterator[tuple[str, BaseHTTPResponse]]:
        """One answer with an expected status, its body not read yet, and the URL that it came from.

        Redirects are followed to permitted hosts.
        """
        asked = url
        with contextlib.ExitStack() as stack:
            stack.enter_context(deadline(seconds, self.policy.read_timeout))
            for _ in range(self.policy.max_redirects + 1):
                check_url(url, self.policy)
                account = account_of(url)
                hop = contextlib.ExitStack()
                hop.enter_context(self._manners(url).turn())
                try:
                    self.requests += 1
                    with _translated(asked):  # not around the yield: errors of the reader are not the host's
                        response = self._pools.urlopen(
                            method,
                            url,
                            body=body,
                            headers=self._headers | headers | (account.headers(method, url) if account else {}),
                            redirect=False,
                            retries=False,
                            preload_content=False,
                            decode_content=False,
                        )
                    hop.callback(response.close)
                    place = response.headers.get("Location")
                    if response.status not in REDIRECTS or not place:
                        stack.push(hop.pop_all())
                        break
                    url = joined(url, _as_written(place))
                    if response.status == HTTPStatus.SEE_OTHER and method != "HEAD":  # a GET reads the answer there
                        method, body, headers = "GET", None, {k: v for k, v in headers.items() if k != "Content-Type"}
                finally:
                    hop.close()
            else:
                raise FetchError(f"{asked}: more than {self.policy.max_redirects} redirects")
            if response.status not in expect:
                wait = retry_after(response.headers.get("Retry-After"))
                msg = f"{asked}: the host answers {response.status} {response.reason or ''}".rstrip()
                if response.status in REFUSED and account is not None and not account.pays:
                    switch = "AWS_NO_SIGN_REQUEST" if account.store == "s3" else "GS_NO_SIGN_REQUEST"
                    msg += f" to the keys of the environment; {switch}=YES reads without keys"
                fault = Missing if response.status in {404, 410} else HttpStatus
                raise fault(msg, response.status, wait)
            yield url, response

    def _manners(self, url: str) -> HostManners:
        host = split(url).netloc.lower()
        with self._lock:
            if host not in self._hosts:
                self._hosts[host] = HostManners(self.policy, self._sleep)
            return self._hosts[host]

    def _chunks(self, url: str, response: BaseHTTPResponse, max_bytes: int, *, told: bool = True) -> Iterator[bytes]:
        """The body, checked for size, speed and coding while it arrives; `told` is False for a HEAD, which has none."""
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding != "identity":  # a compressed body hides its size
            raise FetchError(f"{url}: the host compresses the answer ({coding}) although it was asked not to")
        length = said_once(response.headers.get("Content-Length"))
        stated = whole_number(length) if told else 0
        if stated is None and length is not None:
            raise Truncated(f"{url}: the host states an invalid length: {length[:80]!r}")
        if stated is not None and stated > max_bytes:
            raise TooLarge(f"{url}: {stated} bytes, the limit is {max_bytes}")
        total, window_bytes, window_start = 0, 0, time.monotonic()
        with _translated(url):
            while chunk := response.read1(PIECE, decode_content=False):
                total += len(chunk)
                self.bytes_read += len(chunk)
                if total > max_bytes:
                    raise TooLarge(f"{url}: more bytes than the limit of {max_bytes}")
                window_bytes += len(chunk)
                seconds = time.monotonic() - window_start
                if seconds >= self.policy.low_speed_window:
                    speed = window_bytes / seconds
                    if speed < self.policy.low_speed:
                        raise TooSlow(f"{url}: {speed:.0f} bytes per second, fewer than {self.policy.low_speed:.0f}")
                    window_bytes, window_start = 0, time.monotonic()
                yield chunk
        if stated is not None and total != stated:
            raise Truncated(f"{url}: {total} bytes arrived, the host stated {stated}")


def _as_written(header: str) -> str:
    """A header that http.client has decoded as Latin-1; decoded as UTF-8, which most hosts write, where it is."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


@contextlib.contextmanager
def _translated(url: str) -> Iterator[None]:
    """Turn the HTTP library's faults into ours."""
    try:
        yield
    except NewConnectionError as error:  # in urllib3 a kind of timeout
        raise Unreachable(f"{url}: {error}") from error
    except (Silence, TimeoutError) as error:
        raise TooSlow(f"{url}: no byte for too long ({type(error).__name__})") from error
    except ProtocolError as error:
        why = error.args[-1]
        broken = isinstance(why, OSError) and not isinstance(why, HTTPException)
        said = str(why)[:300]  # a broken line may be long
        msg = f"{url}: {said}" if broken else f"{url}: the answer is broken: {said}"
        raise (Unreachable if broken else Truncated)(msg) from error
    except (LocationValueError, UnicodeError) as error:
        raise UrlRefused(f"{url[:200]!r}: not a URL that can be requested: {error}") from error
    except (HTTPError, OSError) as error:
        raise Unreachable(f"{url}: {error}") from error


_fetchers: dict[FetchPolicy, Fetcher] = {}
_fetchers_lock = threading.Lock()


def _apart() -> None:
    """Called in a fork of this process, such as a worker of PyTorch's DataLoader: leave the connections to the parent.

    Two processes on one connection read each other's answers; and a lock that another thread held stays locked, as that
    thread was not forked.
    """
    global _fetchers_lock
    _fetchers_lock = threading.Lock()
    for fetcher in _fetchers.values():
        fetcher.begin()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_apart)


def fetcher_for(policy: FetchPolicy) -> Fetcher:
    """The fetcher of this process for a policy: shards that run in one process share its limits and connections."""
    with _fetchers_lock:
        if policy not in _fetchers:
            _fetchers[policy] = Fetcher(policy)
        return _fetchers[policy]


@atexit.register
def close_fetchers() -> None:
    """Close the connections of every fetcher of this process; later calls make new ones."""
    with _fetchers_lock:
        while _fetchers:
            _fetchers.popitem()[1].close()
