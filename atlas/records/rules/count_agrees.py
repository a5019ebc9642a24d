"""A stated number of items agrees with the index when a crawl has seen it; a difference is drift to look at.

The crawl never changes the record.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the stated number with the last report."""
    for product in context.catalog.products.values():
        crawl = context.crawls.get(product.id)
        stated = product.counts.items
        if crawl is not None and stated is not None and crawl.items != stated:
            yield Fault(
                f"products/{product.id}.yaml",
                "counts.items",
                f"the record states {stated:,} items, the last crawl has seen {crawl.items:,}",
            )


RULE = Rule("count-agrees", "warning", check, __doc__)
