"""The feed of changes as Atom (RFC 4287); a library writes its XML."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from stac_emb.identity import HOST

__all__ = ["Entry", "add", "atom_feed", "xml_bytes", "xml_text"]

FEED_LENGTH = 100
_ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow at all, escaped or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        id: stable: what changed and on which day.
        title: short.
        updated: RFC 3339.
        kind: its category.
        href: address of what it is about.
        text: a sentence or two.
    """

    id: str
    title: str
    updated: str
    kind: str
    href: str
    text: str


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 does not allow at all, escaped or not."""
    return _FORBIDDEN.sub("\ufffd", text)


def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add an element whose text and attributes hold only what XML allows."""
    element = ET.SubElement(parent, tag, {k: xml_text(v) for k, v in attributes.items()})
    element.text = None if text is None else xml_text(text)
    return element


def xml_bytes(root: ET.Element) -> bytes:
    """The document, indented."""
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def atom_feed(
    entries: Iterable[Entry],
    *,
    identity: str,
    name: str,
    updated: str,
    links: Iterable[tuple[str, str, str]],
    media: str,
) -> bytes:
    """The feed.

    Args:
        entries: newest first; the first hundred are shown.
        identity: id of the feed.
        name: of the atlas.
        updated: when anything changed last, RFC 3339.
        links: relation, media type and address of each.
        media: type of what the entries lead to.
    """
    ET.register_namespace("", _ATOM)
    atom = f"{{{_ATOM}}}"
    root = ET.Element(f"{atom}feed")
    add(root, f"{atom}id", identity)
    add(root, f"{atom}title", f"{name}: changes")
    add(root, f"{atom}updated", updated)
    add(add(root, f"{atom}author"), f"{atom}name", f"The {name} contributors")
    for rel, kind, href in links:
        add(root, f"{atom}link", rel=rel, type=kind, href=href)
    for entry in list(entries)[:FEED_LENGTH]:
        element = add(root, f"{atom}entry")
        # A tag URI (RFC 4151) stays the same wherever the feed is published.
        add(element, f"{atom}id", f"tag:{HOST},2026:{re.sub(r'[^A-Za-z0-9._:-]', '-', entry.id)}")
        add(element, f"{atom}title", entry.title)
        add(element, f"{atom}updated", entry.updated)
        add(element, f"{atom}category", term=entry.kind)
        add(element, f"{atom}link", rel="alternate", type=media, href=entry.href)
        add(element, f"{atom}summary", entry.text)
    return xml_bytes(root)
