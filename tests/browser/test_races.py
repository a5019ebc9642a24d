"""A late answer never replaces a newer one, and input given before a script has loaded is kept."""

from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.browser


def test_the_chooser_shows_the_answer_to_the_last_question(visit):
    with visit("index.html") as page:
        held = []
        # The gazetteer arrives after the second question, which does not need it, was answered.
        page.route("**/data/places.js", lambda route: held.append(route))
        with page.expect_request("**/data/places.js"):
            page.fill("#chooser-place", "Kenya")
        page.fill("#chooser-place", "")
        page.select_option("#chooser-type", "location")
        page.locator("[data-chosen] h3").first.wait_for()
        before = page.locator("[data-chosen]").inner_text()
        held[0].continue_()
        page.evaluate("atlas.places.find('Kenya')")
        assert page.locator("[data-chosen]").inner_text() == before


def test_the_map_shows_the_answer_for_the_last_point(visit):
    with visit("coverage.html") as page:
        held = []
        page.route("**/data/coverage.js", lambda route: held.append(route))
        with page.expect_request("**/data/coverage.js"):
            page.fill("#place", "52.15, 0.15")
            page.press("#place", "Enter")
        page.fill("#place", "-2.5, 14.5")
        page.press("#place", "Enter")
        held[0].continue_()
        page.locator("[data-said]", has_text="2.50° S, 14.50° E").wait_for()
        assert "lat=-2.5" in page.evaluate("location.search")


@contextmanager
def early(visit, path: str, script: str):
    """A page whose script is held back until the yielded function is called."""
    with visit("404.html") as page:
        held = []
        page.route(f"**/static/{script}*", lambda route: held.append(route))
        with page.expect_request(f"**/static/{script}*"):
            page.goto(page.start + path, wait_until="commit")
        page.locator("footer").wait_for()
        yield page, lambda: held[0].continue_()


@pytest.mark.parametrize(
    ("path", "script", "given", "answer"),
    [
        ("index.html", "chooser.js", {"#chooser-type": "location"}, ("[data-chosen] h3", "fit")),
        ("index.html", "chooser.js", {"#chooser-place": "Kenya"}, ("[data-chosen] h3", "fit")),
        ("inputs.html", "inputs.js", {"[name=q]": "Sentinel-1"}, ("[data-matched]", "rows,")),
        ("products.html", "table.js", {"[data-filter]": "tessera"}, ("[data-count]", "3 of")),
        ("search.html", "search.js", {"#search-field": "tessera"}, ("[data-results] li", "TESSERA")),
    ],
)
def test_what_is_given_before_the_script_is_there_is_answered(visit, path, script, given, answer):
    with early(visit, path, script) as (page, go_on):
        for selector, value in given.items():
            field = page.locator(f"main {selector}")
            field.select_option(value) if field.evaluate("e => e.localName") == "select" else field.fill(value)
        go_on()
        page.locator(answer[0], has_text=answer[1]).first.wait_for()


def test_products_picked_before_the_script_is_there_are_compared(visit):
    with early(visit, "compare.html", "compare.js") as (page, go_on):
        page.select_option("#pick-0", "aef-v1-annual")
        page.select_option("#pick-1", "tessera-v1")
        go_on()
        page.locator("[data-verdict]", has_text="Not comparable").wait_for()
        assert "ids=aef-v1-annual,tessera-v1" in page.evaluate("location.href")


@pytest.mark.parametrize(
    ("path", "script", "field"),
    [("index.html", "chooser.js", "#chooser-year"), ("coverage.html", "coverage.js", "#year")],
)
def test_a_list_that_is_turned_to_before_the_script_is_there_is_filled(visit, path, script, field):
    with early(visit, path, script) as (page, go_on):
        page.locator(field).focus()
        go_on()
        page.locator(f"{field} option[value='2021']").wait_for(state="attached")


def test_a_file_that_is_opened_before_the_script_is_there_is_read(visit, tmp_path):
    area = tmp_path / "area.geojson"
    area.write_text('{"type": "Polygon", "coordinates": [[[0.1, 52.1], [0.2, 52.1], [0.2, 52.2], [0.1, 52.1]]]}')
    with early(visit, "coverage.html", "coverage.js") as (page, go_on):
        page.set_input_files("#file", area)
        go_on()
        page.locator("[data-answer] h3", has_text="Your area").wait_for()
    card = tmp_path / "card.md"
    card.write_text("---\nlicense: mit\npretty_name: Vectors of one county\n---\n# Vectors\n")
    with early(visit, "describe.html", "describe.js") as (page, go_on):
        page.set_input_files("#open", card)
        go_on()
        page.locator("[data-told]", has_text="The card was read").wait_for()
