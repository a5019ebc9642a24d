import datetime as dt

import pytest

from atlas.api.errors import BadRequestError
from atlas.api.times import parse_instant, parse_interval

UTC = dt.UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-07-23T00:00:00Z", dt.datetime(2020, 7, 23, tzinfo=UTC)),
        ("2020-07-23t00:00:00z", dt.datetime(2020, 7, 23, tzinfo=UTC)),
        ("2020-07-23T03:00:00+03:00", dt.datetime(2020, 7, 23, tzinfo=UTC)),
        ("2020-07-23T00:00:00.1234567Z", dt.datetime(2020, 7, 23, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", dt.datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_of_rfc_3339(text, expected):
    assert parse_instant(text, "datetime") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1985-04-12", "RFC 3339"),
        ("198\u0665-04-12T00:00:00Z", "RFC 3339"),
        ("1985-12-12T23:20:50.52", "RFC 3339"),
        ("1985-04-12T23:20:50,52Z", "RFC 3339"),
        ("1985-13-12T23:20:50Z", "month must be in 1..12"),
        ("1985-02-30T23:20:50Z", "exists"),
        ("1985-12-01T25:20:50Z", "exists"),
        ("1990-12-31T23:59:61Z", "exists"),
        ("0000-01-01T00:00:00Z", "exists"),
        ("9999-12-31T23:59:59-12:00", "exists"),
    ],
)
def test_other_texts_are_refused(text, message):
    with pytest.raises(BadRequestError, match=message) as caught:
        parse_instant(text, "datetime")
    assert str(caught.value).startswith("datetime: ")


def test_intervals_are_open_at_either_end():
    instant = dt.datetime(2020, 1, 1, tzinfo=UTC)
    for text in ("../2020-01-01T00:00:00Z", "/2020-01-01T00:00:00Z"):
        assert parse_interval(text) == parse_interval(text)
        assert (parse_interval(text).start, parse_interval(text).end) == (None, instant)
    assert parse_interval("2020-01-01T00:00:00Z/..").start == instant
    assert parse_interval("2020-01-01T00:00:00Z").end == instant


@pytest.mark.parametrize(
    ("text", "message"),
    [("../..", "open at both ends"), ("/", "open at both ends"), ("a/b/c", "3 ends")],
)
def test_intervals_that_select_nothing_are_refused(text, message):
    with pytest.raises(BadRequestError, match=message):
        parse_interval(text)


def test_a_year_alone_is_answered_with_the_interval_to_write():
    with pytest.raises(BadRequestError, match=r"year is 2021-01-01T00:00:00Z/2021-12-31T23:59:59[.]999999Z"):
        parse_interval("2021")
