"""The OpenAPI document: written from the same names that the readers of requests check, so that both agree.

It is OpenAPI 3.0, which is what the declared conformance class of OGC API Features means and what its clients read;
`as_31` makes OpenAPI 3.1 of it for those who ask.
"""

from collections.abc import Iterable
from typing import Any

from atlas import __version__
from atlas.api.collections import COLLECTION_PARAMETERS
from atlas.api.landing import DESCRIPTION, TITLE
from atlas.api.openapi_parameters import BODY, PARAMETERS, PATCH_BODY, PATHS
from atlas.api.search.requests import SEARCH_PARAMETERS
from atlas.records import Catalog

__all__ = ["as_31", "build_openapi"]

_JSON, _GEOJSON, _CSV = "application/json", "application/geo+json", "text/csv"
_PLACE = ("lon", "lat", "bbox", "intersects")
_ERROR = {
    "type": "object",
    "required": ["code", "description"],
    "properties": {
        "code": {"type": "string"},
        "description": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter or member at fault."},
        "requestId": {"type": "string"},
    },
}
_STATUS = {
    "304": "Not modified",
    "400": "A parameter or the body is wrong; the description names it",
    "401": "The token is missing",
    "403": "The token is wrong",
    "404": "There is no such thing",
    "409": "It exists already",
    "413": "The body is too large",
    "415": "The body is of a type that is not read here",
    "503": "The database is away or busy; see Retry-After",
}


def build_openapi(catalog: Catalog, *, writing: bool) -> dict[str, Any]:
    """The document.

    Args:
        catalog: Its facets are parameters.
        writing: Whether the writing endpoints are switched on.
    """
    facets = tuple(catalog.taxonomy)
    paths: dict[str, Any] = {}
    for path, operation in _operations(catalog, facets).items():
        paths[path] = {"get": operation}
    paths["/stac/search"]["post"] = _operation(
        "postSearch", "Search Items", "STAC", (), (_GEOJSON,), errors=("400", "413", "415"), body=BODY
    )
    if writing:
        for (method, path), operation in _writing().items():
            paths.setdefault(path, {})[method] = operation
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR}},
    }
    if writing:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return document


def as_31(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """A part of the document, or the whole of it, in OpenAPI 3.1, whose schemas have no `nullable`."""
    if isinstance(node, list):
        return [as_31(value) for value in node]
    if not isinstance(node, dict):
        return node
    changed = {name: as_31(value) for name, value in node.items() if name != "nullable"}
    if node.get("nullable") is True:
        changed["type"] = [node["type"], "null"]
    if "openapi" in node:
        changed["openapi"] = "3.1.0"
    return changed


def _operation(
    identity: str,
    summary: str,
    tag: str,
    parameters: Iterable[dict[str, Any]],
    media: tuple[str, ...],
    *,
    errors: tuple[str, ...] = ("400",),
    body: dict[str, Any] | None = None,
    success: str = "200",
) -> dict[str, Any]:
    content = {m: {"schema": {"type": "object"} if "json" in m else {"type": "string"}} for m in media}
    responses: dict[str, Any] = {success: {"description": "The answer", **({"content": content} if media else {})}}
    for status in (*errors, "503"):
        responses[status] = {"description": _STATUS[status]}
        if status != "304":
            responses[status]["content"] = {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    operation: dict[str, Any] = {
        "operationId": identity,
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": responses,
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: body}}
    return operation


def _query(names: Iterable[str]) -> list[dict[str, Any]]:
    return [{"name": n, "in": "query", "required": False, **PARAMETERS[n]} for n in sorted(names)]


def _path(*names: str) -> list[dict[str, Any]]:
    return [{"name": n, "in": "path", "required": True, **PATHS[n]} for n in names]


def _facets(catalog: Catalog, names: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": n,
            "in": "query",
            "required": False,
            "description": f"{catalog.taxonomy[n].label}: terms, separated by comma. {catalog.taxonomy[n].definition}",
            "schema": {"type": "string"},
            "example": next(iter(catalog.taxonomy[n].terms)),
        }
        for n in names
    ]


