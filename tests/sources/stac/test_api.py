"""A loopback STAC API with pages by GET and by POST, and static trees; Earth Genome's Items and the draft's example."""

import copy
import json
import urllib.parse
from pathlib import Path

import pytest
import shapely

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.sources.base import Source
from atlas.sources.stac.api import READER
from atlas.sources.stac.rows import Reading

DATA = Path(__file__).parents[1] / "data"
DRAFT = "https://stac-extensions.github.io/embeddings/v0.0.1/schema.json"
NAME = "ssl4eo_yearly_embeddings"


def earth_genome(tile="18SUJ", year=2025, **properties):
    """An Item as users of the API report it: no datetime, whole years from January to January."""
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [DRAFT],
        "id": f"{tile}_{year}-01-01_{year + 1}-01-01",
        "collection": NAME,
        "geometry": shapely.geometry.mapping(shapely.box(-77, 38, -76, 39)),
        "bbox": [-77, 38, -76, 39],
        "links": [],
        "properties": {
            "datetime": None,
            "start_datetime": f"{year}-01-01T00:00:00Z",
            "end_datetime": f"{year + 1}-01-01T00:00:00Z",
        }
        | properties,
        "assets": {"embeddings": {"href": f"https://example.com/{tile}.parquet", "roles": ["data"]}},
    }


class Api:
    """Pages of two Items; `post` makes their links POST searches."""

    def __init__(self, web, items, *, interval=("2024-01-01T00:00:00Z", "2025-12-31T00:00:00Z"), post=False, others=()):
        self.items, self.post, self.web = items, post, web
        collection = {"type": "Collection", "id": NAME, "stac_extensions": [DRAFT]}
        collection["links"] = [{"rel": "items", "href": f"{web.url}/collections/{NAME}/items"}]
        collection["extent"] = {"temporal": {"interval": [list(interval)]}}
        web.routes["/"] = self.answer
        self.documents = {
            "/": {"type": "Catalog", "id": "root", "conformsTo": ["https://api.stacspec.org/v1.0.0/core"], "links": []},
            "/collections": {"collections": [collection, *others]},
            f"/collections/{NAME}": collection,
        }

    def answer(self, handler):
        parts = urllib.parse.urlsplit(handler.path)
        path = parts.path.rstrip("/") or "/"
        if path in self.documents:
            handler.reply(200, json.dumps(self.documents[path]).encode())
        elif path == f"/collections/{NAME}/items" or path == "/search":
            query = dict(urllib.parse.parse_qsl(parts.query)) | (json.loads(handler.sent) if handler.sent else {})
            self.page(handler, query)
        else:
            handler.reply(404, b"{}")

    @staticmethod
    def overlaps(properties, start, end):
        first, last = properties["start_datetime"], properties["end_datetime"]
        return (end == ".." or first <= end) and (start == ".." or last >= start)

    def page(self, handler, query):
        start, end = (query.get("datetime", "../..")).split("/")
        found = [i for i in self.items if self.overlaps(i["properties"], start, end)]
        at = int(query.get("token", 0))
        page = {"type": "FeatureCollection", "features": found[at : at + 2], "links": [], "numberMatched": len(found)}
        if at + 2 < len(found):
            body = {"token": at + 2, "datetime": query.get("datetime", "../..")}
            link = {"rel": "next", "href": f"{self.web.url}/search?{urllib.parse.urlencode(body)}"}
            if self.post:
                link = {"rel": "next", "href": "/search", "method": "POST", "body": {"token": at + 2}, "merge": True}
                if at == 0:
                    link["body"]["datetime"] = body["datetime"]
            page["links"].append(link)
        handler.reply(200, json.dumps(page).encode())


@pytest.fixture
def product(products):
    return products["earth-genome-ssl4eo-yearly"]


@pytest.mark.parametrize("post", [False, True])
def test_each_item_is_found_once_in_the_year_in_which_it_begins(crawl, web, product, post):
    tiles = ["18SUJ", "18SUK", "18SUL"]
    Api(web, [earth_genome(t, y) for y in (2024, 2025) for t in tiles], post=post)
    rows, aside = crawl(READER, product, web.url)
    assert aside == []
    assert sorted(r["id"] for r in rows) == sorted(f"{t}_{y}-01-01_{y + 1}-01-01" for y in (2024, 2025) for t in tiles)


def test_an_item_of_the_api_becomes_a_row(crawl, web, product):
    Api(web, [earth_genome()])
    (row,), _ = crawl(READER, product, f"{web.url}/collections/{NAME}")
    assert "datetime" not in row
    assert row["start_datetime"].isoformat() == "2025-01-01T00:00:00+00:00"
    # January to January: the producer means the year, and STAC includes both ends.
    assert row["end_datetime"].isoformat() == "2025-12-31T23:59:59.999999+00:00"
    assert row["asset:embeddings:href"] == "https://example.com/18SUJ.parquet"
    assert shapely.from_wkb(row["geometry"]).bounds == (-77, 38, -76, 39)


