"""Loopback hosts for the producers' protocols, and what readers make of their indexes."""

from pathlib import Path

import pytest

from atlas.fetch.access import Access
from atlas.fetch.policy import FetchPolicy
from atlas.sources.base import Source
from tests.catalogue import whole_catalogue
from tests.loopback_host import Web, closed_fetchers, fetcher, loopback, naps, policy, web

__all__ = ["Web", "closed_fetchers", "fetcher", "loopback", "naps", "policy", "web"]


def read_all(reader, source, access, shards=None):
    """All rows and all rejected rows, over the shards of a plan."""
    rows, aside = [], []
    for shard in shards or list(reader.plan(source, access)):
        for batch in reader.read(shard, source, access):
            aside.extend(batch.rejected)
            if batch.rows is not None:
                rows.extend(batch.rows.to_pylist())
    return rows, aside


@pytest.fixture
def crawl(policy: FetchPolicy):
    """Plan and read a source at the loopback host, or a local one."""

    def run(reader, product, href, *, options=None):
        source = Source(product, str(href), options or {})
        access = Access(policy, root=None if "://" in str(href) else Path(href))
        return read_all(reader, source, access)

    return run


@pytest.fixture(scope="session")
def products():
    return whole_catalogue().products
