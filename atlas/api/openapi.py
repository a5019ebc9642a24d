"""The OpenAPI document: made from the table of operations, against which requests are checked too.

It is OpenAPI 3.0, as the declared conformance class of OGC API Features requires and its clients read;
`as_31` converts it to OpenAPI 3.1 for clients that ask for that.
"""

import re
from typing import Any

from atlas import __version__
from atlas.api.answer_schemas import answer_schemas
from atlas.api.context import STAC
from atlas.api.landing import DESCRIPTION, TITLE
from atlas.operations import OPERATIONS, WRITE, Operation
from atlas.operations.parameters import BODY, PARAMETERS, PATCH_BODY, PATHS
from atlas.operations.table import JSON
from atlas.records import Catalog

__all__ = ["as_31", "build_openapi"]

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
    "404": "Not found",
    "409": "It exists already, or the Items of the Collection lie in files beside the database and are not written",
    "413": "The body is too large",
    "415": "The type of the body is not supported",
    "503": "The database, or the files that hold the Items of a Collection, are away or busy; see Retry-After",
}


def build_openapi(catalog: Catalog, *, writing: bool) -> dict[str, Any]:
    """The document; its facets are parameters too, and the writing endpoints are in it where they are switched on."""
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        if one.documented and (writing or one.tag != WRITE):
            paths.setdefault(STAC + one.path, {})[one.method.lower()] = _operation(one, catalog)
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR, **answer_schemas()}},
    }
    if writing:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return document


def as_31(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """A part of the document, or the whole of it, in OpenAPI 3.1, whose schemas have neither `nullable` nor flags."""
    if isinstance(node, list):
        return [as_31(value) for value in node]
    if not isinstance(node, dict):
        return node
    changed = {name: as_31(value) for name, value in node.items() if name != "nullable"}
    if node.get("nullable") is True:
        changed["type"] = [node["type"], "null"]
    for limit, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if changed.get(flag) is True:
            changed[flag] = changed.pop(limit)
    if "openapi" in node:
        changed["openapi"] = "3.1.0"
    return changed


def _operation(one: Operation, catalog: Catalog) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", one.path)
    if one.tag == WRITE:
        errors = ["400", "401", "403", "404", "409", "413", "415"]
    elif one.body:
        errors = ["400", "413", "415"]
    else:
        errors = ["400", "304", *(["404"] if names else [])]
    stated = {"$ref": f"#/components/schemas/{one.answer}"} if one.answer else {"type": "object"}
    content = {m: {"schema": stated if "json" in m else {"type": "string"}} for m in one.media}
    partly = "; where `fields` is given, only the members that it asks for" if "fields" in one.names else ""
    responses: dict[str, Any] = {
        one.success: {"description": f"The answer{partly}", **({"content": content} if content else {})}
    }
    for status in (*errors, "503"):
        responses[status] = {"description": _STATUS[status]}
        if status != "304":
            responses[status]["content"] = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    parameters = [{"name": n, "in": "path", "required": True, **PATHS[n]} for n in names]
    for entry in sorted(one.parameters):
        name, _, other = entry.partition("=")
        parameters.append({"name": name, "in": "query", "required": False, **PARAMETERS[other or name]})
    operation: dict[str, Any] = {
        "operationId": one.id,
        "summary": one.summary,
        "tags": [one.tag],
        "parameters": parameters + (_facets(catalog) if one.facets else []),
        "responses": responses,
    }
    if one.body:
        plain = {JSON: BODY if one.tag != WRITE else {"schema": {"type": "object"}}}
        operation["requestBody"] = {"required": True, "content": PATCH_BODY if one.method == "PATCH" else plain}
    if one.tag == WRITE:
        operation["security"] = [{"token": []}]
    return operation


def _facets(catalog: Catalog) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{facet.label}: terms, separated by commas. {facet.definition}",
            "schema": {"type": "string"},
            "example": next(iter(facet.terms)),
        }
        for name, facet in catalog.taxonomy.items()
    ]
