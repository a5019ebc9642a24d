"""From the community draft v0.0.1, including the names of its early examples, to the extension."""

import copy
from typing import Any, cast

from stac_emb.absences import not_looked_up
from stac_emb.crosswalk.draft_terms import KEPT, RENAMED, lift
from stac_emb.crosswalk.outcome import Converted
from stac_emb.emb_places import assets_of, fields_of, vector_assets
from stac_emb.fields import FIELDS
from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI
from stac_emb.pointers import parts_of

__all__ = ["from_draft", "is_draft", "lift_draft"]

_EXT = "https://stac-extensions.github.io"
_PROCESSING, _PROJECTION = f"{_EXT}/processing/v1.2.0/schema.json", f"{_EXT}/projection/v2.0.0/schema.json"

# Names in examples of the draft's repository before 0.0.1 was settled.
_EARLY: dict[str, tuple[str, str | None]] = {
    "emb:dtype": ("data_type", None),
    "emb:spatial_resolution": ("gsd", None),
    "emb:inference_datetime": ("processing:datetime", _PROCESSING),
    "emb:processing_baseline": ("processing:version", _PROCESSING),
    "emb:crs": ("proj:code", _PROJECTION),
    "emb:patch_layout": ("emb:chip_layout", None),
}
_EARLY_LAYOUT = {"patch_size": "chip_size"}


def is_draft(obj: dict[str, Any]) -> bool:
    """Whether the object declares the community draft and has to be lifted.

    Where it declares this extension too, its fields are those of this extension; read as those of the draft, all
    others would be set aside.
    """
    declared = obj.get("stac_extensions")
    extensions = {str(uri).removesuffix("#") for uri in declared} if isinstance(declared, list) else set()
    return DRAFT_URI in extensions and SCHEMA_URI not in extensions


def _early_names(holder: dict[str, Any], extensions: list[str], outcome: Converted) -> None:
    for old, (new, extension) in _EARLY.items():
        if old not in holder or new in holder:
            continue
        holder[new] = holder.pop(old)
        if not new.startswith(PREFIX):  # a similar name of `emb` need not be mentioned
            outcome.move(old, new)
        if extension and extension not in extensions:
            extensions.append(extension)
    layout = holder.get("emb:chip_layout")
    if isinstance(layout, dict):
        for old, new in _EARLY_LAYOUT.items():
            if old in layout and new not in layout:
                layout[new] = layout.pop(old)
        for name in ("chip_size", "stride"):
            if isinstance(layout.get(name), int):
                layout[name] = [layout[name], layout[name]]
    quantization = holder.get("emb:quantization")
    if isinstance(quantization, dict):
        for name in ("scale", "offset"):
            if isinstance(quantization.get(name), int | float):
                quantization[name] = [quantization[name]]


def _fields(where: str, holder: dict[str, Any], allowed: frozenset[str], outcome: Converted) -> None:
    # A value that our field cannot hold is kept beside it.
    for name in [key for key in holder if key.startswith(PREFIX)]:
        kept = KEPT + name.removeprefix(PREFIX)
        for new, value in lift(name, holder.pop(name)).items():
            fits = new.startswith(KEPT) or new in allowed
            holder[new if fits else kept] = value
        if kept in holder and (name not in RENAMED or RENAMED[name][0] not in holder):
            outcome.move(f"{where}{name}", kept)


def _summaries(summaries: dict[str, Any], outcome: Converted) -> None:
    allowed = {field.name: field for field in FIELDS if field.summary}
    for name in [key for key in summaries if key.startswith(PREFIX)]:
        value = summaries.pop(name)
        kept = KEPT + name.removeprefix(PREFIX)
        if not isinstance(value, list):
            new = next(iter(lift(name, None)), kept) if name not in allowed else name
            summaries[new if new in allowed else kept] = value
            if new not in allowed:
                outcome.move(f"summaries.{name}", kept)
            continue
        lists = (name in allowed and allowed[name].schema.get("type") == "array") or name == "emb:fit_for_use"
        # The draft summarises a list field by its members, as STAC does.
        lifted = [lift(name, [item] if lists else item) for item in value]
        target = next((key for entry in lifted for key in entry if not key.startswith(KEPT)), None)
        exact = target in allowed and bool(value) and all(set(entry) == {target} for entry in lifted)
        if target and exact:
            summaries[target] = [entry[target][0] if lists else entry[target] for entry in lifted]  # type: ignore[index]  # a list field's value is a list
        else:
            summaries[kept] = value
            outcome.move(f"summaries.{name}", kept)


def _scope(scope: str) -> frozenset[str]:
    return frozenset(field.name for field in FIELDS if scope in field.scope)


def _absent(obj: dict[str, Any], main: dict[str, Any]) -> None:
    silent: list[str] = []
    if main is obj and obj.get("emb:type") == "patch" and not {"size", "size_px"} & set(obj.get("emb:footprint", {})):
        silent.append("emb:ground_size")
    if any(True for holder in ("assets", "item_assets") for _ in vector_assets(obj, holder)):
        silent += ["emb:quantization", "emb:layout"]
        silent += [] if main is obj else ["emb:type", "emb:dimensions", "emb:space"]
    reasons = not_looked_up(main, silent, required=main is obj)
    if reasons:
        main["emb:absent"] = reasons


def from_draft(obj: dict[str, Any]) -> dict[str, Any]:
    """Convert a document of the draft to the extension; see `lift_draft`."""
    return lift_draft(obj).document


def lift_draft(obj: dict[str, Any]) -> Converted:
    """Lift a document of the draft; the given one is not changed.

    Nothing is lost: values that ours cannot hold exactly are also kept as `draft_emb:<name>`. Required fields that
    the draft lacks (the vector space, training data) are named in `emb:absent` as not looked up: the producer may
    state them elsewhere.
    """
    new = copy.deepcopy(obj)
    outcome = Converted(new)
    declared = new.get("stac_extensions")
    extensions: list[Any] = []
    for uri in declared if isinstance(declared, list) else ():
        lifted = SCHEMA_URI if str(uri).removesuffix("#") == DRAFT_URI else uri
        if lifted not in extensions:
            extensions.append(lifted)
    is_item = new.get("type") == "Feature"
    # A value of the wrong type is kept, for the validator to report.
    main = cast("dict[str, Any]", fields_of(new)[1])
    assets = [cast("dict[str, Any]", asset) for _, _, asset in assets_of(new)]
    summaries = new.get("summaries")
    for place in (main, *assets, *([summaries] if isinstance(summaries, dict) else [])):
        _early_names(place, extensions, outcome)
    _fields("properties." if is_item else "", main, _scope("item" if is_item else "collection"), outcome)
    for where, _, held in assets_of(new):
        prefix = f"{'.'.join(parts_of(where))}."
        _fields(prefix, cast("dict[str, Any]", held), _scope("asset"), outcome)
    if isinstance(summaries, dict):
        _summaries(summaries, outcome)
    _absent(new, main)
    new["stac_extensions"] = extensions
    return outcome
