"""Publishing to a folder, S3 and Google Cloud Storage: order, media types, incremental updates."""

import datetime as dt
import gzip
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import boto3
import botocore.config
import httpx
import pytest
from click.testing import CliRunner

from atlas.commands.publish import command
from atlas.errors import SiteError
from atlas.web.publish import publish
from atlas.web.targets import headers_of, open_target
from tests.google_storage import google_storage
from tests.s3_host import s3_host

TODAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FILES = {
    "index.html": "<p>" * 1000,
    "products/one.html": "one",
    "emb/v0.1.0/schema.json": json.dumps({"a": "b" * 2000}),
    "downloads/one/items~a.parquet": "PAR1" * 1000,
    "changes.atom": "<feed/>",
}


@pytest.fixture
def site(tmp_path):
    """A function that writes a built site and returns its folder."""

    def write(files):
        root = tmp_path / "site"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / "site-manifest.json").write_text(json.dumps(dict.fromkeys(files, "x")))
        return root

    return write


@pytest.fixture
def static(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "catalog.json").write_text("{}")
    return tmp_path / "static"


@pytest.fixture(scope="module")
def moto():
    with s3_host() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(moto, monkeypatch):
    """An empty bucket, and the environment variables for it."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": moto, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    config = botocore.config.Config(retries={"max_attempts": 1})
    client = boto3.client("s3", endpoint_url=moto, region_name="us-east-1", config=config)
    client.create_bucket(Bucket="atlas", ACL="public-read")
    yield client
    for one in client.list_objects_v2(Bucket="atlas").get("Contents", []):
        client.delete_object(Bucket="atlas", Key=one["Key"])
    client.delete_bucket(Bucket="atlas")


@pytest.fixture(scope="module")
def emulator():
    with google_storage() as running:
        yield running


@pytest.fixture
def google(emulator, monkeypatch):
    """An empty Google Cloud Storage bucket with its environment variables; returns a client of its JSON API."""
    endpoint, client = emulator
    key = {"gcs_base_url": endpoint, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(key))
    client.post("/storage/v1/b", json={"name": "atlas"}).raise_for_status()
    yield client
    for one in client.get("/storage/v1/b/atlas/o").json().get("items", []):
        client.delete(f"/storage/v1/b/atlas/o/{quote(one['name'], safe='')}").raise_for_status()
    client.delete("/storage/v1/b/atlas").raise_for_status()


# the environment of the emulator is made
GOOGLE = pytest.param("google", marks=pytest.mark.slow)
PLACES = {"bucket": "s3://atlas/pages", "google": "gs://atlas/pages"}


@pytest.fixture(params=["folder", "bucket", GOOGLE])
def target(request, tmp_path):
    if request.param == "folder":
        return open_target(str(tmp_path / "out"))
    request.getfixturevalue(request.param)
    return open_target(PLACES[request.param])


@pytest.fixture(params=["bucket", GOOGLE])
def where(request):
    """The address of an empty bucket."""
    request.getfixturevalue(request.param)
    return PLACES[request.param]


def test_a_version_is_complete_and_only_what_changed_is_sent_again(target, site, static):
    first = publish(target, site(FILES), static, now=TODAY)
    assert (first.files, first.sent, first.unchanged) == (7, 7, 0)
    assert set(target.names()) == {*FILES, "site-manifest.json", "stac/catalog.json", "publish.json"}
    again = publish(target, site(FILES), static, now=TODAY)
    assert (again.sent, again.unchanged) == (0, 7)
    changed = publish(target, site({**FILES, "products/one.html": "ONE"}), static, now=TODAY)
    assert (changed.sent, changed.unchanged, changed.bytes) == (1, 6, 3)
    target.remove("changes.atom")  # somebody did
    assert publish(target, site({**FILES, "products/one.html": "ONE"}), static, now=TODAY).sent == 1
    assert "changes.atom" in target.names()


def test_what_is_gone_stays_for_some_days(target, site):
    publish(target, site(FILES), now=TODAY)
    fewer = site({name: text for name, text in FILES.items() if name != "products/one.html"})
    assert publish(target, fewer, now=TODAY).kept == 1
    assert "products/one.html" in target.names()
    assert publish(target, fewer, now=TODAY + dt.timedelta(days=6)).kept == 1
    assert publish(target, fewer, now=TODAY + dt.timedelta(days=8)).removed == 1
    assert "products/one.html" not in target.names()
    assert publish(target, site(FILES), now=TODAY + dt.timedelta(days=9)).sent == 2  # the site's own list too


def test_new_files_come_first_then_replaced_ones_then_the_entries_and_the_manifest_last(target, site, monkeypatch):
    publish(target, site(FILES), now=TODAY)
    order, put = [], target.put
    monkeypatch.setattr(target, "put", lambda name, source, **more: (order.append(name), put(name, source, **more)))
    publish(target, site({**FILES, "index.html": "x", "products/one.html": "x", "products/two.html": "x"}), now=TODAY)
    assert order[0] == "products/two.html"
    assert sorted(order[1:3]) == ["products/one.html", "site-manifest.json"]
    assert order[3:] == ["index.html", "publish.json"]


def test_a_publish_that_broke_off_is_repeated(target, site, monkeypatch):
    put = target.put

    def break_off(name, source, **more):
        if name == "index.html":
            raise SiteError("cut")
        put(name, source, **more)

    with monkeypatch.context() as patch:
        patch.setattr(target, "put", break_off)
        with pytest.raises(SiteError, match="cut"):
            publish(target, site(FILES), now=TODAY)
    assert "index.html" not in target.names()
    assert publish(target, site(FILES), now=TODAY).files == 6
    assert set(target.names()) == {*FILES, "site-manifest.json", "publish.json"}


def test_of_two_publishers_at_once_one_is_refused_and_the_version_is_one(target, site, monkeypatch):
    other = open_target(target._url if hasattr(target, "_url") else str(target._root))
    folder, put, refused = site(FILES), target.put, []

    def meanwhile(name, source, **more):
        if name == "index.html":
            with pytest.raises(SiteError, match="another publish is writing here"):
                publish(other, folder, now=TODAY)
            refused.append(name)
        put(name, source, **more)

    monkeypatch.setattr(target, "put", meanwhile)
    publish(target, folder, now=TODAY)
    assert refused == ["index.html"]
    assert publish(other, folder, now=TODAY).sent == 0
    assert set(other.names()) == {*FILES, "site-manifest.json", "publish.json"}


def test_a_publisher_that_died_is_replaced_and_one_that_was_only_slow_stops(where, site, monkeypatch):
    slow, quick = open_target(where), open_target(where)
    monkeypatch.setattr("atlas.web.publish_lock._RENEWED", 0.0)
    first, second = {**FILES, "index.html": "first"}, {**FILES, "index.html": "second"}
    put, after = slow.put, []

    def take_over(name, source, **more):
        if name == "publish.json" and not after:  # the first thing that is written
            after.append(name)
            monkeypatch.setattr("atlas.web.publish_lock.LEASE", dt.timedelta(minutes=10))
            publish(quick, site(second), now=TODAY)
        put(name, source, **more)

    monkeypatch.setattr(slow, "put", take_over)
    monkeypatch.setattr("atlas.web.publish_lock.LEASE", dt.timedelta(seconds=-1))
    with pytest.raises(SiteError, match="another publish took over, because this one's lease expired: it stops here"):
        publish(slow, site(first), now=TODAY)
    assert quick.read("index.html") == b"second"
    assert quick.read("publish.lock") is None


def test_of_many_who_begin_at_once_one_publishes(where, site):
    folder = site(FILES)

    def try_it(_):
        try:
            return publish(open_target(where), folder, now=TODAY).sent
        except SiteError as error:
            return str(error)

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(try_it, range(6)))
    assert [one for one in told if one not in {0, 6} and "another publish" not in str(one)] == []
    assert told.count(6) == 1


@pytest.mark.parametrize("kind", ["folder", "bucket", GOOGLE])
def test_of_two_processes_one_publishes_and_the_other_says_so(kind, request, site, tmp_path):
    if kind in PLACES:
        request.getfixturevalue(kind)
    where = PLACES.get(kind) or str(tmp_path / "out")
    folder = site(FILES | {f"downloads/{n}.bin": "x" * 50_000 for n in range(200)})
    command = [
        sys.executable,
        "-c",
        "from atlas.cli import main; main()",
        "publish",
        where,
        "--site",
        str(folder),
        "--json",
    ]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [(*process.communicate(timeout=240), process.returncode) for process in both]
    refused = [err for _, err, code in told if code]
    for err in refused:
        assert re.search("another publish (is writing here|began or ended)", err), err
        assert "Traceback" not in err
    # whoever came too late for the other finds nothing to do
    sent = sorted(json.loads(out)["sent"] for out, _, code in told if not code)
    assert sent in ([206], [0, 206])
    assert publish(open_target(where), folder).sent == 0
    names = set(open_target(where).names())
    assert names == {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} | {"publish.json"}


def test_files_of_others_are_left_alone(target, site):
    target.put("thesis.txt", b"mine")
    with pytest.raises(SiteError, match=r"holds files that 'atlas publish' did not write, such as thesis\.txt"):
        publish(target, site(FILES))
    assert list(target.names()) == ["thesis.txt"]
    target.remove("thesis.txt")
    publish(target, site(FILES))
    target.put("thesis.txt", b"mine")
    publish(target, site({"index.html": "x"}), keep_days=0)
    assert set(target.names()) == {"index.html", "site-manifest.json", "publish.json", "thesis.txt"}


def test_objects_have_types_caching_and_compression(bucket, moto, site):
    publish(open_target("s3://atlas/pages"), site(FILES), now=TODAY)
    heads = {name: bucket.head_object(Bucket="atlas", Key=f"pages/{name}") for name in [*FILES, "publish.json"]}
    assert {name: (h["ContentType"], h.get("ContentEncoding"), h["CacheControl"]) for name, h in heads.items()} == {
        "index.html": ("text/html; charset=utf-8", "gzip", "public, max-age=300"),
        "products/one.html": ("text/html; charset=utf-8", None, "public, max-age=300"),
        "emb/v0.1.0/schema.json": ("application/schema+json", "gzip", "public, max-age=300"),
        "downloads/one/items~a.parquet": ("application/vnd.apache.parquet", None, "public, max-age=300"),
        "changes.atom": ("application/atom+xml", None, "public, max-age=300"),
        "publish.json": ("application/json", None, "no-cache"),
    }
    stored = bucket.get_object(Bucket="atlas", Key="pages/index.html")["Body"].read()
    assert gzip.decompress(stored).decode() == FILES["index.html"]
    assert httpx.get(f"{moto}/atlas/pages/emb/v0.1.0/schema.json").json() == {"a": "b" * 2000}


@pytest.mark.slow
def test_objects_in_google_cloud_storage_have_them_too(google, site):
    large = "PAR1" * 2_000_000
    publish(open_target("gs://atlas/pages"), site(FILES | {"downloads/large.parquet": large}), now=TODAY)
    objects = {one["name"]: one for one in google.get("/storage/v1/b/atlas/o").json()["items"]}
    told = {n: [o.get(k) for k in ("contentType", "contentEncoding", "cacheControl")] for n, o in objects.items()}
    assert told["pages/index.html"] == ["text/html; charset=utf-8", "gzip", "public, max-age=300"]
    assert told["pages/downloads/large.parquet"] == ["application/vnd.apache.parquet", None, "public, max-age=300"]
    assert told["pages/publish.json"] == ["application/json", None, "no-cache"]
    assert open_target("gs://atlas/pages").read("downloads/large.parquet") == large.encode()


def test_every_kind_of_file_of_the_site_has_a_type():
    names = ["a.png", "a.svg", "a.woff2", "a.js", "a.css", "a.bib", "a.csv", "a.md", "a.txt", "a.xml", "opensearch.xml"]
    assert {name: headers_of(name, 10)[0] for name in names} == {
        "a.png": "image/png",
        "a.svg": "image/svg+xml; charset=utf-8",
        "a.woff2": "font/woff2",
        "a.js": "text/javascript; charset=utf-8",
        "a.css": "text/css; charset=utf-8",
        "a.bib": "application/x-bibtex; charset=utf-8",
        "a.csv": "text/csv; charset=utf-8",
        "a.md": "text/markdown; charset=utf-8",
        "a.txt": "text/plain; charset=utf-8",
        "a.xml": "application/xml",
        "opensearch.xml": "application/opensearchdescription+xml",
    }


def test_a_site_that_is_not_complete_is_not_published(site, tmp_path):
    out = open_target(str(tmp_path / "out"))
    with pytest.raises(SiteError, match="no built site"):
        publish(out, tmp_path)
    folder = site(FILES)
    (folder / "products/one.html").unlink()
    with pytest.raises(SiteError, match=r"the file products/one\.html of the site is missing"):
        publish(out, folder)
    with pytest.raises(SiteError, match="no static catalogue"):
        publish(out, site(FILES), tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_bucket_that_is_not_there_or_a_place_of_another_kind_is_told_in_a_line(bucket, site):
    with pytest.raises(SiteError, match=r"^s3://nobody: .*\S$"):
        publish(open_target("s3://nobody"), site(FILES))
    with pytest.raises(SiteError, match="publish to a folder, s3://"):
        open_target("ftp://example.org")


def test_the_command_says_what_it_sent(site, static, tmp_path):
    arguments = [str(tmp_path / "out"), "--site", str(site(FILES)), "--static", str(static)]
    done = CliRunner().invoke(command, arguments)
    assert done.output.startswith(f"{tmp_path}/out: 7 files, 7 sent (")
    assert done.output.endswith(" bytes), 0 unchanged, 0 removed, 0 old ones kept\n")
    assert json.loads(CliRunner().invoke(command, [*arguments, "--json"]).output)["sent"] == 0
