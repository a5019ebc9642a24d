"""Rules beyond JSON Schema: for each, a document that breaks it and one that nearly does."""

import copy

import pytest

from stac_emb.identity import DRAFT_URI
from stac_emb.semantics import ADVISING, SEMANTIC_RULES
from stac_emb.validate import Validator
from tests.extension import semantic_documents, vector_documents
from tests.extension.changes import BY_NAME, CHECKSUM, COLLECTION, ITEM, at
from tests.extension.semantic_documents import MULTIHASHES

BROKEN, FINE, ADVICE = (
    getattr(semantic_documents, name) + getattr(vector_documents, name) for name in ("BROKEN", "FINE", "ADVICE")
)
VALIDATOR = Validator()


@pytest.mark.parametrize(("rule", "example", "change", "pointer", "message"), BROKEN)
def test_broken(rule, example, change, pointer, message):
    document = copy.deepcopy(BY_NAME[example])
    change(document)
    faults = VALIDATOR.validate(document)
    assert [fault.rule for fault in faults] == [f"semantic/{rule}"]
    assert faults[0].pointer == pointer
    assert message in faults[0].message
    assert faults[0].see.startswith("https://")
    assert Validator(semantic=False).validate(document) == []


@pytest.mark.parametrize(("name", "example", "change"), FINE)
def test_near_but_fine(name, example, change):
    document = copy.deepcopy(BY_NAME[example])
    change(document)
    assert VALIDATOR.validate(document) == []


@pytest.mark.parametrize(("rule", "example", "change", "message"), ADVICE)
def test_advice_is_no_fault(rule, example, change, message):
    document = copy.deepcopy(BY_NAME[example])
    change(document)
    assert VALIDATOR.validate(document) == []
    assert VALIDATOR.is_valid(document)
    (told,) = VALIDATOR.examine(document)
    assert (told.rule, told.level) == (f"semantic/{rule}", "advice")
    assert message in told.message


@pytest.mark.parametrize("checksum", MULTIHASHES)
def test_every_function_of_multihash(checksum):
    document = copy.deepcopy(BY_NAME[ITEM])
    at(CHECKSUM, checksum)(document)
    assert VALIDATOR.examine(document) == []


def test_every_semantic_rule_has_a_broken_document():
    assert {rule for rule, *_ in [*BROKEN, *ADVICE]} == set(SEMANTIC_RULES)
    assert {rule for rule, *_ in ADVICE} == ADVISING


def test_is_valid_says_the_same_as_validate():
    for document in BY_NAME.values():
        assert VALIDATOR.is_valid(document)
    for _, example, change, _, _ in BROKEN:
        document = copy.deepcopy(BY_NAME[example])
        change(document)
        assert not VALIDATOR.is_valid(document)


def test_a_field_of_another_declared_schema_is_not_ours_to_refuse():
    document = copy.deepcopy(BY_NAME[COLLECTION]) | {"emb:chip_layout": {"layout_type": "regular_grid"}}
    (fault,) = VALIDATOR.validate(document)
    assert fault.rule == "semantic/unknown-field"
    assert "did you mean `emb:footprint`?" in fault.message
    document["stac_extensions"] = [*document["stac_extensions"], DRAFT_URI]
    assert not any(fault.rule == "semantic/unknown-field" for fault in VALIDATOR.validate(document))


def test_rules_of_vectors_are_silent_where_nothing_speaks_of_vectors():
    """What `nodata` can be in core is not for this extension to say, whether the schemas accept the rest or not."""
    item = copy.deepcopy(BY_NAME[ITEM])
    item["stac_extensions"] = []
    plain = {"datetime": "2024-01-01T00:00:00Z", "data_type": "uint8", "nodata": -1}
    item |= {"properties": plain, "assets": {"data": {"href": "data.tif"}}}
    assert VALIDATOR.validate(item) == []
    item["links"] = 5
    assert {fault.rule for fault in VALIDATOR.validate(item)} == {"item/type"}
    collection = {name: value for name, value in BY_NAME[COLLECTION].items() if not name.startswith("emb:")}
    collection |= {"stac_extensions": [], "item_assets": {}, "summaries": {}, "assets": {}, "data_type": "uint8"}
    assert VALIDATOR.validate(collection | {"nodata": -1}) == []
