"""What machines read besides pages: Atom feed, site map, robots, OpenSearch; XML made by the library, not by hand."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from atlas.web.page import Page, Site
from atlas.web.pages.changes import Change
from stac_emb.identity import HOST

__all__ = ["atom", "opensearch", "robots", "sitemap", "xml_text"]

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
FEED_LENGTH = 100


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 does not allow at all, escaped or not."""
    return "".join(
        c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000" else "\ufffd"
        for c in text
    )


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {k: xml_text(v) for k, v in attributes.items()})
    element.text = None if text is None else xml_text(text)
    return element


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def atom(changes: Sequence[Change], site: Site) -> bytes:
    """The feed of changes (RFC 4287), newest first."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, f"{{{_ATOM}}}id", site.base_url)
    _add(root, f"{{{_ATOM}}}title", f"{site.name}: changes")
    _add(root, f"{{{_ATOM}}}updated", f"{changes[0].date if changes else site.updated}T00:00:00Z")
    author = _add(root, f"{{{_ATOM}}}author")
    _add(author, f"{{{_ATOM}}}name", f"The {site.name} contributors")
    _add(root, f"{{{_ATOM}}}link", rel="self", type="application/atom+xml", href=site.absolute("changes.atom"))
    _add(root, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=site.absolute("changes.html"))
    for change in changes[:FEED_LENGTH]:
        entry = _add(root, f"{{{_ATOM}}}entry")
        # A tag URI (RFC 4151) stays the same wherever the site is published.
        name = "".join(c if c.isascii() and (c.isalnum() or c in "-._:") else "-" for c in change.id)
        _add(entry, f"{{{_ATOM}}}id", f"tag:{HOST},2026:{name}")
        _add(entry, f"{{{_ATOM}}}title", change.title)
        _add(entry, f"{{{_ATOM}}}updated", f"{change.date}T00:00:00Z")
        _add(entry, f"{{{_ATOM}}}category", term=change.kind)
        _add(entry, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=site.absolute(change.path))
        _add(entry, f"{{{_ATOM}}}summary", change.text)
    return _bytes(root)


def sitemap(pages: Iterable[Page], site: Site) -> bytes:
    """The site map of all pages that search engines may list."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for page in sorted(pages, key=lambda p: p.context.head.path):
        if page.context.head.index:
            url = _add(root, f"{{{_SITEMAP}}}url")
            _add(url, f"{{{_SITEMAP}}}loc", site.absolute(page.context.head.path))
    return _bytes(root)


def robots(site: Site) -> bytes:
    """Everything may be read; where the site map is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.absolute('sitemap.xml')}\n".encode()


def opensearch(site: Site) -> bytes:
    """Lets a browser search the atlas from its address bar."""
    ET.register_namespace("", _SEARCH)
    root = ET.Element(f"{{{_SEARCH}}}OpenSearchDescription")
    _add(root, f"{{{_SEARCH}}}ShortName", "Embedding Atlas")
    _add(root, f"{{{_SEARCH}}}Description", "Search Earth-observation embedding products, terms and tools")
    _add(root, f"{{{_SEARCH}}}InputEncoding", "UTF-8")
    _add(root, f"{{{_SEARCH}}}Image", site.absolute("static/icon.svg"), type="image/svg+xml")
    _add(root, f"{{{_SEARCH}}}Url", type="text/html", template=site.absolute("search.html") + "?q={searchTerms}")
    return _bytes(root)
