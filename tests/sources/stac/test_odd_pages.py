"""Irregular pages of an API: no Item is lost or accepted without a message."""

import json

import pytest

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.sources.base import Source
from atlas.sources.stac.api import READER
from tests.sources.stac.test_api import earth_genome

FIRST = "/collections/c/items"


@pytest.fixture
def product(products):
    return products["earth-genome-ssl4eo-yearly"]


@pytest.fixture
def api(web, crawl, product):
    """Crawl an API with this first page and these other answers."""

    def run(page, answers=None):
        collection = {"type": "Collection", "id": "c", "links": [{"rel": "items", "href": FIRST}]}
        web.objects["/collections/c"] = json.dumps(collection).encode()
        whole = {"type": "FeatureCollection", "features": [named("first")], "links": []}
        body = page if isinstance(page, bytes) else json.dumps(whole | page).encode()
        web.routes[FIRST] = lambda handler: handler.reply(200, body)
        for path, answer in (answers or {}).items():
            web.routes[path] = answer
        return crawl(READER, product, web.url + "/collections/c")

    return run


def named(name, **more):
    return earth_genome() | {"id": name, "collection": "c"} | more


def page(*items, **more):
    return json.dumps({"type": "FeatureCollection", "features": list(items), "links": []} | more).encode()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ({"rel": "next", "href": 5}, r"href of a link is not text \(links/0/href: 5\)"),
        ({"rel": "next"}, "href of a link is not text"),
        ({"rel": "next", "href": "a\nb"}, "href holds control characters"),
        ({"rel": ["next"], "href": "/x"}, "rel of a link is not text"),
        (5, "link is not an object"),
        ({"rel": "next", "href": "/x", "method": "PUT"}, "method of a link is neither GET nor POST"),
        ({"rel": "next", "href": "/x", "method": 5}, "method of a link is neither GET nor POST"),
        ({"rel": "next", "href": "/x", "method": "POST"}, "a link by POST has no object as body"),
        ({"rel": "next", "href": "/x", "method": "POST", "body": "token"}, "a link by POST has no object as body"),
        ({"rel": "next", "href": "/x", "headers": ["a"]}, "headers of a link are not an object"),
        ({"rel": "next", "href": "/x", "headers": {"a": 5}}, "a link asks for a header that cannot be sent"),
        ({"rel": "next", "href": "/x", "headers": {"a": "b\r\nc: d"}}, "a link asks for a header that cannot be sent"),
        ({"rel": "next", "href": "/x", "headers": {"Host": "b"}}, "a link asks for a header that cannot be sent"),
    ],
)
def test_a_next_page_that_cannot_be_followed_is_a_fault(api, link, why):
    with pytest.raises(SourceError, match=f"cannot be followed to the next page: {why}"):
        api({"links": [link]})


def test_links_that_are_no_list_are_a_fault(api):
    with pytest.raises(SourceError, match="links is not a list"):
        api({"links": 5})


@pytest.mark.parametrize("href", ["?token=2", "/more", "more"])
def test_a_relative_next_is_followed(api, web, href):
    answer = lambda handler: handler.reply(200, page(named("second")))  # noqa: E731 - three paths, one answer
    first = page(named("first"), links=[{"rel": "next", "href": href}])
    both = lambda handler: answer(handler) if "token" in handler.path else handler.reply(200, first)  # noqa: E731 - as above
    rows, aside = api({}, {FIRST: both, "/more": answer, "/collections/c/more": answer})
    assert ([row["id"] for row in rows], aside) == (["first", "second"], [])


def test_headers_of_a_next_link_are_sent(api, web):
    links = [{"rel": "next", "href": "/more", "headers": {"X-Page": "2"}}]
    api({"links": links}, {"/more": lambda handler: handler.reply(200, page(named("second")))})
    assert [headers.get("X-Page") for _, path, headers in web.log if path == "/more"] == ["2"]


def test_a_next_page_on_another_host_is_refused(api):
    with pytest.raises(SourceError, match="does not name the host"):
        api({"links": [{"rel": "next", "href": "https://elsewhere.example/x"}]})


def test_a_redirect_to_another_host_is_refused(api):
    moved = lambda handler: handler.reply(302, b"", {"Location": "https://elsewhere.example/x"})  # noqa: E731 - one use
    with pytest.raises(SourceError, match="does not name the host elsewhere"):
        api({"links": [{"rel": "next", "href": "/moved"}]}, {"/moved": moved})


def test_a_body_that_is_compressed_is_refused(api):
    cut = lambda handler: handler.reply(200, b"\x1f\x8b\x08\x00cut", {"Content-Encoding": "gzip"})  # noqa: E731 - one use
    with pytest.raises(SourceError, match="the host compresses the answer"):
        api({"links": [{"rel": "next", "href": "/gz"}]}, {"/gz": cut})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x1f\x8b\x08\x00cut", "compressed with gzip"),
        (b"<html><body>login</body></html>", "HTML or XML, not JSON"),
        (b"", "the document is empty"),
        (b'{"features": [', "is not JSON: Expecting value at line 1"),
        (b'{"features": [], "features": []}', "states 'features' twice"),
        (b'{"type": "FeatureCollection"}', "has no list of features"),
    ],
)
def test_what_is_no_page_says_what_it_is(api, body, why):
    with pytest.raises(SourceError, match=why):
        api(body)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_fault(api, encoding):
    rows, aside = api(page(named("first")).decode().encode(encoding))
    assert (len(rows), aside) == (1, [])


@pytest.mark.parametrize(
    ("old", "new", "reason", "field"),
    [
        ('"id": "second"', '"id": "second", "id": "third"', "a name occurs twice", "id"),
        ('"datetime": null', '"datetime": null, "datetime": null', "a name occurs twice", "properties/datetime"),
        ('"href":', '"href": "x", "href":', "a name occurs twice", "assets/embeddings/href"),
        (
            '"coordinates": [[[',
            '"coordinates": [[[1%s, 2], [' % ("0" * 400),
            "geometry is not GeoJSON",
            "geometry/coordinates/0/0",
        ),
        ('"datetime": null', '"datetime": null, "gsd": 1%s' % ("0" * 5000), "number is not finite", "properties/gsd"),
        ('"datetime": null', '"datetime": null, "gsd": NaN', "number is not finite", "properties/gsd"),
        ('"datetime": null', '"datetime": null, "gsd": 1e999', "number is not finite", "properties/gsd"),
    ],
)
def test_an_item_that_is_no_json_is_rejected_and_the_others_go_on(api, old, new, reason, field):
    second = json.dumps(named("second"))
    assert old in second
    body = f'{{"features": [{json.dumps(named("first"))}, {second.replace(old, new, 1)}], "links": []}}'
    rows, aside = api(body.encode())
    assert [row["id"] for row in rows] == ["first"]
    assert [(a.reason, a.field) for a in aside] == [(reason, field)]


def test_items_of_another_collection_are_rejected(api):
    mine, other, none = named("first"), named("other", collection="d"), named("none")
    del none["collection"]
    rows, aside = api({"features": [mine, other, none, named("odd", collection=["c"])]})
    assert [row["id"] for row in rows] == ["first", "none"]
    assert [(a.file, a.reason, a.field, a.detail) for a in aside] == [
        ("c/other", "Item of another collection", "collection", "d"),
        ("c/odd", "Item of another collection", "collection", "['c']"),
    ]


@pytest.mark.parametrize("count", [1, "1"])
def test_a_count_as_text_is_a_count(web, api, product, policy, count):
    api({"numberMatched": count})
    assert READER.counted(Source(product, web.url + "/collections/c"), Access(policy)) == 1
