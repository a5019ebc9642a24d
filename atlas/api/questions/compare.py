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
_PRODUCT = (
    "status",
    "version",
    "family",
    "model.name",
    "model.version",
    "model.architecture",
    "model.license",
    "inference_data",
    "training_data",
)
_PATHS = (
    {name: f"embedding.{name}" for name in _EMBEDDING}
    | {name: name for name in _PRODUCT}
    | {name: f"extent.{name}" for name in ("place", "years", "crs", "grid", "completeness")}
    | {"licence": "licences.data", "formats": "distributions"}
)
"""What is compared, and its path in the record."""


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
    fields = [_field(name, products) for name in _PATHS]
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


def _fact(product: Product, name: str) -> Any:  # noqa: ANN401 - a field of a record
    """What a product states; None where it states nothing."""
    value: Any = product
    for step in _PATHS[name].split("."):
        value = getattr(value, step, None)
    if name in ("inference_data", "training_data"):
        return sorted({use.input for use in value or ()}) or None
    if name == "formats":
        return sorted({d.format for d in value if d.format and not d.retired}) or None
    return value.model_dump(exclude_none=True) if name == "completeness" and value else value


def _field(name: str, products: list[Product]) -> dict[str, Any]:
    values = {p.id: _fact(p, name) for p in products}
    stated = [v for v in values.values() if v is not None]
    # two stated values that differ are different, whatever a third product does not state
    if any(v != stated[0] for v in stated):
        state = "different"
    else:
        state = "equal" if len(stated) == len(values) else "not stated"
    reasons = {p.id: why.reason for p in products if values[p.id] is None and (why := p.absence(_PATHS[name]))}
    return {"field": name, "state": state, "values": values, "absent": reasons}
