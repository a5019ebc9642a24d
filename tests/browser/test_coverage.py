"""The coverage map and its form: a place, a year, an area, and what the API adds."""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from atlas.web.figures.projection import WORLD
from tests.browser.conftest import address

pytestmark = pytest.mark.browser


def test_a_click_on_the_map_and_the_keyboard_ask_the_same_question(visit):
    with visit("index.html") as page:
        world = page.locator("svg[data-map]")
        world.scroll_into_view_if_needed()
        box = world.bounding_box()
        # The position is projected by PROJ and must come back through the script's own inverse.
        # The middle of a cell: a pixel of the map is a third of a degree, whatever its width.
        x, y = WORLD.project(np.array([14.5]), np.array([-2.5]))
        scale = box["width"] / WORLD.width
        page.mouse.click(box["x"] + x[0] * scale, box["y"] + y[0] * scale)
        answer = page.locator("[data-answer]")
        answer.locator(".covers").first.wait_for()
        asked = parse_qs(urlsplit(address(page)).query)
        assert float(asked["lat"][0]) == pytest.approx(-2.5, abs=0.4)
        assert float(asked["lon"][0]) == pytest.approx(14.5, abs=0.4)
        assert (
            "tiles in this one-degree cell" in answer.locator(".covers", has_text="TESSERA v1 embeddings").inner_text()
        )
        world.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.wait_for_function("Number(new URLSearchParams(location.search).get('lon')) < 11")


TYPED = {
    "52.15, 0.15": "52.15° N, 0.15° E",
    "Togo": "Togo",
    "95, 0": "Latitude goes from",
    "Ruritania": "is not among the countries, regions and larger towns",
    "Nairobi": "Nairobi, Nairobi County, Kenya, 1.28° S, 36.82° E",
    "iowa": "Iowa, United States",
    "zurich": "Zurich, Switzerland",
    "cote d'ivoire": "Côte d’Ivoire",
    "Paris, us": "Paris, Texas, United States",
}


def test_places_are_typed(visit):
    with visit("coverage.html") as page:
        for text, says in TYPED.items():
            page.fill("#place", text)
            page.press("#place", "Enter")
            page.locator("[data-said]", has_text=says).wait_for()


def test_places_of_one_name_are_told_apart(visit):
    with visit("coverage.html") as page:
        page.fill("#place", "paris")
        page.press("#place", "Enter")
        said, other = page.locator("[data-said]"), page.locator(".other", has_text="Paris, Texas, United States")
        said.get_by_text("Paris, Île-de-France, France").wait_for()
        other.click()
        said.get_by_text("Paris, Texas, United States").wait_for()
        assert page.input_value("#place") == "Paris, Texas, United States"


def test_the_list_of_places_is_a_combobox(visit):
    with visit("index.html") as page:
        field, options = page.locator("#place"), page.locator("#place-list [role=option]")
        assert "data/places.js" not in page.content()
        field.fill("sao pau")
        options.first.wait_for()
        assert field.get_attribute("aria-expanded") == "true"
        field.press("ArrowDown")
        active = field.get_attribute("aria-activedescendant")
        assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
        assert page.locator(f"#{active}").inner_text().startswith("São Paulo")
        field.press("Escape")
        assert field.get_attribute("aria-expanded") == "false"
        assert field.get_attribute("aria-activedescendant") is None
        field.press("ArrowDown")
        options.first.wait_for()
        field.press("ArrowUp")
        field.press("Enter")
        page.locator("[data-said]", has_text="São Paulo").wait_for()
        field.fill("kisumu")
        options.first.click()
        page.locator("[data-said]", has_text="Kisumu County, Kenya").wait_for()


def test_the_answer_stands_above_the_map_in_tiers(visit):
    with visit("coverage.html?lon=0.15&lat=52.15") as page:
        tiles = page.locator(".tier-tiles .covers")
        tiles.wait_for()
        assert page.locator(".answer").bounding_box()["y"] < page.locator("svg[data-map]").bounding_box()["y"]
        assert [h.split()[0] for h in page.locator(".tier h4").all_inner_texts()] == ["Tiles", "Stated", "Partial,"]
        assert tiles.locator(".chips .has").all_inner_texts() == ["2020", "2021"]
        tiles.locator("summary", has_text="Read this point").click()
        code = tiles.locator("code").inner_text()
        assert "points_from_xy([0.15000], [52.15000])" in code
        assert 'atlas.sample("tessera-v1/items", point)' in code
        compile(code, "snippet", "exec")
        assert "one snapshot, images of 2017–2023" in page.locator(".tier-unknown").text_content()


