"""Hypothesis strategies around the field table: mostly valid values, some not."""

from typing import Any

from hypothesis import strategies as st

from stac_emb.fields import ABSENT_PATHS, BY_NAME, FIELDS
from stac_emb.fragments import DURATION, REASONS, SPACE
from stac_emb.identity import SCHEMA_URI
from stac_emb.objects import OBJECTS
from stac_emb.quantization_methods import METHODS

TEXT = st.sampled_from(["a", "text", "", "A b", "float32", "emb:x", "P1Y", "nan"])
NUMBER = st.one_of(
    st.integers(-3, 100), st.sampled_from([0.5, 2.0, -1.5, 1e300, 127.5, 64.0, 0]), st.floats(-1e6, 1e6, width=32)
)
ODD = st.sampled_from([True, None, "", "1", [], {}, 1.5, -1, [None], {"a": 1}])


def of(schema: Any) -> st.SearchStrategy[Any]:  # noqa: C901
    """Values accepted by a fragment of the table."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return of_object(name)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*[of(option) for option in schema["anyOf"]])
    kind = schema.get("type")
    if kind == "array":
        low, high = schema.get("minItems", 0), schema.get("maxItems", 2)
        unique = repr if "uniqueItems" in schema else None
        return st.lists(
            of(schema["items"]),
            min_size=low,
            max_size=max(low, high),
            unique_by=unique,
        )
    if kind == "integer":
        return st.integers(schema.get("minimum", -3), schema.get("maximum", 30))
    if kind == "boolean":
        return st.booleans()
    if kind == "number":
        low = schema.get("minimum", 0.25 if "exclusiveMinimum" in schema else -1000)
        return st.one_of(st.integers(int(low) + 1, 1000), st.floats(low, 1000, width=16))
    if "additionalProperties" in schema:
        names = st.sampled_from(["2017", "2024"] if "propertyNames" in schema else [*ABSENT_PATHS, "license", "gsd"])
        return st.dictionaries(names, of(schema["additionalProperties"]), min_size=1, max_size=2)
    if kind == "object":
        return st.dictionaries(TEXT, NUMBER, max_size=2)
    if schema.get("pattern") == DURATION:
        return st.sampled_from(["P1Y", "P1M", "PT6H", "P1Y2M3DT4H5M6.5S", "P2W"])
    if schema.get("pattern") == SPACE:
        return st.sampled_from(["a", "aef-v1", "https://example.com/spaces/a"])
    if "pattern" in schema:
        return st.sampled_from(["a", "aef-v1", "a.b_c-d1"])
    if kind == ["string", "null"]:
        return st.one_of(TEXT, st.none())
    if kind is None:
        return st.one_of(TEXT, NUMBER, st.none())
    return TEXT.filter(bool)


@st.composite
def of_object(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = OBJECTS[name]
    if name == "quantization":
        method = draw(st.sampled_from(METHODS))
        chosen = [*method.required, *draw(st.permutations(method.one_of))[:1]]
        chosen += draw(st.lists(st.sampled_from([m.name for m in kind.members if m.name != "method"]), max_size=1))
        members = {m.name: m for m in kind.members}
        return {"method": method.name} | {key: draw(of(members[key].schema)) for key in chosen}
    found = {m.name: draw(of(m.schema)) for m in kind.members if m.required or draw(st.booleans())}
    if name == "link":
        found |= draw(st.sampled_from([{}, {"more": None}, {"method": "GET"}]))
    return found


@st.composite
def broken(draw: st.DrawFn, value: Any) -> Any:
    """A value with one part replaced, removed or added."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        if draw(st.integers(0, 3)) == 0:
            del changed[key]
        else:
            changed[key] = draw(broken(value[key]))
        return changed
    if isinstance(value, dict) and draw(st.booleans()):
        return value | {
            draw(st.sampled_from(["extra", "emb:extra", "scale", "axis", "stride_px", "bits", "lengths"])): draw(ODD)
        }
    if isinstance(value, list) and value and draw(st.integers(0, 3)) == 0:
        return [*value, value[0]]
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(broken(value[place])), *value[place + 1 :]]
    return draw(st.one_of(ODD, NUMBER, TEXT))


@st.composite
def fields(draw: st.DrawFn, scope: str) -> dict[str, Any]:
    found = {}
    for field in FIELDS:
        chance = 5 if field.required and scope == "collection" else 1
        if scope in field.scope and draw(st.integers(0, 5)) < chance:
            found[field.name] = draw(of(field.schema))
    if scope != "asset" and draw(st.integers(0, 4)):
        missing = [f.name for f in FIELDS if f.required and f.name not in found]
        missing += draw(st.sampled_from([[], ["emb:ground_size"], ["emb:layout", "emb:quantization", "emb:encoder"]]))
        silent = {path: draw(st.sampled_from(REASONS)) for path in missing if path not in found}
        if silent:
            found["emb:absent"] = found.get("emb:absent", {}) | silent
    return found


@st.composite
def assets(draw: st.DrawFn) -> dict[str, Any]:
    found = {}
    for key in draw(st.lists(st.sampled_from(["embeddings", "v", "a/b~c"]), unique=True, max_size=2)):
        roles = draw(st.sampled_from([["data"], ["embedding"], []]))
        found[key] = {"href": "./x", "title": "x", "roles": roles} | draw(fields("asset"))
        if draw(st.booleans()):
            found[key] |= {"emb:layout": {"kind": "bands"}, "emb:quantization": {"method": "none"}}
    return found


@st.composite
def summaries(draw: st.DrawFn) -> dict[str, Any]:
    found = {}
    for name in draw(st.lists(st.sampled_from(sorted(BY_NAME)), unique=True, max_size=3)):
        field = BY_NAME[name]
        if field.summary or draw(st.integers(0, 5)) == 0:
            inner = field.schema["items"] if field.schema.get("type") == "array" else field.schema
            found[field.name] = draw(st.lists(of(inner), max_size=2))
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A Collection or Item that is valid STAC, with random embedding fields."""
    extra = draw(st.sampled_from([{}, {}, {"emb:unknown": 1}, {"other:field": 1}]))
    if draw(st.booleans()):
        document: dict[str, Any] = {
            "type": "Collection", "stac_version": "1.1.0", "id": "c", "description": "d", "license": "other",
            "links": [],
            "extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]}},
        }  # fmt: skip
        ours = draw(fields("collection")) | extra
        for name, strategy in (("assets", assets()), ("item_assets", assets()), ("summaries", summaries())):
            if draw(st.booleans()):
                document[name] = draw(strategy)
    else:
        document = {
            "type": "Feature", "stac_version": "1.1.0", "id": "i", "links": [], "bbox": [0, 0, 1, 1],
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
            "assets": draw(assets()),
        }  # fmt: skip
        ours = draw(fields("item")) | extra
    if draw(st.booleans()):
        known = [name for name in ours if name in BY_NAME]
        if known:
            name = draw(st.sampled_from(sorted(known)))
            ours[name] = draw(broken(ours[name]))
    if document["type"] == "Feature":
        document["properties"] = {"datetime": "2020-01-01T00:00:00Z"} | ours
    else:
        document |= ours
    return document | {"stac_extensions": [SCHEMA_URI]}