def test_items_beyond_the_stated_extent_are_found(crawl, web, product):
    Api(web, [earth_genome(year=y) for y in (2022, 2024, 2025, 2027)])
    rows, _ = crawl(READER, product, web.url)
    assert len(rows) == 4


def test_an_open_extent_is_one_shard(web, product, policy):
    Api(web, [earth_genome()], interval=("2024-01-01T00:00:00Z", None))
    assert [s.id for s in READER.plan(Source(product, web.url), Access(policy))] == ["year_all"]


def test_the_collection_is_found_by_its_extension_where_nothing_names_it(crawl, web, product):
    unnamed = product.model_copy(update={"index": product.index.model_copy(update={"notes": []})})
    Api(web, [earth_genome()], others=[{"type": "Collection", "id": "imagery"}])
    rows, _ = crawl(READER, unnamed, web.url)
    assert len(rows) == 1


def test_two_collections_of_embeddings_are_not_guessed_between(crawl, web, product):
    unnamed = product.model_copy(update={"index": product.index.model_copy(update={"notes": []})})
    Api(web, [earth_genome()], others=[{"type": "Collection", "id": "b", "stac_extensions": [DRAFT]}])
    with pytest.raises(SourceError, match="which collection\\? Of 2 there, 2 hold embeddings"):
        crawl(READER, unnamed, web.url)
    rows, _ = crawl(READER, unnamed, web.url, options={"collection": NAME})
    assert len(rows) == 1


def area(*ring):
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


def test_a_ring_that_crosses_itself_is_kept_as_it_was_sent(crawl, web, product):
    item = earth_genome() | {"geometry": area((0, 0), (4, 4), (4, 0), (0, 4), (0, 0))}
    web.objects["/items.json"] = json.dumps(item).encode()
    (row,), aside = crawl(READER, product, web.url + "/items.json")
    assert aside == []
    assert shapely.get_coordinates(shapely.from_wkb(row["geometry"])).tolist() == [
        [0, 0],
        [4, 4],
        [4, 0],
        [0, 4],
        [0, 0],
    ]


def change(**parts):
    item = earth_genome("18SUK")
    for path, value in parts.items():
        *way, last = path.split("__")
        holder = item
        for step in way:
            holder = holder[step]
        holder[last] = value
    return item


OUTSIDE = shapely.Polygon(shapely.box(1, 2, 3, 4).exterior, [shapely.box(200, 3, 201, 4).exterior])


@pytest.mark.parametrize(
    ("item", "reason", "field"),
    [
        (change(type="Collection"), "not a STAC Item", "type"),
        (change(id=7), "not a STAC Item", "id"),
        (change(geometry=None), "no geometry", "geometry"),
        (change(geometry={"type": "Polygon"}), "geometry is not GeoJSON", "geometry/coordinates"),
        (change(geometry={"type": "Point", "coordinates": []}), "geometry is not GeoJSON", "geometry/coordinates"),
        (change(geometry=area((0, 0), (1, 0), (1, 1), (0, 1))), "geometry is not GeoJSON", "geometry/coordinates/0"),
        (change(geometry=area((0, 0), (1, 0), (0, 0))), "geometry is not GeoJSON", "geometry/coordinates/0"),
        (
            change(geometry=area((0, 0), (1, 0), (1e999, 1), (0, 0))),
            "geometry is not GeoJSON",
            "geometry/coordinates/0/2",
        ),
        (change(geometry={"type": "Point", "coordinates": [200, 0]}), "geometry is not on the globe", "geometry"),
        (
            change(geometry=json.loads(shapely.to_geojson(OUTSIDE))),
            "geometry is not on the globe",
            "geometry",
        ),
        (
            change(geometry={"type": "Point", "coordinates": [1, 2], "crs": {"type": "name"}}),
            "geometry is not GeoJSON",
            "geometry/crs",
        ),
        (
            change(geometry=area((170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)), bbox=[170, 0, -170, 10]),
            "geometry is not cut at the antimeridian",
            "geometry",
        ),
        (change(properties__created="0001-01-01T00:00:00+12:00"), "time is not in the years 1 to 9999", "created"),
        (change(properties__end_datetime=None), "only one end of the interval is given", "end_datetime"),
        (change(properties__end_datetime="2024-06-01T00:00:00Z"), "interval ends before it begins", "end_datetime"),
        (change(properties__end_datetime="next year"), "time is not RFC 3339", "end_datetime"),
        (change(properties__end_datetime="2026-01-01T00:00:00"), "time has no zone", "end_datetime"),
        (change(assets={"thumbnail": {"href": "x"}}), "no asset 'embeddings'", "assets"),
        ("text", "not a STAC Item", "type"),
    ],
)
def test_an_item_that_breaks_one_rule_is_rejected_with_it(crawl, web, product, item, reason, field):
    (web.objects)["/items.json"] = json.dumps(
        {"type": "FeatureCollection", "features": [earth_genome(), item]}
    ).encode()
    rows, aside = crawl(READER, product, web.url + "/items.json")
    assert len(rows) == 1
    assert [(a.reason, a.field) for a in aside] == [(reason, field)]


