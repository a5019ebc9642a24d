"""The conformance classes: those of stac-fastapi-pgstac's extensions, and what this API does beyond them."""

from typing import TYPE_CHECKING

from atlas.api.landing import CATALOG_ID, DESCRIPTION, TITLE

if TYPE_CHECKING:
    from stac_fastapi.pgstac.models.extensions import Extensions

__all__ = ["OWN_CLASSES", "conformance_classes", "stock_extensions"]

_OGC, _STAC = "http://www.opengis.net/spec", "https://api.stacspec.org"
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


def stock_extensions() -> "Extensions":
    """The extensions of stac-fastapi-pgstac in its defaults, whatever the environment says."""
    # Here and below, as stac-fastapi takes longer to import than all else of a server: the first who asks waits for it.
    from stac_fastapi.pgstac.config import Settings
    from stac_fastapi.pgstac.models.extensions import Extensions

    settings = Settings(
        _env_file=None,
        stac_fastapi_title=TITLE,
        stac_fastapi_description=DESCRIPTION,
        stac_fastapi_version="0",
        stac_fastapi_landing_id=CATALOG_ID,
        enabled_extensions=None,
        enable_transactions_extensions=False,
        enable_catalogs_extension=False,
    )
    return Extensions(settings=settings)


def conformance_classes(*, writing: bool) -> list[str]:
    """URIs of the classes, sorted; those of transactions where the writing endpoints are switched on."""
    from stac_fastapi.extensions.transaction.transaction import TransactionConformanceClasses
    from stac_fastapi.types.conformance import BASE_CONFORMANCE_CLASSES

    stock = stock_extensions()
    extensions = [*stock.search, *stock.item_collection, stock.collection_search]
    named = [c for one in extensions if one is not None for c in one.conformance_classes]
    if writing:
        named += TransactionConformanceClasses
    return sorted({str(getattr(c, "value", c)) for c in (*BASE_CONFORMANCE_CLASSES, *named)} | set(OWN_CLASSES))
