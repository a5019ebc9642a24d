"""The table of operations: everything declared is routed and documented, with the STAC parameters of stac-fastapi."""

from fastapi import Depends, FastAPI
from stac_fastapi.api.models import ItemCollectionUri, create_get_request_model, create_request_model
from stac_fastapi.extensions.transaction.transaction import TransactionConformanceClasses
from stac_fastapi.pgstac.app import instantiate_api
from stac_fastapi.pgstac.config import Settings as StockSettings
from stac_fastapi.pgstac.models.extensions import Extensions
from stac_fastapi.types.conformance import BASE_CONFORMANCE_CLASSES

from atlas.api.conformance import OWN_CLASSES, STOCK_CLASSES, STOCK_WRITING_CLASSES, conformance_classes
from atlas.api.openapi import build_openapi
from atlas.api.routes import _BESIDE, _ENDPOINTS, _UNDER, routes
from atlas.operations import OPERATIONS, WRITE, operation
from tests.catalogue import whole_catalogue


def stock_extensions():
    """The extensions of stac-fastapi-pgstac in its defaults, whatever the environment says."""
    settings = StockSettings(
        _env_file=None,
        enabled_extensions=None,
        enable_transactions_extensions=False,
        enable_catalogs_extension=False,
    )
    return Extensions(settings=settings)


def taken(model):
    """Query parameters of a stac-fastapi request model, as FastAPI documents them."""
    app = FastAPI()

    @app.get("/{collection_id}")
    def endpoint(request: model = Depends()):  # noqa: B008 - how FastAPI is told
        """Does nothing."""

    (operation,) = app.openapi()["paths"].values()
    return {p["name"] for p in operation["get"]["parameters"] if p["in"] == "query"}


def test_each_operation_has_a_function_a_route_and_a_name_of_its_own():
    assert len({one.id for one in OPERATIONS}) == len({(one.method, one.path) for one in OPERATIONS}) == len(OPERATIONS)
    assert _ENDPOINTS.keys() == {one.id for one in OPERATIONS}
    for writing in (False, True):
        wanted = {"/stac" + one.path for one in OPERATIONS if writing or one.tag != WRITE}
        assert {route.path for route in routes(writing=writing)} == wanted | {"/stac/", *_UNDER} | _BESIDE.keys()


def test_what_is_documented_is_what_is_read():
    catalog = whole_catalogue()
    for path, methods in build_openapi(catalog, writing=True)["paths"].items():
        for method, shown in methods.items():
            found = {p["name"] for p in shown["parameters"] if p["in"] == "query"}
            one = operation(shown["operationId"])
            assert found == one.accepts(catalog.taxonomy) - one.unlisted, f"{method} {path}"


def test_searches_take_what_stac_fastapis_models_take():
    stock = stock_extensions()
    assert operation("getSearch").names == taken(create_get_request_model(stock.search))
    items = create_request_model("Items", base_model=ItemCollectionUri, extensions=stock.item_collection)
    assert operation("getItems").names == taken(items)
    assert operation("getCollections").names == taken(stock.collection_search.GET)


def test_the_classes_are_those_of_the_installed_extensions_and_our_own():
    stock = stock_extensions()
    extensions = [one for one in (*stock.search, *stock.item_collection, stock.collection_search) if one is not None]
    named = {*BASE_CONFORMANCE_CLASSES, *(c for one in extensions for c in one.conformance_classes)}
    assert set(STOCK_CLASSES) == {str(getattr(c, "value", c)) for c in named}
    assert set(STOCK_WRITING_CLASSES) == {str(getattr(c, "value", c)) for c in TransactionConformanceClasses}
    for writing in (False, True):
        classes = conformance_classes(writing=writing)
        assert len(classes) == len(set(classes))
        assert set(OWN_CLASSES) | set(STOCK_CLASSES) <= set(classes)


def test_every_class_that_a_stock_application_declares_is_declared():
    stock = instantiate_api(settings=StockSettings(_env_file=None))
    assert {str(getattr(c, "value", c)) for c in stock.client.conformance_classes()} <= set(
        conformance_classes(writing=True)
    )
