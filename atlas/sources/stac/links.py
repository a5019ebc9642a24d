"""The links of a foreign STAC document: those that can be followed, and what is wrong with the rest."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import Rejected
from atlas.sources.storable import shown

__all__ = ["Link", "check_href", "links_of"]

LONGEST = 4096
"""Characters of an href; hosts refuse longer URLs, and no path is longer."""
_CONTROL = re.compile("[\\x00-\\x1f\\x7f\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    Attributes:
        pointer: where it stands in the document, such as `links/3`.
        rel: its relation.
        stated: the whole link, as the document has it.
    """

    pointer: str
    rel: str
    stated: Mapping[str, Any]

    @property
    def href(self) -> str:
        """The address that it leads to.

        Raises:
            Rejected: it has none, and why.
        """
        href, field = self.stated.get("href"), f"{self.pointer}/href"
        if not isinstance(href, str):
            raise Rejected("href of a link is not text", field, json.dumps(href))
        check_href(href, field)
        return href


def check_href(href: str, field: str) -> None:
    """Reject characters that no URI may hold: some programs drop them, and so read another address.

    Raises:
        Rejected: the rule that it breaks.
    """
    if _CONTROL.search(href):
        raise Rejected("href holds control characters", field, shown(repr(href)))
    if len(href) > LONGEST:
        raise Rejected(f"href is longer than {LONGEST:,} characters", field, href)


def links_of(document: Mapping[str, Any]) -> tuple[list[Link], list[Rejected]]:
    """The links of a document in their order, and those that were rejected."""
    stated = document.get("links")
    if stated is None:
        return [], []
    if not isinstance(stated, list):
        return [], [Rejected("links is not a list", "links", json.dumps(stated))]
    links, broken = [], []
    for number, link in enumerate(stated):
        pointer = f"links/{number}"
        if not isinstance(link, dict):
            broken.append(Rejected("link is not an object", pointer, json.dumps(link)))
        elif isinstance(link, Twice):
            broken.append(Rejected("link states a name twice", f"{pointer}/{link.name}", json.dumps(link)))
        elif not isinstance(rel := link.get("rel"), str):
            broken.append(Rejected("rel of a link is not text", f"{pointer}/rel", json.dumps(rel)))
        else:
            links.append(Link(pointer, rel, link))
    return links, broken
