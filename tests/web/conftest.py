"""A built site with a small crawl, for read-only tests."""

import pytest

from atlas.web.build import build_site
from tests.catalogue import catalogue_of
from tests.once import made_once
from tests.web.crawls import write_crawl


@pytest.fixture
def few():
    """A catalogue of three products, for tests that build repeatedly."""
    return catalogue_of("aef-v1-annual", "clay-v0-sentinel", "tessera-v1")


@pytest.fixture(scope="session")
def crawl(tmp_path_factory, catalog):
    """A crawl of TESSERA v1: two tiles near Cambridge, one across the antimeridian."""
    source = catalog.products["tessera-v1"].index.url
    tiles = [(2020, 0.1, 52.1, 0.2, 52.2), (2021, 0.1, 52.1, 0.2, 52.2), (2021, 179.95, -16.1, -179.95, -16.0)]
    return write_crawl(
        tmp_path_factory.mktemp("crawl"), "tessera-v1", tiles, source=source, set_aside_by_reason={"no-partner": 3}
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory, catalog, crawl):
    """The whole site, built once."""
    return made_once(tmp_path_factory, "whole-site", lambda out: build_site(catalog, out, [crawl]))
