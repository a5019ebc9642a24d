"""RFC 7396 and RFC 6902 patches, and patches that an API must reject."""

import pytest

from atlas.api.errors import BadRequestError, ConflictError, MediaTypeError
from atlas.api.patches import patched
from atlas.operations.parameters import JSON_PATCH, MERGE_PATCH

ITEM = {"id": "a", "properties": {"title": "A title", "gsd": 10, "emb:tasks": ["x", "y"]}, "links": []}


@pytest.mark.parametrize(
    ("patch", "path", "value"),
    [
        ({"properties": {"title": "Other"}}, ("properties", "title"), "Other"),
        ({"properties": {"title": "Other"}}, ("properties", "gsd"), 10),
        ({"properties": {"new": {"a": {"b": None, "c": 1}}}}, ("properties", "new"), {"a": {"c": 1}}),
        ({"properties": {"emb:tasks": ["z"]}}, ("properties", "emb:tasks"), ["z"]),
        ({"properties": 5}, ("properties",), 5),
        ({"links": {"a": 1}}, ("links",), {"a": 1}),
        ({}, ("id",), "a"),
    ],
)
def test_a_merge_patch_changes_what_it_names(patch, path, value):
    for media_type in (MERGE_PATCH, "application/json", "application/geo+json", ""):
        found = patched(ITEM, patch, media_type)
        for step in path:
            found = found[step]
        assert found == value


def test_null_removes_a_member():
    assert patched(ITEM, {"links": None, "nothing": None}, MERGE_PATCH).keys() == {"id", "properties"}
    assert patched(ITEM, {"properties": {"gsd": None}}, MERGE_PATCH)["properties"].keys() == {"title", "emb:tasks"}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "add", "path": "/properties/emb:tasks/0", "value": "w"}], {"emb:tasks": ["w", "x", "y"]}),
        ([{"op": "remove", "path": "/properties/gsd"}], {"gsd": None}),
        ([{"op": "replace", "path": "/properties/gsd", "value": 30}], {"gsd": 30}),
        ([{"op": "move", "from": "/properties/gsd", "path": "/properties/a~1b"}], {"gsd": None, "a/b": 10}),
        ([{"op": "copy", "from": "/properties/gsd", "path": "/properties/b"}], {"gsd": 10, "b": 10}),
        ([{"op": "test", "path": "/properties/gsd", "value": 10}], {"gsd": 10}),
    ],
    ids=lambda value: value[0]["op"] if isinstance(value, list) else "",
)
def test_the_operations_of_a_json_patch(operations, expected):
    found = patched(ITEM, operations, JSON_PATCH)["properties"]
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ({"op": "remove", "path": "/nothing"}, ConflictError),
        ({"op": "replace", "path": "/nothing", "value": 1}, ConflictError),
        ({"op": "add", "path": "/a/b", "value": 1}, ConflictError),
        ({"op": "add", "path": "/properties/emb:tasks/9", "value": 1}, ConflictError),
        ({"op": "test", "path": "/properties/gsd", "value": 11}, ConflictError),
        ({"op": "move", "path": "/properties/x", "from": "/properties"}, ConflictError),
        ({"op": "remove", "path": "nothing"}, BadRequestError),
        ({"op": "remove", "path": "/a~2"}, BadRequestError),
        ({"op": "frob", "path": "/id"}, BadRequestError),
        ({"op": "add", "path": "/id"}, BadRequestError),
        ({"op": "add", "path": 5, "value": 1}, BadRequestError),
        ({"op": "add", "path": "", "value": 1}, BadRequestError),
        ({"op": "move", "path": "/id"}, BadRequestError),
        ({"op": "copy", "path": "/id", "from": "id"}, BadRequestError),
        ({}, BadRequestError),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_named_and_changes_nothing(operation, error):
    before = repr(ITEM)
    good = {"op": "replace", "path": "/properties/gsd", "value": 30}
    with pytest.raises(error, match=r"^body: (operation 1|leaves)"):
        patched(ITEM, [good, operation], JSON_PATCH)
    assert repr(ITEM) == before


@pytest.mark.parametrize(
    ("patch", "media_type", "error"),
    [
        ([], MERGE_PATCH, BadRequestError),
        ("text", MERGE_PATCH, BadRequestError),
        (None, "application/json", BadRequestError),
        ({}, JSON_PATCH, BadRequestError),
        ([5], JSON_PATCH, BadRequestError),
        ([{"op": "test", "path": "/id", "value": "a"}] * 1_001, JSON_PATCH, BadRequestError),
        ({}, "text/plain", MediaTypeError),
        ({}, "application/xml", MediaTypeError),
    ],
)
def test_what_is_no_patch_is_refused(patch, media_type, error):
    with pytest.raises(error):
        patched(ITEM, patch, media_type)


def test_deep_nesting_ends_no_process():
    patch: dict[str, object] = {}
    for _ in range(500):
        patch = {"a": patch}
    with pytest.raises(BadRequestError, match="nested too deeply"):
        patched(ITEM, patch, MERGE_PATCH)


@pytest.mark.parametrize("op", ["add", "move", "copy"])
def test_operations_do_not_nest_deeper_and_deeper(op):
    steps: list[dict[str, object]] = [{"op": "add", "path": "/properties/p0", "value": [{}]}]
    for n in range(130):
        steps.append({"op": "add", "path": f"/properties/p{n + 1}", "value": [{}]})
        inner = f"/properties/p{n + 1}/0/a"
        steps.append({"op": op, "from": f"/properties/p{n}", "path": inner} if op != "add" else steps[-1])
    if op == "add":
        steps = [{"op": "add", "path": "/properties" + "/a" * n, "value": {}} for n in range(1, 130)]
    with pytest.raises(BadRequestError, match="nested too deeply"):
        patched(ITEM, steps, JSON_PATCH)


def test_copies_of_copies_do_not_fill_the_memory():
    bomb = [{"op": "copy", "from": "/properties", "path": f"/properties/p{n}"} for n in range(40)]
    with pytest.raises(BadRequestError, match="becomes larger than 1048576 bytes"):
        patched(ITEM, bomb, JSON_PATCH)
