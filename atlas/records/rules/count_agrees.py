"""A stated number of items agrees with the index when a crawl has seen it; a difference is drift to look at.

The crawl never changes the record.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the stated number with the last report."""
    for product in context.catalog.products.values():
        report = context.crawls.get(product.id)
        stated = product.counts.items
        if report is None or stated is None:
            continue
        seen = report.get("items")
        if isinstance(seen, int) and seen != stated:
            yield Fault(
                f"products/{product.id}.yaml",
                "counts.items",
                f"the record states {stated:,} items, the last crawl has seen {seen:,}",
            )


RULE = Rule("count-agrees", "warning", check, __doc__)