def test_what_does_not_cover_a_point_says_why(visit):
    with visit("coverage.html?lon=-93.1&lat=42&year=2021") as page:
        page.locator("[data-answer] summary", has_text="not cover it, and why").press("Enter")
        why = page.locator("[data-answer] details[open] li")
        assert "Presto" in why.filter(has_text="Its stated extent (Togo) leaves the place out").inner_text()
        assert "TESSERA v1 embeddings" in why.filter(has_text="was read in full, lists no tile there").inner_text()
    with visit("coverage.html?lon=0.15&lat=52.15&year=2018") as page:
        page.locator("[data-answer] summary", has_text="not cover it, and why").press("Enter")
        page.locator("[data-answer] li", has_text="lists tiles in this one-degree cell for 2020–2021 only").wait_for()


def test_the_open_sea_says_so(visit):
    with visit("coverage.html?lon=-150&lat=40") as page:
        page.locator(".at-sea", has_text="Open sea: there is no land within a degree.").wait_for()
        page.locator("[data-answer] summary", has_text="not cover it, and why").press("Enter")
        page.locator("[data-answer] li", has_text="(Global land) is land, and there is none within a degree").wait_for()


def test_where_nothing_is_the_page_says_what_to_ask_instead(visit):
    with visit("coverage.html?lon=-93.1&lat=42&year=2021&product=presto-togo-2019") as page:
        page.get_by_role("button", name="Ask for all products").click()
        page.locator(".covers").first.wait_for()
        assert "product" not in parse_qs(urlsplit(address(page)).query)
    with visit("index.html?lon=0.15&lat=52.15") as page:
        page.locator(".tier-tiles").wait_for()
        page.locator("a[data-keep]").click()
        page.wait_for_url("**/coverage.html?lon=0.1500&lat=52.1500")
        page.locator(".tier-tiles").wait_for()


def test_the_size_follows_the_area(visit):
    with visit("coverage.html?lon=0.15&lat=52.15", viewport={"width": 390, "height": 844}) as page:
        size = page.locator(".covers", has_text="TESSERA v1 embeddings").locator(".size").first
        # 100 km² of 10 m pixels with 128 bytes and a scale of 4 bytes each.
        assert size.inner_text() == "at most 132\u202fMB"
        box = size.bounding_box()
        assert box["x"] + box["width"] <= 390  # a phone does not cut it
        page.fill("#area", "1")
        assert size.inner_text() == "at most 1.32\u202fMB"
        page.fill("#area", "0")
        assert size.inner_text() == "size not derivable"


def test_the_choice_is_in_the_address_and_survives_reload_and_the_way_back(visit):
    with visit("coverage.html") as page:
        page.fill("#place", "52.15, 0.15")
        page.press("#place", "Enter")
        page.locator(".tier-tiles").wait_for()
        page.select_option("#year", "2021")
        page.wait_for_function("location.search.includes('year=2021')")
        page.select_option("#product", "tessera-v1")
        page.wait_for_function("document.querySelectorAll('.covers').length === 1")
        asked = parse_qs(urlsplit(address(page)).query)
        assert asked == {"lon": ["0.1500"], "lat": ["52.1500"], "year": ["2021"], "product": ["tessera-v1"]}
        page.reload()
        page.wait_for_function("document.querySelectorAll('.covers').length === 1")
        assert page.input_value("#product") == "tessera-v1"
        page.go_back()
        page.wait_for_function("document.querySelectorAll('.covers').length > 1")
        assert (page.input_value("#product"), page.input_value("#year")) == ("", "2021")
        page.go_back()
        page.wait_for_function("document.querySelector('#year').value === ''")
        page.go_back()
        page.wait_for_function("!document.querySelector('.answer').children.length")


def test_the_map_shows_one_product_and_year(visit):
    with visit("coverage.html?product=tessera-v1") as page:
        page.locator("[data-legend]", has_text="tiles of 1 product").wait_for()
        page.select_option("#year", "2018")
        page.locator("[data-legend]", has_text="no product is drawn").wait_for()
        page.select_option("#product", "presto-togo-2019")
        page.locator("[data-legend]", has_text="no product is drawn").wait_for()
        page.select_option("#year", "2019")
        page.locator("[data-legend]", has_text="a region, stated to be complete").wait_for()
        assert "land-covered" not in page.locator("use.land").first.get_attribute("class")


def test_the_legend_keeps_its_order_after_a_question(visit):
    with visit("coverage.html") as page:
        legend = page.locator("[data-legend] li")
        before = legend.all_inner_texts()
        assert len(before) >= 3
        page.focus("#year")
        page.select_option("#year", "2021")
        page.wait_for_function(
            "(old) => !document.querySelector('[data-legend]').innerText.includes(old)", arg=before[-1]
        )
        page.select_option("#year", "")
        page.locator("[data-legend]", has_text="not drawn").wait_for()
        after = legend.all_inner_texts()
        assert "not drawn" in after.pop(), "what has no colour comes last"
        assert after == before


