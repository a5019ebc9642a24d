"""The Jinja2 environment: all text is escaped, undefined names are errors, links are relative to their page.

The contents list of a long page is read from its headings, so that both always agree.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from atlas.answers import words
from atlas.answers.labels import field_label, licence_name, protocol_name
from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web import text
from atlas.web.page import Page, Site, relative

__all__ = ["FEWEST", "MISSING", "contents", "make_environment", "render"]

MISSING = "404.html"
"""The page that a host shows for an address that does not exist."""
FEWEST = 4
"""A page with fewer headings has no list."""
_MOST = 12
"""Most headings of both levels; with more, only those of the second level are listed."""

Heading = tuple[str, str, int]
"""Anchor, text and level (2 or 3)."""

_HEADING = re.compile(r"<h([23])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
_ANCHOR = re.compile(r"<a class=\"anchor\".*?</a>", re.DOTALL)
_FOLD = re.compile(r"<(/?)details\b")
_TAG = re.compile(r"<[^>]+>")


@cache
def make_environment(templates: Path | None = None) -> Environment:
    """The environment of a folder of templates, which compiles each template once.

    Args:
        templates: the folder; by default `site/templates`.
    """
    environment = Environment(
        loader=FileSystemLoader(templates or data_dir("site") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        address=text.address,
        bytes=words.bytes_text,
        contents=contents,
        field_label=field_label,
        licence_name=licence_name,
        markdown=text.markdown,
        number=words.number,
        protocol_name=protocol_name,
        script_json=text.script_json,
        years=words.years_text,
    )
    environment.tests["web_link"] = text.is_web_link
    return environment


def render(environment: Environment, page: Page, site: Site) -> str:
    """The HTML of a page.

    Raises:
        SiteError: the template has an error, or needs a value that the context lacks.
    """
    head = page.head
    link: Callable[[str], str] = partial(relative, head.path)
    if head.path == MISSING:
        # A host shows this page at any address, so its links begin at the root of the host.
        link = f"{urlsplit(site.base_url).path}{{}}".format
    try:
        template = environment.get_template(page.template)
        kind = page.template.removesuffix(".html")
        return template.render(page=page.context, head=head, twin=page.twin_path, site=site, href=link, kind=kind)
    except TemplateError as error:
        raise SiteError(f"{head.path}: template {page.template}: {error}") from error


def _folds_left_out(html: str) -> str:
    """The page without collapsed parts, whose headings would make the list longer than the visible page."""
    kept, depth, at = [], 0, 0
    for mark in _FOLD.finditer(html):
        if depth == 0:
            kept.append(html[at : mark.start()])
        depth += -1 if mark[1] else 1
        at = mark.end()
    return "".join([*kept, html[at:]])


def contents(html: str, fewest: int = FEWEST) -> list[Heading]:
    """Headings of a page that links can lead to; empty for short pages.

    Args:
        html: the main part of a page as it was rendered.
        fewest: a page with fewer headings has no list.
    """
    found: list[Heading] = []
    for level, attributes, inner in _HEADING.findall(_folds_left_out(html)):
        anchor = re.search(r'\bid="([^"]+)"', attributes)
        if anchor is None or "visually-hidden" in attributes:
            continue
        text = " ".join(unescape(_TAG.sub("", _ANCHOR.sub("", inner))).split())
        found.append((unescape(anchor[1]), text, int(level)))
    upper = [h for h in found if h[2] == 2]
    if len(upper) >= FEWEST and len(found) > _MOST:
        found = upper
    return found if len(found) >= fewest else []
