"""What a host does, it does for every product that it serves: its records agree on range requests, CORS and cost.

A value that one record gives is not another value, `not_stated` or `not_looked_up` in the record of another product on
that host. On clouds that serve the buckets of many owners, CORS and cost belong to the bucket; range requests belong to
the host there too. A service that hands out no files (Earth Engine, BigQuery) has none of the three: they are
`not_applicable`. Retired places and weights are passed over, unless weights give a value.
"""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule
from atlas.records.rules.stated_or_not import FILELESS

__all__ = ["RULE"]

_BY_HOST = ("range_reads",)
_BY_BUCKET = ("cors", "requester_pays")
_CLOUDS = ("storage.googleapis.com", "amazonaws.com")
_SILENT = {"not_stated", "not_looked_up"}


def check(context: Context) -> Iterator[Fault]:
    """Gather what the records say of each host, then compare."""
    said: dict[tuple[str, str], list[tuple[str, str, bool | str]]] = defaultdict(list)
    for product in context.catalog.products.values():
        for position, place in enumerate(product.distributions):
            if place.retired:
                continue
            for field in (*_BY_HOST, *_BY_BUCKET):
                path = f"distributions.{place.id}.{field}"
                value, absence = getattr(place, field), product.absence(path)
                reason = absence.reason if absence else None
                if place.protocol in FILELESS:
                    if value is not None or reason != "not_applicable":
                        message = f"{place.host} serves no files: name it in 'absent' as not_applicable"
                        yield Fault(f"products/{product.id}.yaml", path, message)
                elif value is not None or reason in _SILENT:
                    whose = _owner(product, position) if field in _BY_BUCKET else place.host
                    said[field, whose].append((product.id, path, reason or "" if value is None else value))
    for (_, whose), entries in said.items():
        yield from _compare(whose, entries)


def _compare(whose: str, entries: list[tuple[str, str, bool | str]]) -> Iterator[Fault]:
    first = next((entry for entry in entries if isinstance(entry[2], bool)), None)
    if first is None:
        return
    for product, path, value in entries:
        if value != first[2]:
            shown = str(value).lower().replace("_", " ")
            message = f"{shown} here, {str(first[2]).lower()} in the record '{first[0]}' for the same {whose}"
            yield Fault(f"products/{product}.yaml", path, message)


def _owner(product: Product, position: int) -> str:
    """Whose settings hold: the host, or on a cloud the host and the bucket as its addresses name it."""
    place = product.distributions[position]
    if not place.host.endswith(_CLOUDS):
        return place.host
    address = urlsplit(place.url_template or place.example_url or place.href or "")
    if address.scheme in {"s3", "gs"}:
        return f"{place.host}/{address.netloc}"
    if address.netloc == place.host:
        return f"{place.host}/{address.path.split('/')[1]}"
    return f"{place.host} of {product.id}"


RULE = Rule("hosts-agree", "error", check, __doc__)
