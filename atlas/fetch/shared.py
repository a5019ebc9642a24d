"""The fetchers of this process."""

import atexit
import threading

from atlas.fetch.client import Fetcher
from atlas.fetch.policy import FetchPolicy

__all__ = ["close_fetchers", "fetcher_for"]

_fetchers: dict[FetchPolicy, Fetcher] = {}
_fetchers_lock = threading.Lock()


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
