"""Forty broken documents: our one message at the place of the fault, beside those of two other validators."""

import pytest

from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read
from tests.extension.messages_of_others import TABLE, of_node, of_stac_valid, table

GONE = object()
ITEM, COLLECTION = "pixel-npy-scales-item", "pixel-cog-collection"
BOX = [[[0.1, 52.0], [0.2, 52.0], [0.2, 52.1], [0.1, 52.1], [0.1, 52.0]]]
BROKEN = [
    (ITEM, "id", GONE, "`id` is missing"),
    (ITEM, "id", 7, "must be a text, not 7"),
    (ITEM, "id", "", "must not be empty: give one that stays the same, without"),
    (ITEM, "type", "feature", "give Feature (for an Item), Collection or Catalog"),
    (ITEM, "type", GONE, "`type` is missing"),
    (ITEM, "stac_version", "1.2.0", '`stac_version` is "1.2.0": supported are'),
    (ITEM, "stac_version", GONE, "`stac_version` is missing"),
    (ITEM, "stac_extensions", "emb", "must be a list of schema URIs"),
    (ITEM, "geometry", GONE, "`geometry` is missing"),
    (ITEM, "geometry|type", "polygon", "must be one of"),
    (ITEM, "geometry|coordinates", GONE, "`coordinates` is missing"),
    (ITEM, "geometry|coordinates", BOX[0], "a Polygon has one more level of lists: write [["),
    (ITEM, "bbox", GONE, "`/bbox` is missing"),
    (ITEM, "bbox", [0.1, 52.0, 0.2], "a bbox has four numbers, or six with heights, this has 3"),
    (ITEM, "bbox", "0.1,52,0.2,52.1", "must be a list"),
    (ITEM, "properties", GONE, "`properties` is missing"),
    (ITEM, "properties", [], "must be an object"),
    (ITEM, "properties|datetime", "2024-13-45", "must be a date and time in UTC"),
    (ITEM, "properties|gsd", "10 m", 'must be a number, not "10 m"'),
    (ITEM, "properties|emb:type", "chip", 'must be one of "pixel", "patch", "location", not "chip"'),
    (ITEM, "properties|emb:dimensions", "64", 'must be a whole number, not "64"'),
    (ITEM, "properties|emb:dimensions", 0, "must be at least 1, not 0"),
    (ITEM, "properties|emb:space", "My Space", "must be an id of lower-case letters"),
    (ITEM, "properties|emb:temporal_window", "1 year", "must be an ISO 8601 duration"),
    (ITEM, "links", {}, "must be a list"),
    (ITEM, "links", GONE, "`links` is missing"),
    (ITEM, "assets", GONE, "`assets` is missing"),
    (ITEM, "assets|embeddings", "x.npy", "must be an object"),
    (ITEM, "assets|embeddings|href", GONE, "`href` is missing"),
    (ITEM, "assets|embeddings|roles", "data", "must be a list"),
    (ITEM, "assets|embeddings|emb:quantization|nodata", "none", "must be a number or one of"),
    (COLLECTION, "license", GONE, "`license` is missing"),
    (COLLECTION, "license", 5, "must be a text"),
    (COLLECTION, "description", GONE, "`description` is missing"),
    (COLLECTION, "extent", GONE, "`extent` is missing"),
    (COLLECTION, "extent|spatial|bbox", [-180, -90, 180, 90], "write [[-180, -90, 180, 90]]"),
    (COLLECTION, "extent|temporal|interval", ["2017-01-01T00:00:00Z", None], "is a list of lists: write [["),
    (COLLECTION, "keywords", "a, b", "must be a list"),
    (COLLECTION, "emb:tasks", [], "must not be empty"),
    (COLLECTION, "emb:model", "AlphaEarth", "must be an object"),
]
DOCUMENTS = {path.stem: path for path in EXAMPLES}


def broken(row):
    example, place, value, _ = row
    document = read(DOCUMENTS[example])
    *parents, last = place.split("|")
    node = document
    for part in parents:
        node = node[part]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return document


def leads_there(pointer, row):
    """Whether a pointer names the place, or the object from which it is missing."""
    place = "/" + row[1].replace("|", "/")
    return (
        pointer == place or pointer.startswith(f"{place}/") or (row[2] is GONE and pointer == place.rpartition("/")[0])
    )


def test_ours_says_one_thing_at_the_place():
    assert len(BROKEN) == 40
    validator = Validator()
    for row in BROKEN:
        told = validator.validate(broken(row))
        assert len(told) == 1, (row, told)
        assert row[3] in told[0].message, (row, told)
        assert leads_there(told[0].pointer, row), (row, told)


def test_a_link_without_rel_is_told_once():
    document = read(DOCUMENTS[ITEM])
    document["links"] = [{"rel": "collection", "href": "./x.json"}, {"href": "y.json"}]
    (fault,) = Validator().validate(document)
    assert fault.pointer == "/links/1"
    assert fault.message == "`rel` is missing: give the relation of the link, such as self, parent, about or license"
    document["links"][1]["rel"] = "self"
    assert [f.pointer for f in Validator().validate(document)] == ["/links/1/href"]


@pytest.mark.slow
def test_two_others_refuse_them_too_and_lead_there_less_often(tmp_path):
    documents = {str(number): broken(row) for number, row in enumerate(BROKEN)}
    for name, message in of_stac_valid(documents, tmp_path).items():
        assert message, BROKEN[int(name)]
    # Without a known type or version stac-node-validator gives no errors to compare.
    known = {n: d for n, d in documents.items() if BROKEN[int(n)][1] not in {"type", "stac_version", "stac_extensions"}}
    single = 0
    for name, errors in of_node(known).items():
        assert errors, BROKEN[int(name)]
        single += len(errors) == 1 and leads_there(errors[0][0], BROKEN[int(name)])
    assert single < len(known)


@pytest.mark.slow
def test_the_table_of_the_documentation_is_what_they_say(tmp_path):
    made = table(BROKEN, [broken(row) for row in BROKEN], tmp_path)
    assert TABLE.read_text("utf-8") == made, "run python -m tests.extension.messages_of_others"
