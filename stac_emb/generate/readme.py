"""`schemas/emb/README.md`: tables from the field table, prose from `readme.md.txt` beside this module."""

from collections.abc import Sequence
from pathlib import Path
from string import Template

from stac_emb.crosswalk.draft_terms import RENAMED
from stac_emb.fields import FIELDS, RELATIONS
from stac_emb.identity import HOST, SCHEMA_URI, VERSION, space_uri
from stac_emb.objects import OBJECTS, object_of
from stac_emb.quantization_methods import METHODS
from stac_emb.rules import RULES
from stac_emb.semantics import SEMANTIC_RULES
from stac_emb.table import Field, Member, ObjectType, Schema

__all__ = ["render_readme"]

_PLACES = {"collection": "Collection", "item": "Item", "asset": "Asset"}
# Draft v0.0.1 comes from the conversion code; the other three are written here, and the tests of the crosswalks look
# up each of them in a converted document.
_ZARR = {
    "emb:type": "`geoemb:type` (`chip` for `patch`)",
    "emb:dimensions": "`geoemb:dimensions`",
    "emb:model": "`geoemb:model` (address only)",
    "emb:inference_data": "`geoemb:source_data` (addresses only)",
    "emb:space_relations": "`geoemb:depths` (own prefixes)",
    "emb:footprint": "`geoemb:chip_layout` (pixels only)",
    "emb:quantization": "`geoemb:quantization` (linear, per vector)",
}
_CARD = {
    "emb:type": "`embedding_spatial_types`",
    "emb:dimensions": "`embedding_dimension`",
    "emb:model": "`model_name`, `model_link`",
    "emb:inference_data": "`inference_datasets` (names only)",
    "emb:ground_size": "`grid_spacing` (metres, x first)",
    "emb:temporal_resolution": "`embedding_temporal_type`",
    "emb:quantization": "`quantization` (method only)",
}
_CROISSANT = {
    "emb:type": "kept as `emb:type`",
    "emb:dimensions": "kept as `emb:dimensions`",
    "emb:space": "kept as `emb:space`",
    "emb:normalization": "kept as `emb:normalization`",
    "emb:ground_size": "`geocr:spatialResolution`",
    "emb:temporal_resolution": "`geocr:temporalResolution`",
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _type(schema: Schema) -> str:
    if held := object_of(schema):
        return f"[{held.title}](#{held.title.lower().replace(' ', '-')})"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"\\[{_type(schema['items'])}]"
    if "additionalProperties" in schema:
        return f"object of {_type(schema['additionalProperties'])}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _places(field: Field) -> str:
    return ", ".join(_PLACES[scope] for scope in field.scope)


def _recommended(row: Field | Member) -> str:
    if not row.recommended or "table of methods" in row.definition:
        return ""
    return f" Recommended: {', '.join(f'`{word}`' for word in row.recommended)}."


def _unit(row: Field | Member) -> str:
    return f" Unit: {row.unit}." if row.unit else ""


def _fields() -> str:
    rows = []
    for field in FIELDS:
        required = ""
        if field.required:
            required = "**Required** of Collections" + ("." if field.name == "emb:type" else ", or absent.") + " "
        text = f"{required}{field.definition}{_recommended(field)}{_unit(field)}"
        rows.append((f"`{field.name}`", _type(field.schema), _places(field), text))
    return _table(("Field", "Type", "Where", "Meaning"), rows)


def _member(member: Member) -> tuple[str, ...]:
    required = "**Required.** " if member.required else ""
    text = f"{required}{member.definition}{_recommended(member)}{_unit(member)}"
    return (f"`{member.name}`", _type(member.schema), text)


def _object(kind: ObjectType) -> str:
    table = _table(("Member", "Type", "Meaning"), [_member(member) for member in kind.members])
    return f"### {kind.title}\n\n{kind.definition}\n\n{table}\n"


def _details() -> str:
    """A section for each field, to which the validator's messages link."""
    parts = []
    for field in FIELDS:
        anchor = field.name.replace(":", "-").replace("_", "-")
        also = f" Also known as {', '.join(f'`{alias}`' for alias in field.aliases)}." if field.aliases else ""
        text = f"{field.definition}{_recommended(field)} Type: {_type(field.schema)}. Where: {_places(field)}."
        parts.append(f'### <a id="{anchor}"></a>`{field.name}`\n\n{text}{also}\n\nSource: {field.source}.\n')
    return "\n".join(parts)


def _methods() -> str:
    rows = []
    for method in METHODS:
        parameters = [f"`{name}`" for name in method.required]
        if method.one_of:
            parameters.append("one of " + ", ".join(f"`{name}`" for name in method.one_of))
        parameters += [f"`{name}` (optional)" for name in method.optional]
        rows.append((f"`{method.name}`", method.rule, ", ".join(parameters) or "none", method.seen_in))
    return _table(("Method", "Rule", "Parameters", "Seen in"), rows)


def _rules() -> str:
    rows: list[tuple[str, ...]] = [(f"`emb/{rule.id}`", rule.message) for rule in RULES]
    rows += [(f"`semantic/{name}`", text) for name, (text, _, _) in SEMANTIC_RULES.items()]
    rows.append(("`semantic/space-of-collection`", "The space that an Item states is the one of its Collection."))
    return _table(("Rule", "What it asks"), rows)


def _crosswalk() -> str:
    """Our fields in the draft, in Zarr attributes, in the dataset card and in GeoCroissant."""
    draft: dict[str, str] = {}
    for theirs, (ours, _, _) in RENAMED.items():
        draft.setdefault(ours, f"`{theirs}`")
    draft["emb:model"] = "link `emb:model`"
    draft["emb:inference_data"] = "link `emb:source-data`"
    rows = [
        (f"`{field.name}`", *(names.get(field.name, "–") for names in (draft, _ZARR, _CARD, _CROISSANT)))
        for field in FIELDS
    ]
    return _table(("Field", "Draft v0.0.1", "Zarr `geoemb:`", "Dataset card", "GeoCroissant"), rows)


def render_readme() -> str:
    """The README's text."""
    prose = (Path(__file__).with_name("readme.md.txt")).read_text(encoding="utf-8")
    relations = _table(("Relation", "Meaning"), [(f"`{name}`", text) for name, text in RELATIONS.items()])
    return Template(prose).substitute(
        uri=SCHEMA_URI,
        version=VERSION,
        host=HOST,
        spaces=space_uri(""),
        fields=_fields(),
        details=_details(),
        objects="\n".join(_object(kind) for kind in OBJECTS.values()),
        methods=_methods(),
        relations=relations,
        rules=_rules(),
        crosswalk=_crosswalk(),
    )
