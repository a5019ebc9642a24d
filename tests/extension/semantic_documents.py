"""Documents for the semantic rules: some break one, some nearly do, some earn advice."""

from tests.extension.changes import CHECKSUM, COLLECTION, ITEM, at


def box(west, south, east, north):
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def moved(west, south, east, north):
    def change(item):
        item["bbox"] = [west, south, east, north]
        item["geometry"]["coordinates"] = box(west, south, east, north)

    return change


def clockwise(west, south, east, north):
    def change(item):
        moved(west, south, east, north)(item)
        item["geometry"]["coordinates"][0].reverse()

    return change


def cut_at_the_antimeridian(item):
    item["bbox"] = [179.9, 0, -179.9, 1]
    item["geometry"] = {"type": "MultiPolygon", "coordinates": [box(179.9, 0, 180, 1), box(-180, 0, -179.9, 1)]}


def not_cut(item):
    item["bbox"] = [-179.9, 0, 179.9, 1]
    item["geometry"]["coordinates"] = [[[179.9, 0], [-179.9, 0], [-179.9, 1], [179.9, 1], [179.9, 0]]]


def wrong_side(item):
    cut_at_the_antimeridian(item)
    item["bbox"] = [179.95, 0, -179.9, 1]


def not_cut_and_tilted(item):
    item["bbox"] = [-179.9, 0, 179.9, 1]
    item["geometry"]["coordinates"] = [[[179.9, 0], [-179.9, 0.1], [-179.8, 1], [179.9, 1], [179.9, 0]]]


def not_cut_but_its_bbox(item):
    moved(-175, 0, 175, 1)(item)
    item["bbox"] = [175, 0, -175, 1]


def ring(positions):
    return at("geometry|coordinates", [positions])


def years(start, end):
    def change(item):
        item["properties"] |= {"datetime": None, "start_datetime": start, "end_datetime": end}

    return change


def nominal(moment):
    def change(item):
        years("2021-01-01T00:00:00Z", "2021-12-31T23:59:59Z")(item)
        item["properties"]["datetime"] = moment

    return change


def plain(item_assets):
    def change(collection):
        for name in [n for n in collection if ":" in n] + ["summaries"]:
            collection.pop(name, None)
        collection |= {"stac_extensions": [], "item_assets": item_assets}

    return change


def asset_years(item):
    times = {"start_datetime": "2021-12-31T00:00:00Z", "end_datetime": "2021-01-01T00:00:00Z"}
    item["assets"]["embeddings"] |= times


def wide_over_the_antimeridian(item):
    item["bbox"] = [82.5, 0, 2.25, 1]
    item["geometry"] = {"type": "MultiPolygon", "coordinates": [box(82.5, 0, 180, 1), box(-180, 0, 2.25, 1)]}


def elsewhere(item):
    item["bbox"] = [1, 2, 3, 4]


def off_the_map(item):
    moved(190, 80, 191, 95)(item)


RING, END = "/geometry/coordinates/0", "/properties/end_datetime"
MULTIHASHES = [
    "90e40210" + "f5" * 16,  # BLAKE2b-128
    "a0e40220" + "f5" * 32,  # BLAKE2b-256
    "c0e40240" + "f5" * 64,  # BLAKE2b-512
    "e0e40220" + "f5" * 32,  # BLAKE2s-256
    "1620" + "f5" * 32,  # SHA3-256
    "1440" + "f5" * 64,  # SHA3-512
    "2030" + "f5" * 48,  # SHA2-384
    "1e20" + "f5" * 32,  # BLAKE3
    "d50110" + "f5" * 16,  # MD5
    "1210" + "f5" * 16,  # SHA2-256, cut short
    "1114" + "f5" * 20,  # SHA-1
    "2208" + "f5" * 8,  # Murmur3-x64-64
    "2304" + "f5" * 4,  # Murmur3-32
]


def without_a_place(item):
    item["geometry"] = None
    del item["bbox"]


