"""Files for machines: Atom feed, site map, robots.txt, OpenSearch, and `llms.txt` for language models."""

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from atlas.answers.feed import Entry, add, atom_feed, xml_bytes
from atlas.web.page import Page, Site
from atlas.web.pages.changes import Change

__all__ = ["atom", "llms_text", "opensearch", "robots", "sitemap"]

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SUMMARY = """\
A catalogue of {} Earth-observation embedding products: what covers a place and a year, which vectors may be compared, \
what the models were trained on, how stored numbers become vectors, what licences require."""
_ABOUT = """\
Every statement has a source. What a producer does not state is marked as not stated, never guessed; it does not mean \
"no". Read the JSON twin of a page, where there is one, instead of the HTML: it has the same content.
"""
_ASK = """\
- `atlas mcp` serves the tools products, show, which, choose, compare, size and recipe over the Model Context Protocol \
(stdio, or streamable HTTP with `--http`): `pip install 'earth-embedding-atlas[mcp]'`. Each answer names its sources.
- In Python `atlas.open_catalog()`, in the shell `atlas show`, `atlas which`, `atlas choose`, `atlas compare`, \
`atlas size` and `atlas recipe` give the same answers, without a server.
"""
_QUESTIONS = "`atlas/coverage`, `atlas/choose`, `atlas/compare`, `atlas/estimate` and `atlas/products/{id}/recipe`"


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


def llms_text(pages: Iterable[Page], site: Site) -> bytes:
    """`llms.txt` as on https://llmstxt.org/: main pages, every product, the API and the tools, the rest as optional."""
    shown = {p.head.path: p for p in pages if p.head.index}
    main = [shown.pop(path) for _, path, _ in site.navigation if path in shown]
    products = [shown.pop(path) for path in sorted(shown) if path.startswith("products/")]
    data = [
        f"- [products.csv]({site.absolute('products.csv')}): every product in a row",
        f"- [changes.atom]({site.absolute('changes.atom')}): what changed",
        f"- [sitemap.xml]({site.absolute('sitemap.xml')}): every page",
    ]
    parts = [
        f"# {site.name}",
        f"> {_SUMMARY.format(site.products)}",
        _ABOUT.rstrip(),
        _section("Pages", [_line(p, site) for p in main]),
        _section("Products", [_line(p, site) for p in products]),
        _section("Data", data),
        _section("Ask", [*_api(site), _ASK.rstrip()]),
        _section("Optional", [_line(shown[path], site) for path in sorted(shown)]),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _section(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n" + "\n".join(lines)


def _line(page: Page, site: Site) -> str:
    head = page.head
    # a bracket would end the text of the link
    title = re.sub(r"([\[\]\\])", r"\\\1", _one_line(head.title))
    twin = f" ([JSON]({site.absolute(page.twin_path)}))" if page.twin else ""
    return f"- [{title}]({site.absolute(head.path)}): {_one_line(head.description)}{twin}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _api(site: Site) -> list[str]:
    if site.api is None:
        return []
    address = (site.api if site.api.startswith(("http://", "https://")) else site.absolute(site.api)).rstrip("/")
    return [
        f"- [STAC API]({address}): the catalogue as Collections and Items",
        f"- [OpenAPI]({address}/api): every parameter, including those of the questions {_QUESTIONS}",
    ]
