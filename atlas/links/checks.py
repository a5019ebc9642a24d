"""What the last check of the addresses in records found: one file of results, which the site shows as it is."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from atlas.errors import SourceError
from atlas.records import Product

__all__ = ["OUTCOMES", "Link", "LinkCheck", "links_of", "read_checks", "write_checks"]

OUTCOMES = ("answers", "redirects", "asks-for-login", "missing", "fails", "not-checked")
"""What an address can be found to do. `redirects`: to a host that no record names, which is not asked; `not-checked`:
one request cannot tell, as for a folder or a store, or none may be sent."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Link:
    """One address of a record.

    Attributes:
        product: id of the product.
        place: id of the distribution; empty for the index of the product.
        kind: `page` (landing page or store), `file` (one file that exists) or `index`.
        href: as the record writes it.
    """

    product: str
    place: str
    kind: str
    href: str


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What one address was found to do.

    Attributes:
        product: id of the product.
        place: id of the distribution; empty for the index of the product.
        kind: `page`, `file` or `index`.
        href: as the record writes it.
        outcome: one of `OUTCOMES`.
        checked: when, ISO 8601 in UTC; empty where it was not asked.
        status: of the answer; None where there was none.
        detail: what went wrong; empty where nothing did.
        answered: when it was last seen to answer; empty where it never was.
    """

    product: str
    place: str
    kind: str
    href: str
    outcome: str
    checked: str = ""
    status: int | None = None
    detail: str = ""
    answered: str = ""

    @property
    def link(self) -> Link:
        """The address that was checked."""
        return Link(self.product, self.place, self.kind, self.href)


def links_of(products: Iterable[Product]) -> list[Link]:
    """The addresses that records give for getting data: of places that are not retired, and of indexes."""
    found = []
    for product in products:
        for place in product.distributions:
            if not place.retired:
                found += [
                    Link(product.id, place.id, kind, href)
                    for kind, href in (("page", place.href), ("file", place.example_url))
                    if href
                ]
        if product.index is not None and product.index.url:
            found.append(Link(product.id, "", "index", product.index.url))
    return list(dict.fromkeys(found))


def read_checks(path: Path) -> list[LinkCheck]:
    """The results in a file that `atlas check-links` wrote.

    Raises:
        SourceError: it cannot be read, or is something else; the message names the file and the entry.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise SourceError(msg) from error
    right = isinstance(document, dict) and document.get("version") == _VERSION
    if not right or not isinstance(document.get("links"), list):
        msg = f"{path}: no results of 'atlas check-links' of version {_VERSION}"
        raise SourceError(msg)
    return [_check(entry, f"{path}: entry {number}") for number, entry in enumerate(document["links"], 1)]


def _check(entry: Any, where: str) -> LinkCheck:  # noqa: ANN401 - what the file holds
    known = {f.name for f in fields(LinkCheck)}
    if not isinstance(entry, dict) or not {"product", "place", "kind", "href", "outcome"} <= entry.keys() <= known:
        msg = f"{where} is no result of a check"
        raise SourceError(msg)
    for key, value in entry.items():
        right = value is None or isinstance(value, int) if key == "status" else isinstance(value, str)
        if not right:
            msg = f"{where}: {key} is {value!r}"
            raise SourceError(msg)
    if entry["outcome"] not in OUTCOMES:
        msg = f"{where}: unknown outcome '{entry['outcome']}'"
        raise SourceError(msg)
    return LinkCheck(**entry)


def write_checks(path: Path, checks: Iterable[LinkCheck]) -> None:
    """Write the results, in the order of their addresses; the file is replaced at once or not at all."""
    ordered = sorted(checks, key=lambda c: (c.product, c.place, c.kind, c.href))
    links = [{k: v for k, v in asdict(c).items() if v != "" or k == "place"} for c in ordered]
    document = {"version": _VERSION, "links": links}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    fresh.replace(path)
