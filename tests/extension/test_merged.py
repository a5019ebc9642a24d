"""A merged schema accepts and rejects the same documents as its parts one by one."""

import copy
import random
from weakref import ref

import jsonschema_rs
import pytest

from bench._broken import broken
from bench._documents import documents
from stac_emb.apart import is_apart
from stac_emb.merged import NotMerged, merged
from stac_emb.registry import load_schema
from stac_emb.semantics import check_semantics, has_fault
from stac_emb.validate import _FEW, Validator

A, B = (
    "https://stac-extensions.github.io/a/v1.0.0/schema.json",
    "https://stac-extensions.github.io/b/v1.0.0/schema.json",
)


def variants(count, seed):
    chance = random.Random(seed)
    for document in documents(count, seed):
        yield document
        changed = document
        for _ in range(3):
            changed = broken(changed, chance)
            yield changed


def one_by_one(validator, document):
    return all(validator._validator(uri).is_valid(document) for uri in validator._whole_of(document).uris)


def test_the_whole_says_what_the_schemas_say():
    validator = Validator(semantic=False)
    joints = {}
    seen = {True: 0, False: 0}
    for document in variants(500, 31):
        whole = validator._whole_of(document)
        if isinstance(whole, list) or whole.always or whole.unchecked:
            continue
        expected = one_by_one(validator, document)
        if id(whole) not in joints:
            joints[id(whole)] = validator._together(whole.kind, whole.uris)
        assert joints[id(whole)].is_valid(document) is expected, document
        seen[expected] += 1
    assert min(seen.values()) > 300


