"""Rules that compare what a document says in one place with what it says in another."""

from typing import Any

from stac_emb.emb_places import Found, Json, effective, fields_of, is_ours, vector_assets
from stac_emb.fields import BY_NAME, FIELDS
from stac_emb.numbers import is_number

__all__ = ["item_asset", "summaries"]

_SHARED = tuple(field.name for field in FIELDS if "asset" in field.scope and len(field.scope) > 1)


def _agree(one: object, other: object) -> bool:
    """Whether two values can both be true; of objects, whether the members that both have agree."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(one[name], other[name]) for name in one.keys() & other.keys())
    return one == other


def item_asset(obj: Json) -> Found:
    """Values that a document states of its vectors but that none of its Assets has."""
    _, main = fields_of(obj)
    for name in _SHARED:
        if name not in main:
            continue
        for holder in ("assets", "item_assets"):
            found = list(vector_assets(obj, holder))
            values = [effective(asset, main, name) for _, asset in found]
            if values and not any(_agree(main[name], value) for value in values):
                owner = "Item" if obj.get("type") == "Feature" else "Collection"
                told = f"the Asset says {values[0]!r}, the {owner} {main[name]!r}"
                yield f"{found[0][0]}/{name}", f"{told}: none of its Assets has this value"


def _covers(summary: object, value: object) -> bool:
    """Whether a summary (a list of values or a range) includes a value; a JSON Schema is not evaluated."""
    if isinstance(summary, list):
        return any(_agree(entry, value) for entry in summary)
    if isinstance(summary, dict) and is_number(value):
        least, most = summary.get("minimum"), summary.get("maximum")
        return not ((is_number(least) and value < least) or (is_number(most) and value > most))
    return True


def summaries(obj: Json) -> Found:
    """Values of a Collection, or of its Asset definitions, that are missing from its summaries."""
    given = obj.get("summaries")
    if obj.get("type") != "Collection" or not isinstance(given, dict) or not is_ours(obj):
        return
    described = [("", obj), *(found for holder in ("assets", "item_assets") for found in vector_assets(obj, holder))]
    for name, summary in given.items():
        if name not in BY_NAME or not BY_NAME[name].summary:
            continue
        is_list = BY_NAME[name].schema.get("type") == "array"
        for where, held in described:
            if name not in held:
                continue
            value: Any = held[name]
            entries = value if is_list and isinstance(value, list) else [value]
            missing = [entry for entry in entries if not _covers(summary, entry)]
            if missing:
                owner = f"`{where}`" if where else "the Collection"
                yield f"/summaries/{name}", f"{owner} says {missing[0]!r:.80}, which its summary does not have"
                break
