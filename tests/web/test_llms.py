"""Every address in llms.txt exists."""

import json
import re

from markdown_it import MarkdownIt

from atlas.web.feeds import llms_text
from atlas.web.page import Context, Head, Page, Site

FRAME = Site("Atlas", "https://example.org/atlas/", "2026-11-20", "1", {}, None, 1, (), "https://example.org/?{id}")


def test_it_names_every_product_with_its_twin_and_leads_nowhere_else(site, catalog):
    text = (site / "llms.txt").read_text("utf-8")
    tokens = MarkdownIt().parse(text)
    assert (tokens[0].tag, tokens[1].content) == ("h1", "Earth Embedding Atlas")
    assert tokens[3].type == "blockquote_open"
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Pages", "Products", "Data", "Ask", "Optional"]
    base = re.search(r"\((https://[^)]*/)products\.csv\)", text)[1]
    addresses = re.findall(r"\]\(([^)]+)\)", text)
    for address in addresses:
        path = address.removeprefix(base) or "index.html"
        assert (site / path).is_file(), address
    for product in catalog.products.values():
        assert f"{base}products/{product.id}.html" in addresses
        twin = f"products/{product.id}.json"
        assert base + twin in addresses
        json.loads((site / twin).read_text("utf-8"))
    assert "atlas mcp" in text
    assert "OpenAPI" not in text, "a site without an API names none"


def test_it_names_the_api_where_one_stands_beside_the_site():
    for api in ("stac", "https://example.org/atlas/stac/"):
        text = llms_text([], Site(**{**FRAME.__dict__, "api": api})).decode()
        assert "[STAC API](https://example.org/atlas/stac)" in text
        assert "[OpenAPI](https://example.org/atlas/stac/api)" in text


def test_a_title_ends_no_link_and_begins_no_line_and_a_page_kept_from_search_is_not_named():
    page = Page("x.html", Head("A](https://evil.example)\n## B", "One.\n\n## Two", "products/a.html"), Context())
    hidden = Page("x.html", Head("Hidden", "", "b.html", index=False), Context())
    text = llms_text([page, hidden], FRAME).decode()
    assert "- [A\\](https://evil.example) ## B](https://example.org/atlas/products/a.html): One. ## Two" in text
    assert "Hidden" not in text
