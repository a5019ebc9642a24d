"""Generated bodies for POST /search that both servers answer alike."""

OPERATORS = ("=", "<>", "<", "<=", ">", ">=")
SPATIAL = ("s_intersects", "s_disjoint", "s_within", "s_overlaps", "s_touches", "s_crosses", "s_contains", "s_equals")
TEMPORAL = (
    *("t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedby", "t_finishes"),
    *("t_intersects", "t_meets", "t_metby", "t_overlappedby", "t_overlaps", "t_startedby", "t_starts"),
)
ARRAYS = ("a_contains", "a_overlaps")
"""Not those for which an array is a list in the one and a set in the other."""
SORTS = ("datetime", "id", "collection", "gsd", "emb:dimensions", "title", "properties.gsd", "end_datetime", "emb:type")
YEAR = "2021-01-01T00:00:00Z/2021-12-31T23:59:59Z"


def prop(name):
    return {"property": name}


def box(chosen, crossing=False):
    """A box with an area and no edge on the antimeridian, where the two differ on purpose."""
    west, east = (n / 10 for n in sorted(chosen.sample(range(-1799, 1800), 2)))
    south, north = (n / 10 for n in sorted(chosen.sample(range(-850, 851), 2)))
    return [east, south, west, north] if crossing else [west, south, east, north]


def polygon(bounds):
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def moment(chosen):
    return f"{chosen.randint(2016, 2026)}-{chosen.randint(1, 12):02d}-{chosen.randint(1, 28):02d}T00:00:00Z"


def interval(chosen):
    start, end = sorted([moment(chosen), moment(chosen)])
    return {"interval": chosen.choice([[start, end], ["..", end], [start, ".."]])}


def folded(function, text):
    return {"op": "=", "args": [{"op": function, "args": [prop("title")]}, {"op": function, "args": [text]}]}


LEAVES = (
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("emb:dimensions"), c.choice([64, 128, 768, 1024])]},
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("gsd"), c.choice([10, 10.5, 30, 0.5])]},
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("title"), f"Tile {c.randrange(11)}"]},
    lambda c: {"op": "isNull", "args": [prop(c.choice(["gsd", "emb:dimensions", "proj:code"]))]},
    lambda c: {"op": "between", "args": [prop("emb:dimensions"), 100, c.choice([128, 800])]},
    lambda c: {"op": "in", "args": [prop("title"), [f"Tile {n}" for n in c.sample(range(11), 3)]]},
    lambda c: {"op": "like", "args": [prop("title"), c.choice(["Tile 1%", "%e _", "tile%", "%0"])]},
    lambda c: folded("casei", c.choice(["tile 3", "TILE 5"])),
    lambda c: folded("accenti", c.choice(["Tilé 3", "Tile 5"])),
    lambda c: {"op": c.choice(ARRAYS), "args": [prop("keywords"), c.sample(["a", "b", "c"], 2)]},
    lambda c: {"op": c.choice(SPATIAL), "args": [prop("geometry"), polygon(box(c))]},
    lambda c: {"op": c.choice(TEMPORAL), "args": [prop("start_datetime"), interval(c)]},
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("datetime"), {"timestamp": moment(c)}]},
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("collection"), "clay-v0-sentinel"]},
    lambda c: {"op": c.choice(OPERATORS), "args": [prop("start_datetime"), prop("end_datetime")]},
    lambda c: {"op": "=", "args": [prop("id"), f"item-{c.randrange(600):04d}-{c.randrange(7)}"]},
)
"""Conditions of every kind: every operator of CQL2 that pgstac has comes up."""


EVERY = (
    *(lambda c, op=op: {"op": op, "args": [prop("gsd"), c.choice([10, 10.5, 30])]} for op in OPERATORS),
    *(lambda c, op=op: {"op": op, "args": [prop("geometry"), polygon(box(c))]} for op in SPATIAL),
    *(lambda c, op=op: {"op": op, "args": [prop("start_datetime"), interval(c)]} for op in TEMPORAL),
    *(lambda c, op=op: {"op": op, "args": [prop("keywords"), c.sample(["a", "b", "c"], 2)]} for op in ARRAYS),
)
"""Each operator once, so that none is left to chance."""
PARTS = [polygon([-60, -60, 60, 60]), polygon([0, 0, 120, 80]), {"type": "Point", "coordinates": [1, 1]}]
SETS = (
    lambda _: {"op": "a_equals", "args": [prop("keywords"), ["c", "b"]]},
    lambda _: {"op": "a_equals", "args": [prop("keywords"), ["b", "c", "b"]]},
    lambda _: {"op": "a_containedBy", "args": [prop("keywords"), ["a", "b", "c"]]},
    *(
        lambda _, op=op: {"op": op, "args": [prop("geometry"), {"type": "GeometryCollection", "geometries": PARTS}]}
        for op in ("s_intersects", "s_disjoint", "s_within", "s_contains")
    ),
)
"""What pgstac alone reads otherwise: arrays as sets, and collections of geometries whose parts overlap."""


def leaf(chosen):
    """One random condition."""
    return chosen.choice(LEAVES)(chosen)


def tree(chosen, depth=0):
    roll = chosen.random()
    if depth > 2 or roll < 0.5:
        return leaf(chosen)
    if roll < 0.65:
        return {"op": "not", "args": [tree(chosen, depth + 1)]}
    parts = [tree(chosen, depth + 1) for _ in range(chosen.randint(2, 3))]
    return {"op": chosen.choice(["and", "or"]), "args": parts}


def search(chosen):
    """A body for POST /search."""
    body = {"limit": chosen.choice([1, 5, 10, 50, 700])}
    if chosen.random() < 0.4:
        body["collections"] = chosen.sample(["aef-v1-annual", "clay-v0-sentinel", "tessera-v1"], chosen.randint(1, 3))
    roll = chosen.random()
    if roll < 0.25:
        body["bbox"] = box(chosen)
    elif roll < 0.4:
        body["intersects"] = polygon(box(chosen))
    elif roll < 0.5:
        body["intersects"] = {"type": "LineString", "coordinates": [[-170, -60], [10, 20], [170, 60]]}
    if chosen.random() < 0.4:
        start, end = sorted([moment(chosen), moment(chosen)])
        body["datetime"] = chosen.choice([f"{start}/{end}", f"../{end}", f"{start}/..", start, f"/{end}", f"{start}/"])
    if chosen.random() < 0.6:
        body["filter"] = tree(chosen)
        body["filter-lang"] = "cql2-json"
    elif chosen.random() < 0.3:
        body["query"] = {"emb:dimensions": {chosen.choice(["eq", "neq", "lt", "lte", "gt", "gte"]): 128}}
    if chosen.random() < 0.5:
        fields = chosen.sample(SORTS, chosen.randint(1, 3))
        if len({f.removeprefix("properties.") for f in fields}) == len(fields):
            body["sortby"] = [{"field": f, "direction": chosen.choice(["asc", "desc"])} for f in fields]
    if chosen.random() < 0.2:
        body["fields"] = chosen.choice([{"include": ["id", "properties.gsd"]}, {"exclude": ["assets", "geometry"]}])
    return body


def operators(node):
    """All operators and functions of a filter."""
    if isinstance(node, dict):
        if "op" in node:
            yield node["op"]
        for value in node.values():
            yield from operators(value)
    elif isinstance(node, list):
        for value in node:
            yield from operators(value)