def _operations(catalog: Catalog, facets: tuple[str, ...]) -> dict[str, Any]:
    """All GET operations."""
    found = ("400", "304", "404")
    plain = ("400", "304")
    stac = "STAC"
    items = SEARCH_PARAMETERS - {"collections", "ids", "intersects"}
    table = (_JSON, _CSV)
    operations = {
        "/stac": _operation("getLandingPage", "Landing page", stac, (), (_JSON,), errors=plain),
        "/stac/conformance": _operation("getConformance", "Conformance classes", stac, (), (_JSON,), errors=plain),
        "/stac/queryables": _operation(
            "getQueryables", "What may be filtered by", stac, (), ("application/schema+json",), errors=plain
        ),
        "/stac/search": _operation(
            "getSearch", "Search Items", stac, _query(SEARCH_PARAMETERS), (_GEOJSON,), errors=plain
        ),
        "/stac/collections": _operation(
            "getCollections", "Search Collections", stac, _query(COLLECTION_PARAMETERS), (_JSON,), errors=plain
        ),
        "/stac/collections/{collection_id}": _operation(
            "getCollection", "One Collection", stac, _path("collection_id"), (_JSON,), errors=found
        ),
        "/stac/collections/{collection_id}/queryables": _operation(
            "getCollectionQueryables",
            "What may be filtered by in a Collection",
            stac,
            _path("collection_id"),
            ("application/schema+json",),
            errors=found,
        ),
        "/stac/collections/{collection_id}/items": _operation(
            "getItems",
            "Items of a Collection",
            stac,
            _path("collection_id") + _query(items),
            (_GEOJSON,),
            errors=found,
        ),
        "/stac/collections/{collection_id}/items/{item_id}": _operation(
            "getItem", "One Item", stac, _path("collection_id", "item_id"), (_GEOJSON,), errors=found
        ),
    }
    browse = "Browse"
    for path, identity, summary, names in (
        ("/stac/children", "getChildren", "Facets and Collections", ()),
        ("/stac/catalogs/{facet}", "getFacet", "A facet as a Catalog", ("facet",)),
        ("/stac/catalogs/{facet}/children", "getFacetChildren", "Terms of a facet", ("facet",)),
        ("/stac/catalogs/{facet}/{term}", "getTerm", "A term as a Catalog", ("facet", "term")),
        ("/stac/catalogs/{facet}/{term}/children", "getTermChildren", "What is under a term", ("facet", "term")),
    ):
        errors = found if names else plain
        operations[path] = _operation(identity, summary, browse, _path(*names), (_JSON,), errors=errors)
    atlas = "Atlas"
    filters = _facets(catalog, facets) + _query(["f"])
    for path, identity, summary, names in (
        ("/stac/atlas/taxonomy", "getTaxonomy", "Facets with counts under the filters", ()),
        ("/stac/atlas/taxonomy/{facet}", "getTaxonomyFacet", "One facet", ("facet",)),
        ("/stac/atlas/taxonomy/{facet}/{term}", "getTaxonomyTerm", "One term with its products", ("facet", "term")),
    ):
        errors = found if names else plain
        operations[path] = _operation(identity, summary, atlas, _path(*names) + filters, table, errors=errors)
    place = _query([*_PLACE, "years"])
    for parameter in place:
        if parameter["name"] == "years":
            parameter["name"] = "datetime"
    for path, identity, summary, parameters in (
        ("coverage", "getCoverage", "What covers a place", [*place, *filters, *_query(["limit"])]),
        ("compare", "getCompare", "What may be compared", [{**_query(["products"])[0], "name": "ids"}, *_query(["f"])]),
        (
            "choose",
            "getChoose",
            "Which product fits",
            [*place, *_query(["f", "max_bytes", "max_dimensions", "use"]), *_facets(catalog, ("task", "type"))],
        ),
        (
            "estimate",
            "getEstimate",
            "How much it is",
            [*_query(["product", "f"]), *(p for p in place if p["name"] not in ("lon", "lat"))],
        ),
    ):
        operations[f"/stac/atlas/{path}"] = _operation(identity, summary, atlas, parameters, table, errors=plain)
    operations["/stac/atlas/products/{product_id}/recipe"] = _operation(
        "getRecipe",
        "Code that opens an asset",
        atlas,
        _path("product_id") + _query(["lang", "item"]),
        (_JSON, "text/plain"),
        errors=found,
    )
    operations["/stac/atlas/feed.atom"] = _operation(
        "getFeed", "Changes and drift", atlas, (), ("application/atom+xml",), errors=plain
    )
    return operations


def _writing() -> dict[tuple[str, str], dict[str, Any]]:
    """Operations that need the token."""
    collection, item = "/stac/collections/{collection_id}", "/stac/collections/{collection_id}/items/{item_id}"
    body = {"schema": {"type": "object"}}
    errors = ("400", "401", "403", "404", "409", "413", "415")
    rows = {
        ("post", "/stac/collections"): ("postCollection", "Add a Collection", (), body, "201"),
        ("put", collection): ("putCollection", "Replace a Collection", ("collection_id",), body, "200"),
        ("patch", collection): ("patchCollection", "Change a Collection", ("collection_id",), body, "200"),
        ("delete", collection): ("deleteCollection", "Remove a Collection", ("collection_id",), None, "204"),
        ("post", f"{collection}/items"): ("postItems", "Add Items", ("collection_id",), body, "201"),
        ("put", item): ("putItem", "Replace an Item", ("collection_id", "item_id"), body, "200"),
        ("patch", item): ("patchItem", "Change an Item", ("collection_id", "item_id"), body, "200"),
        ("delete", item): ("deleteItem", "Remove an Item", ("collection_id", "item_id"), None, "204"),
    }
    operations = {}
    for key, (identity, summary, names, content, success) in rows.items():
        media = () if success == "204" else (_JSON, _GEOJSON)
        operation = _operation(
            identity, summary, "Write", _path(*names), media, errors=errors, body=content, success=success
        )
        if key[0] == "patch":
            operation["requestBody"]["content"] = PATCH_BODY
        operation["security"] = [{"token": []}]
        operations[key] = operation
    return operations