BROKEN = [
    ("bbox-range", ITEM, off_the_map, "/bbox", "must lie in -180 to 180; latitudes 80 and 95 must lie"),
    ("bbox-geometry", ITEM, elsewhere, "/bbox", "longitudes 1 to 3 are not those of the geometry, 0.1 to 0.2; lat"),
    ("bbox-range", ITEM, moved(180.5, 0, 181, 1), "/bbox", "must lie in -180 to 180"),
    ("bbox-range", ITEM, moved(0, 89.5, 1, 90.125), "/bbox", "must lie in -90 to 90"),
    ("bbox-range", COLLECTION, at("extent|spatial|bbox", [[0, 5, 1, 2]]), "/extent/spatial/bbox/0", "north of"),
    ("bbox-range", ITEM, at("bbox", [0.1, 52.0, 9, 0.2, 52.1, 0]), "/bbox", "the lower height 9 is above the upper"),
    (
        "bbox-geometry",
        ITEM,
        at("bbox", [0.1, 52.0, 0.2, 52.05]),
        "/bbox",
        "are not those of the geometry, 52.0 to 52.1",
    ),
    ("bbox-geometry", ITEM, at("bbox", [0.15, 52.0, 0.2, 52.1]), "/bbox", "longitudes 0.15 to 0.2 are not those"),
    ("bbox-geometry", ITEM, wrong_side, "/bbox", "are not those of the geometry"),
    ("antimeridian", ITEM, not_cut, "/geometry", "MultiPolygon"),
    ("checksum", ITEM, at(CHECKSUM, "ab" * 32), f"/{CHECKSUM.replace('|', '/')}", "known multihash"),
    ("checksum", ITEM, at(CHECKSUM, "1220" + "ab" * 31), f"/{CHECKSUM.replace('|', '/')}", "has 62 digits"),
    ("antimeridian", ITEM, not_cut_and_tilted, "/geometry", "MultiPolygon"),
    ("antimeridian", ITEM, not_cut_but_its_bbox, "/geometry", "MultiPolygon"),
    ("geometry", ITEM, ring([[0.1, 52], [0.2, 52], [0.2, 52.1], [0.1, 52.1]]), f"{RING}", "not closed"),
    ("geometry", ITEM, at("geometry|coordinates", []), "/geometry/coordinates", "is empty"),
    ("item-assets", COLLECTION, plain([]), "/item_assets", "must be an object of Asset definitions"),
    ("item-assets", COLLECTION, plain("a"), "/item_assets", "must be an object of Asset definitions"),
    ("id", ITEM, at("id", "."), "/id", "cannot be part of an address"),
    ("id", ITEM, at("id", ".."), "/id", "cannot be part of an address"),
    ("id", COLLECTION, at("id", ".."), "/id", "cannot be part of an address"),
    ("id", ITEM, at("collection", ".."), "/collection", "cannot be part of an address"),
    ("interval", ITEM, years("2021-12-31T00:00:00Z", "2021-01-01T00:00:00Z"), END, "2021-01-01T00:00:00Z lies before"),
    ("interval", ITEM, years("2021-01-01T00:00:00.5Z", "2021-01-01T00:00:00Z"), END, "ends before it starts"),
    ("interval", ITEM, years("2021-01-01T00:00:00.49Z", "2021-01-01T00:00:00.4899Z"), END, "ends before it starts"),
    ("interval", ITEM, asset_years, "/assets/embeddings/end_datetime", "ends before it starts"),
    (
        "interval",
        COLLECTION,
        at(
            "extent|temporal|interval",
            [["2020-01-01T00:00:00Z", None], ["2021-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]],
        ),
        "/extent/temporal/interval/1",
        "ends before it starts",
    ),
    ("checksum", ITEM, at(CHECKSUM, "90e40210" + "ab" * 15), f"/{CHECKSUM.replace('|', '/')}", "announces 32"),
    ("checksum", ITEM, at(CHECKSUM, "1140" + "ab" * 64), f"/{CHECKSUM.replace('|', '/')}", "the function gives 40"),
]
FINE = [
    ("the whole world", COLLECTION, at("extent|spatial|bbox", [[-180, -90, 180, 90]])),
    ("a bbox over the antimeridian", COLLECTION, at("extent|spatial|bbox", [[170, -10, -170, 10]])),
    ("an Item cut at the antimeridian", ITEM, cut_at_the_antimeridian),
    ("a rounded bbox", ITEM, at("bbox", [0.1000000001, 52.0, 0.2, 52.1])),
    ("the whole world in one Item", ITEM, moved(-180, -90, 180, 90)),
    ("a box over more than half of the globe", ITEM, moved(-180, -60, 45, 80)),
    ("a box over most of the globe", ITEM, moved(-170, -60, 170, 80)),
    ("a wide box over the antimeridian", ITEM, wide_over_the_antimeridian),
    ("float noise at the ends", COLLECTION, at("extent|spatial|bbox", [[-180.00000000000114, -90, 180.0000001, 90]])),
    ("an interval without a length", ITEM, years("2021-01-01T00:00:00Z", "2021-01-01T00:00:00.000Z")),
    ("a datetime at the end of its interval", ITEM, nominal("2021-12-31T23:59:59.000Z")),
    ("a later time in more digits", ITEM, years("2021-01-01T00:00:00Z", "2021-01-01T00:00:00.5Z")),
    ("an open interval", COLLECTION, at("extent|temporal|interval", [["2020-01-01T00:00:00Z", None]])),
    ("an id with dots", ITEM, at("id", "v1..2")),
    ("three axes", ITEM, at("bbox", [0.1, 52.0, 0, 0.2, 52.1, 9])),
]


ADVICE = [
    ("interval", COLLECTION, at("extent|temporal|interval", [[None, None]]), "[null, null] says of no time"),
    ("interval", ITEM, nominal("2022-01-01T00:00:00Z"), "2022-01-01T00:00:00Z lies outside 2021-01-01T00:00:00Z to"),
    ("bbox-geometry", ITEM, at("bbox", [0.098, 52.0, 0.2, 52.1]), "longitudes 0.098 to 0.2 are wider than those"),
    ("bbox-geometry", ITEM, at("bbox", [-180, -90, 180, 90]), "latitudes -90 to 90 are wider than those"),
    ("bbox-geometry", ITEM, at("bbox", [179, 52.0, 0.2, 52.1]), "longitudes 179 to 0.2 are wider than those"),
    ("antimeridian", ITEM, clockwise(-170, -60, 170, 80), "if it crosses the antimeridian, cut"),
    ("geometry", ITEM, ring([[0.1, 52], [0.2, 52.1], [0.2, 52], [0.1, 52.1], [0.1, 52]]), "Self-intersection"),
    ("geometry", ITEM, without_a_place, "found by no search for a place"),
    ("id", ITEM, at("id", "a/b"), "'a/b' may not survive an address"),
    ("id", ITEM, at("id", "a%20b"), "'a%20b' may not survive"),
    ("id", ITEM, at("id", " a"), "' a' may not survive"),
    ("id", ITEM, at("id", "a\nb"), "may not survive"),
    ("checksum", ITEM, at(CHECKSUM, "8080400141"), "does not start with the code of a known multihash"),
]
