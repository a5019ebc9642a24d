"""Links and hrefs of a foreign STAC document: those that can be followed, and what is wrong with the rest.

Relative hrefs of assets are resolved against the place of the document, as STAC has it. For a document on a host the
place is its URL. For a local one it is where the document, or the root of its tree, says that it is published (`self`);
where neither does, the asset is a file of this machine and must lie inside the tree.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote, joined, quoted, split
from atlas.fetch.faults import UrlRefused
from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import Rejected
from atlas.sources.storable import shown
from stac_emb.inputs.hrefs import local_target

__all__ = ["Link", "Place", "links_of", "self_link"]

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
            Rejected: it has none, and why; some programs drop characters that no URI may hold, and so read another one.
        """
        href, field = self.stated.get("href"), f"{self.pointer}/href"
        if not isinstance(href, str):
            raise Rejected("href of a link is not text", field, json.dumps(href))
        if _CONTROL.search(href):
            raise Rejected("href holds control characters", field, shown(repr(href)))
        if len(href) > LONGEST:
            raise Rejected(f"href is longer than {LONGEST:,} characters", field, href)
        return href


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document was read.

    Attributes:
        document: its URL, or its path.
        root: the folder of a local tree.
        published: the URL of that folder, where the root document says so.
    """

    document: str
    root: str = ""
    published: str = ""

    def resolve(self, href: str, item: Mapping[str, Any]) -> str:
        """The absolute href of an asset.

        Raises:
            Rejected: it leads to a file outside the tree, or of another machine.
        """
        try:
            return self._resolved(href, item)
        except (UrlRefused, ValueError):  # it may hold what no path can, such as NUL
            raise Rejected("href is not one", "href", href) from None

    def _resolved(self, href: str, item: Mapping[str, Any]) -> str:
        scheme = split(href).scheme
        if scheme and scheme != "file":
            return href
        if is_remote(self.document):
            if scheme:
                raise Rejected("asset is a file of somebody's machine", "href", href)
            return joined(self.document, href)
        own = self_link(item)
        if is_remote(own) and not scheme:
            return joined(own, href)
        root = Path(self.root).resolve()
        try:
            target = local_target(local_path(self.document), href)
        except ValueError:  # of another machine
            raise Rejected("asset lies outside the folder of the source", "href", href) from None
        target = target.resolve()
        if not target.is_relative_to(root):
            raise Rejected("asset lies outside the folder of the source", "href", href)
        if self.published:
            return joined(self.published, quoted(target.relative_to(root).as_posix()))
        return target.as_uri()


def self_link(document: Mapping[str, Any]) -> str:
    """Where a document says that it is published: its `self` link, if that is an absolute URL; else nothing."""
    links, _ = links_of(document)
    for link in links:
        if link.rel == "self":
            try:
                href = link.href
                split(href)
            except (Rejected, UrlRefused):
                continue
            return href if is_remote(href) or href.startswith(("file:", "/")) else ""
    return ""
