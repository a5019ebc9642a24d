"""The contents list of a long page, read from its headings, so that the two cannot disagree."""

import re
from html import unescape

__all__ = ["FEWEST", "Heading", "contents"]

FEWEST = 4
"""A page with fewer headings has no list."""
_MOST = 12
"""Headings of the second level stand alone where there are more than this many together with the third."""

Heading = tuple[str, str, int]
"""Anchor, text and level (2 or 3)."""

_HEADING = re.compile(r"<h([23])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
_ANCHOR = re.compile(r"<a class=\"anchor\".*?</a>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def contents(html: str) -> list[Heading]:
    """Headings of a page that links can lead to; empty where there are few.

    Args:
        html: the main part of a page as it was rendered.
    """
    found: list[Heading] = []
    for level, attributes, inner in _HEADING.findall(html):
        anchor = re.search(r'\bid="([^"]+)"', attributes)
        if anchor is None or "visually-hidden" in attributes:
            continue
        text = " ".join(unescape(_TAG.sub("", _ANCHOR.sub("", inner))).split())
        found.append((unescape(anchor[1]), text, int(level)))
    upper = [h for h in found if h[2] == 2]
    if len(upper) >= FEWEST and len(found) > _MOST:
        found = upper
    return found if len(found) >= FEWEST else []