def test_a_flag_is_no_count(crawl, web, product):
    item = change(properties__table_row_count=True)
    item["properties"]["table:row_count"] = item["assets"]["embeddings"]["file:size"] = True
    web.objects["/items.json"] = json.dumps({"type": "FeatureCollection", "features": [item]}).encode()
    rows, aside = crawl(READER, product, web.url + "/items.json")
    assert (len(rows), aside) == (1, [])


# -- static STAC ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path):
    def write(name, document):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
        return path

    def links(**found):
        return [{"rel": rel.rstrip("_"), "href": href} for rel, href in found.items()]

    root = write("catalog.json", {"type": "Catalog", "id": "c", "links": links(child="a/collection.json", self="x")})
    below = links(item="one.json", item_="two.json", item__="gone.json", parent="../catalog.json")
    write("a/collection.json", {"type": "Collection", "id": "a", "links": below})
    one = json.loads((DATA / "draft_item.json").read_text())
    write("a/one.json", one)
    write("a/two.json", earth_genome())
    return root


def test_a_static_tree_is_walked_and_draft_items_are_lifted(crawl, web, product, tree):
    for path in tree.parent.rglob("*.json"):
        web.objects["/" + path.relative_to(tree.parent).as_posix()] = path.read_bytes()
    rows, aside = crawl(READER, product, web.url + "/catalog.json")
    assert [r["id"] for r in rows] == ["tile-12txm-2024-05-01", "18SUJ_2025-01-01_2026-01-01"]
    draft = rows[0]
    assert draft["datetime"].isoformat() == "2024-05-01T10:32:45+00:00"
    assert draft["property:emb:preprocessing"] == {
        "format": "gdal-calc",
        "expression": "scale_to_reflectance,cloud_mask",
    }
    assert [(a.file, a.reason) for a in aside] == [("a/gone.json", "host answers 404")]


def test_relative_hrefs_of_assets_are_resolved(crawl, web, product):
    item = earth_genome()
    item["assets"]["embeddings"]["href"] = "./data/x.parquet"
    web.objects["/a/item.json"] = json.dumps(item).encode()
    (row,), _ = crawl(READER, product, web.url + "/a/item.json")
    assert row["asset:embeddings:href"] == web.url + "/a/data/x.parquet"


def test_a_link_to_another_host_is_rejected(crawl, web, product):
    links = [{"rel": "item", "href": "http://169.254.169.254/item.json"}, {"rel": "item", "href": "item.json"}]
    web.objects["/c.json"] = json.dumps({"type": "Collection", "id": "c", "links": links}).encode()
    web.objects["/item.json"] = json.dumps(earth_genome()).encode()
    rows, aside = crawl(READER, product, web.url + "/c.json")
    assert len(rows) == 1
    assert [a.reason for a in aside] == ["link leads to a host that the record does not name"]


@pytest.mark.parametrize("href", ["http://[", "//[x", "s3://[x"])
def test_a_link_that_is_none_is_rejected_and_the_rest_goes_on(crawl, web, product, href):
    links = [{"rel": "item", "href": href}, {"rel": "item", "href": "item.json"}]
    web.objects["/c.json"] = json.dumps({"type": "Collection", "id": "c", "links": links}).encode()
    item = earth_genome("18SUK")
    item["assets"]["embeddings"]["href"] = href
    web.objects["/item.json"] = json.dumps(item).encode()
    rows, aside = crawl(READER, product, web.url + "/c.json")
    assert rows == []
    assert [(a.reason, a.field) for a in aside] == [
        ("link leads to a host that the record does not name", None),
        ("href is not one", "href"),
    ]


def test_a_remote_catalogue_must_not_name_local_files(crawl, web, product):
    links = [{"rel": "item", "href": "file:///etc/passwd"}]
    web.objects["/c.json"] = json.dumps({"type": "Collection", "id": "c", "links": links}).encode()
    rows, aside = crawl(READER, product, web.url + "/c.json")
    assert rows == []
    assert [a.reason for a in aside] == ["link leads to a host that the record does not name"]


def test_earth_engines_collection_has_no_items_and_that_is_said(crawl, web, products):
    web.objects["/ee.json"] = (DATA / "earthengine_collection.json").read_bytes()
    with pytest.raises(SourceError, match=r"links to no Item, and is not an API \(Earth Engine"):
        crawl(READER, products["aef-v1-annual"], web.url + "/ee.json")


def test_the_given_example_is_not_changed_by_lifting_it():
    item = json.loads((DATA / "draft_item.json").read_text())
    before = copy.deepcopy(item)
    Reading().row(item, "https://example.com/item.json")
    assert item == before


def test_licence_and_version_of_a_collection_are_stated_for_the_drift_report(web, product, policy):
    api = Api(web, [])
    api.documents[f"/collections/{NAME}"] |= {"license": "cc-by-4.0", "version": "2"}
    for href in (web.url, f"{web.url}/collections/{NAME}"):
        facts = READER.facts(Source(product, href), Access(policy))
        assert facts == {"license": "CC-BY-4.0", "version": "2"}
