"""The endpoints under `/stac/atlas`."""

import csv
import io
import re

import httpx
import pytest

from tests.catalogue import whole_catalogue
from tests.integration.api.conftest import make_items


@pytest.fixture(scope="module")
def tile():
    """An annual TESSERA tile and its centre."""
    found = next(i for i in make_items() if i["collection"] == "tessera-v1" and i["geometry"]["type"] == "Polygon")
    west, south, east, north = found["bbox"]
    return found, (west + east) / 2, (south + north) / 2


def test_coverage_of_a_point_names_items_and_says_why_others_do_not(http, tile):
    item, lon, lat = tile
    year = int(item["properties"]["start_datetime"][:4])
    answer = http.get("/atlas/coverage", params={"lon": lon, "lat": lat, "datetime": year}).json()
    (covered,) = [c for c in answer["covered"] if c["product"] == "tessera-v1"]
    assert covered["years"] == [str(year)]
    assert covered["items"][0]["id"] == item["id"]
    assert covered["items"][0]["assets"]["embeddings"]["href"] == item["assets"]["embeddings"]["href"]
    assert httpx.get(covered["items"][0]["href"]).json()["id"] == item["id"]
    missing = {n["product"]: n["reason"] for n in answer["not_covered"]}
    assert "no vectors are published" in "".join(missing.values())
    every = whole_catalogue().products
    named = [c["product"] for part in ("covered", "stated", "may_cover", "not_covered") for c in answer[part]]
    assert sorted(named) == sorted(every)


def test_coverage_of_another_year_says_which_years_there_are(http, tile):
    item, lon, lat = tile
    year = int(item["properties"]["start_datetime"][:4])
    answer = http.get("/atlas/coverage", params={"lon": lon, "lat": lat, "datetime": year + 1}).json()
    # a part of an index was loaded: what it does not list may exist
    reasons = {n["product"]: n["reason"] for n in answer["may_cover"]}
    assert reasons["tessera-v1"].startswith(f"the part of its index that was read lists tiles there only for {year}")


def test_what_is_not_stated_does_not_exclude(http):
    answer = http.get("/atlas/coverage", params={"bbox": "5,45,6,46", "licence": "attribution"}).json()
    unstated = [p.id for p in whole_catalogue().products.values() if p.licences.data is None and p.status == "released"]
    outside = {n["product"]: n["reason"] for n in answer["not_covered"]}
    assert unstated
    assert not [r for i, r in outside.items() if i in unstated and "licence" in r]
    warned = [w for tier in ("stated", "may_cover") for m in answer[tier] for w in m["warnings"]]
    assert any(w.startswith("its licence class: not") for w in warned)


def test_a_box_counts_all_and_shows_some(http):
    answer = http.get("/atlas/coverage", params={"bbox": "-180,-90,180,90", "limit": 3}).json()
    by_product = {c["product"]: c for c in answer["covered"]}
    assert by_product["tessera-v1"]["items_matched"] == 200
    assert (len(by_product["tessera-v1"]["items"]), by_product["tessera-v1"]["truncated"]) == (3, True)
    assert len(by_product) > 1
    for product, entry in by_product.items():  # one statement names the Items of all of them
        assert [i["collection"] for i in entry["items"]] == [product] * min(3, entry["items_matched"])


