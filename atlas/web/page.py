"""What every page has: its address, its head, and its context. Templates see nothing else."""

import posixpath
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from atlas.errors import SiteError

__all__ = ["Context", "Crumb", "Head", "Page", "Site", "check_path", "relative"]


@dataclass(frozen=True)
class Crumb:
    """One step of the path above a page.

    Attributes:
        label: text of the link.
        path: address of the page, from the root of the site.
    """

    label: str
    path: str


@dataclass(frozen=True)
class Head:
    """The head of a page and the frame around it.

    Attributes:
        title: the page's own title, without the name of the site.
        description: one sentence for search engines and previews.
        path: address from the root of the site: `products/tessera-v1.html`.
        section: the entry of the navigation that is current, or empty.
        crumbs: the pages above this one, outermost first.
        scripts: scripts beside the common one, from `static/`, without `.js`.
        later: scripts that the common one loads when they are first asked for, likewise.
        social: address of the preview image.
        json_ld: documents for machines that are embedded in the page.
        twin: address of the page as JSON, or empty.
        index: whether search engines may list the page.
        contents: where the list of its headings stands: beside the page if it has four, or across the top of a long
            page whose table or map needs the whole width.
    """

    title: str
    description: str
    path: str
    section: str = ""
    crumbs: tuple[Crumb, ...] = ()
    scripts: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    social: str = "social/site.png"
    json_ld: tuple[dict[str, Any], ...] = ()
    twin: str = ""
    index: bool = True
    contents: Literal["beside", "across"] = "beside"


class Context(Protocol):
    """The typed context of a page: a frozen dataclass with a head."""

    @property
    def head(self) -> Head:
        """The page's head."""
        ...


@dataclass(frozen=True)
class Page:
    """One page to be written.

    Attributes:
        template: file in `site/templates`.
        context: the only thing the template sees as `page`.
        twin: the same content for machines, written as JSON to `context.head.twin`.
    """

    template: str
    context: Context
    twin: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_path(self.context.head.path)


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes:
        name: name of the site.
        base_url: address under which the site is published, with a slash at its end.
        updated: newest date in the records and crawls, ISO 8601; nothing depends on the day of the build.
        version: version of the software.
        assets: name of a static file to its address with a fingerprint of its content.
        api: address of the STAC API from the root of the site, or absolute; None where the site stands alone.
        products: number of products.
        navigation: label, path and section of the main pages, in order.
        report_url: where an error in a record is reported; `{id}` is replaced by the product's id.
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
    """The address of `target` as seen from the page `origin`, both from the root of the site.

    Links are relative so that the site works below any folder of a host, and from disk.
    """
    path, mark, rest = target.partition("#")
    path, query, args = path.partition("?")
    if not path:
        return target
    away = posixpath.relpath("/" + path, "/" + posixpath.dirname(origin))
    # A folder keeps the slash at its end: what is appended to it lies inside.
    slash = "/" if path.endswith("/") else ""
    return away + slash + query + args + mark + rest


def check_path(path: str) -> str:
    """The path, if it stays below the folder of the site.

    Raises:
        SiteError: the path is absolute, climbs, or holds a character that file systems or URLs treat specially.
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