def test_only_the_schemas_of_many_objects_are_joined(monkeypatch):
    """Beyond some, a combination of which there are few costs no compiling, however many combinations there are."""
    monkeypatch.setattr("stac_emb.validate._FIRST", 1)
    joined = []
    together = Validator._together
    monkeypatch.setattr(Validator, "_together", lambda self, *given: joined.append(given) or together(self, *given))
    validator, document = Validator(), documents(1)[0]
    assert validator.is_valid(document | {"stac_extensions": []})
    assert len(joined) == 1, "the first is joined at once"
    joined.clear()
    rare = document | {"stac_extensions": document["stac_extensions"][::-1]}
    for ask in (validator.is_valid, validator.examine, validator.is_plain_item):
        for _ in range(_FEW // 3):
            ask(document)
    assert validator.is_valid(rare)
    assert joined == []
    for _ in range(3):
        assert validator.is_valid(document)
    ((kind, uris),) = joined
    assert (kind, len(uris)) == ("Feature", 1 + len(document["stac_extensions"]))
    assert not validator.is_valid(document | {"links": 5})


def test_the_quick_answer_of_semantics_is_theirs():
    validator = Validator(semantic=False)
    chance = random.Random(5)
    seen = {True: 0, False: 0}
    for document in variants(300, 32):
        if document["type"] == "Feature" and chance.random() < 0.5 and validator.is_valid(document):
            document = copy.deepcopy(document)
            bend(document, chance)
        if validator.is_valid(document):
            expected = any(fault.level == "fault" for fault in check_semantics(document))
            assert has_fault(document) is expected, document
            assert set(check_semantics(document, accepted=True)) == set(check_semantics(document)), document
            seen[expected] += 1
    assert min(seen.values()) > 30


def bend(item, chance):
    """Change values that only the semantic rules check."""
    ring = item["geometry"]["coordinates"][0] if item["geometry"] else None
    change = chance.randrange(7)
    if change == 0 and "bbox" in item:
        item["bbox"] = [value + chance.choice([-0.5, 0.5, 200]) for value in item["bbox"]]
    elif change == 1 and ring:
        ring[-1] = [0, 0]
    elif change == 2 and ring:
        ring[1] = [chance.choice([-179, 179, 400]), 0]
    elif change == 3:
        item["id"] = chance.choice([".", "..", "a/b", "a b"])
    elif change == 4:
        item["properties"] |= {"start_datetime": "2021-01-02T00:00:00Z", "end_datetime": "2021-01-01T00:00:00.5Z"}
    elif change == 5:
        item["properties"]["emb:type"] = "pixel"
    elif item["assets"]:
        next(iter(item["assets"].values()))["file:checksum"] = chance.choice(["00", "1220ab", "d50110" + "a" * 32])


PREFIXED = {"properties": {"x:a": {}}, "patternProperties": {"^(?!x:)": {}}, "additionalProperties": False}
NULL = {"properties": {"c": {"type": "null"}}}


@pytest.mark.parametrize(
    ("first", "second", "value", "expected"),
    [
        ({"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": True}}}, {"a": 1}, False),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"required": ["b"]}, {"a": 1, "b": 1}, False),
        ({"additionalProperties": {"type": "string"}}, {"properties": {"a": {"minLength": 2}}}, {"a": "x"}, False),
        ({"additionalProperties": {"type": "string"}}, {"properties": {"a": {"type": "integer"}}}, {"a": 1}, False),
        ({"type": "object"}, {"type": "array"}, {}, False),
        (PREFIXED, {}, {"x:b": 1}, False),
        (PREFIXED, {}, {"y": 1}, True),
        ({"properties": {"type": {"const": "Collection"}}}, {}, {"type": "Feature"}, False),
        ({"oneOf": [{"properties": {"type": {"const": "Collection"}}}]}, {}, {"type": "Feature"}, False),
        ({"if": {"properties": {"type": {"const": "Feature"}}}, "then": False}, {}, {"type": "Feature"}, False),
        ({"if": {"properties": {"type": {"const": "Catalog"}}}, "then": False}, {}, {"type": "Feature"}, True),
        ({"properties": {"title": {"type": "string"}}, "title": "x"}, {}, {"title": 1}, False),
        ({"dependencies": {"title": ["description"]}}, {}, {"title": 1}, False),
        ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"required": ["x"]}}}, {}, {}, False),
        ({"properties": {"a": {"$ref": "#"}}, "maxProperties": 1}, {}, {"a": {"a": 1, "b": 2}}, False),
        ({"properties": {"a": {"$ref": "../../b/v1.0.0/schema.json#/properties/c"}}}, NULL, {"a": 1}, False),
    ],
)  # fmt: skip
def test_what_looks_alike_and_is_not(first, second, value, expected):
    named = {A: first, B: second}
    validator = jsonschema_rs.Draft7Validator(merged("Feature", [A, B], named.__getitem__), retriever=named.__getitem__)
    assert validator.is_valid(value) is expected
    both = [jsonschema_rs.Draft7Validator({"$ref": uri}, retriever=named.__getitem__) for uri in named]
    assert all(each.is_valid(value) for each in both) is expected


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "https://json-schema.org/draft/2020-12/schema"},
        {"properties": {"a": {"$id": "https://example.com/elsewhere", "$ref": "#/x"}, "b": {"$id": "https://example.com/y"}}},
        {"$id": "https://example.com/elsewhere.json"},
        {"$ref": "#named"},
        {"$ref": "#/definitions/none"},
    ],
)  # fmt: skip
def test_what_is_not_understood_is_left_as_it_is(schema):
    with pytest.raises(NotMerged):
        merged("Feature", [A], {A: schema}.__getitem__)


def test_a_schema_apart_is_compiled_once_and_where_a_value_comes():
    validator = Validator(semantic=False)
    shapes = {tuple(d["stac_extensions"]): d for d in documents(400) if d.get("collection") == "naip"}.values()
    engines = [validator._together("Feature", validator._whole_of(document).uris) for document in shapes]
    assert not validator._compiled
    assert len(engines) > 1
    for bad, expected in (({"type": "GeographicCRS"}, False), (None, True)):
        for engine, document in zip(engines, shapes, strict=True):
            document["properties"]["proj:projjson"] = bad
            assert engine.is_valid(document) is expected is one_by_one(validator, document)
    assert sum(is_apart(uri) for uri in validator._compiled) == 2, "PROJJSON 0.2 and 0.5"


def test_what_is_compiled_goes_with_its_validator():
    validator = Validator()
    validator._together("Feature", validator._whole_of(documents(1)[0]).uris)
    gone = ref(validator)
    del validator
    assert gone() is None


def test_no_vendored_extension_is_left_as_it_is():
    extensions = {tuple(document.get("stac_extensions", ())) for document in documents(300)}
    for uri in {uri for each in extensions for uri in each}:
        assert merged("Feature", [uri], load_schema)
