"""A context holds what its template asks for and nothing else, and templates use nothing undefined."""

import pytest
from jinja2 import UndefinedError, nodes

from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web.build import BASE_URL
from atlas.web.environment import make_environment, render
from atlas.web.page import Context, Head, Page, Site
from atlas.web.pages import all_pages
from atlas.web.pages.search import search_page
from tests.catalogue import whole_catalogue

SITE = Site("Atlas", "https://example.org/", "2026-11-20", "1", {}, None, 1, (), "https://example.org/?{id}")


def _asked(template):
    """Names that a template asks of `page`."""
    environment = make_environment()
    source, *_ = environment.loader.get_source(environment, template)
    found = environment.parse(source).find_all(nodes.Getattr)
    return {n.attr for n in found if isinstance(n.node, nodes.Name) and n.node.name == "page"}


def test_a_context_holds_what_its_template_asks_for():
    catalog = whole_catalogue()
    site = Site("Atlas", BASE_URL, "2026-11-20", "1", {}, None, 1, (), "")
    downloads = dict.fromkeys(catalog.products, ())
    pages = [*all_pages(catalog, {}, (), downloads, site, {}, {}), search_page([])]
    held = {page.template: set(vars(page.context)) for page in pages}
    assert len(held) > 20
    shared = _asked("_macros.html")
    for template, names in held.items():
        asked = _asked(template)
        assert asked - names == set(), template
        assert names - asked - shared == set(), template


def test_every_template_is_used():
    folder = data_dir("site") / "templates"
    sources = " ".join(
        p.read_text("utf-8") for m in (data_dir("site").parent / "atlas" / "web").rglob("*.py") for p in [m]
    )
    unused = [p.name for p in folder.glob("[!_]*.html") if f'"{p.name}"' not in sources]
    assert unused == []


def test_a_missing_value_stops_the_build(tmp_path):
    (tmp_path / "bad.html").write_text("{{ page.nothing }}")
    page = Page("bad.html", Head("x", "y", "bad.html"), Context())
    with pytest.raises(SiteError, match=r"bad\.html: template bad\.html: .*nothing"):
        render(make_environment(tmp_path), page, SITE)


def test_everything_is_escaped_in_every_kind_of_file(tmp_path):
    for name in ("a.html", "a.xml", "a.svg", "a.txt"):
        (tmp_path / name).write_text("{{ head.title }}")
        page = Page(name, Head("<b>&\"'", "y", "x.html"), Context())
        assert render(make_environment(tmp_path), page, SITE) == "&lt;b&gt;&amp;&#34;&#39;"


def test_undefined_is_strict():
    with pytest.raises(UndefinedError):
        make_environment().from_string("{{ nothing }}").render()
