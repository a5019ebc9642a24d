"""`extent.years` are years of the product: a product of one vector a year has them, or says in `absent` why not.

The years of a snapshot's acquisitions belong to the interval. What has no date has no interval either: the years that
an encoder of places learned from belong to a note.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the years with the temporal resolution."""
    for product in context.catalog.products.values():
        extent = product.extent
        if extent is None:
            continue
        resolution = (product.embedding.temporal or {}).get("resolution")
        file = f"products/{product.id}.yaml"
        if extent.years and resolution in {"snapshot", "static"}:
            yield Fault(file, "extent.years", f"a product of resolution '{resolution}' has no years of its own")
        elif resolution == "annual" and not extent.years and product.absence("extent.years") is None:
            yield Fault(file, "extent.years", "an annual product has years, or 'absent' says why there are none")
        if resolution == "static" and any(end is not None for period in extent.interval or () for end in period):
            yield Fault(file, "extent.interval", "a product of resolution 'static' has no dates: [[null, null]]")
        for year in extent.completeness.years if extent.completeness else ():
            if extent.years and int(year) not in extent.years:
                yield Fault(file, "extent.completeness.years", f"{year} is not a year of the product")


RULE = Rule("product-years", "error", check, __doc__)
