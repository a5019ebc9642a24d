"""Text for pages: safe Markdown, safe JSON inside a script element, checks of links."""

import json
import re
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

__all__ = ["address", "first_sentence", "is_web_link", "markdown", "script_json"]

# Inside <script> only these can end the element or, in old parsers, the line.
_SCRIPT_ESCAPES = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


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
    """JSON that is safe inside `<script type="application/json">` or `application/ld+json`."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":"), allow_nan=False)
    for sign, safe in _SCRIPT_ESCAPES.items():  # str.translate would look up every character
        text = text.replace(sign, safe)
    return Markup(text)  # noqa: S704 - what could end the element is escaped above


def is_web_link(href: str | None) -> bool:
    """Whether a browser may follow the address: http(s), with a host and without control characters."""
    if not href or any(ord(c) <= 0x20 for c in href):
        return False
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


_COMMIT = re.compile(r"(?<![0-9a-f])([0-9a-f]{7})[0-9a-f]{33}(?![0-9a-f])")
_BREAKS = re.compile(r"(?<=[/_])(?=[^/_])")


def address(url: str) -> Markup:
    """An address as link text: without scheme, commits as seven digits, with break opportunities.

    Args:
        url: of a page or a file.
    """
    plain = _COMMIT.sub(r"\1", re.sub(r"^https?://", "", url).rstrip("/"))
    return Markup("<wbr>").join(escape(part) for part in _BREAKS.split(plain))


def first_sentence(text: str, limit: int = 155) -> str:
    """The text, or as many whole words as a search engine shows."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    return flat[:limit].rsplit(" ", 1)[0].rstrip(",;:–-") + "…"
