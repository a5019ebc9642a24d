"""`/atlas/choose`: six questions; what a product states may exclude it, what it does not state only warns."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.errors import BadRequestError
from atlas.api.parameters import read_parameters
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import PLACE_PARAMETERS, extent_reason, read_place, read_time
from atlas.api.questions.selection import Selection, with_wider
from atlas.api.services import services, stac_url
from atlas.records import Catalog, Product
from atlas.records.classify import NOT_STATED, classify

__all__ = ["get_choose"]

_COLUMNS = ("product", "title", "fits", "because", "warnings")
_USES = ("any", "commercial", "research")
_LEAST_MATCH = 1


async def get_choose(request: Request) -> Response:
    """GET /atlas/choose."""
    catalog, base = services(request).catalog, stac_url(request)
    allowed = PLACE_PARAMETERS | {"datetime", "f", "max_bytes", "max_dimensions", "task", "type", "use"}
    values = read_parameters(request.scope["query_string"], allowed)
    place, interval = read_place(values, needed=False), read_time(values)
    limits = {name: _whole(values, name) for name in ("max_bytes", "max_dimensions")}
    for facet in ("type", "task"):
        _check_term(catalog, facet, values.get(facet))
    use = values.get("use", "any")
    if use not in _USES:
        message = f"{use[:40]!r} is none of {', '.join(_USES)}"
        raise BadRequestError(message, parameter="use")
    fitting, excluded = [], []
    for product in catalog.products.values():
        selection = Selection(product)
        reasons: list[str] = []
        if place is not None or interval is not None:
            _extent(selection, reasons, place, interval)
        _term(catalog, selection, reasons, "type", values.get("type"))
        _term(catalog, selection, reasons, "task", values.get("task"))
        _licence(catalog, selection, reasons, use)
        _budget(selection, reasons, "bytes in all", _bytes(product), limits["max_bytes"])
        _budget(selection, reasons, "dimensions", product.embedding.dimensions, limits["max_dimensions"])
        _status(selection)
        entry: dict[str, Any] = {"product": product.id, "title": product.title}
        if selection.because:
            excluded.append({**entry, "because": selection.because})
        else:
            href = f"{base}/collections/{product.id}"
            fitting.append({**entry, "why": reasons, "warnings": selection.warnings, "href": href})
    # those that state everything that was asked come first; nothing else ranks them
    fitting.sort(key=lambda e: len(e["warnings"]))
    document = {
        "asked": {k: v for k, v in values.items() if k != "f"},
        "fits": fitting,
        "excluded": excluded,
        "note": "A warning means that the producer does not state it: such a product may fit or not.",
    }
    rows = [{**e, "fits": "yes", "because": "; ".join(e["why"]), "warnings": "; ".join(e["warnings"])} for e in fitting]
    rows += [{**e, "fits": "no", "because": "; ".join(e["because"])} for e in excluded]
    return answer(request, values, document, _COLUMNS, rows, lasting=True)


def _whole(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18 or int(text) < _LEAST_MATCH:
        message = f"{text[:40]!r} is not a whole number of at least 1"
        raise BadRequestError(message, parameter=name)
    return int(text)


def _check_term(catalog: Catalog, facet: str, term: str | None) -> None:
    terms = catalog.taxonomy[facet].terms
    if term is not None and term not in terms:
        message = f"has no term {term[:60]!r}; it has {', '.join(terms)}"
        raise BadRequestError(message, parameter=facet)


def _extent(selection: Selection, reasons: list[str], place: Any, interval: Any) -> None:  # noqa: ANN401 - passed on
    extent = selection.product.extent
    if selection.product.embedding.type == "location":
        reasons.append("it encodes any position")
        if interval is not None:
            selection.warnings.append("a location encoder: check whether it knows time at all")
    elif extent is None:
        selection.warnings.append("its extent is not stated")
    elif (reason := extent_reason(extent, place, interval)) is not None:
        selection.because.append(reason)
    else:
        reasons.append(f"its extent ({extent.place}) includes the place and time")


def _term(catalog: Catalog, selection: Selection, reasons: list[str], facet: str, term: str | None) -> None:
    if term is None:
        return
    stated = classify(selection.product, catalog).get(facet, ())
    label = catalog.taxonomy[facet].label.lower()
    if not stated or stated == (NOT_STATED,):
        selection.warnings.append(f"its {label} is not stated")
        return
    definition = catalog.taxonomy[facet]
    # a producer who states the wider term does not deny the narrower one
    if with_wider(catalog, facet, stated) & {term} or set(definition.ancestors(term)) & set(stated):
        reasons.append(f"its {label} includes {definition.terms[term].label.lower()}")
    else:
        names = ", ".join(definition.terms[t].label.lower() for t in stated)
        selection.because.append(f"its {label} is {names}")


def _licence(catalog: Catalog, selection: Selection, reasons: list[str], use: str) -> None:
    if use == "any":
        return
    classes = set(classify(selection.product, catalog).get("licence", ()))
    licence = selection.product.licences.data
    if not classes or NOT_STATED in classes:
        selection.warnings.append(
            "its licence is not stated" if licence is None else f"its licence ({licence}): read it"
        )
    elif use == "commercial" and "non-commercial" in classes:
        selection.because.append(f"its licence ({licence}) does not allow commercial use")
    elif classes & {"proprietary", "use-restricted"}:
        selection.warnings.append(f"its licence ({licence}) sets conditions: read it")
    else:
        reasons.append(f"its licence ({licence}) allows {use} use")


def _bytes(product: Product) -> int | None:
    sizes = [d.bytes for d in product.distributions if d.bytes is not None and not d.retired]
    return product.counts.bytes if product.counts.bytes is not None else min(sizes, default=None)


def _budget(selection: Selection, reasons: list[str], what: str, stated: int | None, most: int | None) -> None:
    if most is None:
        return
    if stated is None:
        selection.warnings.append(f"the number of {what} is not stated")
    elif stated > most:
        selection.because.append(f"it has {stated:,} {what}, more than {most:,}")
    else:
        reasons.append(f"it has {stated:,} {what}")


def _status(selection: Selection) -> None:
    product = selection.product
    if product.status == "deprecated":
        successor = f"; use {product.successor}" if product.successor else ""
        selection.warnings.append(f"it is deprecated{successor}")
    elif product.status == "recipe":
        selection.warnings.append("no vectors are published: you run the model yourself")
    elif product.status == "announced":
        selection.warnings.append("it is announced, not released")
