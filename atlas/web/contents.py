"""The contents list of a long page, read from its headings, so that both always agree."""

import re
from html import unescape

__all__ = ["FEWEST", "Heading", "contents"]

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
