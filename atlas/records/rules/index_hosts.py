"""The host of an index is among the hosts that a crawl of the product may fetch from."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the host of every index with the list beside it."""
    for product in context.catalog.products.values():
        index = product.index
        if index is None or index.url is None:
            continue
        parts = urlsplit(index.url)
        if parts.scheme in {"http", "https"} and parts.hostname not in index.hosts:
            message = f"'{parts.hostname}' is not among the hosts of the index"
            yield Fault(f"products/{product.id}.yaml", "index.hosts", message)


RULE = Rule("index-hosts", "error", check, __doc__)
