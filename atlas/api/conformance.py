"""The conformance classes: those of stac-fastapi-pgstac's extensions, and what this API does beyond them.

They are written down here, as stac-fastapi takes longer to import than everything else of a server: a test compares
them with those that the installed stac-fastapi-pgstac declares.
"""

__all__ = ["OWN_CLASSES", "STOCK_CLASSES", "STOCK_WRITING_CLASSES", "conformance_classes"]

_OGC, _STAC = "http://www.opengis.net/spec", "https://api.stacspec.org"

STOCK_CLASSES = [
    f"{_STAC}/v1.0.0/collections",
    f"{_STAC}/v1.0.0/core",
    f"{_STAC}/v1.0.0/item-search",
    f"{_STAC}/v1.0.0/item-search#fields",
    f"{_STAC}/v1.0.0/item-search#query",
    f"{_STAC}/v1.0.0/ogcapi-features",
    f"{_STAC}/v1.0.0/ogcapi-features#fields",
    f"{_STAC}/v1.0.0/ogcapi-features#query",
    f"{_STAC}/v1.0.0-rc.1/collection-search",
    f"{_STAC}/v1.0.0-rc.1/collection-search#fields",
    f"{_STAC}/v1.0.0-rc.1/collection-search#filter",
    f"{_STAC}/v1.0.0-rc.1/collection-search#free-text",
    f"{_STAC}/v1.0.0-rc.1/collection-search#query",
    f"{_STAC}/v1.0.0-rc.2/item-search#filter",
    f"{_STAC}/v1.1.0/collection-search#sort",
    f"{_STAC}/v1.1.0/item-search#sort",
    f"{_STAC}/v1.1.0/ogcapi-features#sort",
    f"{_OGC}/cql2/1.0/conf/basic-cql2",
    f"{_OGC}/cql2/1.0/conf/cql2-json",
    f"{_OGC}/cql2/1.0/conf/cql2-text",
    f"{_OGC}/ogcapi-common-2/1.0/conf/simple-query",
    f"{_OGC}/ogcapi-features-1/1.0/conf/core",
    f"{_OGC}/ogcapi-features-1/1.0/conf/geojson",
    f"{_OGC}/ogcapi-features-1/1.0/conf/oas30",
    f"{_OGC}/ogcapi-features-3/1.0/conf/features-filter",
    f"{_OGC}/ogcapi-features-3/1.0/conf/filter",
]
"""Classes that stac-fastapi-pgstac names in its defaults."""
STOCK_WRITING_CLASSES = [
    f"{_STAC}/v1.0.0/collections/extensions/transaction",
    f"{_STAC}/v1.0.0/ogcapi-features/extensions/transaction",
]
"""Those of its transactions."""
OWN_CLASSES = [
    f"{_STAC}/v1.0.0/browseable",
    f"{_STAC}/v1.0.0/children",
    f"{_STAC}/v1.0.0/item-search#filter",
    f"{_STAC}/v1.0.0/item-search#sort",
    f"{_STAC}/v1.0.0/ogcapi-features#filter",
    f"{_STAC}/v1.0.0/ogcapi-features#sort",
    f"{_OGC}/cql2/1.0/conf/advanced-comparison-operators",
    f"{_OGC}/cql2/1.0/conf/array-functions",
    f"{_OGC}/cql2/1.0/conf/basic-spatial-functions",
    f"{_OGC}/cql2/1.0/conf/case-insensitive-comparison",
    f"{_OGC}/cql2/1.0/conf/property-property",
    f"{_OGC}/cql2/1.0/conf/spatial-functions",
    f"{_OGC}/cql2/1.0/conf/temporal-functions",
]
"""Classes that this API conforms to and stac-fastapi-pgstac does not name."""


def conformance_classes(*, writing: bool) -> list[str]:
    """URIs of the classes, sorted; those of transactions where the writing endpoints are switched on."""
    return sorted([*STOCK_CLASSES, *OWN_CLASSES, *(STOCK_WRITING_CLASSES if writing else ())])
