"""Check every source of some records for changes: each address once, several hosts at a time."""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import urlsplit

from atlas.evidence.github import GitHub
from atlas.evidence.hub import Hub
from atlas.evidence.judging import judge
from atlas.evidence.passages import Passage, passages_for
from atlas.evidence.places import Place, place_of
from atlas.evidence.reading import GoneError, Reading, read_page
from atlas.evidence.results import SourceCheck
from atlas.evidence.values import Use
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import FetchError
from atlas.fetch.guard import host_and_port
from atlas.fetch.policy import FetchPolicy, policy_for
from atlas.moments import rfc3339, this_second
from atlas.records.fingerprints import KeptSource
from atlas.settings import Settings

__all__ = ["Found", "Watch", "check_uses"]

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A result and, where they were asked for, the passages that support each value now."""

    check: SourceCheck
    fresh: dict[str, list[Passage]] = field(default_factory=dict)


class Watch:
    """Reads sources of every kind through the fetch layer, each host with its own limits."""

    def __init__(self, sources: Iterable[str], settings: Settings, *, policy: FetchPolicy | None = None) -> None:
        """Open no connection yet.

        Args:
            sources: the addresses to check; requests go to no other hosts.
            settings: base addresses and tokens of GitHub and the hub, contact, and whether private addresses are
                allowed.
            policy: replaces the usual fetch policy, for tests.
        """
        manners = policy or replace(policy_for([], settings), attempts=2, concurrency=2, rate=4.0, total_timeout=60.0)
        self._stopped = threading.Event()
        bases = {name: getattr(settings, name) for name in ("github_api", "github_raw", "hub_url")}
        hosts = {name: host_and_port(urlsplit(base)) for name, base in bases.items()}
        pages = sorted({host for source in sources if (host := _host(source))})

        def fetcher(named: Iterable[str], typed: str = "") -> Fetcher:
            trusted = (*manners.trusted, *filter(None, [typed]))
            return Fetcher(replace(manners, hosts=tuple(named), trusted=trusted), sleep=self._nap)

        # One per host that gets a token: redirects to other hosts are refused, so the token goes nowhere else.
        api, raw, hub = (fetcher([_named(bases[name])], hosts[name]) for name in bases)
        self._pages = fetcher(pages)
        self._fetchers = [api, raw, hub, self._pages]
        self._github = GitHub(
            (api, bases["github_api"]), (raw, bases["github_raw"]), _secret(settings.github_token), sleep=self._nap
        )
        self._hub = Hub(hub, bases["hub_url"], _secret(settings.hub_token))

    def read(self, place: Place) -> Reading:
        """Read a place.

        Raises:
            GoneError: it no longer exists.
            FetchError: it cannot be read.
        """
        if place.kind == "none":
            raise FetchError("the source names no web address")
        if place.kind.startswith("github-"):
            return self._github.read(place)
        return self._hub.read(place) if place.kind == "hub-file" else read_page(place, self._pages)

    def stop(self) -> None:
        """End the waits of running requests, so that an interrupted check ends soon."""
        self._stopped.set()

    def close(self) -> None:
        """Close the connections."""
        for fetcher in self._fetchers:
            fetcher.close()

    def _nap(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise FetchError("the check was stopped")


def check_uses(
    uses: Iterable[Use],
    kept: Mapping[tuple[str, str], KeptSource],
    watch: Watch,
    *,
    fresh: bool = False,
    progress: Callable[[Found], None] = lambda _: None,
) -> list[Found]:
    """Check every source of some records.

    Args:
        uses: the sources.
        kept: fingerprints, by record and source.
        watch: reads the sources.
        fresh: whether to find the passages that support the values now.
        progress: called in this thread with each result.

    Returns:
        A result for each source, in the order given.
    """
    uses = list(uses)
    by_address: dict[str, list[Use]] = {}
    for use in uses:
        by_address.setdefault(use.source.partition("#")[0], []).append(use)

    def ask(sharing: list[Use]) -> list[Found]:
        place = place_of(sharing[0].source)
        outcome: Reading | GoneError | FetchError
        try:
            outcome = watch.read(place)
            outcome = replace(outcome, difference=cache(outcome.difference))
        except (GoneError, FetchError) as error:
            outcome = error
        now = rfc3339(this_second())
        # A source at a commit needs no fingerprint: the commit identifies its text.
        unpinned = isinstance(outcome, Reading) and outcome.old is None and not outcome.cited_gone
        return [
            Found(
                judge(use, place_of(use.source), outcome, kept.get((use.record, use.source)), now),
                {path: passages_for(value, outcome.new) for path, value in use.values.items()}
                if fresh and unpinned and isinstance(outcome, Reading)
                else {},
            )
            for use in sharing
        ]

    found: dict[tuple[str, str], Found] = {}
    pool = ThreadPoolExecutor(_THREADS)
    try:
        for future in as_completed([pool.submit(ask, sharing) for sharing in by_address.values()]):
            for result in future.result():
                found[result.check.key] = result
                progress(result)
    except BaseException:
        watch.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [found[use.record, use.source] for use in uses]


def _secret(value: object) -> str | None:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else None


def _host(source: str) -> str:
    place = place_of(source)
    return _named(place.url) if place.kind == "page" else ""


def _named(url: str) -> str:
    """Host of an address, with its port where the address states one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    return f"{host}:{port}" if host and port else host
