"""Hundreds of malformed requests: each error is in the API's own words, not PostgreSQL's."""

import itertools

from tests.integration.api.test_refusals import TWICE

WORDS = (
    "syntax", "postgres", "asyncpg", "geos", "topology", "exception", "does not exist", "invalid input", "relation",
    "parameter $", "tsquery", "jsonb", "to_text", "to_float", "::", "numeric", "lwgeom", "byte sequence", "encoding",
    "sql", "atlas.", "plpgsql", "datatype", "psycopg",
)  # fmt: skip
LEFT = ("gsd", "id", "datetime", "keywords", "title", "geometry", "CASEI(title)", "CASEI(gsd)", "5", "TRUE", "'a'")
RIGHT = ("5", "'a'", "TRUE", "gsd", "datetime", "keywords", "TIMESTAMP('2020-01-01T00:00:00Z')", "-1e308", "''", "'\\'")
LISTS = ("(1)", "('a')", "(TRUE)", "(1, 'q')", "(gsd, 'x')", "(datetime)")
FILTERS = [
    *(f"{left} {op} {right}" for left, op, right in itertools.product(LEFT, ("=", "<", "LIKE"), RIGHT)),
    *(f"{left} IN {right}" for left, right in itertools.product(LEFT, LISTS)),
    *(f"{left} BETWEEN 1 AND {right}" for left, right in itertools.product(LEFT, RIGHT)),
    *(f"{left} IS NULL" for left in LEFT),
    *(f"T_AFTER({left}, {right})" for left, right in itertools.product(LEFT, RIGHT)),
    *(f"A_CONTAINS({left}, {right})" for left, right in itertools.product(LEFT, LISTS)),
    *(f"S_INTERSECTS({left}, POINT(1 2))" for left in LEFT),
    "S_INTERSECTS(geometry, CIRCULARSTRING(0 0, 1 1, 2 0))", "S_INTERSECTS(geometry, POINT EMPTY)",
    "S_INTERSECTS(geometry, SRID=4326;POINT(1 2))", "S_INTERSECTS(geometry, POINT(1e400 2))",
    "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 2)))", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))",
    "S_INTERSECTS(geometry, BBOX(1, 2, 3))", "S_EQUALS(geometry, POINT ZM(1 2 3 4))",
]  # fmt: skip
NODES = (None, True, 5, 5e300, [], {}, {"a": 1}, [None], "x", "\u0000", "\ud7ff", "9" * 400, {"interval": ["..", ".."]})
EARTH = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]
SHAPES = (
    {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [EARTH]}] * 2},
    {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [TWICE]}] * 2},
    {"type": "MultiPolygon", "coordinates": [[EARTH], [EARTH]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1e-320, 0], [0, 1e-320], [0, 0]]]},
    {"type": "Point", "coordinates": [1, 2, 1e308]},
    {"type": "CircularString", "coordinates": [[0, 0], [1, 1], [2, 0]]},
    {"type": "Point", "coordinates": ["1", "2"]},
    {"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]},
)
TERMS = (
    *("- -a", "the", "'", "&", "a'b", "|", "!", '"', "a & ", "(", "<->", "\\", "a:*", "a:b:c", "a AND"),
    "@QUOTE@1@QUOTE@",
)
OPERATORS = ("=", "in", "like", "between", "isNull", "a_overlaps", "t_during", "s_touches", "casei")
MEMBERS = ("ids", "collections", "bbox", "intersects", "datetime", "limit", "sortby", "fields", "token")
TOKENS = ("bmV4dA", "\u00e9", "W10", "WyJuZXh0Il0", "=", "null", "next:x", "WyJuZXh0IiwiYSIsW11d")


def bodies():
    """Bodies for POST /search."""
    for op, node in itertools.product(OPERATORS, NODES):
        for left in ("gsd", "geometry", "keywords", "datetime"):
            yield {"filter": {"op": op, "args": [{"property": left}, node]}}
    for operator, node in itertools.product(("eq", "lt", "in", "startsWith", "contains"), NODES):
        yield {"query": {"title": {operator: node}}}
        yield {"query": {"datetime": {operator: node}}}
    for member, node in itertools.product(MEMBERS, NODES):
        yield {member: node}
    for shape in SHAPES:
        yield {"intersects": shape}
        yield {"filter": {"op": "s_overlaps", "args": [{"property": "geometry"}, shape]}}
    for name in ("keywords", "geometry", "properties.", "properties", "", "a'b", "a\\", "content", "x" * 5_000):
        yield {"sortby": [{"field": name, "direction": "asc"}]}
        yield {"filter": {"op": "=", "args": [{"property": name}, 1]}}


def fault(answer):
    """What is wrong with an answer, or None."""
    if answer.status_code == 200:
        return None
    document = answer.json()
    said = document["description"]
    if answer.status_code != 400 or document["code"] != "BadRequest":
        return answer.text
    if "is not CQL2 text: " in said:  # the parser's words, which repeat what was sent
        return None
    own = said.lower().replace("cql2", "")
    return said if any(word in own for word in WORDS) else None


def test_no_get_is_answered_in_the_words_of_the_database(http):
    asked = [("/search", {"filter": text}) for text in FILTERS]
    asked += [("/collections", {"filter": text}) for text in FILTERS[::3]]
    asked += [("/collections", {"q": text}) for text in TERMS]
    asked += [
        ("/collections", {"sortby": name}) for name in ("keywords", "extent", "geometry", "-providers", "summaries")
    ]
    asked += [("/search", {"token": text}) for text in TOKENS]
    asked += [("/search", {"query": text}) for text in ('{"gsd": {"eq": 1e999}}', '{"title": {"eq": "\\u0000"}}')]
    faults = {str(one): found for one in asked if (found := fault(http.get(one[0], params=one[1])))}
    assert not faults


def test_no_post_is_answered_in_the_words_of_the_database(http):
    faults = {}
    for body in bodies():
        if found := fault(http.post("/search", json=body)):
            faults[str(body)[:300]] = found
    assert not faults
