"""Query strings as clients write them."""

import random
from urllib.parse import parse_qsl, quote

import pytest

from atlas.api.errors import BadRequestError
from atlas.api.parameters import read_parameters

PIECES = [
    "%",
    "2",
    "5",
    "4",
    "1",
    "a",
    "F",
    "\\",
    "x",
    "u",
    "N",
    "=",
    "+",
    "%41",
    "%25",
    "%5C",
    "%C3%A9",
    "%ff",
    "{",
    ";",
]


def test_values_are_those_that_the_standard_library_reads():
    chosen = random.Random(1)
    read = 0
    for _ in range(3_000):
        query = "n=" + "".join(chosen.choices(PIECES, k=chosen.randint(0, 9)))
        try:
            expected = dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError:
            with pytest.raises(BadRequestError, match="not percent-encoded UTF-8"):
                read_parameters(query.encode(), {"n"})
        else:
            assert read_parameters(query.encode(), {"n"}) == expected, query
            read += 1
    assert 0 < read < 3_000


def test_names_are_percent_encoded_too():
    assert read_parameters(b"proj%3Acode=EPSG%3A4326&&empty", {"proj:code", "empty"}) == {
        "proj:code": "EPSG:4326",
        "empty": "",
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (quote("é", safe="").encode() + b"=1", "is not a parameter of this endpoint"),
        ("é=1".encode(), "not percent-encoded UTF-8"),
        (b"n=1&n=2", "is given twice"),
        (b"n=%00", "holds a NUL character"),
        (b"&".join([b"n=1"] * 101), "more than 100 parameters"),
    ],
)
def test_query_strings_that_are_refused(query, message):
    with pytest.raises(BadRequestError, match=message):
        read_parameters(query, {"n"})
