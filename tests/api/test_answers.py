"""Pieces of answers: chosen members, tokens, forms."""

import pytest
from starlette.requests import Request

from atlas.api.errors import BadRequestError
from atlas.api.items import choose
from atlas.api.parameters import read_limit
from atlas.api.questions.negotiate import wants_csv
from atlas.api.questions.places import read_place, read_time
from atlas.api.search.requests import Fields
from atlas.api.search.tokens import read_token, write_token

ITEM = {
    "type": "Feature",
    "id": "a",
    "collection": "c",
    "bbox": [1],
    "properties": {"gsd": 10, "emb:quantization": {"method": "linear", "scale": 2}, "a.b": 1},
    "assets": {"x": {"href": "h", "roles": []}},
}
INTERVAL = ("datetime", "start_datetime", "end_datetime")
HEAD = {"type": "Feature", "id": "a", "collection": "c"}


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("bbox",), (), {**HEAD, "bbox": [1]}),
        (("properties.gsd",), (), {**HEAD, "properties": {"gsd": 10}}),
        (("properties.a.b",), (), {**HEAD, "properties": {"a.b": 1}}),
        (("properties.emb:quantization.scale",), (), {**HEAD, "properties": {"emb:quantization": {"scale": 2}}}),
        (("properties.gsd",), ("properties",), {**HEAD, "properties": {"gsd": 10}}),
        (
            ("properties",),
            ("properties.gsd",),
            {**HEAD, "properties": {k: v for k, v in ITEM["properties"].items() if k != "gsd"}},
        ),
        ((), ("assets", "properties"), {**HEAD, "bbox": [1]}),
        ((), ("assets.x.roles",), {**ITEM, "assets": {"x": {"href": "h"}}}),
        (("bbox",), ("bbox",), {**HEAD, "bbox": [1]}),
        ((), ("id",), ITEM),
    ],
)
def test_members_are_chosen_by_path(include, exclude, expected):
    before = repr(ITEM)
    assert choose(ITEM, Fields(include, exclude)) == expected
    assert repr(ITEM) == before


@pytest.mark.parametrize(
    ("times", "kept"),
    [
        ({"datetime": "2021-01-01T00:00:00Z", "start_datetime": "a", "end_datetime": "b"}, ["datetime"]),
        (
            {"datetime": None, "start_datetime": "a", "end_datetime": "b"},
            ["datetime", "start_datetime", "end_datetime"],
        ),
    ],
)
@pytest.mark.parametrize("fields", [Fields(("bbox",)), Fields(("properties.gsd",)), Fields((), ("properties",))])
def test_what_a_client_needs_to_take_it_for_an_item_is_kept(times, kept, fields):
    item = {**ITEM, "stac_version": "1.1.0", "links": [], "properties": {**ITEM["properties"], **times}}
    chosen = choose(item, fields)
    assert {"type", "stac_version", "id", "collection", "links"} <= chosen.keys()
    assert {k: v for k, v in chosen["properties"].items() if k != "gsd"} == {name: times[name] for name in kept}
    assert "links" not in choose(item, Fields((), ("links",)))


def test_a_token_holds_values_and_nulls():
    token = write_token("a DESC", ["ä'\"", None], backwards=True)
    assert "=" not in token
    found = read_token(token, "a DESC", 2)
    assert (found.backwards, found.values) == (True, ("ä'\"", None))


@pytest.mark.parametrize("text", ["", "abc", "!!!", "W10", "bnVsbA", "next:6162:6162", "WyJuZXh0Il0"])
def test_other_texts_are_no_tokens(text):
    with pytest.raises(BadRequestError, match="token"):
        read_token(text, "a DESC", 1)


def test_a_token_of_another_order_is_refused():
    with pytest.raises(BadRequestError, match="another sortby"):
        read_token(write_token("a DESC", ["1"], backwards=False), "a ASC", 1)


@pytest.mark.parametrize(
    ("accept", "csv"),
    [
        ("", False),
        ("*/*", False),
        ("text/csv", True),
        ("text/*", True),
        ("text/csv;q=0.5, application/json", False),
        ("application/json;q=0.1, text/csv;q=0.2", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/csv;q=nonsense", False),
    ],
)
def test_json_comes_first(accept, csv):
    request = Request({"type": "http", "headers": [(b"accept", accept.encode())]})
    assert wants_csv(request, {}) is csv
    assert wants_csv(request, {"f": "csv"}) is True


def test_years_are_intervals():
    found = read_time({"datetime": "2019/2021"})
    assert (found.start.isoformat(), found.end.isoformat()) == (
        "2019-01-01T00:00:00+00:00",
        "2021-12-31T23:59:59.999999+00:00",
    )
    assert read_time({}) is None
    with pytest.raises(BadRequestError, match="ends before"):
        read_time({"datetime": "2021/2019"})


def test_only_ascii_digits_are_numbers():
    assert read_limit("+12") == (12, [])
    with pytest.raises(BadRequestError, match="limit: '\u0661\u0662' is not a whole number"):
        read_limit("\u0661\u0662")
    with pytest.raises(BadRequestError, match="datetime: '\u0662\u0660\u0662\u0661' is not an RFC 3339 date-time"):
        read_time({"datetime": "\u0662\u0660\u0662\u0661"})


def test_a_position_on_the_antimeridian_lies_on_both_sides():
    for lon in ("180", "-180.0"):
        place = read_place({"lon": lon, "lat": "5"}, needed=True)
        assert sorted(point.x for point in place.geometry.geoms) == [-180, 180]
        assert (place.is_point, place.asked) == (True, {"lon": float(lon), "lat": 5.0})
    assert read_place({"lon": "179.9", "lat": "5"}, needed=True).geometry.geom_type == "Point"


@pytest.mark.parametrize("depth", [101, 1015])
def test_an_area_that_nests_deeply_is_refused(depth):
    shape = f'{{"type": "Polygon", "coordinates": {"[" * depth}{"]" * depth}}}'
    with pytest.raises(BadRequestError, match="intersects: is nested too deeply: more than 100 levels"):
        read_place({"intersects": shape}, needed=True)
