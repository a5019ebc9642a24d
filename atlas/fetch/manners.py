"""Per-host concurrency and rate, backoff and Retry-After."""

import contextlib
import datetime as dt
import email.utils
import random
import threading
import time
from collections.abc import Callable, Iterator

from atlas.fetch.policy import FetchPolicy
from atlas.fetch.reply import whole_number

__all__ = ["HostManners", "pause_before", "retry_after"]


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