def test_a_box_over_the_antimeridian_is_one_place(http):
    answer = http.get("/atlas/coverage", params={"bbox": "179.6,-90,-179.6,90"}).json()
    assert sum(c["items_matched"] for c in answer["covered"]) >= 12


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/atlas/coverage", {"lon": 1, "lat": 45}),
        ("/atlas/compare", {"ids": "tessera-v1,aef-v1-annual"}),
        ("/atlas/choose", {"type": "pixel"}),
        ("/atlas/estimate", {"product": "tessera-v1", "bbox": "0,0,1,1"}),
        ("/atlas/taxonomy", {}),
        ("/atlas/taxonomy/type", {}),
        ("/atlas/taxonomy/type/pixel", {}),
    ],
)
def test_tables_come_as_csv_to_who_asks(http, path, params):
    answer = http.get(path, params=params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Accept" in answer.headers["vary"].split(", ")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert len(rows) > 1
    assert len({len(r) for r in rows}) == 1
    assert http.get(path, params={**params, "f": "csv"}).text == answer.text
    assert http.get(path, params=params, headers={"Accept": "*/*"}).json()
    assert http.get(path, params=params, headers={"Accept": "text/csv;q=0.2, application/json"}).json()


def test_spaces_decide_whether_vectors_may_be_compared(http):
    products = whole_catalogue().products.values()
    different = http.get("/atlas/compare", params={"ids": "tessera-v1,aef-v1-annual"}).json()
    assert different["comparable"] == "no"
    assert "dimensions" in different["different"]
    fields = {f["field"]: f for f in different["fields"]}
    assert fields["dimensions"]["values"] == {"tessera-v1": 128, "aef-v1-annual": 64}
    unstated = next(p.id for p in products if p.embedding.space is None)
    unknown = http.get("/atlas/compare", params={"ids": f"tessera-v1,{unstated}"}).json()
    assert unknown["comparable"] == "not_stated"
    by_space = {}
    for product in products:
        by_space.setdefault(product.embedding.space, []).append(product.id)
    twins = next(ids for space, ids in by_space.items() if space is not None and len(ids) > 1)
    assert http.get("/atlas/compare", params={"ids": ",".join(twins[:2])}).json()["comparable"] == "yes"


def test_combining_licences_names_what_binds(http):
    unlicensed = next(p.id for p in whole_catalogue().products.values() if p.licences.data is None)
    answer = http.get("/atlas/compare", params={"ids": f"aef-v1-annual,{unlicensed}"}).json()["licences"]
    assert [e["product"] for e in answer["each"]] == ["aef-v1-annual", unlicensed]
    assert answer["combined"][0].startswith("One licence is not stated")
    assert any(c.startswith("aef-v1-annual") and "attribution: required" in c for c in answer["consequences"])


def test_choosing_excludes_on_stated_facts_only(http):
    answer = http.get("/atlas/choose", params={"use": "commercial", "type": "pixel", "max_dimensions": 100}).json()
    excluded = {e["product"]: e["because"] for e in answer["excluded"]}
    fits = {f["product"]: f for f in answer["fits"]}
    assert "aef-v1-annual" in fits
    assert any("128 dimensions, more than 100" in b for b in excluded["tessera-v1"])
    assert any("embedding type: Patch, not Pixel" in b for b in excluded["clay-v0-sentinel"])
    products = whole_catalogue().products
    for name, product in products.items():
        if product.embedding.type == "pixel" and product.licences.data is None and product.embedding.dimensions is None:
            assert name in fits
            assert any(w.startswith("its licence: not") for w in fits[name]["open"])
    assert set(fits) | set(excluded) == set(products)
    assert [f["verdict"] != "yes" for f in answer["fits"]] == sorted(f["verdict"] != "yes" for f in answer["fits"])


def test_choosing_by_place_and_years(http):
    answer = http.get("/atlas/choose", params={"lon": 1.0, "lat": 8.6, "datetime": "2030/2031"}).json()
    reasons = {e["product"]: " ".join(e["because"]) for e in answer["excluded"]}
    assert "2017–" in reasons["tessera-v1"]


def test_an_estimate_counts_files_and_vectors(http, tile):
    item, lon, lat = tile
    box = f"{lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}"
    year = item["properties"]["start_datetime"][:4]
    answer = http.get("/atlas/estimate", params={"product": "tessera-v1", "bbox": box, "datetime": year}).json()
    assert (answer["tiles"], answer["files"]) == (1, 1)
    # a tenth of a degree is 11.1 km north to south, and less east to west
    assert 100_000 < answer["vectors_at_most"] < 1_300_000
    assert answer["bytes"] == answer["vectors_at_most"] * (128 + 4)  # with the scale of each
    assert answer["places"][0]["auth"] == "anonymous"
    # the bundled sample is a part of the index
    assert any("Only a part of the producer's index was read" in note for note in answer["notes"])


def test_an_estimate_counts_the_tiles_that_coverage_finds(http, tile):
    """A box that only shares an edge with the tile has nothing of it."""
    item, _, lat = tile
    east = item["bbox"][2]
    asked = {
        "bbox": f"{east},{lat - 0.01},{east + 0.02},{lat + 0.01}",
        "datetime": item["properties"]["start_datetime"][:4],
    }
    covered = http.get("/atlas/coverage", params=asked).json()["covered"]
    found = sum(c["items_matched"] for c in covered if c["product"] == "tessera-v1")
    answer = http.get("/atlas/estimate", params={"product": "tessera-v1", **asked}).json()
    assert (answer["tiles"] or 0) == found


@pytest.mark.parametrize("path", ["compare?ids=tesera-v1", "products/tesera-v1/recipe", "estimate?product=tesera-v1"])
def test_a_mistyped_product_is_answered_with_those_written_like_it(http, path):
    told = http.get(f"/atlas/{path}").json()["description"]
    assert "there is no product 'tesera-v1'; did you mean tessera-v1" in told


def test_a_recipe_opens_the_assets_of_an_item(http):
    plain = http.get("/atlas/products/tessera-v1/recipe", params={"lang": "python"}).json()
    assert any("float32" in r["code"] for r in plain["recipes"])
    item = http.get("/collections/tessera-v1/items", params={"limit": 1}).json()["features"][0]
    own = http.get("/atlas/products/tessera-v1/recipe", params={"item": item["id"]}).json()
    assert any(item["assets"]["embeddings"]["href"] in r["code"] for r in own["recipes"])


def test_a_recipe_opens_any_item_where_none_is_named(http):
    document = http.get("/atlas/products/tessera-v1/recipe", params={"lang": "numpy"}).json()
    item = http.get(f"/collections/tessera-v1/items/{document['item']}").json()
    (recipe,) = document["recipes"]
    assert recipe["hrefs"]["embeddings"] == item["assets"]["embeddings"]["href"]
    assert recipe["hrefs"]["embeddings"] in recipe["code"]


def test_the_place_of_a_recipe_lies_in_its_item(http):
    document = http.get("/atlas/products/tessera-v1/recipe", params={"lang": "rasterio"}).json()
    west, south, east, north = http.get(f"/collections/tessera-v1/items/{document['item']}").json()["bbox"]
    code = next(r["code"] for r in document["recipes"] if r["id"] == "tessera-npy-georeference")
    lon, lat = map(float, re.search(r"lon, lat = (.*)", code)[1].split(","))
    assert west < lon < east
    assert south < lat < north


@pytest.mark.parametrize(("tool", "word"), [("torchgeo", "GoogleSatelliteEmbedding"), ("earth-engine", "ee.Image")])
def test_a_recipe_of_a_tool_says_how_it_was_run(http, tool, word):
    recipes = http.get("/atlas/products/aef-v1-annual/recipe", params={"lang": tool}).json()["recipes"]
    assert recipes
    assert [r["code"] for r in recipes if word not in r["code"]] == []
    assert [r["note"] for r in recipes if "Run by a test" not in r["note"]] == []


def test_a_recipe_that_is_not_there_names_those_that_are(http):
    answer = http.get("/atlas/products/tessera-v1/recipe?lang=duckdb")
    assert answer.status_code == 404
    assert "there is one in python, numpy" in answer.json()["description"]
    model = http.get("/atlas/products/geoclip/recipe").json()  # a model, of which there are no files of vectors
    assert "its record names as loaders geoclip.LocationEncoder" in model["description"]
    wrong = http.get("/atlas/products/tessera-v1/recipe?lang=cobol").json()
    assert "python, sql, shell, rasterio" in wrong["description"]


def test_an_address_that_is_none_is_called_a_placeholder(http):
    recipes = http.get("/atlas/products/majortom-s1rtc-decur/recipe?lang=duckdb").json()["recipes"]
    assert ["placeholder" in (r["note"] or "") for r in recipes] == [True]
    stated = http.get("/atlas/products/clay-v0-sentinel/recipe?lang=duckdb").json()["recipes"]
    assert [r["note"] for r in stated] == [None]


def test_a_recipe_as_text_is_the_code(http):
    answer = http.get("/atlas/products/copernicus-embed-025deg/recipe?lang=gdal", headers={"Accept": "text/plain"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("# Read the cell of a place with GDAL\n# Needs gdal.\n\n# The 768")


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/atlas/coverage", 400, "lon and lat"),
        ("/atlas/coverage?lon=1", 400, "lat"),
        ("/atlas/coverage?lon=1&lat=2&bbox=1,2,3,4", 400, "bbox"),
        ("/atlas/coverage?lon=1&lat=2&type=pixle", 400, "type"),
        ("/atlas/compare", 400, "ids"),
        ("/atlas/compare?ids=tessera-v1,nothing", 400, "ids"),
        ("/atlas/choose?use=fun", 400, "use"),
        ("/atlas/choose?max_bytes=-1", 400, "max_bytes"),
        ("/atlas/estimate", 400, "product"),
        ("/atlas/estimate?product=tessera-v1&lon=1&lat=2", 400, "lon"),
        ("/atlas/products/nothing/recipe", 404, None),
        ("/atlas/products/tessera-v1/recipe?lang=cobol", 400, "lang"),
        ("/atlas/products/tessera-v1/recipe?item=nothing", 400, "item"),
        ("/atlas/taxonomy/nothing", 404, None),
        ("/atlas/taxonomy/type/nothing", 404, None),
        ("/atlas/taxonomy?f=xml", 400, "f"),
    ],
)
def test_a_wrong_question_is_named(http, path, status, parameter):
    answer = http.get(path)
    assert (answer.status_code, answer.json().get("parameter")) == (status, parameter)


def test_taxonomy_counts_follow_the_filters(http):
    everything = http.get("/atlas/taxonomy/type").json()
    open_ones = http.get("/atlas/taxonomy/type", params={"licence": "attribution"}).json()
    count = {t["id"]: t["count"] for t in everything["terms"]}
    fewer = {t["id"]: t["count"] for t in open_ones["terms"]}
    assert sum(count.values()) == len(whole_catalogue().products)
    assert 0 < fewer["pixel"] < count["pixel"]
    term = http.get("/atlas/taxonomy/type/pixel", params={"licence": "attribution"}).json()
    assert len(term["products"]) == term["count"] == fewer["pixel"]
    assert term["definition"]


def test_crawled_text_is_no_formula_in_a_spreadsheet():
    from atlas.api.questions.negotiate import _cell

    assert _cell('=HYPERLINK("http://evil")').startswith("'=")
    assert _cell(-5) == -5
    assert _cell(None) == ""
