"""`fields.config.js` for STAC Browser, with the labels of our fields."""

import json

from stac_emb.fields import FIELDS
from stac_emb.objects import object_of

__all__ = ["render_fields_config"]


def _field(label: str, explain: str, unit: str | None, items: dict[str, dict[str, str]] | None) -> dict[str, object]:
    found: dict[str, object] = {"label": label, "explain": explain}
    if unit:
        found["unit"] = unit
    if items:
        found["items"] = items
    return found


def render_fields_config() -> str:
    """The file's text: `Registry` is the one of @radiantearth/stac-fields."""
    lines = [
        "// Labels of the `emb` extension for STAC Browser.",
        "// Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.",
        "import { Registry } from '@radiantearth/stac-fields';",
        "",
        "Registry.addExtension('emb', { label: 'Embedding' });",
    ]
    for field in FIELDS:
        schema = field.schema.get("items", field.schema)
        kind = object_of(schema)
        items = None
        if kind and "items" in field.schema:  # a list of objects is shown as a table
            items = {m.name: {"label": m.title} for m in kind.members}
        spec = _field(field.label, field.definition, field.unit, items)
        lines.append(f"Registry.addMetadataField('{field.name}', {json.dumps(spec, ensure_ascii=False, indent=2)});")
        if kind and items is None:
            for member in kind.members:
                inner = _field(member.title, member.definition, member.unit, None)
                name = f"{field.name}.{member.name}"
                lines.append(f"Registry.addMetadataField('{name}', {json.dumps(inner, ensure_ascii=False, indent=2)});")
    return "\n".join([*lines, "", "export default Registry;", ""])
