"""`/atlas/compare`: products side by side, whether their vectors may be compared, and what combining them requires."""

from itertools import combinations
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.comparable import all_comparable, comparable
from atlas.answers.licence import combined_licences
from atlas.api.context import parameters, services
from atlas.api.errors import BadRequestError
from atlas.api.questions.negotiate import answer
from atlas.records import Catalog, Product
from atlas.records.names import no_product

__all__ = ["get_compare", "read_products"]

_FEWEST, _MOST = 2, 10
_EMBEDDING = (
    "type",
    "dimensions",
    "space",
    "gsd",
    "footprint",
    "temporal",
    "quantization",
    "normalization",
    "similarity",
    "layout",
    "tasks",
)


_EXTENT = ("place", "years", "crs", "grid", "completeness")


def read_products(catalog: Catalog, text: str | None, parameter: str) -> list[Product]:
    """The products of a list of ids.

    Raises:
        BadRequestError: none given, or one that is not in the catalogue.
    """
    if not text:
        raise BadRequestError("is needed: ids of products, separated by commas", parameter=parameter)
    ids = list(dict.fromkeys(text.split(",")))
    unknown = [i for i in ids if i not in catalog.products]
    if unknown:
        raise BadRequestError(no_product(catalog.products, unknown[0]), parameter=parameter)
    return [catalog.products[i] for i in ids]


async def get_compare(request: Request) -> Response:
    """GET /atlas/compare."""
    catalog, values = services(request).catalog, parameters(request)
    products = read_products(catalog, values.get("ids"), "ids")
    if not _FEWEST <= len(products) <= _MOST:
        raise BadRequestError(f"names {len(products)} products; {_FEWEST} to {_MOST} can be compared", parameter="ids")
    pairs = [comparable(catalog, a, b) for a, b in combinations(products, 2)]
    fields = [_field(name, products) for name in _flat(products[0])]
    document = {
        "products": [{"id": p.id, "title": p.title} for p in products],
        "fields": fields,
        "equal": [f["field"] for f in fields if f["state"] == "equal"],
        "different": [f["field"] for f in fields if f["state"] == "different"],
        "not_stated": [f["field"] for f in fields if f["state"] == "not stated"],
        "spaces": [p.as_json() for p in pairs],
        "comparable": str(all_comparable(pairs)),
        "licences": combined_licences(catalog, products).as_json(),
    }
    columns = ("field", "state", *(p.id for p in products))
    rows = ({**f["values"], "field": f["field"], "state": f["state"]} for f in fields)
    return answer(request, values, document, columns, rows, lasting=True)


def _flat(product: Product) -> dict[str, Any]:
    """The facts that are compared; None where a product does not state one."""
    embedding = product.embedding
    extent = product.extent
    facts: dict[str, Any] = {name: getattr(embedding, name) for name in _EMBEDDING}
    facts |= {
        "status": product.status,
        "version": product.version,
        "family": product.family,
        "model.name": product.model.name,
        "model.version": product.model.version,
        "model.architecture": product.model.architecture,
        "model.license": product.model.license,
        "inference_data": _inputs(product.inference_data),
        "training_data": _inputs(product.training_data),
        **{name: getattr(extent, name, None) for name in ("place", "years", "crs", "grid")},
        "completeness": extent.completeness.model_dump(exclude_none=True) if extent and extent.completeness else None,
        "licence": product.licences.data,
        "formats": sorted({d.format for d in product.distributions if d.format and not d.retired}) or None,
    }
    return facts


def _inputs(uses: Any) -> list[str] | None:  # noqa: ANN401 - a list of uses or None
    return sorted({use.input for use in uses}) if uses else None


def _field(name: str, products: list[Product]) -> dict[str, Any]:
    values = {p.id: _flat(p)[name] for p in products}
    stated = [v for v in values.values() if v is not None]
    # two stated values that differ are different, whatever a third product does not state
    if any(v != stated[0] for v in stated):
        state = "different"
    else:
        state = "equal" if len(stated) == len(values) else "not stated"
    reasons = {p.id: why.reason for p in products if values[p.id] is None and (why := p.absence(_path(name)))}
    return {"field": name, "state": state, "values": values, "absent": reasons}


def _path(name: str) -> str:
    """The path in the record of a fact that is compared."""
    if name in _EMBEDDING:
        return f"embedding.{name}"
    return {"licence": "licences.data", "formats": "distributions"}.get(
        name, f"extent.{name}" if name in _EXTENT else name
    )
