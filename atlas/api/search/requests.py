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
        if name in _READERS:
            field, read = _READERS[name]
            setattr(request, field, read(value, name, text))
    if "limit" in values and values["limit"] is not None:
        request.limit, request.notices = _limit(values["limit"], text=text)
    _read_filter(request, values, text=text)
    if request.bbox is not None and request.intersects is not None:
        raise BadRequestError("cannot be combined with intersects", parameter="bbox")
    return request


def _names(value: object, parameter: str, text: bool) -> tuple[str, ...]:
    if text:
        value = str(value).split(",")
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadRequestError("is not an array of strings", parameter=parameter)
    if not value or "" in value:
        raise BadRequestError("is empty or holds an empty name", parameter=parameter)
    if len(value) > MAX_NAMES:
        raise BadRequestError(f"holds {len(value)} names, at most {MAX_NAMES} are taken", parameter=parameter)
    return tuple(dict.fromkeys(value))


def _json(value: object, parameter: str, text: bool) -> Json:
    return parse_json(str(value), parameter) if text else value


def _box(value: object, parameter: str, text: bool) -> Box:
    numbers = str(value).split(",") if text else value
    if not isinstance(numbers, list) or (not text and any(isinstance(n, str) for n in numbers)):
        raise BadRequestError("is not an array of numbers", parameter=parameter)
    return parse_bbox(numbers)


def _geometry(value: object, parameter: str, text: bool) -> bytes:
    wkb: bytes = shapely.to_wkb(check_geometry(_json(value, parameter, text), parameter))
    return wkb


def _string(value: object, parameter: str, text: bool) -> str:
    if not isinstance(value, str):
        raise BadRequestError("is not a string", parameter=parameter)
    return value


def _time(value: object, parameter: str, text: bool) -> Interval:
    return parse_interval(_string(value, parameter, text))


def _limit(value: object, *, text: bool) -> tuple[int, list[str]]:
    if not text and isinstance(value, str):
        raise BadRequestError(f"{value[:40]!r} is not a whole number", parameter="limit")
    return read_limit(value)


def _sort(value: object, parameter: str, text: bool) -> tuple[tuple[str, bool], ...]:
    sorts: list[tuple[str, bool]] = []
    if text:
        for part in str(value).split(","):
            # a bare "+" arrives as a space, which is what it means in a form
            name = part.lstrip("+ ") if part[:1] in "+ " else part.removeprefix("-")
            sorts.append((name.strip(), part.startswith("-")))
    else:
        if not isinstance(value, list) or not value:
            message = 'is not an array of objects such as {"field": "datetime", "direction": "desc"}'
            raise BadRequestError(message, parameter=parameter)
        for part in value:
            if (
                not isinstance(part, dict)
                or not isinstance(part.get("field"), str)
                or part.get("direction", "asc") not in ("asc", "desc")
                or set(part) - {"field", "direction"}
            ):
                message = f'{str(part)[:80]} is not of the form {{"field": "…", "direction": "asc" or "desc"}}'
                raise BadRequestError(message, parameter=parameter)
            sorts.append((part["field"], part.get("direction") == "desc"))
    if len(sorts) > MAX_SORTS:
        raise BadRequestError(f"names {len(sorts)} fields, at most {MAX_SORTS} are taken", parameter=parameter)
    names = [canonical(name) for name, _ in sorts]
    if not all(name.strip() for name in names):
        raise BadRequestError("has an empty field name", parameter=parameter)
    if len(set(names)) < len(names):
        raise BadRequestError("names a field twice", parameter=parameter)
    return tuple(sorts)


def _fields(value: object, parameter: str, text: bool) -> Fields | None:
    if text:
        names = str(value).split(",") if value else []  # empty means all, as stac-api-validator has it
        if not all(n.strip("+- ") for n in names):
            raise BadRequestError("holds an empty name", parameter=parameter)
        include = tuple(n.lstrip("+ ") for n in names if not n.startswith("-"))
        exclude = tuple(n[1:] for n in names if n.startswith("-"))
    else:
        if not isinstance(value, dict) or set(value) - {"include", "exclude"}:
            raise BadRequestError('is not an object with the members "include" and "exclude"', parameter=parameter)
        lists = [value.get("include"), value.get("exclude")]
        for members in lists:
            if members is not None and (
                not isinstance(members, list) or not all(isinstance(m, str) and m for m in members)
            ):
                raise BadRequestError("include and exclude are arrays of names", parameter=parameter)
        include, exclude = (tuple(members or ()) for members in lists)
    return Fields(include, exclude) if include or exclude else None


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
        request.filter = filters.read_query(_json(query, "query", text))
        request.filter_parameter = "query"


_READERS: dict[str, tuple[str, Callable[[Any, str, bool], Any]]] = {
    "bbox": ("bbox", _box),
    "collections": ("collections", _names),
    "datetime": ("interval", _time),
    "fields": ("fields", _fields),
    "ids": ("ids", _names),
    "intersects": ("intersects", _geometry),
    "sortby": ("sort", _sort),
    "token": ("token", _string),
}
"""The field of a request behind a parameter, and what reads it."""
