"""Requester-pays buckets: nothing is fetched without consent, then every request is signed.

The S3 server (moto) checks signatures, and answers 403 to whoever does not sign.
"""

import datetime as dt

import boto3
import numpy as np
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import atlas
from atlas.errors import RestoreError
from atlas.fetch import payer
from atlas.fetch.faults import HttpStatus, UrlRefused
from atlas.fetch.payer import payer_of
from atlas.read.sample import sample
from tests.read import shapes
from tests.s3_host import OWNER, keys_of_a_reader, only_who_signs, s3_host


@pytest.fixture(scope="module")
def server():
    """Its endpoint, a client of its owner, and the keys of a reader."""
    with s3_host() as endpoint:
        yield endpoint, boto3.client("s3", endpoint_url=endpoint, **OWNER), keys_of_a_reader(endpoint)


@pytest.fixture
def paid(server, tmp_path, monkeypatch):
    """An Item of a requester-pays bucket, its vectors, and the keys that pay."""
    endpoint, client, keys = server
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setattr(payer, "_agreed", {})
    shape = shapes.cog(tmp_path)
    key = f"{tmp_path.name}/a.tif"
    only_who_signs(endpoint, False)
    client.create_bucket(Bucket="paid")
    client.put_object(Bucket="paid", Key=key, Body=(tmp_path / "2024-1.tif").read_bytes())
    only_who_signs(endpoint, True)
    shape.item["assets"]["data"] |= {"href": f"s3://paid/{key}", "storage:refs": ["a"]}
    shape.item["properties"]["storage:schemes"] = {
        "a": {"type": "custom-s3", "platform": endpoint, "bucket": "paid", "requester_pays": True}
    }
    return shape.item, shape.expected, keys


def test_nothing_is_fetched_before_the_reader_agrees(paid):
    item, _, _ = paid
    with pytest.raises(RestoreError, match=r"the user pays .* to http://127\.0\.0\.1:\d+/paid/\. Nothing was fetched"):
        atlas.open(item)
    with pytest.raises(RestoreError, match="Nothing was fetched"):
        sample(item, 3.001, 51.445)
    with pytest.raises(
        UrlRefused, match=r"no account is named: set AWS_ACCESS_KEY_ID .*the profile 'default' has no keys"
    ):
        atlas.open(item, requester_pays=True)
    del item["properties"]["storage:schemes"]["a"]["requester_pays"]
    with pytest.raises(HttpStatus, match="answers 403"):
        atlas.open(item)


def test_requests_are_signed_with_the_keys_of_the_environment(paid, monkeypatch):
    item, expected, keys = paid
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    assert np.array_equal(atlas.open(item, requester_pays=True)[0].values, expected, equal_nan=True)
    found = sample(item, 3.001, 51.445, requester_pays=True)
    assert found.values.shape == (8,)


def test_requests_are_signed_with_the_keys_of_a_profile(paid, monkeypatch, tmp_path):
    item, expected, keys = paid
    (tmp_path / "keys").write_text(
        f"[payer]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("AWS_PROFILE", "payer")
    assert np.array_equal(atlas.open(item, requester_pays=True)[0].values, expected, equal_nan=True)


def test_another_secret_is_refused_by_the_server(paid, monkeypatch):
    item, _, keys = paid
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(HttpStatus, match="answers 403"):
        atlas.open(item, requester_pays=True)


def test_every_request_says_who_pays_and_no_other_bucket_learns_the_key(web, tmp_path, monkeypatch):
    monkeypatch.setattr(payer, "_agreed", {})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "c")
    payer.agree(payer_of("s3://paid/k", f"{web.url}/paid/k", None))
    url = f"{web.url}/paid/other?a=1"
    sent = payer.account_of(url).headers("GET", url)
    assert sent["x-amz-request-payer"] == "requester"
    assert sent["x-amz-security-token"] == "c"
    assert "x-amz-request-payer;x-amz-security-token" in sent["Authorization"]
    assert payer.account_of(f"{web.url}/paid-not/k") is None


@pytest.mark.parametrize("path", ["/paid/a.tif", "/paid/y%20%3D2024/%2B1.tif", "/paid?prefix=a%2Fb&list-type=2"])
def test_signatures_are_those_of_aws_own_client(path):
    url = f"http://127.0.0.1:5000{path}"
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    ours = payer._signed("GET", url, "us-west-2", ("key", "secret", "token"), now)
    same = {name: ours[name] for name in ("x-amz-request-payer", "x-amz-content-sha256")}
    request = AWSRequest("GET", url, headers=same)
    theirs = S3SigV4Auth(Credentials("key", "secret", "token"), "s3", "us-west-2")
    request.headers["X-Amz-Date"], request.headers["X-Amz-Security-Token"] = ours["x-amz-date"], "token"
    request.context["timestamp"] = ours["x-amz-date"]
    text = theirs.string_to_sign(request, theirs.canonical_request(request))
    assert ours["Authorization"].rpartition("=")[2] == theirs.signature(text, request)


def test_google_gets_a_token_and_a_project(monkeypatch):
    of = payer_of("gs://vectors/a.tif", "gs://vectors/a.tif", None)
    assert of.prefix == "https://storage.googleapis.com/vectors/"
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(UrlRefused, match="set GOOGLE_CLOUD_PROJECT, and CLOUDSDK_AUTH_ACCESS_TOKEN"):
        of.headers("GET", of.prefix)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "t")
    assert of.headers("GET", of.prefix) == {"Authorization": "Bearer t", "x-goog-user-project": "p"}


@pytest.mark.parametrize(
    ("href", "url", "prefix", "region"),
    [
        ("s3://b/k", "https://b.s3.us-west-2.amazonaws.com/k", "https://b.s3.us-west-2.amazonaws.com/", "us-west-2"),
        (
            "s3://b.c/k",
            "https://s3.eu-west-1.amazonaws.com/b.c/k",
            "https://s3.eu-west-1.amazonaws.com/b.c/",
            "eu-west-1",
        ),
        (*["https://b.s3.us-west-2.amazonaws.com/k"] * 2, "https://b.s3.us-west-2.amazonaws.com/", "us-west-2"),
        ("s3://b/k", "https://store.example.org/b/k", "https://store.example.org/b/", "us-east-1"),
    ],
)
def test_the_bucket_and_its_region_are_known(href, url, prefix, region):
    of = payer_of(href, url, None)
    assert (of.prefix, of.store, of.region) == (prefix, "s3", region)


def test_a_store_that_cannot_be_paid_is_said_so(tmp_path):
    item = shapes.cog(tmp_path).item
    item["assets"]["data"]["href"] = "https://nowhere.invalid/a.tif"
    item["properties"]["storage:requester_pays"] = True
    with pytest.raises(UrlRefused, match="supported for S3 and Google Cloud Storage only"):
        atlas.open(item, requester_pays=True)


def test_the_region_of_the_first_storage_extension_counts(tmp_path):
    item = shapes.cog(tmp_path).item
    item["assets"]["data"]["href"] = "s3://b/a.tif"
    item["properties"] |= {"storage:platform": "AWS", "storage:region": "us-west-2", "storage:requester_pays": True}
    with pytest.raises(RestoreError, match=r"to https://b\.s3\.us-west-2\.amazonaws\.com/\."):
        atlas.open(item)
