"""`s3://` and `gs://` addresses of Items that place no bucket: the environment does, as it does for AWS's programs."""

import json

import boto3
import icechunk
import numpy as np
import pytest
from click.testing import CliRunner

import atlas
from atlas.cli import cli
from atlas.errors import RestoreError, SourceError
from atlas.fetch import payer
from atlas.fetch.environment import endpoint_of, typed_hosts
from atlas.fetch.faults import HttpStatus, UrlRefused
from atlas.fetch.payer import placed
from atlas.read import asset_spec
from atlas.read.files import access_to
from tests.read import shapes
from tests.s3_host import OWNER, keys_of_a_reader, only_who_signs, s3_host


@pytest.fixture(scope="module")
def server():
    """Its endpoint, a client of its owner, and the keys of a reader."""
    with s3_host() as endpoint:
        yield endpoint, boto3.client("s3", endpoint_url=endpoint, **OWNER), keys_of_a_reader(endpoint)


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting of this machine counts."""
    for name in ("ENDPOINT_URL", "ENDPOINT_URL_S3", "S3_ENDPOINT", "REGION", "DEFAULT_REGION", "PROFILE", "HTTPS"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_NO_SIGN_REQUEST"):
        monkeypatch.delenv(name, raising=False)
    for name in ("STORAGE_EMULATOR_HOST", "CPL_GS_ENDPOINT", "CLOUDSDK_AUTH_ACCESS_TOKEN", "GS_NO_SIGN_REQUEST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(payer, "_agreed", {})


@pytest.fixture
def own(server, tmp_path, monkeypatch):
    """An Item of a bucket that only who signs may read, its vectors, the endpoint, and the keys of a reader."""
    endpoint, client, keys = server
    shape, key = shapes.cog(tmp_path), f"{tmp_path.name}/a.tif"
    only_who_signs(endpoint, False)
    client.create_bucket(Bucket="own")
    client.put_object(Bucket="own", Key=key, Body=(tmp_path / "2024-1.tif").read_bytes())
    shape.item["assets"]["data"]["href"] = f"s3://own/{key}"
    path = tmp_path / "item.json"
    path.write_text(json.dumps(shape.item))
    client.put_object(Bucket="own", Key=f"{tmp_path.name}/item.json", Body=path.read_bytes())
    only_who_signs(endpoint, True)
    return shape.item, shape.expected, endpoint, keys


def sign_in(monkeypatch, keys):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_a_bucket_is_read_at_the_endpoint_and_with_the_keys_of_the_environment(own, monkeypatch, name):
    item, expected, endpoint, keys = own
    with pytest.raises(SourceError, match="set AWS_REGION to the region of the bucket, or AWS_ENDPOINT_URL, or use"):
        atlas.open(item)
    monkeypatch.setenv(name, endpoint)  # plain http on loopback: whoever set it chose it
    sign_in(monkeypatch, keys)
    assert np.array_equal(atlas.open(item)[0].values, expected, equal_nan=True)


def test_the_endpoint_of_gdal_counts(own, monkeypatch):
    item, expected, endpoint, keys = own
    monkeypatch.setenv("AWS_S3_ENDPOINT", endpoint.removeprefix("http://"))
    monkeypatch.setenv("AWS_HTTPS", "NO")
    sign_in(monkeypatch, keys)
    assert np.array_equal(atlas.open(item)[0].values, expected, equal_nan=True)


def test_a_profile_places_the_bucket_and_has_the_keys(own, monkeypatch, tmp_path):
    item, expected, endpoint, keys = own
    (tmp_path / "config").write_text(f"[profile mine]\nendpoint_url = {endpoint}\n")
    lines = f"aws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
    (tmp_path / "credentials").write_text(f"[mine]\n{lines}")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert np.array_equal(atlas.open(item)[0].values, expected, equal_nan=True)


def test_whoever_says_not_to_sign_is_refused_by_a_bucket_of_others(own, monkeypatch):
    item, _, endpoint, keys = own
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    sign_in(monkeypatch, keys)
    monkeypatch.setenv("AWS_NO_SIGN_REQUEST", "YES")
    with pytest.raises(HttpStatus, match=r"answers 403 \w+$"):
        atlas.open(item)


def test_a_key_that_is_refused_is_told_how_to_read_without_it(own, monkeypatch):
    item, _, endpoint, _ = own
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    sign_in(monkeypatch, {"AccessKeyId": "nobody", "SecretAccessKey": "nothing"})
    with pytest.raises(HttpStatus, match="to the keys of the environment; AWS_NO_SIGN_REQUEST=YES reads without keys"):
        atlas.open(item)


def test_commands_read_items_and_files_of_such_a_bucket(own, monkeypatch, tmp_path):
    item, _, endpoint, keys = own
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    sign_in(monkeypatch, keys)
    address = item["assets"]["data"]["href"].replace("a.tif", "item.json")
    for command in (
        ["open", address, "--out", str(tmp_path / "out.tif")],
        ["identify", item["assets"]["data"]["href"]],
    ):
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == 0, done.output


def test_a_bucket_that_an_item_places_is_not_signed_for(own, monkeypatch):
    """Public data are read as everybody reads them: keys that may not read them would be refused."""
    item, _, endpoint, keys = own
    sign_in(monkeypatch, keys)
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    item["assets"]["data"]["storage:refs"] = ["a"]
    item["properties"]["storage:schemes"] = {"a": {"type": "custom-s3", "platform": endpoint, "bucket": "own"}}
    with pytest.raises(HttpStatus, match=r"answers 403 \w+$"):
        atlas.open(item)


@pytest.fixture
def repository(server, tmp_path):
    """An Item of an Icechunk repository in a bucket that only who signs may read."""
    endpoint, client, keys = server
    only_who_signs(endpoint, False)
    client.create_bucket(Bucket="own")
    shape = shapes.icechunk(tmp_path)
    folder = tmp_path / "ice"
    for path in folder.rglob("*"):
        if path.is_file():
            key = f"{tmp_path.name}/ice/{path.relative_to(folder).as_posix()}"
            client.put_object(Bucket="own", Key=key, Body=path.read_bytes())
    only_who_signs(endpoint, True)
    shape.item["assets"]["v"]["href"] = f"s3://own/{tmp_path.name}/ice"
    return shape, endpoint, keys


def test_an_icechunk_repository_is_read_with_the_keys_of_the_environment(repository, monkeypatch):
    shape, endpoint, keys = repository
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    sign_in(monkeypatch, keys)
    assert np.array_equal(atlas.open(shape.item)[0].values, shape.expected, equal_nan=True)


def test_an_icechunk_repository_whose_reader_pays_is_signed_for_once_they_agree(repository, monkeypatch):
    shape, endpoint, keys = repository
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    sign_in(monkeypatch, keys)
    scheme = {"type": "custom-s3", "platform": endpoint, "bucket": "own", "requester_pays": True}
    shape.item["properties"]["storage:schemes"] = {"a": scheme}
    shape.item["assets"]["v"]["storage:refs"] = ["a"]
    with pytest.raises(RestoreError, match="the user pays"):
        atlas.open(shape.item)
    asked, storage = [], icechunk.s3_storage
    monkeypatch.setattr(icechunk, "s3_storage", lambda **of: asked.append(of) or storage(**of))
    found = atlas.open(shape.item, requester_pays=True)
    assert np.array_equal(found[0].values, shape.expected, equal_nan=True)
    assert all(of["requester_pays"] and of["access_key_id"] == keys["AccessKeyId"] for of in asked)
    assert asked


def test_icechunk_in_a_paid_bucket_of_google_is_refused_with_what_to_do(tmp_path, monkeypatch):
    item = shapes.icechunk(tmp_path).item
    item["assets"]["v"]["href"] = "gs://own/ice"
    item["properties"]["storage:requester_pays"] = True
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "t")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setattr("atlas.fetch.access.check_host", lambda *_: None)
    with pytest.raises(UrlRefused, match="Icechunk's client cannot use an account at Google: copy the repository"):
        atlas.open(item, requester_pays=True)


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"AWS_REGION": "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com/k.tif"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com/k.tif"),
        ({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "https://s.org/"}, "https://s.org/b/k.tif"),
        ({"AWS_ENDPOINT_URL": "https://s.org", "AWS_ENDPOINT_URL_S3": "https://t.org"}, "https://t.org/b/k.tif"),
        ({"AWS_S3_ENDPOINT": "s.org:9000"}, "https://s.org:9000/b/k.tif"),
    ],
)
def test_the_environment_places_a_bucket(monkeypatch, settings, url):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert placed("s3://b/k.tif") == (url, None)
    assert access_to("s3://b/k.tif").url("s3://b/k.tif") == url


def test_a_region_of_a_profile_counts(monkeypatch, tmp_path):
    assert placed("s3://b/k") is None
    (tmp_path / "config").write_text("[default]\nregion = us-west-2\n")
    assert placed("s3://b/k") == ("https://b.s3.us-west-2.amazonaws.com/k", None)
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert placed("s3://b/k") is None


@pytest.mark.parametrize("value", ["localhost:9000", "s3.example.org", "ftp://s.org", "https://"])
def test_what_is_no_endpoint_is_told(monkeypatch, value):
    monkeypatch.setenv("AWS_ENDPOINT_URL", value)
    with pytest.raises(UrlRefused, match=r"AWS_ENDPOINT_URL is .* not the URL of an endpoint"):
        endpoint_of("s3://b/k")


@pytest.mark.parametrize("name", ["STORAGE_EMULATOR_HOST", "CPL_GS_ENDPOINT"])
def test_google_storage_is_placed_too(monkeypatch, name):
    assert placed("gs://b/k") == ("https://storage.googleapis.com/b/k", None)
    monkeypatch.setenv(name, "http://127.0.0.1:4443")
    assert placed("gs://b/k") == ("http://127.0.0.1:4443/b/k", None)
    assert typed_hosts() == ("127.0.0.1:4443",)


def test_a_token_of_google_reads_without_a_project_unless_told_not_to(monkeypatch):
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "t")
    _, account = placed("gs://b/k")
    assert account.prefix == "https://storage.googleapis.com/b/"
    assert account.headers("GET", account.prefix) == {"Authorization": "Bearer t"}
    monkeypatch.setenv("GS_NO_SIGN_REQUEST", "YES")
    assert placed("gs://b/k")[1] is None


def test_an_item_that_places_its_bucket_is_believed(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s.org")
    item = {
        "id": "x",
        "properties": {"emb:quantization": {"method": "none"}, "emb:dimensions": 2, "storage:schemes": {}},
        "assets": {"data": {"href": "s3://b/k.tif", "roles": ["data"], "storage:refs": ["a"]}},
    }
    assert asset_spec(item).href == "https://s.org/b/k.tif"
    item["properties"]["storage:schemes"]["a"] = {"type": "aws-s3", "platform": "AWS", "region": "us-west-2"}
    assert asset_spec(item).href == "https://b.s3.us-west-2.amazonaws.com/k.tif"
