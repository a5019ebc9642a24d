"""The host that serves an address."""

import pytest

from atlas.errors import SourceError
from atlas.read.files import access_to

COOP = "us-west-2.opendata.source.coop"


def test_a_bucket_whose_endpoint_nobody_states_is_not_looked_for_elsewhere(monkeypatch, tmp_path):
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SourceError, match="an s3 address does not say which endpoint serves it"):
        access_to("s3://somewhere/a.tif")


def test_the_bucket_of_source_cooperative_and_hosts_that_are_named_are_known():
    assert access_to(f"s3://{COOP}/x/a.tif").url(f"s3://{COOP}/x/a.tif") == "https://data.source.coop/x/a.tif"
    named = access_to("s3://account/a.tif", hosts=("data.source.coop",))
    assert named.url("s3://account/a.tif") == "https://data.source.coop/account/a.tif"
