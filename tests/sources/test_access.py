import pytest

from atlas.sources.access import open_access
from atlas.sources.base import Source


@pytest.mark.usefixtures("loopback")
def test_the_hosts_of_a_crawl_are_the_records_and_the_one_that_the_user_names(products):
    product = products["tessera-v1.1-cambridge"]
    assert open_access(Source(product, product.index.url)).policy.hosts == ("data.source.coop",)
    other = open_access(Source(product, "http://127.0.0.1:9999/manifest.parquet"))
    assert other.policy.hosts == ("data.source.coop", "127.0.0.1:9999")
    assert other.policy.allow_private
