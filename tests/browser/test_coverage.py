"""What people ask of the map and its form: a place, a year, an area, and what the API adds to the answer."""

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
        answer.locator("tbody tr").first.wait_for()
        asked = parse_qs(urlsplit(address(page)).query)
        assert float(asked["lat"][0]) == pytest.approx(-2.5, abs=0.4)
        assert float(asked["lon"][0]) == pytest.approx(14.5, abs=0.4)
        assert "tiles in this one-degree cell" in answer.locator("tr", has_text="TESSERA v1 embeddings").inner_text()
        world.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.wait_for_function("Number(new URLSearchParams(location.search).get('lon')) < 11")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("52.15, 0.15", "52.15° N, 0.15° E"),
        ("Togo", "Togo"),
        ("95, 0", "Latitude goes from"),
        ("Ruritania", "is not among the countries, regions and larger towns"),
        ("Nairobi", "Nairobi, Nairobi County, Kenya, 1.28° S, 36.82° E"),
        ("iowa", "Iowa, United States"),
        ("zurich", "Zurich, Switzerland"),
        ("cote d'ivoire", "Côte d’Ivoire"),
        ("Paris, us", "Paris, Texas, United States"),
    ],
)
def test_places_are_typed(visit, text, says):
    with visit("coverage.html") as page:
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


def test_what_does_not_cover_a_point_says_why(visit):
    with visit("coverage.html?lon=-93.1&lat=42&year=2021") as page:
        page.locator("[data-answer] summary", has_text="do not cover it, and why").press("Enter")
        why = {
            li.locator("a").inner_text(): li.inner_text() for li in page.locator("[data-answer] details[open] li").all()
        }
        presto = next(text for title, text in why.items() if title.startswith("Presto"))
        assert "its stated extent (Togo) leaves the place out" in presto
        assert "which was read whole, lists no tile there" in why["TESSERA v1 embeddings"]
    with visit("coverage.html?lon=0.15&lat=52.15&year=2018") as page:
        page.locator("[data-answer] summary", has_text="do not cover it, and why").press("Enter")
        page.locator("[data-answer] li", has_text="lists tiles in this one-degree cell for 2020–2021 only").wait_for()


def test_the_size_follows_the_area(visit):
    with visit("coverage.html?lon=0.15&lat=52.15") as page:
        size = page.locator("[data-answer] tbody tr", has_text="TESSERA v1 embeddings").locator("td.num")
        # 100 km² of 10 m pixels with 128 bytes each.
        assert size.inner_text() == "at most 128\u202fMB"
        page.fill("#area", "1")
        assert size.inner_text() == "at most 1.28\u202fMB"
        page.fill("#area", "0")
        assert size.inner_text() == "not derivable"


def test_the_year_narrows_and_the_address_answers_again(visit):
    with visit("coverage.html?lon=0.15&lat=52.15&year=2020") as page:
        row = page.locator("[data-answer] tbody tr", has_text="TESSERA v1 embeddings")
        assert row.locator("td").nth(1).inner_text() == "2020"
    with visit("coverage.html?lon=0.15&lat=52.15&year=2018") as page:
        page.locator("[data-answer] h3").wait_for()
        assert page.locator("[data-answer] tbody tr", has_text="TESSERA v1 embeddings").count() == 0


def test_the_map_shows_one_product_and_year(visit):
    with visit("coverage.html") as page:
        page.focus("#show-product")
        page.locator("#show-product option[value='tessera-v1']").wait_for(state="attached")
        page.select_option("#show-product", "tessera-v1")
        page.locator("[data-legend]", has_text="1 product").wait_for()
        page.select_option("#show-year", "2018")
        page.locator("[data-legend]", has_text="no product is drawn").wait_for()


COVERED = {
    "covered": [
        {
            "product": "tessera-v1",
            "title": "TESSERA v1 embeddings",
            "items_matched": 3,
            "items_shown": 1,
            "truncated": True,
            "items": [
                {
                    "id": "<img src=x onerror=alert(1)>",
                    "href": "javascript:alert(1)",
                    "assets": {"embeddings": {"href": "https://example.org/a.npy"}, "scales": {"href": "s3://b/a.npy"}},
                }
            ],
        }
    ]
}


def with_api(page) -> None:
    """Serve the coverage page as it is built where an API stands beside the site."""

    def answer(route):
        response = route.fetch()
        route.fulfill(
            response=response, body=response.text().replace("<link", '<meta name="atlas-api" content="stac/"><link', 1)
        )

    page.route("**/coverage.html*", answer)


def test_with_the_api_the_answer_goes_down_to_tiles_and_assets(visit):
    with visit("about.html") as page:
        with_api(page)
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json=COVERED))
        with page.expect_request("**/stac/atlas/coverage?*") as asked:
            page.goto(page.start + "coverage.html?lon=0.15&lat=52.15&year=2021")
        query = parse_qs(urlsplit(asked.value.url).query)
        assert query["lon"] == ["0.15000"]
        assert query["datetime"] == ["2021"]
        tiles = page.locator(".from-api")
        tiles.get_by_text("2 more").wait_for()
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
        query = parse_qs(urlsplit(asked.value.url).query)
        west, south, east, north = map(float, query["bbox"][0].split(","))
        # Ten kilometres each way: a hundred square kilometres.
        assert (north - south) * 111.32 == pytest.approx(10, abs=0.01)
        assert (east - west) * 111.32 * 0.6136 == pytest.approx(10, abs=0.02)
        assert query["product"] == ["tessera-v1"]
        row = page.locator(".from-api tbody tr")
        row.wait_for()
        assert row.locator("td").all_inner_texts()[:4] == ["3", "6", "not stated", "1,234,567"]
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
        cells = page.locator(".from-api tbody td")
        cells.first.wait_for()
        assert [text.strip() for text in cells.all_inner_texts()] == ["16 %", "0 %"]
        assert cells.first.get_attribute("title") == "7 tiles of 42"
        assert float(cells.first.locator("rect").nth(1).get_attribute("width")) == pytest.approx(3.32)


def test_an_api_that_fails_is_said(visit):
    with visit("about.html") as page:
        with_api(page)
        page.route("**/stac/atlas/coverage?*", lambda route: route.fulfill(json={"covered": "?"}))
        page.goto(page.start + "coverage.html?lon=0.15&lat=52.15")
        page.get_by_text("Tiles could not be listed").wait_for()
