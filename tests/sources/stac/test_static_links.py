"""Broken links of static trees: each rejected with document, link and rule; the rest is crawled."""

import json
import os

import pytest

from atlas.errors import SourceError
from atlas.sources.stac.api import READER
from tests.sources.stac.test_api import earth_genome

FAR = "link leads to a host that the record does not name"
GOOD = {"rel": "item", "href": "one.json"}
CONTROL = "href holds control characters"
OWN = "link leads to the document that holds it"
HREFS = [
    ("", OWN),
    ("#", OWN),
    ("#here", OWN),
    (".", "link leads to a folder"),
    ("folder", "link leads to a folder"),
    ("folder/", "link leads to a folder"),
    ("..", "link leads to a folder"),
    ("a\0b", CONTROL),
    ("a\nb", CONTROL),
    ("\x01", CONTROL),
    ("a\ud800", CONTROL),
    ("x" * 5000, "href is longer than 4,096 characters"),
    (5, "href of a link is not text"),
    (None, "href of a link is not text"),
    (["one.json"], "href of a link is not text"),
]


@pytest.fixture
def product(products):
    return products["earth-genome-ssl4eo-yearly"]


@pytest.fixture
def tree(tmp_path):
    """Write a catalogue with these links beside one good Item."""

    def write(links, **more):
        (tmp_path / "folder").mkdir(exist_ok=True)
        (tmp_path / "one.json").write_text(json.dumps(earth_genome()))
        path = tmp_path / "catalog.json"
        path.write_text(json.dumps({"type": "Catalog", "id": "c", "links": links} | more))
        return path

    return write


@pytest.mark.parametrize("rel", ["item", "child"])
@pytest.mark.parametrize(("href", "reason"), HREFS)
def test_an_href_that_leads_to_no_document_is_rejected_and_the_rest_goes_on(crawl, product, tree, rel, href, reason):
    path = tree([{"rel": rel, "href": href}, GOOD])
    rows, aside = crawl(READER, product, path)
    assert len(rows) == 1
    assert [(a.file, a.reason, a.field) for a in aside] == [(str(path), reason, "links/0/href")]


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        ("a%00", "link leads to no file"),
        ("x" * 300, "link leads to no file"),
        ("gone.json", "link leads to no file"),
        ("/etc/hostname", "link leads out of the folder of the source"),
        ("ftp://example.com/a", FAR),
    ],
)
def test_a_link_to_what_cannot_be_had_names_the_document_that_holds_it(crawl, product, tree, href, reason):
    path = tree([{"rel": "item", "href": href}, GOOD])
    rows, (aside,) = crawl(READER, product, path)
    assert (len(rows), aside.reason) == (1, reason)
    assert aside.detail.startswith(f"linked from {path}: ")
    path = tree([{"rel": "child", "href": href}, GOOD])
    rows, (aside,) = crawl(READER, product, path)
    assert (len(rows), aside.file, aside.reason, aside.field) == (1, str(path), reason, "links/0/href")


@pytest.mark.parametrize(
    ("link", "reason", "field"),
    [
        (5, "link is not an object", "links/0"),
        (None, "link is not an object", "links/0"),
        ({"rel": ["item"], "href": "one.json"}, "rel of a link is not text", "links/0/rel"),
        ({"href": "one.json"}, "rel of a link is not text", "links/0/rel"),
    ],
)
def test_a_link_that_is_none_is_rejected_and_the_rest_goes_on(crawl, product, tree, link, reason, field):
    rows, aside = crawl(READER, product, tree([link, GOOD]))
    assert len(rows) == 1
    assert [(a.reason, a.field) for a in aside] == [(reason, field)]


@pytest.mark.parametrize("links", [5, "x", {"rel": "item"}])
def test_links_that_are_no_list_are_rejected(crawl, product, tree, links):
    child = tree(links).rename(tree(links).with_name("child.json"))
    rows, aside = crawl(READER, product, tree([{"rel": "child", "href": "child.json"}, GOOD]))
    assert len(rows) == 1
    assert [(a.file, a.reason, a.field) for a in aside] == [(str(child), "links is not a list", "links")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "Feature"}', "link leads to neither a Catalog nor a Collection"),
        ('{"type": ["Catalog"]}', "link leads to neither a Catalog nor a Collection"),
        ('{"type": "Catalog", "links": [], "links": [{}]}', "document states a name twice"),
        ("[]", "not JSON"),
        ('{"type": "Catalog", "links": [{"rel": "item", "href": "a", "href": "b"}]}', "link states a name twice"),
        ("<html>", "not JSON"),
    ],
)
def test_a_child_that_is_no_catalogue_is_rejected_and_the_rest_goes_on(crawl, product, tree, text, reason):
    path = tree([{"rel": "child", "href": "child.json"}, GOOD])
    path.with_name("child.json").write_text(text)
    rows, aside = crawl(READER, product, path)
    assert len(rows) == 1
    assert [a.reason for a in aside] == [reason]


