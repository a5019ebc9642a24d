"""The fields of the form by section: those of `emb` from the field table, those of STAC core and of the record."""

from dataclasses import dataclass
from typing import Any

from atlas.web.describe.record_schema import part_schema
from stac_emb.fields import ABSENT_PATHS, BY_NAME, FIELDS
from stac_emb.fragments import NUMBER, SENTINEL, TEXT, choice
from stac_emb.objects import OBJECTS
from stac_emb.table import Field, Member, ObjectType, Schema, array, ref

__all__ = ["ASSET", "FURTHER", "RECORD_FIELDS", "RECORD_PARTS", "SECTIONS", "Section", "form_objects", "form_sections"]

ASSET = "$asset"
"""Placeholder in a path for the Asset that holds the vectors, whose key depends on the document."""
_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_DATA_TYPES = tuple(
    [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)] + [f"float{b}" for b in (16, 32, 64)]
)
_MEDIA_TYPES = (
    "image/tiff; application=geotiff; profile=cloud-optimized",
    "application/vnd.apache.parquet",
    "application/vnd.zarr; version=3",
    "application/x-npy",
    "application/x-netcdf",
)
_PROVIDER = ObjectType(
    "provider",
    "Provider",
    "Provider Object",
    "An organisation and what it does for the product.",
    (
        Member("name", TEXT, "Name as the organisation writes it.", required=True),
        Member("roles", array(choice("producer", "licensor", "processor", "host")), "What it does for the product."),
        Member("url", {"type": "string", "format": "iri"}, "Its home page, or its page about the product."),
    ),
)
_CORE: dict[str, tuple[Member, ...]] = {
    "identity": (
        Member("id", TEXT, "Short name: lower-case letters and digits, parts joined by `-`.", required=True),
        Member("title", TEXT, "Title as the producer writes it.", required=True),
        Member("description", TEXT, "A few paragraphs: what it is, how it was made.", required=True),
        Member(
            "license",
            TEXT,
            "Licence of the data as an SPDX identifier; `other` if it has none: link its text below, as `license`.",
            required=True,
            label="Licence",
            recommended=("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODC-By-1.0", "Apache-2.0", "other"),
        ),
        Member("providers", array(ref("provider")), "Who makes, licenses, processes and hosts it."),
        Member("keywords", array(TEXT), "Search terms: coverage, sensors, format."),
        Member("links", array(ref("link"), at_least=0), "Addresses with a relation: `license`, `about`, `cite-as`."),
    ),
    "place": (
        Member(
            "extent.spatial.bbox.0",
            {"type": "array", "items": NUMBER},
            "West, south, east, north in degrees: the box around all vectors.",
            required=True,
            label="Bounding box",
        ),
        Member(
            "extent.temporal.interval.0.0",
            _MOMENT,
            "When the data begin, UTC. A year or a day is enough; empty where the interval is open.",
            label="Start",
        ),
        Member("extent.temporal.interval.0.1", _MOMENT, "When the data end, likewise.", label="End"),
        Member(
            "gsd",
            {"type": "number", "exclusiveMinimum": 0},
            "Ground sample distance of the imagery that was read.",
            unit="m",
            label="Ground sample distance",
        ),
    ),
    "file": (
        Member(f"{ASSET}.title", TEXT, "What the file is, in a few words.", label="Title of the file"),
        Member(f"{ASSET}.type", TEXT, "Media type.", label="Media type", recommended=_MEDIA_TYPES),
        Member(
            f"{ASSET}.data_type", TEXT, "Data type of the stored numbers.", label="Data type", recommended=_DATA_TYPES
        ),
        Member(f"{ASSET}.nodata", SENTINEL, "Stored value that marks a missing vector; may be `nan`.", label="No data"),
        Member(f"{ASSET}.emb:layout", BY_NAME["emb:layout"].schema, BY_NAME["emb:layout"].definition, label="Layout"),
    ),
}
"""The fields of STAC core, in the form of the field table."""
_BLANK: dict[str, Any] = {
    "links": [],
    "extent.spatial.bbox.0": [],
    "extent.temporal.interval.0.0": None,
    "extent.temporal.interval.0.1": None,
}
"""Values of a new document for members that STAC core requires and that were not given."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the form.

    Attributes:
        text: what it is about, in a sentence.
        fields: names of its `emb` fields, in order, after those of STAC core.
        folded: whether it is collapsed at first.
    """

    id: str
    title: str
    text: str
    fields: tuple[str, ...] = ()
    folded: bool = False


