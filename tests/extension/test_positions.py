"""Line numbers of values: every JSON pointer has the line of its key."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stac_emb.inputs.positions import line_of, pointer_lines
from stac_emb.pointers import pointer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def pointers(value, path=()):
    yield pointer(path)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from pointers(inner, (*path, key))


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_every_value_has_a_line(value, indent, escaped):
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    lines = pointer_lines(text)
    assert set(lines) == set(pointers(value))
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def test_a_member_stands_where_its_name_stands():
    text = '{"a": [1,\n {"b":\n 2}],\n "c": {}}'
    assert pointer_lines(text) == {"": 1, "/a": 1, "/a/0": 1, "/a/1": 2, "/a/1/b": 2, "/c": 4}


def test_names_without_a_line():
    assert line_of("items.parquet:7", "/id") == ("items.parquet", None)
    assert line_of("https://example.com/a.json", "/id") == ("https://example.com/a.json", None)
    assert line_of("no\x00file", "") == ("no\x00file", None)


def test_what_is_no_json_has_no_line(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("}{")
    assert line_of(str(path), "/a") == (str(path), None)
