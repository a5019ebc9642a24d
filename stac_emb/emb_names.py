"""Rules about names: unknown fields, fields in the wrong place, and misspelt members."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from stac_emb.emb_places import Found, Json, assets_of, fields_of, holders_of, is_ours
from stac_emb.fields import BY_NAME
from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI, intended_identifier
from stac_emb.objects import object_of
from stac_emb.pointers import pointer
from stac_emb.registry import load_schema, normalise, vendored
from stac_emb.table import Field

__all__ = ["declared", "meant_field", "misplaced", "place_of", "unknown_field"]

_DRAFT_NAMES = {"emb:chip_layout": "emb:footprint", "emb:fit_for_use": "emb:tasks", "emb:not_stated": "emb:absent"}
_WHERE = {"collection": "a Collection", "item": "an Item's properties", "asset": "an Asset"}
_PARTS = ("links", "providers", "properties", "extent")
"""Parts of a Collection, besides its Assets, in which authors put fields by mistake."""
_DEPTH = 8
"""Levels that are searched: a foreign document may be nested without limit."""


def declared(obj: Json) -> Found:
    """Fields of the extension without its identifier in `stac_extensions`: validators skip them."""
    extensions = obj.get("stac_extensions")
    known = {SCHEMA_URI, f"{SCHEMA_URI}#", DRAFT_URI, f"{DRAFT_URI}#"}
    given = [uri for uri in extensions if isinstance(uri, str)] if isinstance(extensions, list) else []
    if not known.isdisjoint(given):
        return
    used = next(
        (f"{where}/{name}" for where, held in holders_of(obj) for name in held if name.startswith(PREFIX)), None
    )
    if used is None:
        return
    for position, uri in enumerate(extensions if isinstance(extensions, list) else ()):
        if isinstance(uri, str) and intended_identifier(uri):
            told = f"`{uri}` is not the identifier of this extension, so that `{used}` is not checked"
            yield f"/stac_extensions/{position}", f"{told}: did you mean {SCHEMA_URI}?"
            return
    yield "/stac_extensions", f"`{used}` is used, but `stac_extensions` does not list {SCHEMA_URI}"


def _of_others(obj: Json, name: str) -> bool:
    """Whether another declared schema defines the name, or cannot be asked."""
    extensions = obj.get("stac_extensions")
    others = [uri for uri in extensions or () if isinstance(uri, str) and normalise(uri) != SCHEMA_URI]
    return any(not vendored(uri) or f"'{name}'" in str(load_schema(uri)) for uri in others)


def meant_field(name: str) -> str | None:
    """The field that a misspelt name most likely means, if one is close."""
    if name in _DRAFT_NAMES:
        return _DRAFT_NAMES[name]
    return next(iter(difflib.get_close_matches(name, BY_NAME, n=1)), None)


def _hint(name: str) -> str:
    meant = meant_field(name)
    return f" (did you mean `{meant}`?)" if meant else ""


def place_of(field: Field) -> str:
    """Where a field may stand, in words."""
    return " and ".join(_WHERE[scope] for scope in field.scope)


def unknown_field(obj: Json) -> Found:
    """Names with the prefix that are not fields, or stand on an object that cannot have them."""
    if not is_ours(obj):
        return
    place, main = fields_of(obj)
    scope = "item" if obj.get("type") == "Feature" else "collection"
    holders = [(place, main, scope), *((where, asset, "asset") for where, _, asset in assets_of(obj))]
    summaries = obj.get("summaries")
    for where, held, kind in holders:
        for name, value in held.items():
            if not name.startswith(PREFIX):
                continue
            field = BY_NAME.get(name)
            if field is None:
                if not _of_others(obj, name):
                    yield f"{where}/{name}", f"`{name}` is not a field of the extension{_hint(name)}"
            elif kind not in field.scope:
                yield f"{where}/{name}", f"`{name}` does not belong on {_WHERE[kind]}: it belongs to {place_of(field)}"
            else:
                yield from _unknown_members(f"{where}/{name}", field.schema, value)
    for name in summaries if isinstance(summaries, dict) else ():
        if name.startswith(PREFIX) and not (name in BY_NAME and BY_NAME[name].summary) and not _of_others(obj, name):
            yield f"/summaries/{name}", f"summaries hold no `{name}`{'' if name in BY_NAME else _hint(name)}"


def _unknown_members(where: str, schema: Mapping[str, Any], value: object) -> Found:
    """Members that look misspelt; other unknown members are legal, as objects may have more than the table lists."""
    if "items" in schema and isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _unknown_members(f"{where}/{position}", schema["items"], entry)
        return
    kind = object_of(schema)
    if kind is None or not isinstance(value, dict):
        return
    members = {member.name: member for member in kind.members}
    missing = [member.name for member in kind.members if member.required and member.name not in value]
    for name, entry in value.items():
        if name in members:
            yield from _unknown_members(f"{where}/{name}", members[name].schema, entry)
            continue
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.7)
        near = near or difflib.get_close_matches(name, members.keys() - value.keys(), n=1, cutoff=0.8)
        if near:
            yield f"{where}/{name}", f"`{name}` is not a member of the {kind.title} (did you mean `{near[0]}`?)"


def misplaced(obj: Json) -> Found:
    """Fields in places that readers ignore: beside an Item's properties, in links, in parts of an Asset."""
    if not is_ours(obj):
        return
    is_item = obj.get("type") == "Feature"
    for name in obj if is_item else ():
        if name.startswith(PREFIX):
            yield (
                f"/{name}",
                f"`{name}` stands beside `properties`, where readers do not look for it: move it into `properties`",
            )
    for part in ("links",) if is_item else _PARTS:
        if part in obj:
            yield from _within(obj, f"/{part}", obj[part])
    for where, _, asset in assets_of(obj):
        for name, value in asset.items():
            if not name.startswith(PREFIX) and isinstance(value, dict | list):
                yield from _within(obj, where + pointer([name]), value)


def _within(obj: Json, where: str, value: object, depth: int = _DEPTH) -> Found:
    entries: Iterator[tuple[str, object]] = iter(())
    if isinstance(value, dict):
        entries = ((str(name), inner) for name, inner in value.items())
    elif isinstance(value, list):
        entries = ((str(position), inner) for position, inner in enumerate(value))
    for name, inner in entries:
        if name.startswith(PREFIX):
            if not _of_others(obj, name):
                field = BY_NAME.get(name) or BY_NAME.get(meant_field(name) or "")
                belongs = f": it belongs to {place_of(field)}" if field else ""
                yield f"{where}/{name}", f"`{name}` stands in `{where}`, where readers do not look for it{belongs}"
        elif isinstance(inner, dict | list) and depth:
            yield from _within(obj, where + pointer([name]), inner, depth - 1)
