"""Checking addresses: rate limits, named hosts only, and results kept as observed."""

import json

import pytest

from atlas.errors import SourceError
from atlas.fetch.client import Fetcher
from atlas.fetch.policy import FetchPolicy
from atlas.links.ask import ask, ask_all
from atlas.links.checks import LinkCheck, links_of, read_checks, write_checks
from atlas.settings import Settings
from tests.catalogue import whole_catalogue

SETTINGS = Settings(allow_private_addresses=True)


@pytest.fixture(scope="module")
def record():
    return whole_catalogue().products["tessera-v1"]


@pytest.fixture
def product(record, web):
    """A product with one distribution at the loopback host, whose page and file exist."""
    web.objects |= {"/page.html": b"<html>", "/a.npy": b"1234"}
    place = next(d for d in record.distributions if not d.retired).model_copy(
        update={
            "id": "here",
            "host": web.host,
            "href": f"{web.url}/page.html",
            "example_url": f"{web.url}/a.npy",
            "format": "npy",
            "protocol": "https",
        }
    )
    gone = place.model_copy(update={"id": "old", "retired": True, "href": f"{web.url}/old.html"})
    return record.model_copy(update={"distributions": [place, gone], "index": None})


def test_what_answers_is_seen_and_retired_places_are_left_alone(product, web):
    found = ask_all([product], SETTINGS)
    assert [(c.place, c.kind, c.outcome, c.status) for c in found] == [
        ("here", "page", "answers", 200),
        ("here", "file", "answers", 200),
    ]
    assert all(c.checked == c.answered != "" for c in found)
    assert [(method, path) for method, path, _ in web.log if path != "/page.html"] == [("HEAD", "/a.npy")]
    assert "earth-embedding-atlas/" in web.log[0][2]["User-Agent"]


def test_an_address_that_products_share_is_asked_once(product, web):
    found = ask_all([product, product.model_copy(update={"id": "other"})], SETTINGS)
    assert len(found) == 4
    assert len(web.log) == 2


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, "missing"), (410, "missing"), (401, "asks-for-login"), (500, "fails"), (418, "fails")],
)
def test_other_answers_are_told_apart(web, fetcher, status, outcome):
    web.routes["/x"] = lambda handler: handler.reply(status, b"")
    assert ask(f"{web.url}/x", fetcher) == (outcome, status, "")


def test_a_host_that_refuses_heads_is_asked_for_one_byte(web, fetcher):
    def route(handler):
        if handler.command == "HEAD":
            handler.reply(405, b"")
        else:
            assert handler.headers["Range"] == "bytes=0-0"
            handler.reply(206, b"x", {"Content-Range": "bytes 0-0/9"})

    web.routes["/x"] = route
    assert ask(f"{web.url}/x", fetcher)[0] == "answers"
    web.routes["/x"] = lambda h: h.reply(405, b"") if h.command == "HEAD" else h.reply(200, b"x" * 5000)
    assert ask(f"{web.url}/x", fetcher)[0] == "answers"
    web.routes["/x"] = lambda handler: handler.reply(403, b"")
    assert ask(f"{web.url}/x", fetcher) == ("asks-for-login", 403, "")


def test_a_redirect_to_a_host_that_no_record_names_is_not_followed(web, fetcher):
    web.routes["/x"] = lambda handler: handler.reply(302, b"", {"Location": "https://elsewhere.example/"})
    outcome, status, detail = ask(f"{web.url}/x", fetcher)
    assert (outcome, status) == ("redirects", None)
    assert "elsewhere.example" in detail


def test_what_must_not_be_asked_is_not_checked(web):
    with Fetcher(FetchPolicy(hosts=("localhost",))) as fetcher:
        assert ask("http://localhost/x", fetcher)[0] == "not-checked"
        assert ask("https://other.example/x", fetcher)[0] == "not-checked"
        outcome, _, detail = ask("https://localhost/x", fetcher)
        assert outcome == "not-checked"
        assert "not a public address" in detail
    assert web.log == []


def test_nobody_listening_fails(web):
    host = web.host
    web._server.server_close()
    with Fetcher(FetchPolicy(hosts=(host,), allow_private=True, attempts=1)) as fetcher:
        outcome, status, detail = ask(f"http://{host}/x", fetcher)
    assert (outcome, status) == ("fails", None)
    assert detail


def test_folders_and_stores_are_not_checked(product, record, web):
    place = product.distributions[0]
    store = place.model_copy(update={"format": "zarr", "host": "127.0.0.1", "href": f"{web.url}/zarr/v1"})
    bucket = place.model_copy(update={"id": "b", "href": "s3://bucket/folder/", "example_url": None})
    index = record.index.model_copy(update={"kind": "object-listing", "url": f"{web.url}/folder/"})
    found = ask_all([product.model_copy(update={"distributions": [store, bucket], "index": index})], SETTINGS)
    outcomes = {(c.place, c.kind): (c.outcome, c.checked) for c in found}
    assert outcomes[("here", "page")] == outcomes[("b", "page")] == outcomes[("", "index")] == ("not-checked", "")
    assert outcomes[("here", "file")][0] == "answers"
    assert all("a folder or store" in c.detail for c in found if c.kind != "file")


def test_when_it_last_answered_is_kept(product, web):
    first = ask_all([product], SETTINGS)
    del web.objects["/a.npy"]
    second = ask_all([product], SETTINGS, before=[LinkCheck(*_key(c), "answers", "d", 200, "", "d") for c in first])
    file = next(c for c in second if c.kind == "file")
    assert (file.outcome, file.answered) == ("missing", "d")
    assert file.checked > "2026"


def _key(check):
    return check.product, check.place, check.kind, check.href


def test_results_are_read_as_they_were_written(tmp_path, product):
    checks = ask_all([product], SETTINGS)
    path = tmp_path / "state" / "links.json"
    write_checks(path, reversed(checks))
    assert set(read_checks(path)) == set(checks)
    assert [p.name for p in path.parent.iterdir()] == ["links.json"]
    before = path.read_bytes()
    write_checks(path, checks)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(version=9), "no results of 'atlas check-links' of version 1"),
        (lambda d: d["links"][0].update(outcome="fine"), "entry 1: unknown outcome 'fine'"),
        (lambda d: d["links"][0].update(status="ok"), "entry 1: status is 'ok'"),
        (lambda d: d["links"][0].update(checked=7), "entry 1: checked is 7"),
        (lambda d: d["links"][0].update(more=""), "entry 1 is not a result"),
        (lambda d: d["links"].insert(0, []), "entry 1 is not a result"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, product, change, message):
    path = tmp_path / "links.json"
    write_checks(
        path, [LinkCheck(*_key_of(link), "answers", "2026-11-20T00:00:00Z", 200) for link in links_of([product])]
    )
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SourceError, match=rf"links\.json.*{message}"):
        read_checks(path)
    path.write_text("{")
    with pytest.raises(SourceError, match=r"links\.json"):
        read_checks(path)


def _key_of(link):
    return link.product, link.place, link.kind, link.href
