"""What every page has: address, head and context. Templates see nothing else."""

import posixpath
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace as Context
from typing import Any, Literal

from atlas.errors import SiteError

__all__ = ["Context", "Head", "Page", "Site", "check_path", "relative"]


@dataclass(frozen=True)
class Head:
    """The head of a page and the frame around it.

    Attributes:
        title: without the name of the site.
        description: one sentence for search engines and previews.
        path: address from the root of the site: `products/tessera-v1.html`.
        section: the current entry of the navigation, or empty.
        crumbs: label and path of the pages above this one, outermost first.
        scripts: further scripts in `static/`, without `.js`.
        later: scripts that are loaded when they are first needed, likewise.
        social: address of the preview image.
        json_ld: JSON-LD documents that are embedded in the page.
        index: whether search engines may list the page.
        contents: where the list of headings is: beside the page, or across the top of a page whose table or map needs
            the whole width.
    """

    title: str
    description: str
    path: str
    section: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    scripts: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    social: str = "social/site.png"
    json_ld: tuple[dict[str, Any], ...] = ()
    index: bool = True
    contents: Literal["beside", "across"] = "beside"


@dataclass(frozen=True)
class Page:
    """One page to be written.

    Attributes:
        template: file in `site/templates`.
        head: its address and the frame around it.
        context: what the template sees as `page`; a test compares its names with those that the template uses.
        twin: the same content for machines, written as JSON beside the page.
    """

    template: str
    head: Head
    context: Context
    twin: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_path(self.head.path)

    @property
    def twin_path(self) -> str:
        """Address of the page as JSON; empty where there is none."""
        return "" if self.twin is None else self.head.path.removesuffix(".html") + ".json"


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes:
        base_url: address under which the site is published, with a slash at its end.
        updated: newest date in the records and crawls, ISO 8601; nothing depends on the day of the build.
        version: version of the software.
        assets: address of each static file with a fingerprint of its content, by name.
        api: address of the STAC API, absolute or relative to the root of the site; None for a site without an API.
        navigation: label, path and section of the main pages, in order.
        report_url: where readers report an error in a record; `{id}` is replaced by the product's id.
    """

    name: str
    base_url: str
    updated: str
    version: str
    assets: dict[str, str]
    api: str | None
    products: int
    navigation: tuple[tuple[str, str, str], ...]
    report_url: str

    def absolute(self, path: str) -> str:
        """The public address of a page."""
        return self.base_url + ("" if path == "index.html" else path)


def relative(origin: str, target: str) -> str:
    """The address of `target` relative to the page `origin`; both are given from the root of the site.

    Links are relative so that the site works in any folder of a host, and from disk.
    """
    path, mark, rest = target.partition("#")
    path, query, args = path.partition("?")
    if not path:
        return target
    away = _away(path, posixpath.dirname(origin))
    # A folder keeps its trailing slash, so that further steps can be appended.
    slash = "/" if path.endswith("/") else ""
    return away + slash + query + args + mark + rest


@cache
def _away(path: str, folder: str) -> str:
    """A path relative to a folder; the pages of a folder link to the same paths again and again."""
    return posixpath.relpath("/" + path, "/" + folder)


def check_path(path: str) -> str:
    """The path, if it is inside the folder of the site.

    Raises:
        SiteError: the path is absolute, contains `..`, or has a character that file systems or URLs treat specially.
    """
    parts = path.split("/")
    bad = not path or any(
        part in {"", ".", ".."}
        or part.startswith(".")
        or not all(c.isalnum() or c in "-._" for c in part)
        or not part.isascii()
        for part in parts
    )
    if bad:
        msg = f"'{path}' cannot be the address of a page: only letters, digits, '-', '_' and '.' between slashes"
        raise SiteError(msg)
    return path
