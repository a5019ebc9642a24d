"""A text as comparable passages, and the digests that identify them without storing their text.

Two texts are equal if they have the same words: case, white space, quotation marks and the marks of Markdown and HTML
do not count. A passage is identified by the number of its words and by the first 16 hexadecimal digits of the SHA-256
of its words, joined by single spaces. With both, it is found again wherever it has moved in a text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

__all__ = ["DIGITS", "Passage", "Text", "passage_of", "passages_for"]

DIGITS = 16
MOST_PASSAGES = 8
"""If more passages than this mention a value, the whole text is its passage."""
WINDOW_WORK = 2_000_000
"""Words that the search for one moved passage may hash."""
_MARKS = str.maketrans(dict.fromkeys("`*_#|>[]()\"'“”‘’«»", " "))
_BULLETS = {"", "-", "+", "–", "•"}
_PROSE = {"", ".md", ".mdx", ".markdown", ".rst", ".txt"}
_TELLING = re.compile(r"[^\W\d_a-z]|\d|\s|://")
"""What sets a value apart from a single plain word: a capital, a digit, several words, an address."""
_NEW_BLOCK = re.compile(r"\s*([-*+|#]|\d+[.)]\s)")
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
    )
)
_UNSEEN = frozenset(("footer", "head", "header", "nav", "noscript", "script", "style", "svg", "template"))
_DEPTH = 50
"""Most nested parts without visible text that are tracked."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage without its text.

    Attributes:
        digest: first 16 hexadecimal digits of the SHA-256 of its words, or of the bytes of a binary file.
        words: how many words it has; 0 for a binary file.
    """

    digest: str
    words: int


def passage_of(words: Sequence[str]) -> Passage:
    """The passage with these words."""
    return Passage(hashlib.sha256(" ".join(words).encode()).hexdigest()[:DIGITS], len(words))


class Text:
    """What a host sent, as words and blocks (paragraphs, list items, rows; lines of code and data)."""

    def __init__(self, content: bytes, name: str = "", media_type: str = "") -> None:
        """Split text into blocks; a binary file is only identified by its bytes.

        Args:
            content: the bytes.
            name: of the file, whose suffix tells prose from code.
            media_type: as the host states it; `text/html` is read as a page.
        """
        self._content = content
        try:
            raw = None if b"\0" in content[:8192] else content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raw = None
        self._lines: list[str] = []
        blocks: Iterable[str] = ()
        if raw is not None:
            self._lines = raw.splitlines()
            if "html" in media_type.lower() or raw.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
                blocks = _page_blocks(raw)
            elif PurePosixPath(name).suffix.lower() in _PROSE:
                blocks = _paragraphs(self._lines)
            else:
                blocks = self._lines
        self.binary = raw is None
        self.blocks = tuple(w for w in (_words(block) for block in blocks) if w)
        self.words = tuple(word for block in self.blocks for word in block)

    @property
    def whole(self) -> Passage:
        """The whole text as one passage."""
        if self.binary:
            return Passage(hashlib.sha256(self._content).hexdigest()[:DIGITS], 0)
        return passage_of(self.words)

    def lines(self, first: int, last: int) -> Passage | None:
        """The lines `first` to `last`, counted from 1, as a passage; None where there are none."""
        words = [word for line in self._lines[first - 1 : last] for word in _words(line)]
        return passage_of(words) if words else None

    def mentions(self, value: str) -> list[Passage]:
        """The blocks that contain a value word for word."""
        needle = " ".join(_words(value)).replace("-", " ")
        if not needle:
            return []
        found = re.compile(rf"(?<![\w.]){re.escape(needle)}(?!\w|\.\d)")
        return [passage_of(b) for b, joined in zip(self.blocks, self._joined, strict=True) if found.search(joined)]

    @cached_property
    def _joined(self) -> list[str]:
        return [" ".join(block).replace("-", " ") for block in self.blocks]

    @cached_property
    def _known(self) -> dict[Passage, bool]:
        return dict.fromkeys([passage_of(block) for block in self.blocks] + [self.whole], True)

    def holds(self, passage: Passage) -> bool:
        """Whether the text contains the passage, as a block or anywhere in its words."""
        if passage not in self._known:
            self._known[passage] = self._stands_somewhere(passage)
        return self._known[passage]

    def _stands_somewhere(self, passage: Passage) -> bool:
        count, starts = passage.words, len(self.words) - passage.words + 1
        if count == 0 or starts <= 0 or count * starts > WINDOW_WORK:
            return False
        return any(passage_of(self.words[i : i + count]) == passage for i in range(starts))


def passages_for(value: Any, text: Text) -> list[Passage]:  # noqa: ANN401 - a value of a record is any JSON value
    """The passages that support a value: the blocks that mention it, or the whole text where there are none.

    Args:
        value: a scalar, or a list of which every entry must be mentioned.
        text: where it was read.
    """
    found: dict[Passage, None] = {}
    for one in value if isinstance(value, list) else [value]:
        spellings = _spellings(one)
        blocks = [p for spelling in spellings for p in text.mentions(spelling)]
        if not blocks or len(set(blocks)) > MOST_PASSAGES:
            return [text.whole]
        found |= dict.fromkeys(blocks)
    return list(found) or [text.whole]


def _spellings(value: object) -> list[str]:
    """How a value may be written; empty for values that a text does not spell out, or contains by chance."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        plain = f"{value:g}" if isinstance(value, float) else str(value)
        # A single digit occurs in every text, as a version, a step or a list number.
        return list(dict.fromkeys((plain, f"{value:,}"))) if sum(c.isdigit() for c in plain) > 1 else []
    # A single plain word, such as `year` or `patch`, occurs in any text.
    return [value] if isinstance(value, str) and _TELLING.search(value) else []


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_MARKS)
    return tuple(word for part in plain.split() if (word := part.strip(".,;:!")) not in _BULLETS)


def _paragraphs(lines: Iterable[str]) -> Iterable[str]:
    block: list[str] = []
    for line in lines:
        if block and (not line.strip() or _NEW_BLOCK.match(line)):
            yield "\n".join(block)
            block = []
        if line.strip():
            block.append(line)
    yield "\n".join(block)


def _page_blocks(text: str) -> list[str]:
    page = _Page()
    page.feed(text)
    page.close()
    return ["".join(block) for block in page.main or page.blocks]


class _Page(HTMLParser):
    """The visible text of a page, in blocks of pieces; `main` holds the blocks of its main element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[list[str]] = [[]]
        self.main: list[list[str]] = []
        self._unseen: list[str] = []
        self._in_main = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _UNSEEN and len(self._unseen) < _DEPTH:
            self._unseen.append(tag)
        self._in_main += tag == "main"
        if tag in _BLOCKS:
            self._next()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            # An unclosed inner element ends with the outer one.
            del self._unseen[self._unseen.index(tag) :]
        if tag in _BLOCKS:
            self._next()
        if tag == "main" and self._in_main:
            self._in_main -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.blocks[-1].append(data)
            if self._in_main:
                if not self.main:
                    self.main.append([])
                self.main[-1].append(data)

    def _next(self) -> None:
        for blocks in (self.blocks, self.main):
            if blocks and blocks[-1]:
                blocks.append([])
