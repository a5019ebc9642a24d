"""The Validator: which schemas apply, how faults are reported, and what is not available offline."""

import pytest

from atlas.errors import UnreadableInput, ValidationFailed
from stac_emb.identity import DRAFT_URI
from stac_emb.registry import load_schema, registry, vendored
from stac_emb.validate import Validator, check
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
    "half a bbox": ("bbox", [1, 2, 3], "a bbox has four numbers, or six with heights, this has 3"),
    "a height too many": ("bbox", [1, 2, 0, 3, 4], "a bbox has four numbers, or six with heights, this has 5"),
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
        ("description", "", "must not be empty: say in a sentence what the data are"),
        ("extent|spatial|bbox", [[]], "must not be empty: give west, south, east and north"),
        ("extent|spatial|bbox", [[0, 0, 9, 9], [0, 0, 1, 1]], "the first box holds all others: give it alone, or"),
        ("extent|temporal|interval", [[None, None, None]], "must have at most 2 entries, has 3"),
    ],
)
def test_a_common_mistake_in_a_collection(field, value, message):
    document = read(COLLECTION)
    document.pop("emb:similarity")
    *parents, last = field.split("|")
    node = document
    for part in parents:
        node = node[part]
    node[last] = value
    (fault,) = Validator().validate(document)
    assert fault.message.startswith(message)


def test_an_extension_that_is_declared_in_another_writing_is_named():
    eo = "https://stac-extensions.github.io/eo/v1.1.0/schema.json"
    (fault,) = Validator().validate(feature(stac_extensions=[f"{eo}#"]))
    assert (fault.pointer, fault.message) == ("/stac_extensions", f'"{eo}" is missing')


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


def test_a_schema_that_cannot_be_had_is_told_once_per_object_and_hides_nothing():
    document = read(COLLECTION)
    document["stac_extensions"].append("https://example.com/nope.json")
    validator = Validator()
    for _ in range(2):
        (told,) = validator.examine(document)
        assert (told.rule, told.level, told.id) == ("unknown-schema", "unchecked", document["id"])
        assert validator.unchecked(document) == [told]
        assert validator.validate(document) == []
    assert validator.is_valid(document)
    broken = document | {
        "license": 5,
        "emb:dimensions": 0,
        "extent": {**document["extent"], "spatial": {"bbox": [[5, 6, 7, 1]]}},
    }
    assert [fault.pointer for fault in validator.validate(broken)] == [
        "/license",
        "/emb:dimensions",
        "/extent/spatial/bbox/0",
    ]
    assert not validator.is_valid(broken)


def feature(**changes):
    ring = [[10, 10], [11, 10], [11, 11], [10, 11], [10, 10]]
    document = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "a",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [10, 10, 11, 11],
        "properties": {"datetime": "2020-01-01T00:00:00Z"},
        "links": [],
        "assets": {},
    }
    return {name: value for name, value in (document | changes).items() if value != "absent"}


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        ({"bbox": "absent"}, "", "`/bbox` is missing: an Item with a geometry has one"),
        ({"geometry": None}, "/bbox", "must be left out where `geometry` is null"),
        ({"geometry": "absent"}, "", "`geometry` is missing: give a GeoJSON geometry, or null"),
        ({"geometry": "POINT (1 1)"}, "/geometry", 'must be an object {...}, not "POINT (1 1)"'),
    ],
)
def test_bbox_and_geometry_are_told_apart(version, changes, pointer, message):
    (fault,) = Validator().validate(feature(stac_version=version, **changes))
    assert (fault.pointer, fault.message) == (pointer, message)


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("spatial", [-180, -90, 180, 90], "write [[-180, -90, 180, 90]], not [-180, -90, 180, 90]"),
        ("spatial", [-180, -90, 0, 180, 90, 1], "write [[-180, -90, 0, 180, 90, 1]]"),
        ("temporal", ["2020-01-01T00:00:00Z", None], 'write [["2020-01-01T00:00:00Z", null]]'),
    ],
)
def test_a_list_without_its_outer_brackets_is_told_in_one_line(kind, value, written):
    document = read(COLLECTION)
    name = "bbox" if kind == "spatial" else "interval"
    document["extent"][kind][name] = value
    (fault,) = Validator().validate(document)
    assert fault.pointer == f"/extent/{kind}/{name}"
    assert written in fault.message


OSC = "https://example.com/osc/v1.0.0/schema.json"
OBJECTS = {"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}


def one_of(schema):
    return Validator(fetch=lambda _: {"$schema": "http://json-schema.org/draft-07/schema#", **schema})


def branch(kind, *required):
    return {"type": "object", "required": ["osc:type", *required], "properties": {"osc:type": {"const": kind}}}


def test_alternatives_are_told_apart_by_other_members_than_type():
    validator = one_of({"oneOf": [branch("project", "osc:status"), branch("product", "osc:project", "osc:region")]})
    document = feature(stac_extensions=[OSC])
    (fault,) = validator.validate(document | {"osc:type": "thing"})
    assert (fault.pointer, fault.message) == ("/osc:type", 'must be one of "project", "product", not "thing"')
    (fault,) = validator.validate(document | {"osc:type": "project"})
    assert fault.message == "`osc:status` is missing"
    told = [fault.message for fault in validator.validate(document | {"osc:type": "product"})]
    assert told == ["`osc:project` is missing", "`osc:region` is missing"]
    assert validator.validate(document)[0].message == "`osc:type` is missing"


def test_the_same_alternative_is_named_once():
    validator = one_of({"properties": {"x": {"oneOf": list(OBJECTS)}}})
    (fault,) = validator.validate(feature(stac_extensions=[OSC], x=5))
    assert fault.message == "must be an object {...}, not 5"


def test_the_schema_that_demands_another_version_of_core_is_named():
    document = read(ITEM) | {"stac_version": "1.1.0"}
    document["stac_extensions"] = [DRAFT_URI]
    (fault,) = [fault for fault in Validator().validate(document) if fault.pointer == "/stac_version"]
    assert fault.message == f'must be "1.0.0", not "1.1.0": {DRAFT_URI} demands it'
    assert fault.see == DRAFT_URI


@pytest.mark.parametrize(
    "href", ["https://example.com/{z}/{x}/{y}.png", "https://{s}.example.com/{TileMatrix}/{-y}", "./{z}.png"]
)
def test_a_template_is_an_address(href):
    link = {"rel": "xyz", "href": href}
    document = feature(links=[link], assets={"tiles": {"href": href}})
    assert Validator().examine(document) == []
    assert Validator().is_valid(document)
    assert document["links"] == [link]


def test_a_template_hides_no_fault():
    document = feature(links=[{"rel": "xyz", "href": "https://example.com/{z}"}, {"rel": "xyz", "href": "http://[x"}])
    (fault,) = Validator().validate(document)
    assert fault.pointer == "/links/1/href"
    assert not Validator().is_valid(document)
    assert not Validator().is_valid(feature(links=[{"rel": "xyz", "href": "https://example.com/{z"}]))


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
