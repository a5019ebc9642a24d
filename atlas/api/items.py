"""A row of pgstac as a STAC Item: hydrated, with its links, and with the members that were asked for."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urljoin

import orjson
from hydraters import hydrate

from atlas.api.cache import State
from atlas.api.search.requests import Fields
from atlas.api.types import Row

__all__ = ["INFERRED_OF_ITEMS", "build_item", "choose", "item_links", "item_page", "own_links"]

INFERRED_OF_ITEMS = frozenset({"self", "item", "parent", "collection", "root", "items", "child"})
"""Relations of links that the API writes itself."""
_ALWAYS = ("type", "stac_version", "id", "collection")
"""Members that identify an Item: always included."""
_INTERVAL = ("datetime", "start_datetime", "end_datetime")


def item_links(base: str, collection: str, item: str) -> bytes:
    """The links of every Item, as JSON without the closing bracket."""
    home = f"{base}/collections/{quote(collection, safe='')}"
    collection_href = orjson.dumps(home).decode()
    self_href = orjson.dumps(f"{home}/items/{quote(item, safe='')}").decode()
    return (
        f'[{{"rel":"collection","type":"application/json","href":{collection_href}}},'
        f'{{"rel":"parent","type":"application/json","href":{collection_href}}},'
        f'{{"rel":"root","type":"application/json","href":{orjson.dumps(base).decode()}}},'
        f'{{"rel":"self","type":"application/geo+json","href":{self_href}}}'
    ).encode()


def own_links(links: Iterable[Any], inferred: frozenset[str] = INFERRED_OF_ITEMS) -> list[Any]:
    """The links of a document that the API does not write itself."""
    return [x for x in links if not (isinstance(x, dict) and x.get("rel") in inferred)]


def item_page(document: dict[str, Any], base: str) -> dict[str, Any]:
    """A written Item with the links that the API writes; `base` is the address of the landing page."""
    stated = orjson.loads(item_links(base, str(document["collection"]), str(document["id"])) + b"]")
    return {**document, "links": stated + _resolved(document.get("links") or [], base)}


def _resolved(links: Iterable[dict[str, Any]], base: str) -> list[dict[str, Any]]:
    return [{**link, "href": urljoin(f"{base}/", link["href"])} for link in own_links(links)]


async def build_item(state: State, row: Row, base: str, fields: Fields | None) -> dict[str, Any]:
    """The Item of a row that `statements.page_sql` selects, with the members that `fields` chooses."""
    collection, item, geometry, content = row[0], row[1], row[2], orjson.loads(row[3])
    tag = content.pop("pgstac:base_item", None)
    extra = content.pop("links", None)
    feature = hydrate(await state.base_item(collection, tag), content, True)
    properties = feature.get("properties")
    if isinstance(properties, dict) and "datetime" not in properties:
        # pgstac's own functions drop nulls, and without this one the Item is not valid
        feature["properties"] = {**properties, "datetime": None}
    feature["type"] = "Feature"
    feature["id"] = item
    feature["collection"] = collection
    # A row that another program wrote may hold NaN or infinity, which JSON has no form for.
    feature["geometry"] = None if "NaN" in geometry or "Inf" in geometry else orjson.Fragment(geometry)
    links = item_links(base, collection, item)
    if extra:
        links += b"".join(b"," + orjson.dumps(x) for x in _resolved(extra, base))
    feature["links"] = orjson.Fragment(links + b"]")
    return choose(feature, fields) if fields else feature


def choose(document: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """The members of a document that were asked for.

    With `include`, only these, the members that identify the document, and its links; else all but `exclude`. Including
    a path wins over excluding it or a part of it. An Item keeps its time, without which clients reject it.
    """
    if fields.include:
        chosen: dict[str, Any] = {k: document[k] for k in (*_ALWAYS, "links") if k in document}
        for path in fields.include:
            _copy(document, chosen, _steps(document, path))
    else:
        chosen = dict(document)
    kept = set(fields.include)
    for path in fields.exclude:
        if path in kept or path in _ALWAYS or any(i.startswith(f"{path}.") for i in kept):
            continue
        _drop(chosen, _steps(document, path))
    properties = document.get("properties") or {}
    if "datetime" in properties:
        needed = _INTERVAL if properties["datetime"] is None else _INTERVAL[:1]
        times = {name: properties[name] for name in needed if name in properties}
        chosen["properties"] = {**chosen.get("properties", {}), **times}
    return chosen


def _steps(document: dict[str, Any], path: str) -> list[str]:
    """A path in steps; a key that holds a dot itself is one step."""
    head, _, rest = path.partition(".")
    if not rest:
        return [head]
    inner = document.get(head)
    if isinstance(inner, dict) and rest in inner:
        return [head, rest]
    return [head, *_steps(inner if isinstance(inner, dict) else {}, rest)]


def _copy(source: dict[str, Any], target: dict[str, Any], steps: Iterable[str]) -> None:
    first, *rest = steps
    if first not in source:
        return
    if not rest or not isinstance(source[first], dict):
        target[first] = source[first]
        return
    inner = target.setdefault(first, {})
    if inner is source[first]:
        return  # all of it was included already
    _copy(source[first], inner, rest)


def _drop(target: dict[str, Any], steps: Iterable[str]) -> None:
    first, *rest = steps
    if first not in target:
        return
    if not rest:
        del target[first]
    elif isinstance(target[first], dict):
        target[first] = dict(target[first])
        _drop(target[first], rest)
        if not target[first]:
            del target[first]
