"""The table of operations: everything declared is routed and documented, with the STAC parameters of stac-fastapi."""

from fastapi import Depends, FastAPI
from stac_fastapi.api.models import ItemCollectionUri, create_get_request_model, create_request_model
from stac_fastapi.pgstac.app import instantiate_api
from stac_fastapi.pgstac.config import Settings as StockSettings

from atlas.api.conformance import conformance_classes, stock_extensions
from atlas.api.openapi import build_openapi
from atlas.api.routes import _BESIDE, _ENDPOINTS, _UNDER, routes
from atlas.operations import OPERATIONS, WRITE, operation
from tests.catalogue import whole_catalogue


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


def test_every_class_that_a_stock_application_declares_is_declared():
    stock = instantiate_api(settings=StockSettings(_env_file=None))
    assert {str(getattr(c, "value", c)) for c in stock.client.conformance_classes()} <= set(
        conformance_classes(writing=True)
    )