def test_the_map_zooms_and_draws_finer_land_there(visit):
    with visit("coverage.html?lon=0.15&lat=52.15") as page:
        world = page.locator("svg[data-map]")
        page.get_by_role("button", name="Zoom in").click()
        assert "scale(2)" in page.locator("[data-zoom]").get_attribute("transform")
        assert "data/countries.js" not in page.content()
        world.focus()
        page.keyboard.press("+")
        page.locator(".fine-land path").first.wait_for()
        atlantic = """() => {
          const point = document.querySelector("svg[data-map]").createSVGPoint();
          [point.x, point.y] = [860, 250];
          return [...document.querySelectorAll(".fine-land path")].filter((path) => path.isPointInFill(point)).length;
        }"""
        assert page.evaluate(atlantic) == 0
        page.keyboard.press("0")
        page.wait_for_function("!document.querySelector('svg.fine')")
        # What is asked where the map is zoomed is the place under the pointer.
        page.get_by_role("button", name="Zoom in").click()
        box = world.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_function("Math.abs(new URLSearchParams(location.search).get('lon')) < 1")


def test_an_area_gives_shares_by_year(visit):
    """Without an API from one-degree cells, an upper bound; with an API as measured."""
    with visit("coverage.html") as page:
        page.fill("#place", "0, 52, 2, 53")
        page.press("#place", "Enter")
        row = page.locator(".shares tbody tr", has_text="TESSERA v1 embeddings")
        row.wait_for()
        assert page.locator(".shares thead th").all_inner_texts() == ["Product", "2020", "2021"]
        assert row.locator("td").all_inner_texts() == [" ≤\u202f50\u202f%", " ≤\u202f50\u202f%"]
        assert parse_qs(urlsplit(address(page)).query)["area"] == ["0,52,2,53"]
        page.reload()
        row.wait_for()
        ring = [[0, 52], [4, 52], [4, 53], [0, 53], [0, 52]]
        hole = [[2, 52], [2, 53], [4, 53], [4, 52], [2, 52]]
        shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring, hole]}}
        page.set_input_files("#file", {"name": "a.geojson", "mimeType": "application/geo+json", "buffer": dumps(shape)})
        page.locator("[data-answer] h3", has_text="Your area").wait_for()
        assert row.locator("td").first.inner_text() == " ≤\u202f50\u202f%"
        page.set_input_files("#file", {"name": "b.json", "mimeType": "application/json", "buffer": b"{}"})
        page.locator("[data-said]", has_text="it holds no polygon").wait_for()
        page.get_by_role("button", name="Draw an area").click()
        box = page.locator("svg[data-map]").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.1)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.3)
        page.mouse.up()
        page.locator("[data-answer] h3", has_text="The box").wait_for()


def dumps(value) -> bytes:
    return json.dumps(value).encode()


COVERED = {
    "covered": [
        {
            "product": "tessera-v1",
            "title": "TESSERA v1 embeddings",
            "tier": "tiles",
            "reason": "its index lists tiles there for 2020, 2021",
            "by_year": [
                {"year": 2020, "verdict": "yes", "tiles": 1, "share": 0.5},
                {"year": 2021, "verdict": "partly", "tiles": 1, "of": 2, "share": 0.004},
            ],
            "items_matched": 3,
            "items_shown": 1,
            "items": [
                {
                    "id": "<img src=x onerror=alert(1)>",
                    "href": "javascript:alert(1)",
                    "assets": {"embeddings": {"href": "https://example.org/a.npy"}, "scales": {"href": "s3://b/a.npy"}},
                }
            ],
        }
    ],
    "stated": [],
    "may_cover": [],
    "not_covered": [],
}


def with_api(page, name="coverage") -> None:
    """Serve a page as built for a site beside an API."""

    def answer(route):
        response = route.fetch()
        route.fulfill(
            response=response, body=response.text().replace("<link", '<meta name="atlas-api" content="stac/"><link', 1)
        )

    page.route(f"**/{name}.html*", answer)


def test_with_the_api_the_answer_goes_down_to_tiles_and_assets(visit):
    with visit("about.html") as page:
        with_api(page)
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json=COVERED))
        with page.expect_request("**/stac/atlas/coverage?*") as asked:
            page.goto(page.start + "coverage.html?lon=0.15&lat=52.15&year=2021")
        query = parse_qs(urlsplit(asked.value.url).query)
        assert query["lon"] == ["0.15000"]
        assert query["datetime"] == ["2021"]
        tiles = page.locator(".tier-tiles .items")
        tiles.get_by_text("2 more").wait_for()
        assert page.locator(".tier-tiles .chips li").all_text_contents() == ["2020", "2021, partly"]
        assert tiles.locator("a").all_inner_texts() == ["embeddings"]
        assert tiles.locator("img").count() == 0
        assert "s3://b/a.npy" in tiles.inner_text()


