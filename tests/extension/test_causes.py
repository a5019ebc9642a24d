"""One mistake gives one message, even if several schemas and rules detect it."""

import copy

import orjson
import pytest

from atlas.resources import data_dir
from stac_emb.identity import FOLDER, SCHEMA_URI
from stac_emb.validate import Validator
from tests.extension.changes import BY_NAME, Q, at, more

ITEM, COLLECTION = "pixel-cog-item", "pixel-cog-collection"
ASSET = ("assets", "embeddings")


def renamed(old, new, *path):
    def change(document):
        for part in path:
            document = document[part]
        document[new] = document.pop(old)

    return change


def linear(**members):
    return more(*ASSET, **{Q: {"method": "linear", "scale": 1, "offset": 0} | members})


def scaled(**members):
    return more(*ASSET, **{Q: {"method": "per_vector_scale", "scale_array": "s"} | members})


def other_identifier(*uris):
    return more(stac_extensions=list(uris))


CASES = [
    (COLLECTION, at("emb:temporal_window", "1Y"), "/emb:temporal_window", "an ISO 8601 duration such as P1Y"),
    (COLLECTION, at("emb:space", ""), "/emb:space", "an id of lower-case letters"),
    (ITEM, linear(method="Linear"), f"/assets/embeddings/{Q}/method", "did you mean `linear`?"),
    (COLLECTION, renamed("emb:dimensions", "emb:dimension"), "/emb:dimension", "did you mean `emb:dimensions`?"),
    (COLLECTION, renamed("emb:type", "emb:tpye"), "/emb:tpye", "did you mean `emb:type`?"),
    (ITEM, renamed("emb:space", "emb:spaces", "properties"), "/properties/emb:spaces", "did you mean `emb:space`?"),
    (ITEM, renamed("emb:layout", "emb:layuot", *ASSET), "/assets/embeddings/emb:layuot", "did you mean `emb:layout`?"),
    (COLLECTION, at("emb:model", {"nmae": "X"}), "/emb:model/nmae", "did you mean `name`?"),
    (ITEM, more(*ASSET, **{"emb:layout": {"knd": "bands"}}), "/assets/embeddings/emb:layout/knd", "mean `kind`?"),
    (
        "pixel-zarr-item",
        renamed("dimension", "dimensions", *ASSET, "emb:layout"),
        "/assets/embeddings/emb:layout/dimensions",
        "did you mean `dimension`?",
    ),
    (ITEM, linear(scale_asset="nowhere"), f"/assets/embeddings/{Q}", "`scale_asset` must be left out: `linear`"),
    (ITEM, scaled(scale_column="s"), f"/assets/embeddings/{Q}", "of `scale_array` and `scale_column` one is too many"),
    (ITEM, at("bbox", [200, 46, 201, 47]), "/bbox", "longitudes 200 and 201 must lie in -180 to 180"),
    (COLLECTION, at("emb:type", "chip"), "/emb:type", 'must be one of "pixel", "patch", "location", not "chip"'),
    (
        COLLECTION,
        other_identifier("https://example.com/embeddings/v1.0.0/schema.json"),
        "/stac_extensions/0",
        f"so that `/emb:type` is not checked: did you mean {SCHEMA_URI}?",
    ),
]


@pytest.mark.parametrize(("example", "change", "pointer", "message"), CASES)
def test_one_line_leads_to_the_fault(example, change, pointer, message):
    document = copy.deepcopy(BY_NAME[example])
    change(document)
    (told,) = Validator().examine(document)
    assert (told.pointer, told.level) == (pointer, "fault")
    assert message in told.message


def test_two_mistakes_are_two_lines():
    document = copy.deepcopy(BY_NAME[ITEM])
    scaled(scale=1, scale_array="s")(document)
    del document["properties"]["emb:space"]
    renamed("emb:dimensions", "emb:dimension", "properties")(document)
    rules = [fault.rule for fault in Validator().validate(document)]
    assert rules == ["emb/quantization-per-vector-scale", "emb/item-space", "semantic/unknown-field"]


