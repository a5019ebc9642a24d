"""Feed, site map, robots.txt and OpenSearch: well-formed and valid."""

from pathlib import Path

import pytest
from lxml import etree

from atlas.answers.feed import xml_text
from atlas.web.feeds import atom, opensearch, sitemap
from atlas.web.page import Context, Head, Page, Site
from atlas.web.pages.changes import Change

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
HOSTILE = "</title><script>alert(1)</script> & ]]> \x00\x0b\ufffe \"'"


@pytest.fixture
def frame() -> Site:
    return Site("Atlas", "https://example.org/atlas/", "2026-11-20", "1", {}, None, 1, (), "https://example.org/?{id}")


def change(**fields: str) -> Change:
    return Change(
        **{
            "id": "record:x:1",
            "date": "2026-11-20",
            "kind": "record",
            "title": "T",
            "text": "X",
            "path": "about.html",
            **fields,
        }
    )


def test_the_feed_of_the_site_is_valid_atom(site):
    feed = etree.parse(site / "changes.atom")
    SCHEMA.assertValid(feed)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) > 10
    dates = [e.findtext(f"{ATOM}updated") for e in entries]
    assert dates == sorted(dates, reverse=True)
    ids = [e.findtext(f"{ATOM}id") for e in entries]
    assert len(ids) == len(set(ids))
    base = feed.find(f"{ATOM}id").text
    for link in feed.iterfind(f"{ATOM}entry/{ATOM}link"):
        assert (site / link.get("href").removeprefix(base)).is_file()


def test_a_feed_without_a_title_is_not_valid(frame):
    feed = etree.fromstring(atom([change()], frame))
    SCHEMA.assertValid(feed)
    feed.remove(feed.find(f"{ATOM}title"))
    assert not SCHEMA.validate(feed)


def test_hostile_text_stays_text_in_the_feed(frame):
    feed = etree.fromstring(atom([change(title=HOSTILE, text=HOSTILE, id=HOSTILE, kind=HOSTILE)], frame))
    SCHEMA.assertValid(feed)
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == xml_text(HOSTILE)
    assert "script" not in {e.tag.split("}")[-1] for e in feed.iter()}


def test_characters_that_xml_forbids_are_replaced():
    assert xml_text("a\x00b\x0bc\ud800d\ufffe\tz") == "a�b�c�d�\tz"


def test_the_site_map_lists_each_page_once(site):
    tree = etree.parse(site / "sitemap.xml")
    found = [e.text for e in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    base = min(found, key=len)
    pages = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    pages = {p for p in pages if not p.startswith("spaces/")}  # addresses that lead to sections
    assert {"index.html" if f == base else f.removeprefix(base) for f in found} == pages - {
        "404.html",
        "patterns.html",
        "schema.html",
    }
    assert len(found) == len(set(found))


def test_pages_that_are_not_to_be_listed_are_not(frame):
    page = Page("missing.html", Head("x", "y", "404.html", index=False), Context())
    assert b"404" not in sitemap([page], frame)


def test_robots_names_the_site_map(site):
    assert "Sitemap: https://earth-embedding-atlas.github.io/sitemap.xml" in (site / "robots.txt").read_text("utf-8")


def test_the_search_description_fits_the_search_page(frame, site):
    root = etree.fromstring(opensearch(frame))
    url = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url.get("template") == "https://example.org/atlas/search.html?q={searchTerms}"
    assert len(root.findtext("{http://a9.com/-/spec/opensearch/1.1/}ShortName")) <= 16
    assert 'name="q"' in (site / "search.html").read_text("utf-8")
