"""Metadata of Zarr stores that are none: words for a reader, and not those of a parser's code."""

import json

import pytest

from atlas.errors import UnreadableInput
from atlas.formats.zarr_documents import checked, zarr_document

GROUP = {"zarr_format": 3, "node_type": "group", "attributes": {"a": [1]}}
ARRAY = {
    "zarr_format": 3,
    "node_type": "array",
    "shape": [1],
    "data_type": "int8",
    "chunk_grid": {},
    "chunk_key_encoding": {},
    "fill_value": 0,
    "codecs": [],
}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "a/zarr.json: not a Zarr document: it is a list, not an object"),
        (b'"x"', "it is a text, not an object"),
        (b"", "a/zarr.json: not a Zarr document: the document is empty"),
        (b'{"a": "\xff"}', "a/zarr.json: not a Zarr document: the text is not UTF-8: byte 7 is 0xff"),
        (b"[" * 100_000, "a/zarr.json: not a Zarr document: the document nests deeper than"),
        (b'{"a": "' + b"x" * (5 << 20) + b'"}', "'zarr_format' is missing, not 3"),
        (GROUP | {"zarr_format": "3"}, "'zarr_format' is '3', not 3"),
        (GROUP | {"zarr_format": True}, "'zarr_format' is True, not 3"),
        (GROUP | {"node_type": ["group"]}, "'node_type' is ['group'], not 'group' or 'array'"),
        (GROUP | {"attributes": []}, "'attributes' are a list, not an object"),
        (GROUP | {"consolidated_metadata": "x"}, "'consolidated_metadata' is a text that holds no object 'metadata'"),
        (GROUP | {"consolidated_metadata": {"metadata": [1]}}, "is an object that holds no object 'metadata'"),
        (GROUP | {"consolidated_metadata": {"metadata": {"v": 5}}}, "says of 'v' a number, not an object"),
        (GROUP | {"extra": 1}, "'extra' is not a member of a Zarr 3 group, and must not be ignored"),
        ({k: v for k, v in ARRAY.items() if k != "codecs"}, "a/zarr.json: not a Zarr document: 'codecs' is missing"),
    ],
)
def test_what_is_wrong_is_said_in_words(data, message):
    with pytest.raises(UnreadableInput) as caught:
        zarr_document("a/zarr.json", data if isinstance(data, bytes) else json.dumps(data).encode())
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        GROUP,
        ARRAY,
        GROUP | {"attributes": None},
        GROUP | {"consolidated_metadata": None},
        GROUP | {"extra": {"must_understand": False}},
    ],
)
def test_what_may_be_passed_over_is_no_fault(data):
    found = json.loads(checked("a/zarr.json", json.dumps(data).encode()))
    assert found == {k: v for k, v in data.items() if k not in ("extra", "consolidated_metadata")}


def test_chunks_are_left_as_they_are():
    assert checked("a/c/0/0", b"[]") == b"[]"
    assert checked("a/.zattrs", b'{"a": 1}') == b'{"a": 1}'
    with pytest.raises(UnreadableInput, match=r"a/\.zattrs: not a Zarr document: it is a list, not an object"):
        checked("a/.zattrs", b"[]")
