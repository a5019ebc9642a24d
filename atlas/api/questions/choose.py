"""`/atlas/choose`: which products fit, by what they state and, at a place, by the tiles that exist there."""

from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.fit import EFFORTS, Effort, Wanted, choose
from atlas.answers.licence import USES, Use
from atlas.answers.verdicts import Answer, Verdict
from atlas.api.context import parameters, services, stac_url
from atlas.api.errors import BadRequestError
from atlas.api.questions.holdings import DatabaseHoldings
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import read_place, read_span
from atlas.api.questions.selection import read_facets

__all__ = ["get_choose"]

_COLUMNS = ("product", "title", "verdict", "because", "warnings")
_LEAST_MATCH = 1


async def get_choose(request: Request) -> Response:
    """GET /atlas/choose."""
    parts, base, values = services(request), stac_url(request), parameters(request)
    catalog, place, holdings = parts.catalog, read_place(values, needed=False), DatabaseHoldings(parts)
    wanted = Wanted(
        place=place,
        span=read_span(values),
        facets=read_facets(catalog, values),
        use=cast("Use", _one_of(values, "use", USES)),
        effort=cast("Effort", _one_of(values, "effort", EFFORTS)),
        change=_one_of(values, "change", ("no", "yes")) == "yes",
        max_bytes=_whole(values, "max_bytes"),
        max_dimensions=_whole(values, "max_dimensions"),
    )
    there = await holdings.at(place, catalog.products) if place is not None else None
    answers = choose(catalog, wanted, there)
    entries = [_entry(catalog.products[a.product].title, a, base) for a in answers]
    document: dict[str, Any] = {
        "asked": {k: v for k, v in values.items() if k != "f"},
        "fits": [e for e in entries if e["verdict"] != Verdict.NO],
        "excluded": [e for e in entries if e["verdict"] == Verdict.NO],
        "note": "Products with something not stated may or may not fit; only what a producer states, or an index that "
        "was read in full, excludes one.",
    }
    if holdings.notices:
        document["atlas:notices"] = holdings.notices
    rows = [
        {**e, "because": "; ".join(e["why"] or e["because"]), "warnings": "; ".join([*e["open"], *e["warnings"]])}
        for e in entries
    ]
    return answer(request, values, document, _COLUMNS, rows, lasting=place is None)


def _entry(title: str, found: Answer, base: str) -> dict[str, Any]:
    return {
        "product": found.product,
        "title": title,
        "verdict": str(found.verdict),
        "why": found.texts(Verdict.YES),
        "open": found.open,
        "because": found.against,
        "warnings": list(found.warnings),
        "reasons": [r.as_json() for r in found.reasons],
        "href": f"{base}/collections/{found.product}",
    }


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = values.get(name, allowed[0])
    if value not in allowed:
        raise BadRequestError(f"{value[:40]!r} is none of {', '.join(allowed)}", parameter=name)
    return value


def _whole(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18 or int(text) < _LEAST_MATCH:
        raise BadRequestError(f"{text[:40]!r} is not a whole number of at least 1", parameter=name)
    return int(text)
