"""The Jinja2 environment: all text is escaped, undefined names are errors, links are relative to their page."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from atlas.answers import words
from atlas.answers.labels import field_label, licence_name, protocol_name
from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web import text
from atlas.web.contents import contents
from atlas.web.page import Page, Site, relative

__all__ = ["MISSING", "make_environment", "render"]

MISSING = "404.html"
"""The page that a host shows for an address that does not exist."""


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
