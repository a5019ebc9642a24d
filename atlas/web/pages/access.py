"""Access table of a product: hosts, sizes, cost and quirks."""

from collections.abc import Sequence
from dataclasses import dataclass

from atlas.records import Catalog
from atlas.records.product import Distribution, Product
from atlas.sources.link_checks import LinkCheck
from atlas.web.evidence import Evidences
from atlas.web.links import LinkLine, link_lines

__all__ = ["AccessRow", "access_rows"]

_AUTH = {
    "anonymous": "open to all",
    "account": "account needed",
    "token": "token needed",
    "request": "on request",
}


@dataclass(frozen=True)
class AccessRow:
    """One distribution.

    Attributes:
        item: the record of the distribution.
        auth: who may read it, in words; empty where not stated.
        cost: who pays, in words; empty where not stated.
        cors: whether browsers may read it; empty where not stated.
        ranges: whether parts may be read; empty where not stated.
        silent: fields that the producer does not state, in words.
        refs: numbers of its sources.
        format: in words; empty where not stated.
        checks: what its addresses were last found to do.
    """

    item: Distribution
    auth: str
    cost: str
    cors: str
    ranges: str
    silent: tuple[str, ...]
    refs: tuple[int, ...]
    format: str
    checks: tuple[LinkLine, ...]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def access_rows(
    product: Product, evidences: Evidences, catalog: Catalog, checks: Sequence[LinkCheck] = ()
) -> tuple[AccessRow, ...]:
    """Rows of the distributions, those that still serve the product first."""
    rows = []
    formats = catalog.taxonomy["format"].terms if "format" in catalog.taxonomy else {}
    for item in sorted(product.distributions, key=lambda d: d.retired):
        base = f"distributions.{item.id}"
        fields = {
            "auth": "who may read it",
            "requester_pays": "who pays",
            "cors": "reading from a browser",
            "range_reads": "reading parts",
        }
        silent = tuple(
            words
            for field, words in fields.items()
            if getattr(item, field) is None and evidences.not_stated(f"{base}.{field}")
        )
        cost = {None: "", True: "the reader pays", False: "no charge by the host"}[item.requester_pays]
        rows.append(
            AccessRow(
                item,
                _AUTH.get(item.auth or "", ""),
                cost,
                _yes_no(item.cors),
                _yes_no(item.range_reads),
                silent,
                evidences.refs(base),
                formats[item.format].label if item.format in formats else item.format or "",
                link_lines(product, item.id, checks) if not item.retired else (),
            )
        )
    return tuple(rows)
