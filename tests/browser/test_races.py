"""An answer that comes late never replaces the answer to a later question."""

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
