"""Template contexts are frozen dataclasses with documented fields, and templates use nothing undefined."""

import dataclasses
import importlib
import pkgutil
import re

import pytest
from jinja2 import UndefinedError

from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web import pages
from atlas.web.environment import make_environment, render
from atlas.web.page import Head, Page, Site
from atlas.web.pages.not_found import MissingPage

MODULES = [importlib.import_module(f"{pages.__name__}.{m.name}") for m in pkgutil.iter_modules(pages.__path__)]
CLASSES = sorted(
    {c for m in MODULES for c in vars(m).values() if dataclasses.is_dataclass(c) and c.__module__ == m.__name__},
    key=lambda c: c.__qualname__,
)
SITE = Site("Atlas", "https://example.org/", "2026-11-20", "1", {}, None, 1, (), "https://example.org/?{id}")


@pytest.mark.parametrize("context", CLASSES, ids=lambda c: c.__name__)
def test_each_field_of_a_context_is_explained(context):
    assert context.__dataclass_params__.frozen
    doc = context.__doc__ or ""
    missing = [f.name for f in dataclasses.fields(context) if not re.search(rf"^\s+{f.name}: \S", doc, re.MULTILINE)]
    assert missing == []


def test_there_are_contexts():
    assert len(CLASSES) > 20


def test_every_template_is_used():
    folder = data_dir("site") / "templates"
    sources = " ".join(
        p.read_text("utf-8") for m in (data_dir("site").parent / "atlas" / "web").rglob("*.py") for p in [m]
    )
    unused = [p.name for p in folder.glob("[!_]*.html") if f'"{p.name}"' not in sources]
    assert unused == []


def test_a_missing_value_stops_the_build(tmp_path):
    (tmp_path / "bad.html").write_text("{{ page.nothing }}")
    page = Page("bad.html", MissingPage(Head("x", "y", "bad.html")))
    with pytest.raises(SiteError, match=r"bad\.html: template bad\.html: .*nothing"):
        render(make_environment(tmp_path), page, SITE)


def test_everything_is_escaped_in_every_kind_of_file(tmp_path):
    for name in ("a.html", "a.xml", "a.svg", "a.txt"):
        (tmp_path / name).write_text("{{ page.head.title }}")
        page = Page(name, MissingPage(Head("<b>&\"'", "y", "x.html")))
        assert render(make_environment(tmp_path), page, SITE) == "&lt;b&gt;&amp;&#34;&#39;"


def test_undefined_is_strict():
    with pytest.raises(UndefinedError):
        make_environment().from_string("{{ nothing }}").render()
