"""Results of the last check of addresses: one file, which the site shows."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from atlas.errors import SourceError
from atlas.records import Product
from atlas.records.check_files import read_entries, text_entry, write_entries

__all__ = ["OUTCOMES", "Link", "LinkCheck", "links_of", "read_checks", "write_checks"]

OUTCOMES = ("answers", "redirects", "asks-for-login", "missing", "fails", "not-checked")
"""What an address can be found to do. `redirects`: to a host that no record names, which is not asked; `not-checked`:
one request cannot tell, as for a folder or a store, or none may be sent."""


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
class LinkCheck(Link):
    """What one address was found to do.

    Attributes:
        outcome: one of `OUTCOMES`.
        checked: when, ISO 8601 in UTC; empty where it was not asked.
        status: of the answer; None where there was none.
        detail: what went wrong; empty where nothing did.
        answered: when it was last seen to answer; empty where it never was.
    """

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
    return [_check(entry, where) for where, entry in read_entries(path, "links", "atlas check-links")]


def _check(entry: Any, where: str) -> LinkCheck:  # noqa: ANN401 - what the file holds
    known = {f.name for f in fields(LinkCheck)} - {"status"}
    rest = dict(entry) if isinstance(entry, dict) else {}
    status = rest.pop("status", None)
    if status is not None and not isinstance(status, int):
        raise SourceError(f"{where}: status is {status!r}")
    return LinkCheck(
        **text_entry(rest, where, {"product", "place", "kind", "href", "outcome"}, known, OUTCOMES), status=status
    )


def write_checks(path: Path, checks: Iterable[LinkCheck]) -> None:
    """Write the results, in the order of their addresses; the file is replaced at once or not at all."""
    ordered = sorted(checks, key=lambda c: (c.product, c.place, c.kind, c.href))
    write_entries(path, "links", ({k: v for k, v in asdict(c).items() if v != "" or k == "place"} for c in ordered))
