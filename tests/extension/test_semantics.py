"""Rules that no schema can state: for each, a document that breaks it, and one near it that does not."""

import copy

import pytest

from atlas.extension.identity import SCHEMA_URI
from atlas.extension.semantics import SEMANTIC_RULES
from atlas.extension.validate import Validator
from tests.extension.engines import EXAMPLES, read

VALIDATOR = Validator()
BY_NAME = {path.stem: read(path) for path in EXAMPLES}
ITEM, COLLECTION, CODES = "pixel-npy-scales-item", "pixel-cog-collection", "code-book-collection"


def box(west, south, east, north):
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def moved(west, south, east, north):
    def change(item):
        item["bbox"] = [west, south, east, north]
        item["geometry"]["coordinates"] = box(west, south, east, north)

    return change


def at(path, value):
    def change(document):
        *parents, last = path.split("|")
        for part in parents:
            document = document[part]
        document[last] = value

    return change


def cut_at_the_antimeridian(item):
    item["bbox"] = [179.9, 0, -179.9, 1]
    item["geometry"] = {"type": "MultiPolygon", "coordinates": [box(179.9, 0, 180, 1), box(-180, 0, -179.9, 1)]}


def not_cut(item):
    item["bbox"] = [-179.9, 0, 179.9, 1]
    item["geometry"]["coordinates"] = [[[179.9, 0], [-179.9, 0], [-179.9, 1], [179.9, 1], [179.9, 0]]]


def wrong_side(item):
    cut_at_the_antimeridian(item)
    item["bbox"] = [179.5, 0, -179.9, 1]


def undeclared(document):
    document["stac_extensions"] = []


def undeclared_in_an_asset(item):
    item["stac_extensions"] = []
    item["properties"] = {k: v for k, v in item["properties"].items() if not k.startswith("emb:")}


def elsewhere(item):
    item["bbox"] = [1, 2, 3, 4]


def off_the_map(item):
    moved(190, 80, 191, 95)(item)


def long_code(document):
    document["emb:quantization"] |= {"levels": [4] * 9, "basis": [4**i for i in range(9)], "steps": 2}
    document["emb:dimensions"] = 17


CHECKSUM = "assets|embeddings|file:checksum"
BROKEN = [
    ("declared", COLLECTION, undeclared, "/stac_extensions", SCHEMA_URI),
    ("declared", ITEM, undeclared_in_an_asset, "/stac_extensions", "`/assets/embeddings/emb:layout` is used"),
    ("bbox-range", ITEM, off_the_map, "/bbox", "must lie in -180 to 180; latitudes 80 and 95 must lie"),
    ("bbox-geometry", ITEM, elsewhere, "/bbox", "longitudes 1 to 3 are not those of the geometry, 0.1 to 0.2; lat"),
    ("bbox-range", ITEM, moved(180.5, 0, 181, 1), "/bbox", "must lie in -180 to 180"),
    ("bbox-range", ITEM, moved(0, 89.5, 1, 90.125), "/bbox", "must lie in -90 to 90"),
    ("bbox-range", COLLECTION, at("extent|spatial|bbox", [[0, 5, 1, 2]]), "/extent/spatial/bbox/0", "north of"),
    ("bbox-geometry", ITEM, at("bbox", [0.1, 52.0, 0.2, 52.2]), "/bbox", "are not those of the geometry"),
    ("bbox-geometry", ITEM, wrong_side, "/bbox", "are not those of the geometry"),
    ("antimeridian", ITEM, not_cut, "/geometry", "MultiPolygon"),
    (
        "gsd-footprint",
        COLLECTION,
        at("emb:footprint|size", [5, 5]),
        "/emb:footprint/size",
        "less than one sample of 10 m",
    ),
    (
        "gsd-footprint",
        "patch-geoparquet-collection",
        at("emb:footprint|size_px", [256, 256]),
        "/emb:footprint/size",
        "contradict each other",
    ),
    ("checksum", ITEM, at(CHECKSUM, "ab" * 32), f"/{CHECKSUM.replace('|', '/')}", "known multihash"),
    ("checksum", ITEM, at(CHECKSUM, "1220" + "ab" * 31), f"/{CHECKSUM.replace('|', '/')}", "has 62 digits"),
    ("finite-scalar", CODES, at("emb:quantization|basis", [1, 8]), "/emb:quantization/basis", "2 place values for 6"),
    ("finite-scalar", CODES, long_code, "/emb:dimensions", "17 is not 9 levels times 2 steps (18)"),
    (
        "per-dimension",
        "patch-irregular-grid-collection",
        at("emb:quantization|scale", [1, 2]),
        "/emb:quantization/scale",
        "2 values for 3 dimensions",
    ),
]
FINE = [
    ("the whole world", COLLECTION, at("extent|spatial|bbox", [[-180, -90, 180, 90]])),
    ("a bbox over the antimeridian", COLLECTION, at("extent|spatial|bbox", [[170, -10, -170, 10]])),
    ("an Item cut at the antimeridian", ITEM, cut_at_the_antimeridian),
    ("a rounded bbox", ITEM, at("bbox", [0.1000000001, 52.0, 0.2, 52.1])),
    ("one scale per dimension", "patch-irregular-grid-collection", at("emb:quantization|scale", [1, 2, 3])),
    ("three axes", ITEM, at("bbox", [0.1, 52.0, 0, 0.2, 52.1, 9])),
]


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


def test_every_semantic_rule_has_a_broken_document():
    assert {rule for rule, *_ in BROKEN} == set(SEMANTIC_RULES)


def test_is_valid_says_the_same_as_validate():
    for document in BY_NAME.values():
        assert VALIDATOR.is_valid(document)
    for _, example, change, _, _ in BROKEN:
        document = copy.deepcopy(BY_NAME[example])
        change(document)
        assert not VALIDATOR.is_valid(document)