@pytest.mark.parametrize("href", ["", "#", "c.json"])
def test_a_remote_document_that_links_to_itself_is_told(crawl, web, product, href):
    web.objects["/c.json"] = json.dumps({"type": "Catalog", "links": [{"rel": "item", "href": href}, GOOD]}).encode()
    web.objects["/one.json"] = json.dumps(earth_genome()).encode()
    rows, aside = crawl(READER, product, web.url + "/c.json")
    assert len(rows) == 1
    assert [(a.file, a.reason, a.field) for a in aside] == [("c.json", OWN, "links/0/href")]


def test_a_child_that_the_host_may_serve_later_ends_the_plan(crawl, web, product):
    """Otherwise its Items would count as withdrawn."""
    links = [{"rel": "child", "href": "later/"}, GOOD]
    web.objects["/c.json"] = json.dumps({"type": "Catalog", "links": links}).encode()
    web.routes["/later/"] = lambda handler: handler.reply(403 if handler.command == "HEAD" else 503, b"")
    with pytest.raises(SourceError, match="503"):
        crawl(READER, product, web.url + "/c.json")


@pytest.mark.parametrize("href", ["http://[", "https://example.com/\nx.json", 5, "self.json"])
def test_a_self_link_that_is_no_address_says_nothing(crawl, product, tree, href):
    path = tree([{"rel": "self", "href": href}, GOOD])
    item = earth_genome()
    item["links"] = [{"rel": "self", "href": href}, 5]
    item["assets"]["embeddings"]["href"] = "x.parquet"
    path.with_name("one.json").write_text(json.dumps(item))
    (row,), aside = crawl(READER, product, path)
    assert (row["asset:embeddings:href"], aside) == (path.with_name("x.parquet").as_uri(), [])


def test_a_pipe_is_no_document(crawl, product, tree):
    path = tree([{"rel": "item", "href": "pipe.json"}, GOOD])
    os.mkfifo(path.with_name("pipe.json"))
    rows, aside = crawl(READER, product, path)
    assert len(rows) == 1
    (one,) = aside
    assert one.reason == "link leads to no file"
    assert "a device or pipe, not a file" in one.detail


# -- API or not ----------------------------------------------------------------------------------------------------

CORE = ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search"]
ITEM = [{"rel": "item", "href": "one.json"}]
API = [{"rel": "data", "href": "/collections"}, {"rel": "search", "href": "/search"}]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Catalog", "conformsTo": CORE, "links": ITEM},
        {"type": "Catalog", "conformsTo": CORE, "links": ITEM + API},
        {"type": "Catalog", "conformsTo": ["x"], "links": ITEM},
        {"type": "Catalog", "links": ITEM + API},
        {"type": "Collection", "id": "c", "links": [*ITEM, {"rel": "items", "href": "./items"}]},
        {"type": "Collection", "id": "c", "links": [*ITEM, {"rel": "items", "href": "items.parquet"}]},
        {"type": "Collection", "id": "c", "conformsTo": CORE, "links": ITEM},
        {"type": "Collection", "id": "c", "links": [*ITEM, {"rel": ["items"], "href": "items"}]},
    ],
)
@pytest.mark.parametrize("path", ["/c.json", "/collections/c"])
def test_a_static_document_with_signs_of_an_api_is_static(crawl, web, product, tree, document, path):
    web.objects[path] = json.dumps(document).encode()
    web.objects[path.rpartition("/")[0] + "/one.json"] = json.dumps(earth_genome()).encode()
    rows, _ = crawl(READER, product, web.url + path)
    assert len(rows) == 1
    local = tree([])
    local.write_text(json.dumps(document))
    rows, _ = crawl(READER, product, local)
    assert len(rows) == 1


@pytest.mark.parametrize("links", [API, [*API, {"rel": "child", "href": "/collections/c"}], [API[0]], []])
def test_a_landing_page_with_its_collections_as_children_is_an_api(crawl, web, product, links):
    landing = {"type": "Catalog", "conformsTo": CORE, "links": links}
    collection = {"type": "Collection", "id": "c", "links": [{"rel": "items", "href": "/collections/c/items"}]}
    web.objects["/"] = web.objects[""] = json.dumps(landing).encode()
    web.objects["/collections"] = json.dumps({"collections": [collection]}).encode()
    web.objects["/collections/c"] = json.dumps(collection | {"links": [*collection["links"], ITEM[0]]}).encode()
    page = {"type": "FeatureCollection", "features": [earth_genome() | {"collection": "c"}], "links": []}
    web.objects["/collections/c/items"] = json.dumps(page).encode()
    for href in (web.url, web.url + "/collections/c"):
        rows, aside = crawl(READER, product, href, options={"collection": "c"})
        assert (len(rows), aside) == (1, [])


def test_a_collection_whose_items_are_a_file_says_that_it_links_to_none(crawl, web, product):
    links = [{"rel": "items", "href": "items.parquet", "type": "application/vnd.apache.parquet"}]
    web.objects["/c.json"] = json.dumps({"type": "Collection", "id": "c", "links": links}).encode()
    with pytest.raises(SourceError, match="links to no Item, and is not an API"):
        crawl(READER, product, web.url + "/c.json")
