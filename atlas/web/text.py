"""Text for pages: safe Markdown, safe JSON inside a script element, numbers with thin spaces, links by scheme."""

import json
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup

__all__ = ["bytes_text", "first_sentence", "is_web_link", "markdown", "number", "script_json", "years_text"]

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_NARROW_SPACE = "\u202f"
# Inside <script> only these can end the element or, in old parsers, the line.
_SCRIPT_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@cache
def _parser() -> MarkdownIt:
    # HTML in a record is text. Images would be requests to foreign hosts; headings would break the page's outline.
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image", "heading", "lheading"])


def markdown(text: str) -> Markup:
    """Markdown of a record as HTML: no raw HTML, no images, no headings, only http(s) links.

    Args:
        text: CommonMark.
    """
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type != "link_open":
                continue
            if not is_web_link(str(child.attrs.get("href", ""))):
                child.attrs.pop("href", None)
            child.attrs["rel"] = "noopener external"
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - the renderer escaped every text


def script_json(value: object) -> Markup:
    """JSON that may stand inside `<script type="application/json">` or `application/ld+json`."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_SCRIPT_ESCAPES))  # noqa: S704 - what could end the element is escaped above


def is_web_link(href: str | None) -> bool:
    """Whether a browser can and may follow the address: http(s) with a host and no control characters."""
    if not href or any(ord(c) <= 0x20 for c in href):
        return False
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def number(value: float | None) -> str:
    """A number for reading: thin spaces between thousands, no trailing zeros."""
    if value is None:
        return ""
    if float(value).is_integer():
        return f"{int(value):,}".replace(",", _NARROW_SPACE)
    return f"{value:,.6g}".replace(",", _NARROW_SPACE)


def bytes_text(value: float | None) -> str:
    """A size with a decimal unit and three significant digits."""
    if value is None:
        return ""
    size = float(value)
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            return f"{size:.3g}{_NARROW_SPACE}{unit}"
        size /= 1000
    raise AssertionError  # the loop returns at the last unit


def years_text(years: list[int] | tuple[int, ...] | None) -> str:
    """Years as runs: 2017–2019, 2021."""
    runs: list[list[int]] = []
    for year in sorted(set(years or ())):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def first_sentence(text: str, limit: int = 155) -> str:
    """The text, or as many whole words of it as a search engine shows."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    return flat[:limit].rsplit(" ", 1)[0].rstrip(",;:–-") + "…"