_PLACED = (
    Section("identity", "What it is", "Name, licence and people: the fields of STAC core."),
    Section(
        "vectors",
        "The vectors",
        "What one vector describes, in which space it lies, and how stored numbers become the vector.",
        (
            *("emb:type", "emb:delivery", "emb:dimensions", "emb:space", "emb:model", "emb:pooling"),
            *("emb:normalization", "emb:similarity", "emb:quantization", "emb:encoder"),
        ),
    ),
    Section("file", "The file", "Where the vector lies in a file. Leave it empty if vectors are computed on demand."),
    Section(
        "inputs",
        "What it was made from",
        "Training data and the data read at inference are seldom the same: state both.",
        ("emb:training_data", "emb:inference_data"),
    ),
    Section(
        "place",
        "Place and time",
        "Where and when there are vectors, and how much ground and time one vector describes.",
        (
            *("emb:ground_size", "emb:context_size", "emb:footprint", "emb:temporal_resolution"),
            *("emb:temporal_window", "emb:temporal_description", "emb:completeness", "emb:spatial_coverage"),
        ),
    ),
    Section(
        "use",
        "Use and pitfalls",
        "What it is for, what a user must know, and which other vectors it may be compared with.",
        ("emb:tasks", "emb:known_issues", "emb:space_relations"),
    ),
)
_NAMED = {name for section in _PLACED for name in section.fields}
SECTIONS = (
    *_PLACED,
    Section(
        "more",
        "How it was computed",
        "Seldom stated, and worth stating.",
        tuple(f.name for f in FIELDS if "collection" in f.scope and f.name not in _NAMED and f.name != "emb:absent"),
        folded=True,
    ),
)
"""Every field of a Collection is in one section: those that no section names are in the last."""

RECORD_FIELDS = (
    *(
        "sources.main.source",
        "sources.main.checked",
        "sources.main.strength",
        "status",
        "summary",
        "extent.place",
        "extent.years",
    ),
    *("distributions", "citation"),
)
"""Fields of a record that a Collection does not have."""
_RECORD_MEMBERS = {
    "distributions": ("id", "title", "host", "protocol", "format", "href", "auth", "region"),
    "citation": ("kind", "text", "doi", "arxiv", "url"),
}
_RECORD_LABELS = {
    "sources.main.source": "Where this can be checked",
    "sources.main.checked": "Checked on",
    "sources.main.strength": "Strength of the source",
    "extent.place": "The extent in words",
    "distributions": "Where it is served",
}
RECORD_PARTS = (
    *("title", "description", "version", "providers", "embedding", "model", "training_data", "inference_data"),
    *("extent", "licences", "distributions", "citation", "known_issues"),
)
"""Parts of a record that each need a source."""
FURTHER = "further_sources"
"""Sources beside the main one. Each part of a record names the sources that it rests on."""
_FURTHER = Member(
    FURTHER,
    array(ref("source"), at_least=0),
    "Where the main source does not say everything: other pages, and what was read there.",
    label="Further sources",
)
_RECORD_WIDGETS: dict[str, Any] = {"distributions": array(ref("distribution")), "citation": ref("citation")}


def _row(row: Field | Member, path: str, label: str, *, absent: str = "", blank: object = ...) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": path,
        "label": label,
        "text": row.definition,
        "schema": dict(row.schema),
        "required": row.required,
        "unit": row.unit,
        "words": list(row.recommended),
        "absent": absent,
    }
    if blank is not ...:
        found["blank"] = blank
    # Empty members are left out to keep the file small.
    return {key: value for key, value in found.items() if key == "blank" or value not in (None, "", [], False)}


def form_sections(tasks: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The sections with their fields: path, label, meaning, JSON Schema, unit, recommended words.

    Args:
        tasks: ids of the catalogue's tasks, to choose from.
    """
    found = []
    for section in SECTIONS:
        rows = [
            _row(
                row,
                row.name,
                row.title,
                absent="emb:layout" if row.name.endswith("emb:layout") else "",
                blank=_BLANK.get(row.name, ...),
            )
            for row in _CORE.get(section.id, ())
        ]
        for name in section.fields:
            field = BY_NAME[name]
            row = _row(field, name, field.label, absent=name if name in ABSENT_PATHS else "")
            rows.append(row | {"words": list(tasks)} if name == "emb:tasks" and tasks else row)
        found.append({"id": section.id, "title": section.title, "text": section.text, "fields": rows})
    record = [_record_row(path) for path in RECORD_FIELDS]
    record.insert(3, _row(_FURTHER, FURTHER, _FURTHER.title))
    return [*found, {"id": "record", "fields": record}]


def form_objects() -> dict[str, dict[str, Any]]:
    """The object types that fields hold, by name."""
    found: dict[str, dict[str, Any]] = {}
    for kind in (*OBJECTS.values(), _PROVIDER):
        members = [_row(member, member.name, member.title) for member in kind.members]
        found[kind.name] = {"title": kind.title, "text": kind.definition, "members": members}
    for name, members_of in _RECORD_MEMBERS.items():
        rows = [_record_row(f"{name}.{member}", member) for member in members_of]
        kind_name = name.removesuffix("s")
        found[kind_name] = {"title": kind_name.capitalize(), "text": "", "members": rows}
    rests = Member(
        "of", array(choice(*RECORD_PARTS)), "The parts of the record that rest on it.", label="What it is for"
    )
    asked = [_record_row(path, path.rpartition(".")[2]) for path in RECORD_FIELDS if path.startswith("sources.")]
    members = [*asked, _row(rests, rests.name, rests.title)]
    found["source"] = {"title": "Source", "text": "", "members": members}
    return found


def _record_row(path: str, name: str = "") -> dict[str, Any]:
    schema = dict(part_schema(path))
    required = schema.pop("required_here")
    text = " ".join(str(schema.pop("description", "")).split())
    last = path.rpartition(".")[2]
    member = Member(last, _RECORD_WIDGETS.get(path, schema), text, required=required)
    return _row(member, name or path, _RECORD_LABELS.get(path, member.title))
