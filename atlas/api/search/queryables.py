"""The names that filters, sorts and fields may use: an unknown one is an error, never an empty answer."""

import difflib
from collections.abc import Iterable

from atlas.api.cache import State, compact
from atlas.api.errors import BadRequestError
from atlas.store.cold.marks import MEMBERS_SEEN
from atlas.store.load.parquet import TOP_LEVEL

__all__ = [
    "COLUMNS",
    "ITEM_MEMBERS",
    "STAC_NAMES",
    "all_names",
    "canonical",
    "check_names",
    "known_names",
    "unknown_fields",
]

_MEMBERS = frozenset({"id", "collection", "geometry"})
"""Members of an Item: `id` means the member, and `properties.id` a property of that name."""
ITEM_MEMBERS = TOP_LEVEL | {"properties"}
STAC_NAMES: dict[str, dict[str, object]] = {
    "created": {"title": "Created", "type": "string", "format": "date-time"},
    "updated": {"title": "Updated", "type": "string", "format": "date-time"},
    "title": {"title": "Title", "type": "string"},
    "description": {"title": "Description", "type": "string"},
    "license": {"title": "Licence", "type": "string"},
    "platform": {"title": "Platform", "type": "string"},
    "instruments": {"title": "Instruments", "type": "array", "items": {"type": "string"}},
    "constellation": {"title": "Constellation", "type": "string"},
    "mission": {"title": "Mission", "type": "string"},
    "gsd": {"title": "Ground sample distance", "type": "number", "exclusiveMinimum": 0},
    "eo:cloud_cover": {"title": "Cloud cover", "type": "number", "minimum": 0, "maximum": 100},
    "proj:code": {"title": "Projection code", "type": ["string", "null"]},
}
"""Common metadata of STAC that every client may ask for: where no Item has one, the answer is that none matches."""
_COLUMN_SCHEMAS: dict[str, dict[str, object]] = {
    "id": {"title": "Item id", "type": "string"},
    "collection": {"title": "Collection id", "type": "string"},
    "geometry": {"title": "Geometry", "$ref": "https://geojson.org/schema/Geometry.json"},
    "datetime": {"title": "Date and time", "type": "string", "format": "date-time"},
    "start_datetime": {"title": "Start", "type": "string", "format": "date-time"},
    "end_datetime": {"title": "End", "type": "string", "format": "date-time"},
}
COLUMNS = _COLUMN_SCHEMAS.keys()
"""Properties that are columns of pgstac's table."""


def canonical(name: str) -> str:
    """The name under which a property is known: `properties.gsd` and `gsd` are one, `properties.id` and `id` two."""
    bare = name.removeprefix("properties.")
    return name if bare in _MEMBERS else bare


async def known_names(state: State, collections: tuple[str, ...] | None) -> dict[str, dict[str, object]]:
    """The queryables of the given Collections (of all where None) with their JSON Schemas."""

    async def read() -> dict[str, dict[str, object]]:
        wanted = list(collections) if collections else None
        document = await state.database.document("SELECT get_queryables($1::text[])", wanted)
        names = STAC_NAMES | ((document or {}).get("properties") or {})
        return names | {k: {**v, **names.get(k, {})} if k != "geometry" else v for k, v in _COLUMN_SCHEMAS.items()}

    return await state.documents.remember(compact("names", collections), read)


async def all_names(
    state: State, collections: tuple[str, ...] | None, wanted: Iterable[str] | None = None
) -> dict[str, dict[str, object]]:
    """The queryables, and unregistered properties that other programs stored, as far as a sample of the Items has them.

    Args:
        state: What is remembered of the database.
        collections: Whose names; of all where None.
        wanted: Where all of these are registered the sample is not asked for.
    """
    known = await known_names(state, collections)
    if wanted is not None and all(canonical(name) in known for name in wanted):
        return known
    seen = await _seen(state, "properties", collections)
    return {f"properties.{n}" if n in _MEMBERS else n: _schema(kinds) for n, kinds in seen.items()} | known


def _schema(kinds: set[str]) -> dict[str, object]:
    one = kinds - {"null"}
    return {"type": one.pop()} if len(one) == 1 else {"anyOf": [{"type": kind} for kind in sorted(one)]} if one else {}


def check_names(names: Iterable[str], known: Iterable[str], parameter: str) -> None:
    """Refuse a name that is not known.

    Raises:
        BadRequestError: names it, and the nearest known one.
    """
    pool = set(known)
    for name in names:
        bare = canonical(name)
        if bare not in pool:
            near = difflib.get_close_matches(bare, pool, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "the link 'queryables' lists all"
            raise BadRequestError(f"there is no property {bare[:100]!r} to use here; {hint}", parameter=parameter)


async def unknown_fields(state: State, names: Iterable[str], collections: tuple[str, ...] | None) -> list[str]:
    """Notices of paths in the parameter `fields` that no Item has, which is no error in the Fields extension."""
    notices: list[str] = []
    for name in names:
        head, _, rest = name.partition(".")
        if head not in ITEM_MEMBERS:
            known = await known_names(state, collections)
            if head in known or name in known:
                hint = f"; it is a property: write properties.{name[:100]}"
            else:
                hint = _meant(head, ITEM_MEMBERS)
            notices.append(f"fields: an Item has no member {head[:100]!r}{hint}")
        elif rest and head in ("properties", "assets"):
            seen = set(await _seen(state, head, collections))
            if head == "properties":
                seen |= set(await known_names(state, collections))
            first = rest if rest in seen else rest.partition(".")[0]
            if first not in seen:
                notices.append(f"fields: no Item has {head}.{first[:100]}{_meant(first, seen, f'{head}.')}")
    return notices


def _meant(name: str, known: Iterable[str], prefix: str = "") -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {prefix + near[0]!r}?" if near else ""


async def _seen(state: State, member: str, collections: tuple[str, ...] | None) -> dict[str, set[str]]:
    """Keys of a member and the JSON types of their values, in a sample of each Collection's Items and its base item."""
    there = await state.collection_ids()
    wanted = there if collections is None else there & set(collections)
    memory = state.documents
    seen: dict[str, dict[str, set[str]] | None] = {c: memory.get(("seen", member, c)) for c in wanted}
    fresh: dict[str, dict[str, set[str]]] = {c: {} for c, keys in seen.items() if keys is None}
    if fresh:
        generation = memory.generation
        for collection, key, kind in await state.database.rows(MEMBERS_SEEN, sorted(fresh), member):
            fresh[collection].setdefault(key, set()).add(kind)
        for collection, keys in fresh.items():
            memory.put(("seen", member, collection), keys, generation)
    found: dict[str, set[str]] = {}
    for part in (*seen.values(), *fresh.values()):
        for key, kinds in (part or {}).items():
            found.setdefault(key, set()).update(kinds)
    return found