def test_with_the_api_files_are_counted(visit):
    with visit("about.html") as page:
        with_api(page)
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json=COVERED))
        counted = {
            "product": "tessera-v1",
            "tiles": 3,
            "files": 6,
            "bytes": 1234567,
            "bytes_basis": "sizes of the files",
            "requests_at_least": None,
            "notes": ["<b>a note</b>"],
        }
        page.route("**/stac/atlas/estimate?*", lambda route: route.fulfill(json=counted))
        page.goto(page.start + "coverage.html?lon=0.15&lat=52.15&year=2021")
        with page.expect_request("**/stac/atlas/estimate?*") as asked:
            page.get_by_role("button", name="Count files and bytes for the area").click()
        # On a phone the two buttons lie below each other, and do not touch.
        page.set_viewport_size({"width": 390, "height": 800})
        first, second = (page.get_by_role("button", name=n).bounding_box() for n in ("Count files", "Show the share"))
        assert second["y"] >= first["y"] + first["height"] + 4
        query = parse_qs(urlsplit(asked.value.url).query)
        west, south, east, north = map(float, query["bbox"][0].split(","))
        # Ten kilometres each way: a hundred square kilometres.
        assert (north - south) * 111.32 == pytest.approx(10, abs=0.01)
        assert (east - west) * 111.32 * 0.6136 == pytest.approx(10, abs=0.02)
        assert query["product"] == ["tessera-v1"]
        row = page.locator("[data-answer] tbody tr")
        row.wait_for()
        assert row.locator("td").all_inner_texts()[:4] == ["3", "6", "not stated", "1\u202f234\u202f567"]
        assert "<b>a note</b>" in row.inner_text()


def test_with_the_api_the_share_of_the_area_is_drawn_by_year(visit):
    with visit("about.html") as page:
        with_api(page)
        years = [
            {"year": 2017, "tiles": 7, "of": 42, "share": 0.166},
            {"year": 2025, "tiles": 0, "of": 42, "share": 0.0},
        ]
        measured = {"covered": [{**COVERED["covered"][0], "by_year": years}]}
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json=measured))
        page.goto(page.start + "coverage.html?lon=0.15&lat=52.15")
        with page.expect_request("**/stac/atlas/coverage?bbox=*"):
            page.get_by_role("button", name="Show the share covered, year by year").click()
        cells = page.locator(".shares tbody td")
        cells.first.wait_for()
        assert [text.strip() for text in cells.all_inner_texts()] == ["16\u202f%", "0\u202f%"]
        assert cells.first.get_attribute("title") == "7 tiles of 42"
        assert float(cells.first.locator("rect").nth(1).get_attribute("width")) == pytest.approx(3.32)


def test_an_api_that_fails_is_said(visit):
    with visit("about.html") as page:
        with_api(page)
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json={"covered": "?"}))
        page.goto(page.start + "coverage.html?lon=0.15&lat=52.15")
        page.get_by_text("Tiles could not be listed").wait_for()


def test_with_the_api_the_chooser_asks_what_exists_at_a_place(visit):
    """Cells of one degree say that TESSERA may have it; the API knows the tile."""
    entry = {"product": "tessera-v1", "verdict": "yes", "open": [], "because": [], "warnings": ["<i>new</i>"]}
    told = {"fits": [entry], "excluded": [{**entry, "product": "pdfm", "verdict": "no", "because": ["not there"]}]}
    place = "index.html?fit-place=Here&fit-lon=0.15&fit-lat=52.15&fit-year=2021&fit-type=pixel"
    with visit("about.html") as page:
        with_api(page, "index")
        page.route("**/stac/atlas/choose?*", lambda route: route.fulfill(json=told))
        with page.expect_request("**/stac/atlas/choose?*") as asked:
            page.goto(page.start + place)
        query = parse_qs(urlsplit(asked.value.url).query)
        assert query == {"lon": ["0.15000"], "lat": ["52.15000"], "datetime": ["2021"], "type": ["pixel"]}
        page.locator("[data-chosen] h3", has_text="1 product fits").wait_for()
        assert page.locator("[data-chosen] > ul li").count() == 1
        assert "But <i>new</i>." in page.locator("[data-chosen] > ul li").inner_text()
        page.unroute("**/stac/atlas/choose?*")
        page.route("**/stac/atlas/choose?*", lambda route: route.fulfill(body="no JSON"))
        page.reload()
        page.locator("[data-chosen]", has_text="Single tiles could not be looked up (").wait_for()
        shown = page.locator("[data-chosen] > ul > li", has_text="TESSERA v1 embeddings").first.inner_text()
        assert "its index lists tiles in the cells of one degree there for 2021" in shown
