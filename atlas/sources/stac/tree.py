"""Static STAC: documents and the Items that they link to."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from atlas.errors import SourceError
from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import UrlRefused
from atlas.fetch.protocol import Access
from stac_emb.inputs.hrefs import local_target

__all__ = ["item_links", "read_json"]

LARGEST_DOCUMENT = 64 * 2**20
DOCUMENTS = 100_000


def read_json(href: str, access: Access) -> dict[str, Any]:
    """A JSON object.

    Raises:
        SourceError: it is something else; the message names the href.
    """
    try:
        found = json.loads(access.read(href, limit=LARGEST_DOCUMENT))
    except (ValueError, RecursionError) as error:
        msg = f"{href}: not JSON: {error}"
        raise SourceError(msg) from None
    if not isinstance(found, dict):
        msg = f"{href}: not a JSON object"
        raise SourceError(msg)
    return found


def item_links(href: str, document: Mapping[str, Any], access: Access) -> Iterator[str]:
    """The Items below a Catalog or Collection, each once, in the order of the links.

    Raises:
        SourceError: a document is not STAC, or the links do not end.
    """
    waiting: list[tuple[str, Mapping[str, Any] | None]] = [(href, document)]
    seen = {href}
    while waiting:
        place, found = waiting.pop()
        found = read_json(place, access) if found is None else found
        if found.get("type") not in {"Catalog", "Collection"}:
            msg = f"{place}: neither a Catalog nor a Collection, but {found.get('type')!r}"
            raise SourceError(msg)
        children = []
        for link in found.get("links") or []:
            if not isinstance(link, dict) or not isinstance(link.get("href"), str):
                continue
            target = _resolve(place, link["href"])
            if target in seen or link.get("rel") not in {"item", "child"}:
                continue
            seen.add(target)
            if len(seen) > 100 * DOCUMENTS:
                msg = f"{href}: more than {100 * DOCUMENTS:,} links"
                raise SourceError(msg)
            if link["rel"] == "item":
                yield target
            else:
                children.append((target, None))
        waiting += reversed(children)


def _resolve(base: str, href: str) -> str:
    if is_remote(href):
        return href
    with contextlib.suppress(UrlRefused, ValueError):
        return joined(base, href) if is_remote(base) else str(local_target(local_path(base), href))
    return href  # refused when it is read, as one Item's fault
