"""Read what a search asks for, strictly: each parameter of a GET and each member of a POST."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely

from atlas.api.errors import BadRequestError
from atlas.api.geometries import check_geometry, parse_bbox
from atlas.api.parameters import parse_json, read_limit
from atlas.api.search import filters
from atlas.api.search.queryables import canonical
from atlas.api.times import Interval, parse_interval
from atlas.api.types import Json
from atlas.operations.parameters import DEFAULT_LIMIT
from stac_emb.boxes import Box

__all__ = ["Fields", "SearchRequest", "read_search"]

MAX_NAMES = 1_000
"""Ids or Collections in one request."""
MAX_SORTS = 8
_CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""Longitude first. EPSG:4326 has the latitude first, which no client that sends it is known to mean: it is refused."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Members to answer with (all where `include` is empty) and members to leave out; `include` wins."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class SearchRequest:
    """One search; what is None was not asked."""

    collections: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    bbox: Box | None = None
    intersects: bytes | None = None
    """WKB, longitude and latitude."""
    interval: Interval | None = None
    filter: dict[str, Any] | None = None
    """CQL2 JSON; a `query` is converted to it."""
    filter_parameter: str = "filter"
    """The parameter that `filter` was made from."""
    sort: tuple[tuple[str, bool], ...] = ()
    """Field and whether descending."""
    fields: Fields | None = None
    limit: int = DEFAULT_LIMIT
    token: str | None = None
    notices: list[str] = field(default_factory=list)
    """What the answer has to say about how the request was understood."""


def read_search(values: Mapping[str, Any], *, text: bool) -> SearchRequest:
    """A search from the parameters of a GET (`text`) or the members of a POST.

    Raises:
        BadRequestError: a value is wrong; the message begins with the parameter's name.
    """
    request = SearchRequest()
    for name, value in values.items():
        if value is None and name != "fields":
            continue
        if value == "" and name != "fields":
            raise BadRequestError("is empty: leave it out", parameter=name)
        reader = _READERS.get(name)
        if reader is not None:
            reader(request, value, text)
    _read_filter(request, values, text=text)
    if request.bbox is not None and request.intersects is not None:
        raise BadRequestError("cannot be combined with intersects", parameter="bbox")
    return request


def _names(value: object, parameter: str, *, text: bool) -> tuple[str, ...]:
    if text:
        value = str(value).split(",")
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadRequestError("is not an array of strings", parameter=parameter)
    if not value or "" in value:
        raise BadRequestError("is empty or holds an empty name", parameter=parameter)
    if len(value) > MAX_NAMES:
        raise BadRequestError(f"holds {len(value)} names, at most {MAX_NAMES} are taken", parameter=parameter)
    return tuple(dict.fromkeys(value))


def _json(value: object, parameter: str, *, text: bool) -> Json:
    return parse_json(str(value), parameter) if text else value


def _read_collections(request: SearchRequest, value: object, text: bool) -> None:
    request.collections = _names(value, "collections", text=text)


def _read_ids(request: SearchRequest, value: object, text: bool) -> None:
    request.ids = _names(value, "ids", text=text)


def _read_bbox(request: SearchRequest, value: object, text: bool) -> None:
    numbers = str(value).split(",") if text else value
    if not isinstance(numbers, list) or (not text and any(isinstance(n, str) for n in numbers)):
        raise BadRequestError("is not an array of numbers", parameter="bbox")
    request.bbox = parse_bbox(numbers)


def _read_intersects(request: SearchRequest, value: object, text: bool) -> None:
    shape = check_geometry(_json(value, "intersects", text=text), "intersects")
    request.intersects = shapely.to_wkb(shape)


def _read_datetime(request: SearchRequest, value: object, text: bool) -> None:
    if not isinstance(value, str):
        raise BadRequestError("is not a string", parameter="datetime")
    request.interval = parse_interval(value)


def _read_limit(request: SearchRequest, value: object, text: bool) -> None:
    if not text and isinstance(value, str):
        raise BadRequestError(f"{value[:40]!r} is not a whole number", parameter="limit")
    request.limit, notices = read_limit(value)
    request.notices += notices


def _read_token(request: SearchRequest, value: object, text: bool) -> None:
    if not isinstance(value, str):
        raise BadRequestError("is not a string", parameter="token")
    request.token = value


def _read_sortby(request: SearchRequest, value: object, text: bool) -> None:
    sorts: list[tuple[str, bool]] = []
    if text:
        for part in str(value).split(","):
            # a bare "+" arrives as a space, which is what it means in a form
            name = part.lstrip("+ ") if part[:1] in "+ " else part.removeprefix("-")
            sorts.append((name.strip(), part.startswith("-")))
    else:
        if not isinstance(value, list) or not value:
            message = 'is not an array of objects such as {"field": "datetime", "direction": "desc"}'
            raise BadRequestError(message, parameter="sortby")
        for part in value:
            if (
                not isinstance(part, dict)
                or not isinstance(part.get("field"), str)
                or part.get("direction", "asc") not in ("asc", "desc")
                or set(part) - {"field", "direction"}
            ):
                message = f'{str(part)[:80]} is not of the form {{"field": "…", "direction": "asc" or "desc"}}'
                raise BadRequestError(message, parameter="sortby")
            sorts.append((part["field"], part.get("direction") == "desc"))
    if len(sorts) > MAX_SORTS:
        raise BadRequestError(f"names {len(sorts)} fields, at most {MAX_SORTS} are taken", parameter="sortby")
    names = [canonical(name) for name, _ in sorts]
    if not all(name.strip() for name in names):
        raise BadRequestError("has an empty field name", parameter="sortby")
    if len(set(names)) < len(names):
        raise BadRequestError("names a field twice", parameter="sortby")
    request.sort = tuple(sorts)


def _read_fields(request: SearchRequest, value: object, text: bool) -> None:
    if text:
        names = str(value).split(",") if value else []  # empty means all, as stac-api-validator has it
        if not all(n.strip("+- ") for n in names):
            raise BadRequestError("holds an empty name", parameter="fields")
        include = tuple(n.lstrip("+ ") for n in names if not n.startswith("-"))
        exclude = tuple(n[1:] for n in names if n.startswith("-"))
    else:
        if not isinstance(value, dict) or set(value) - {"include", "exclude"}:
            raise BadRequestError('is not an object with the members "include" and "exclude"', parameter="fields")
        lists = [value.get("include"), value.get("exclude")]
        for members in lists:
            if members is not None and (
                not isinstance(members, list) or not all(isinstance(m, str) and m for m in members)
            ):
                raise BadRequestError("include and exclude are arrays of names", parameter="fields")
        include, exclude = (tuple(members or ()) for members in lists)
    if include or exclude:
        request.fields = Fields(include, exclude)


def _read_filter(request: SearchRequest, values: Mapping[str, Any], *, text: bool) -> None:
    language = values.get("filter-lang")
    crs = values.get("filter-crs")
    if crs not in (None, _CRS):
        message = f"{str(crs)[:80]!r} is not offered; geometries are in {_CRS}, longitude first"
        raise BadRequestError(message, parameter="filter-crs")
    if language not in (None, "cql2-text", "cql2-json"):
        raise BadRequestError(f"{str(language)[:40]!r} is neither cql2-text nor cql2-json", parameter="filter-lang")
    given, query = values.get("filter"), values.get("query")
    if given is not None and query is not None:
        raise BadRequestError("cannot be combined with filter", parameter="query")
    if given is None and (language is not None or crs is not None):
        message = "is given without a filter"
        raise BadRequestError(message, parameter="filter-lang" if language is not None else "filter-crs")
    if given is not None:
        if language is None:
            language = "cql2-text" if isinstance(given, str) else "cql2-json"
        request.filter = filters.read_filter(given, language)
    elif query is not None:
        request.filter = filters.read_query(_json(query, "query", text=text))
        request.filter_parameter = "query"


_READERS: dict[str, Callable[[SearchRequest, Any, bool], None]] = {
    "bbox": _read_bbox,
    "collections": _read_collections,
    "datetime": _read_datetime,
    "fields": _read_fields,
    "ids": _read_ids,
    "intersects": _read_intersects,
    "limit": _read_limit,
    "sortby": _read_sortby,
    "token": _read_token,
}
