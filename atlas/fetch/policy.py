"""What a crawl may read: which hosts, how often, how much, how long; and the manners that keep to it."""

import contextlib
import datetime as dt
import email.utils
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from atlas import __version__
from atlas.fetch.reply import whole_number
from atlas.settings import Settings, load_settings
from stac_emb.identity import HOME

__all__ = ["FetchPolicy", "HostManners", "pause_before", "policy_for", "retry_after"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Limits and manners of one crawl. Hashable and picklable: worker processes build their fetcher from it.

    Concurrency and rate hold per host and per process.
    """

    hosts: tuple[str, ...]
    """Hosts that the record names: `example.org` (port 443), `example.org:8443`, `*.example.org` (every name below)."""
    user_agent: str = f"earth-embedding-atlas/{__version__} (+{HOME})"
    """Some content networks answer 403 to the default of an HTTP library."""
    allow_private: bool = False
    """Permit loopback and private addresses and plain http: for tests and for mirrors inside one's own network."""
    trusted: tuple[str, ...] = ()
    """Hosts, as `host:port`, that the user typed: they chose plain http or a private address themselves. No record and
    no index adds to them, and a redirect to any other host is judged as ever."""
    concurrency: int = 4
    rate: float = 8.0
    """Requests per second and host, at most."""
    attempts: int = 5
    backoff: float = 0.5
    """Seconds before the second attempt; doubles each time, with jitter."""
    longest_wait: float = 120.0
    """A host that asks for a longer pause than this ends the request instead."""
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    """Seconds without a single byte."""
    total_timeout: float = 600.0
    """Seconds for one whole answer."""
    stream_timeout: float = 6 * 3600.0
    """Seconds for an answer that is read as a stream."""
    low_speed: float = 1024.0
    """Bytes per second that a body must keep over `low_speed_window`."""
    low_speed_window: float = 30.0
    max_bytes: int = 64 * MIB
    """Largest document that is taken into memory."""
    max_stream_bytes: int = 16 * 1024 * MIB
    """Largest document that is read as a stream."""
    max_redirects: int = 5


def policy_for(
    hosts: list[str] | tuple[str, ...], settings: Settings | None = None, *, trusted: tuple[str, ...] = ()
) -> FetchPolicy:
    """The policy that the settings ask for, limited to `hosts`; `trusted` ones may be private."""
    settings = settings or load_settings()
    contact = f"; {settings.contact}" if settings.contact else ""
    return FetchPolicy(
        hosts=tuple(hosts),
        user_agent=f"earth-embedding-atlas/{__version__} (+{HOME}{contact})",
        allow_private=settings.allow_private_addresses,
        trusted=trusted,
    )


class HostManners:
    """Lets at most `concurrency` requests run at one host and spaces their starts by `1 / rate` seconds."""

    def __init__(self, policy: FetchPolicy, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gap = 1.0 / policy.rate
        self._slots = threading.BoundedSemaphore(policy.concurrency)
        self._lock = threading.Lock()
        self._next = 0.0
        self._sleep = sleep

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the host's slots, once the rate allows the next request."""
        with self._slots:
            with self._lock:
                now = time.monotonic()
                start = max(now, self._next)
                self._next = start + self._gap
            if start > now:
                self._sleep(start - now)
            yield


def retry_after(value: str | None, now: dt.datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for: a number or an HTTP date; None where it says neither."""
    if value is None:
        return None
    value = value.strip()
    if (seconds := whole_number(value)) is not None:
        return float(seconds)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # an absurdly long zone
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - (now or dt.datetime.now(dt.UTC))).total_seconds())


def pause_before(attempt: int, policy: FetchPolicy, asked: float | None) -> float:
    """Seconds to wait before attempt number `attempt` (2, 3, ...): what the host asked for, or a jittered doubling."""
    if asked is not None:
        return asked
    ceiling: float = min(policy.backoff * 2 ** (attempt - 2), policy.longest_wait)
    return ceiling * random.uniform(0.5, 1.0)
