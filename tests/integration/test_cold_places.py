"""Items leave the database for parts in every kind of place, and come back from there."""

from urllib.parse import quote

import boto3
import botocore.config
import pytest

from atlas.errors import StoreError
from atlas.fetch.client import close_fetchers
from atlas.store.check import check_rows
from atlas.store.cold.moves import cool, warm
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from tests.google_storage import google_storage
from tests.integration.loading import COLLECTION, checksum, write_crawl, write_manifest
from tests.loopback_host import Web
from tests.s3_host import s3_host

PREFIX = "crawls/one"


@pytest.fixture(scope="module")
def google():
    with google_storage() as (_, client):
        yield client


@pytest.fixture(scope="module")
def amazon():
    with s3_host() as endpoint:
        yield endpoint


@pytest.fixture
def web():
    server = Web()
    yield server
    close_fetchers()
    server.stop()


class InGoogle:
    def __init__(self, request):
        self.client = request.getfixturevalue("google")
        self.client.post("/storage/v1/b", json={"name": "atlas"}).raise_for_status()
        request.getfixturevalue("monkeypatch").setenv("STORAGE_EMULATOR_HOST", str(self.client.base_url).rstrip("/"))
        self.address = f"gs://atlas/{PREFIX}"

    def put(self, name, data):
        asked = {"uploadType": "media", "name": f"{PREFIX}/{name}"}
        self.client.post("/upload/storage/v1/b/atlas/o", params=asked, content=data).raise_for_status()

    def remove(self, name):
        self.client.delete(f"/storage/v1/b/atlas/o/{quote(f'{PREFIX}/{name}', safe='')}").raise_for_status()


class InAmazon:
    def __init__(self, request):
        endpoint, patch = request.getfixturevalue("amazon"), request.getfixturevalue("monkeypatch")
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        config = botocore.config.Config(retries={"max_attempts": 1})
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config)
        self.client.create_bucket(Bucket="atlas")
        self.address = f"s3://atlas/{PREFIX}"

    def put(self, name, data):
        self.client.put_object(Bucket="atlas", Key=f"{PREFIX}/{name}", Body=data)

    def remove(self, name):
        self.client.delete_object(Bucket="atlas", Key=f"{PREFIX}/{name}")


class OnTheWeb:
    def __init__(self, request):
        self.web = request.getfixturevalue("web")
        self.address = f"{self.web.url}/{PREFIX}"

    def put(self, name, data):
        self.web.objects[f"/{PREFIX}/{name}"] = data

    def remove(self, name):
        del self.web.objects[f"/{PREFIX}/{name}"]


@pytest.fixture(params=[InGoogle, InAmazon, OnTheWeb], ids=["gs", "s3", "https"])
def place(request):
    return request.param(request)


def faults(conninfo):
    with connect(conninfo) as connection:
        return [str(one) for one in check_rows(connection).problems]


def test_items_leave_for_a_place_and_come_back_from_it(empty_database, tmp_path, place):
    folder = write_crawl(tmp_path / "crawl", years=(2019, 2020))
    write_manifest(folder)
    load_folder(empty_database, folder)
    before = checksum(empty_database)
    for path in folder.rglob("*"):
        if path.is_file():
            place.put(path.relative_to(folder).as_posix(), path.read_bytes())
    # what says where the Items are from is the folder's path, which a copy has no report of
    place.put("report.json", b'{"product": "synthetic", "source": "%s", "items": 100}' % str(folder).encode())
    report = cool(empty_database, [f"{place.address}/"], notice=0)
    assert (report.items, report.parts, report.addresses) == (100, 2, (place.address,))
    assert faults(empty_database) == []
    part = "items/part-0001.parquet"
    place.put(part, (folder / part).read_bytes()[:-100])
    assert [one.partition("parquet: ")[2] for one in faults(empty_database)] == [
        "a part is not Parquet, or is truncated"
    ]
    place.remove(part)
    assert [one.partition("parquet: ")[2] for one in faults(empty_database)] == ["a part is missing"]
    with pytest.raises(StoreError):
        warm(empty_database, COLLECTION)
    place.put(part, (folder / part).read_bytes())
    assert warm(empty_database, COLLECTION).items == 100
    assert checksum(empty_database) == before


def test_a_web_address_without_a_manifest_and_another_kind_of_address_are_refused(empty_database, web):
    web.objects["/a/collection.json"] = b"{}"
    with pytest.raises(StoreError, match=r"/a/manifest\.json: names no parts .* a web server lists none"):
        cool(empty_database, [f"{web.url}/a"], notice=0)
    web.objects["/a/manifest.json"] = b'{"shards": {"x": {"parts": {"items/../../x": {"sha256": ""}}}}}'
    with pytest.raises(StoreError, match="is not below items/"):
        cool(empty_database, [f"{web.url}/a"], notice=0)
    with pytest.raises(StoreError, match="parts are read from a folder, s3://bucket/prefix, gs://bucket/prefix or"):
        cool(empty_database, ["ftp://host/a"], notice=0)