@pytest.mark.parametrize(
    ("quantization", "message"),
    [
        ({"method": "linear", "scale": 1}, "`offset` is missing (write 0 where nothing is added): `linear`"),
        ({"method": "lookup"}, "none of `codebook`, `values` is given: `lookup`"),
        ({"method": "none", "bits": 2}, "`bits` must be left out: `none`"),
    ],
)
def test_what_of_the_parameters_is_wrong_is_said_first(quantization, message):
    document = copy.deepcopy(BY_NAME[ITEM])
    document["assets"]["embeddings"][Q] = quantization
    (fault,) = Validator().validate(document)
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"emb:layout": {"bands": list(range(1, 65))}}, '`kind` is missing: give one of "bands", "column", "array"'),
        ({"emb:layout": {"kind": "bands", "mask": {"band": 1}}}, "`sentinels` is missing: Values of the mask"),
    ],
)
def test_what_to_write_is_said_of_a_missing_member(place, message):
    document = copy.deepcopy(BY_NAME[ITEM])
    document["assets"]["embeddings"] |= place
    (fault,) = Validator().validate(document)
    assert fault.message.startswith(message)


def test_a_schema_that_is_not_at_hand_is_told_with_an_option_that_every_installation_has():
    document = copy.deepcopy(BY_NAME[COLLECTION])
    document["stac_extensions"].append("https://example.com/own/v1.0.0/schema.json")
    (told,) = Validator().examine(document)
    assert "`--allow-network` fetches it" in told.message
    assert "atlas" not in told.message
    document = {k: v for k, v in document.items() if not k.startswith("emb:")} | {"summaries": {}, "item_assets": {}}
    document["stac_extensions"] = [SCHEMA_URI.replace("v0.1.0", "v1.0.0")]
    (told,) = Validator().examine(document)
    assert (told.level, f"did you mean {SCHEMA_URI}?" in told.message) == ("unchecked", True)


CUBE = "https://stac-extensions.github.io/datacube/v2.2.0/schema.json"


@pytest.mark.parametrize(
    ("place", "kind"),
    [*(("geometry", kind) for kind in (None, "Polygn", 5, "missing")), *(("cube", kind) for kind in (None, 5, {}))],
)
def test_of_an_object_of_an_unknown_type_only_its_type_is_told(place, kind):
    document = copy.deepcopy(BY_NAME[ITEM])
    axis = {"type": "spatial", "axis": "x", "extent": [1, 2], "reference_system": 4326}
    document["properties"]["cube:dimensions"] = {"x": axis}
    document["stac_extensions"] = [*document["stac_extensions"], CUBE]
    assert Validator().validate(document) == []
    holder, pointer = (document["geometry"], "/geometry") if place == "geometry" else (axis, "/properties/cube:")
    if kind == "missing":
        del holder["type"]
    else:
        holder["type"] = kind
    told = Validator().validate(document)
    assert len(told) == 1, told
    assert told[0].pointer.startswith(pointer)
    assert '"Point", "LineString", "Polygon"' in told[0].message or place == "cube"


def examples():
    return sorted((data_dir("schemas") / FOLDER / "examples").glob("*.json"))


def members(value, path=()):
    """Every member of a document, and its place."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, name)
        if isinstance(inner, dict | list):
            yield from members(inner, (*path, name))


BOTH = {
    "properties/datetime": 2,  # two members stand for it
}


def name_of(place):
    return "/".join(str(part) for part in place if not isinstance(part, int))


def each_member_once():
    """Each example with those of its members that no example before it has; in the long run with all of them."""
    seen = set()
    for path in examples():
        whole = orjson.loads(path.read_bytes())
        every = list(members(whole))
        # What is right in a quantisation depends on its method, and what a whole Asset is missed for on the others.
        own = [p for p in every if "emb:quantization" in p or (len(p) == 2 and "assets" in p[0])]
        new = [p for p in every if p in own or (whole["type"], name_of(p)) not in seen]
        seen |= {(whole["type"], name_of(place)) for place in every}
        yield pytest.param(whole, new, id=path.stem)
        yield pytest.param(whole, every, id=f"{path.stem}-all", marks=pytest.mark.slow)


@pytest.mark.parametrize(("whole", "places"), list(each_member_once()))
def test_a_value_of_the_wrong_type_is_one_line(whole, places):
    """Nothing else is said of it, of what lies in it or beside it, or of what rules make of it."""
    validator, many = Validator(), {}
    for place in places:
        for wrong in (None, "", {}):
            document = copy.deepcopy(whole)
            holder = document
            for part in place[:-1]:
                holder = holder[part]
            if type(holder[place[-1]]) is type(wrong):
                continue
            holder[place[-1]] = wrong
            told = validator.validate(document)
            if len(told) > BOTH.get(name_of(place), 1):
                many[name_of(place), repr(wrong)] = [f"{fault.pointer}: {fault.message}" for fault in told]
    assert not many
