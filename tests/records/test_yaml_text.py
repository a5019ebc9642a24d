"""The reader of catalogue files: what it accepts, and what it rejects with line and rule."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.records.yaml_text import MAX_BYTES, MAX_DEPTH, YamlFaultError, parse_yaml

# The classic: nine levels of nine aliases would become a thousand million values.
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"

REFUSED = [
    ("a: 1\na: 2\n", 2, "yaml-duplicate-key", "'a' occurs twice in the file"),
    ("x:\n  a: 1\n  a: 2\n", 3, "yaml-duplicate-key", "'a' occurs twice in x"),
    (BOMB, 1, "yaml-alias", "anchor '&a'"),
    ("a: *b\n", 1, "yaml-alias", "alias '*b'"),
    ("a:\n  <<: {b: 1}\n", 2, "yaml-alias", "merge keys are not allowed"),
    ("a: !!python/object/apply:os.system ['true']\n", 1, "yaml-tag", "tags are not allowed"),
    ("a: !custom 1\n", 1, "yaml-tag", "tag '!custom'"),
    ("a: 1\n---\nb: 2\n", 2, "yaml-one-document", "more than one document"),
    ("a: [1, 2\n", 2, "yaml-syntax", "did not find expected"),
    ("a: b: c\n", 1, "yaml-syntax", "mapping values are not allowed"),
    ("? [a, b]\n: 1\n", 1, "yaml-key", "a key must be plain text"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, "yaml-depth", f"deeper than {MAX_DEPTH} levels"),
    ("a: " + "x" * MAX_BYTES, 1, "yaml-size", "longer than"),
    ("a: \x00", 1, "yaml-syntax", ""),
    ('a: "\\x00"', 1, "yaml-control", "control characters"),
    ('a: "\\x1b[31m"', 1, "yaml-control", "control characters"),
]


@pytest.mark.parametrize(("text", "line", "rule", "message"), REFUSED, ids=[case[2] for case in REFUSED])
def test_hostile_or_broken_text_is_refused(text, line, rule, message):
    with pytest.raises(YamlFaultError) as caught:
        parse_yaml(text)
    assert (caught.value.line, caught.value.rule) == (line, rule)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("1:20", "1:20"),
        ("2026-11-20", "2026-11-20"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        (".nan", ".nan"),
        ("1.0", 1.0),
        ("-3", -3),
        ("1e3", 1000.0),
        ("'1'", "1"),
        ("true", True),
        ("True", "True"),
        ("null", None),
        ("~", None),
        ("", None),
        ("99999999999999999999", "99999999999999999999"),
        ("1e999", "1e999"),
    ],
)
def test_plain_scalars_follow_the_core_schema(text, value):
    result = parse_yaml(f"a: {text}\n").data["a"]
    assert result == value
    assert type(result) is type(value)


def test_lines_of_values():
    document = parse_yaml("a: 1\nb:\n  - x\n  - c: 2\n    d: |\n      text\n")
    assert document.data == {"a": 1, "b": ["x", {"c": 2, "d": "text\n"}]}
    assert document.line(("b", 1, "d")) == 5
    assert document.line(("b", 0)) == 3
    assert document.line(("b", 1, "d", "deeper")) == 5, "the nearest value around it"
    assert document.line(("missing",)) == 1


def test_an_empty_file_is_null():
    assert parse_yaml("").data is None
    assert parse_yaml("# only a comment\n").data is None


LINES = st.lists(
    st.sampled_from(
        ["a: 1", "- b", "  c: [x, {y: z}]", "? k", "&a", "*a", "!!str", "---", "%YAML 1.1", "|", "'", "{", "]"]
    )
)


@given(st.one_of(st.text(), LINES.map("\n".join), st.binary().map(lambda b: b.decode("utf-8", "ignore"))))
def test_any_text_is_read_or_refused(text):
    try:
        data = parse_yaml(text).data
    except YamlFaultError as fault:
        data = [fault.line, fault.rule, fault.message]
    orjson.dumps(data)  # models read it as JSON
