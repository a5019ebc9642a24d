"""Files for machines: Atom feed, site map, robots.txt, OpenSearch."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from atlas.answers.feed import Entry, add, atom_feed, xml_bytes
from atlas.web.page import Page, Site
from atlas.web.pages.changes import Change

__all__ = ["atom", "opensearch", "robots", "sitemap"]

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"


def atom(changes: Sequence[Change], site: Site) -> bytes:
    """The feed of changes (RFC 4287), newest first."""
    entries = [Entry(c.id, c.title, f"{c.date}T00:00:00Z", c.kind, site.absolute(c.path), c.text) for c in changes]
    links = (
        ("self", "application/atom+xml", site.absolute("changes.atom")),
        ("alternate", "text/html", site.absolute("changes.html")),
    )
    updated = f"{changes[0].date if changes else site.updated}T00:00:00Z"
    return atom_feed(entries, identity=site.base_url, name=site.name, updated=updated, links=links, media="text/html")


def sitemap(pages: Iterable[Page], site: Site) -> bytes:
    """The site map of all pages that search engines may list."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for page in sorted(pages, key=lambda p: p.head.path):
        if page.head.index:
            url = add(root, f"{{{_SITEMAP}}}url")
            add(url, f"{{{_SITEMAP}}}loc", site.absolute(page.head.path))
    return xml_bytes(root)


def robots(site: Site) -> bytes:
    """Allows everything and names the site map."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.absolute('sitemap.xml')}\n".encode()


def opensearch(site: Site) -> bytes:
    """The description by which a browser can search the atlas from its address bar."""
    ET.register_namespace("", _SEARCH)
    root = ET.Element(f"{{{_SEARCH}}}OpenSearchDescription")
    add(root, f"{{{_SEARCH}}}ShortName", "Embedding Atlas")
    add(root, f"{{{_SEARCH}}}Description", "Search Earth-observation embedding products, terms and tools")
    add(root, f"{{{_SEARCH}}}InputEncoding", "UTF-8")
    add(root, f"{{{_SEARCH}}}Image", site.absolute("static/icon.svg"), type="image/svg+xml")
    add(root, f"{{{_SEARCH}}}Url", type="text/html", template=site.absolute("search.html") + "?q={searchTerms}")
    return xml_bytes(root)
