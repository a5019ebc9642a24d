"""What hrefs may lead to: object stores and local files below the source."""

import pickle

import pytest

from atlas.fetch.access import Access
from atlas.fetch.address import http_url
from atlas.fetch.faults import HttpStatus, Missing, TooLarge, UrlRefused
from atlas.fetch.policy import FetchPolicy


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("gs://alphaearth_foundations/a/b.tiff", "https://storage.googleapis.com/alphaearth_foundations/a/b.tiff"),
        ("s3://us-west-2.opendata.source.coop/tge-labs/aef/x", "https://data.source.coop/tge-labs/aef/x"),
        ("s3://tessera/tessera/zarr/v2-2B-L~beta1", "https://data.source.coop/tessera/tessera/zarr/v2-2B-L~beta1"),
        ("s3://open-data/a b#c", "https://open-data.s3.us-west-2.amazonaws.com/a%20b%23c"),
        ("s3://dotted.name/a", "https://s3.eu-west-1.amazonaws.com/dotted.name/a"),
        ("s3://own/a", "https://store.example.org/own/a"),
        ("gs://own/a", "https://store.example.org/own/a"),
    ],
)
def test_an_object_has_one_address(href, url):
    endpoints = {"open-data": "us-west-2", "dotted.name": "eu-west-1", "own": "https://store.example.org/"}
    assert http_url(href, ("data.source.coop",), endpoints) == url


def test_a_bucket_that_the_record_does_not_place_is_refused():
    with pytest.raises(UrlRefused, match="gives no region or endpoint for the bucket 'unknown'"):
        http_url("s3://unknown/a", ("example.org",))


@pytest.mark.parametrize("href", ["/etc/passwd", "file:///etc/passwd", "../secret", "sub/../../secret"])
def test_an_index_from_afar_names_no_local_file(href):
    with pytest.raises(UrlRefused, match="must not name local files"):
        Access(FetchPolicy(hosts=("example.org",))).stat(href)


def test_a_local_index_names_files_below_its_folder_only(tmp_path):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "a.txt").write_text("a")
    (tmp_path / "secret").write_text("s")
    (tmp_path / "index" / "link").symlink_to(tmp_path / "secret")
    access = Access(FetchPolicy(hosts=()), root=tmp_path / "index")
    assert access.read(str(tmp_path / "index" / "a.txt")) == b"a"
    for outside in ("../secret", "link", "../index/../secret"):
        with pytest.raises(UrlRefused, match="outside the folder of the source"):
            access.read(str(tmp_path / "index" / outside))
    with pytest.raises(Missing, match="no such file"):
        access.read(str(tmp_path / "index" / "b.txt"))


@pytest.mark.parametrize("href", ["ftp://example.org/a", "file://other/etc/passwd", "data://x"])
def test_other_schemes_are_refused(tmp_path, href):
    with pytest.raises(UrlRefused):
        Access(FetchPolicy(hosts=()), root=tmp_path).read(href)


def test_a_local_file_is_known_by_its_hash_and_listed_in_order(tmp_path):
    for name in ("b.txt", "a/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    access = Access(FetchPolicy(hosts=()), root=tmp_path)
    assert [f.name for f in access.list(str(tmp_path))] == ["a/c.txt", "b.txt"]
    stat = access.stat(str(tmp_path / "b.txt"))
    assert (stat.name, stat.size, stat.fingerprint[:7]) == ("b.txt", 5, "sha256:")
    assert list(access.folders(str(tmp_path))) == [f"{tmp_path}/a/"]


def test_a_large_file_is_not_taken_into_memory(tmp_path, web, policy):
    (tmp_path / "a").write_bytes(b"x" * 1000)
    web.objects["/a"] = b"x" * 1000
    with pytest.raises(TooLarge, match="1000 bytes, the limit is 10"):
        Access(policy, root=tmp_path).read(str(tmp_path / "a"), limit=10)
    with pytest.raises(TooLarge, match="1000 bytes, the limit is 10"):
        Access(policy).read(web.url + "/a", limit=10)


def test_a_host_that_refuses_head_is_asked_for_one_byte(web, policy):
    web.objects["/b"] = b"0123456789"

    def no_head(handler):
        if handler.command == "HEAD":
            handler.reply(403, b"")
        else:
            handler.send_object("/b")

    web.routes["/a"] = no_head
    stat = Access(policy).stat(web.url + "/a")
    assert stat.size == 10
    assert stat.fingerprint.startswith('etag:"')


def test_what_is_gone_is_told_apart_from_a_host_that_fails(web, policy):
    with pytest.raises(Missing):
        Access(policy).stat(web.url + "/gone")
    web.routes["/broken"] = lambda h: h.reply(500, b"")
    with pytest.raises(HttpStatus, match="500") as caught:
        Access(policy).stat(web.url + "/broken")
    assert not isinstance(caught.value, Missing)


def test_a_policy_travels_to_worker_processes():
    policy = FetchPolicy(hosts=("example.org",))
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301 - made in the line itself
