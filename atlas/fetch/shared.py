"""The fetchers of this process."""

import atexit
import os
import threading

from atlas.fetch.client import Fetcher
from atlas.fetch.policy import FetchPolicy

__all__ = ["close_fetchers", "fetcher_for"]

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
