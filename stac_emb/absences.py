"""`emb:absent`: the names it may hold, and the reasons that a conversion writes."""

import difflib
from collections.abc import Container, Iterable

from stac_emb.emb_places import Found, Json, fields_of, is_ours
from stac_emb.fields import ABSENT_PATHS, FIELDS
from stac_emb.identity import PREFIX
from stac_emb.pointers import pointer

__all__ = ["CORE_PATHS", "absences", "floor", "not_looked_up"]

CORE_PATHS = (
    *("license", "extent", "extent.spatial", "extent.temporal", "providers", "keywords", "title", "description"),
    *("datetime", "start_datetime", "end_datetime", "created", "updated", "gsd", "platform", "instruments"),
    *("constellation", "mission", "bands", "data_type", "nodata", "statistics", "unit", "assets", "item_assets"),
)
"""Fields of STAC core that `emb:absent` may name: core requires a licence and an extent even where the producer
states none, and readers of vectors miss the others."""
_OWN = (*ABSENT_PATHS, "emb:type", "emb:absent")
_SHORT = {path.removeprefix(PREFIX): path for path in _OWN}


def _meant(path: str) -> str:
    if path in _SHORT:
        return f" (did you mean `{_SHORT[path]}`?)"
    near = difflib.get_close_matches(path, [*_OWN, *CORE_PATHS], n=1, cutoff=0.75)
    if not near and ":" not in path:
        near = [_SHORT[name] for name in difflib.get_close_matches(path, _SHORT, n=1, cutoff=0.75)]
    return f" (did you mean `{near[0]}`?)" if near else ""


def _is_of_others(path: str) -> bool:
    """Whether a name belongs to another extension; one that is close to ours counts as a misspelling."""
    prefix, colon, name = path.partition(":")
    return bool(colon and name and prefix) and not path.startswith(PREFIX) and not _meant(path)


def absences(obj: Json) -> Found:
    """Names that `emb:absent` cannot hold, and names of fields that have a value."""
    place, main = fields_of(obj)
    absent = main.get("emb:absent")
    for path in absent if isinstance(absent, dict) else ():
        where = place + pointer(["emb:absent", path])
        name, _, member = path.partition(".")
        if path == "emb:absent" or (path == "emb:type" and obj.get("type") == "Collection"):
            yield where, f"`{path}` is never absent"
        elif path.startswith(PREFIX) and path not in _OWN:
            yield where, f"`{path}` is not a field of the extension, or a member that is always stated{_meant(path)}"
        elif not path.startswith(PREFIX) and path not in CORE_PATHS and not _is_of_others(path):
            told = f"`{path}` is neither a field of the extension nor one of STAC core{_meant(path)}"
            yield where, f"{told}: names are written with their prefix, members behind a dot (`emb:model.version`)"
        elif (
            path.startswith(PREFIX)
            and name in main
            and (not member or (isinstance(main[name], dict) and member in main[name]))
        ):
            yield where, f"`{path}` is given and also named in `emb:absent`: remove one of the two"


def floor(obj: Json) -> Found:
    """A Collection that gives a reason for the absence of every field states nothing."""
    required = [field.name for field in FIELDS if field.required and field.name not in {"emb:type", "emb:delivery"}]
    if obj.get("type") != "Collection" or "emb:type" not in obj or not is_ours(obj):
        return
    if not any(name in obj for name in required) and isinstance(obj.get("emb:absent"), dict):
        yield (
            "/emb:absent",
            "the Collection states nothing of its vectors but what they stand for: give at least one of "
            + ", ".join(f"`{name}`" for name in required),
        )


def not_looked_up(fields: Container[str], more: Iterable[str] = (), *, required: bool = True) -> dict[str, str]:
    """Required fields that a conversion could not fill: the producer may state them elsewhere.

    Args:
        fields: what is stated.
        more: fields that this object must state besides those of every Collection.
        required: it is a Collection.
    """
    silent = [field.name for field in FIELDS if field.required and field.name != "emb:type" and required]
    return {name: "not_looked_up" for name in [*silent, *more] if name not in fields}
