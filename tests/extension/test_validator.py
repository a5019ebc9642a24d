"""The Validator: which schemas apply, how a fault is told, and what cannot be had offline."""

import pytest

from atlas.errors import UnreadableInput, ValidationFailed
from atlas.extension.registry import load_schema, registry, vendored
from atlas.extension.validate import Validator, check
from tests.extension.engines import EXAMPLES, read

COLLECTION = next(path for path in EXAMPLES if path.stem == "pixel-cog-collection")
ITEM = next(path for path in EXAMPLES if path.stem == "pixel-npy-scales-item")


def test_every_vendored_schema_compiles():
    validator = Validator()
    for uri in registry():
        validator._validator(uri)
    assert len(registry()) > 45


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_both_versions_of_core_apply(version):
    document = read(COLLECTION) | {"stac_version": version}
    assert Validator().validate(document) == []
    del document["description"]
    (fault,) = Validator().validate(document)
    assert fault.rule == "collection/required"
    assert f"/v{version}/" in fault.see


def test_catalogs_are_validated_too():
    catalog = {"type": "Catalog", "stac_version": "1.1.0", "id": "c", "description": "d", "links": []}
    assert Validator().validate(catalog) == []
    assert [f.rule for f in Validator().validate(catalog | {"id": ""})] == ["catalog/minLength"]


def test_other_extensions_apply():
    document = read(ITEM)
    document["properties"]["proj:code"] = 32631
    (fault,) = Validator().validate(document)
    assert fault.pointer == "/properties/proj:code"
    assert fault.rule.startswith("projection/")


def test_the_fault_of_a_missing_link_says_which():
    document = read(ITEM) | {"links": []}
    (fault,) = Validator().validate(document)
    assert fault.message == "an Item that names its `collection` needs a link with `rel` `collection`"


COMMON = {
    "a text in place of an object": ("assets|embeddings", "x.npy", 'must be an object {...}, not "x.npy"'),
    "a list in place of an object": ("properties", [], "must be an object {...}, not []"),
    "an object in place of a list": ("links", {}, "must be a list [...], not {}"),
    "no such day": (
        "properties|datetime",
        "2024-13-45",
        'must be a date and time in UTC such as 2024-01-31T00:00:00Z, not "2024-13-45"',
    ),
    "a time of another zone": (
        "properties|created",
        "2024-01-31T00:00:00+01:00",
        'must be a time in UTC, which ends with Z, not "2024-01-31T00:00:00+01:00"',
    ),
    "half a bbox": ("bbox", [1, 2, 3], "must have at least 4 entries, has 3"),
    "a line for a polygon": (
        "geometry",
        {"type": "Polygon", "coordinates": [[[0.1, 52], [0.2, 52.1]]]},
        "must have at least 4 entries, has 2",
    ),
    "the draft's word": ("properties|emb:type", "chip", 'must be one of "pixel", "patch", "location", not "chip"'),
    "no such geometry": (
        "geometry|type",
        "polygon",
        'must be one of "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"',
    ),
    "one of two types": (
        "assets|embeddings|emb:quantization|nodata",
        "none",
        'must be a number or one of "nan", "inf", "-inf", not "none"',
    ),
    "no duration": (
        "properties|emb:temporal_window",
        "1 year",
        'must be an ISO 8601 duration such as P1Y or P16D, not "1 year"',
    ),
    "an empty list": ("properties|emb:tasks", [], "must not be empty: give a value, or leave it out"),
    "an empty text": ("assets|embeddings|href", "", "must not be empty"),
    "below the limit": ("properties|emb:dimensions", 0, "must be at least 1, not 0"),
    "no words at all": ("properties|emb:space", "My Space", "must be an id of lower-case letters and digits"),
    "a text in place of `emb:absent`": ("properties|emb:absent", "x", 'must be an object {...}, not "x"'),
    "a reason of one's own": (
        "properties|emb:absent",
        {"sci:doi": "lost"},
        'must be one of "not_stated", "not_applicable"',
    ),
}


@pytest.mark.parametrize("kind", COMMON)
def test_a_common_mistake_is_told_once_in_plain_words(kind):
    path, value, message = COMMON[kind]
    document = read(ITEM)
    *parents, last = path.split("|")
    node = document
    for part in parents:
        node = node[part]
    node[last] = value
    (fault,) = Validator().validate(document)
    assert fault.message.startswith(message)
    assert fault.pointer.startswith("/" + path.replace("|", "/"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("summaries", {"emb:dimensions": []}, "must not be empty"),
        ("license", "", "must be an SPDX licence identifier, or the word other"),
        ("emb:tasks", [""], "must not be empty"),
    ],
)
def test_a_common_mistake_in_a_collection(field, value, message):
    document = read(COLLECTION)
    document.pop("emb:similarity")
    (fault,) = Validator().validate(document | {field: value})
    assert fault.message.startswith(message)


def test_a_missing_datetime_is_told_with_its_alternative():
    document = read(ITEM)
    for name in ("datetime", "start_datetime", "end_datetime"):
        document["properties"].pop(name, None)
    (fault,) = Validator().validate(document)
    assert "null together with `start_datetime` and `end_datetime`" in fault.message


def test_what_is_no_address_of_a_schema():
    document = read(COLLECTION)
    document["stac_extensions"].append("emb")
    (fault,) = Validator().validate(document)
    assert fault.message == '"emb" is not the address of a schema: give the extension\'s full URI'


def test_an_unknown_field_comes_with_a_suggestion():
    document = read(COLLECTION)
    document["emb:dimension"] = 64
    document["emb:fit_for_use"] = ["x"]
    told = {fault.pointer: fault.message for fault in Validator().validate(document)}
    assert "did you mean `emb:dimensions`?" in told["/emb:dimension"]
    assert "did you mean `emb:tasks`?" in told["/emb:fit_for_use"]


def test_pointers_are_escaped():
    document = read(COLLECTION)
    document["item_assets"]["a/b~c"] = {"title": "x", "type": "y", "emb:dimensions": 0}
    (fault,) = Validator().validate(document)
    assert fault.pointer == "/item_assets/a~1b~0c/emb:dimensions"


def test_a_schema_that_cannot_be_had_is_a_fault_once_per_object():
    document = read(COLLECTION)
    document["stac_extensions"].append("https://example.com/nope.json")
    validator = Validator()
    for _ in range(2):
        (fault,) = validator.validate(document)
        assert fault.rule == "unknown-schema"
        assert fault.id == document["id"]
    assert not validator.is_valid(document)


def test_schemas_may_be_fetched_by_the_caller():
    document = read(COLLECTION)
    document["stac_extensions"].append("https://example.com/x.json")
    asked = []

    def fetch(uri):
        asked.append(uri)
        return {"required": ["x"]}

    validator = Validator(fetch=fetch)
    assert [f.rule for f in validator.validate(document)] == ["x/required"]
    assert validator.validate(document | {"x": 1}) == []
    assert asked == ["https://example.com/x.json"]


def test_check_raises_with_every_fault():
    document = read(COLLECTION)
    del document["emb:space"]
    document["emb:dimensions"] = 0
    with pytest.raises(ValidationFailed, match=r"aef-v1-annual: .*emb:dimensions.*emb:space"):
        check(document)
    check(read(COLLECTION))


def test_nothing_else_is_vendored():
    assert not vendored("https://example.com/x.json")
    with pytest.raises(UnreadableInput, match="not among the vendored"):
        load_schema("https://example.com/x.json")
