"""Interactions by mouse and keyboard: search, sort, filter, compare, choose, copy."""

import csv
import io
import json
from pathlib import Path

import pytest

from atlas.records import load_catalog
from atlas.records.names import no_product
from tests.browser.conftest import address

pytestmark = pytest.mark.browser


def shown(page) -> list[str]:
    return page.eval_on_selector_all("#products tbody tr:not([hidden])", "rows => rows.map(r => r.dataset.id)")


def test_search_finds_by_word_prefix_and_typing_error(visit):
    with visit("index.html") as page:
        page.fill("#find", "tesera")
        page.press("#find", "Enter")
        page.wait_for_url("**/search.html?q=tesera")
        page.locator("[data-results] a", has_text="TESSERA v1 embeddings").first.wait_for()
        page.fill("#search-field", "quantis")
        page.locator("[data-results] a", has_text="Quantisation").first.wait_for()
        assert "q=quantis" in address(page)
        page.fill("#search-field", "qqqqqq")
        page.get_by_text("Nothing in the atlas matches").wait_for()


def test_sort_puts_what_is_not_stated_last_and_keeps_the_address(visit):
    with visit("products.html") as page:
        head = page.get_by_role("button", name="Dimensions")
        head.click()
        values = page.eval_on_selector_all(
            "#products tbody td:nth-child(3)", "cells => cells.map(c => c.dataset.value)"
        )
        stated = [int(v) for v in values if v]
        assert len(stated) > 5
        assert stated == sorted(stated)
        assert values == [v for v in values if v] + [v for v in values if not v]
        head.click()
        assert page.locator("#products thead th").nth(2).get_attribute("aria-sort") == "descending"
        assert "sort=-dimensions" in address(page)
        first = shown(page)[0]
        page.reload()
        assert shown(page)[0] == first


def test_filters_count_combine_and_stand_in_the_address(visit, built):
    terms = json.loads((built / "products.json").read_text("utf-8"))["terms"]
    pixel = {p for p, by in terms.items() if "pixel" in by["type"]}
    attribution = {p for p, by in terms.items() if "attribution" in by.get("licence", ())}
    with visit("products.html?type=pixel") as page:
        assert set(shown(page)) == pixel
        page.locator("label", has_text="Attribution").locator("input").check()
        assert set(shown(page)) == pixel & attribution
        assert "type=pixel" in address(page)
        assert "licence=attribution" in address(page)
        count = page.locator("[data-count]").inner_text()
        assert count == f"{len(pixel & attribution)} of {len(terms)} products"
        page.get_by_role("button", name="Clear all filters").click()
        assert len(shown(page)) == len(terms)
        page.fill("#filter", "togo")
        assert shown(page) == ["presto-togo-2019"]


def test_csv_of_what_is_shown(visit):
    with visit("products.html?type=pixel") as page:
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV of these").click()
        rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
        assert rows[0][:3] == ["Product", "Type", "Dimensions"]
        assert len(rows) - 1 == len(shown(page)) > 3
        assert {r[1] for r in rows[1:]} == {"pixel"}


def test_choosing_in_the_table_leads_to_the_comparison(visit):
    with visit("products.html") as page:
        for name in ("tessera-v1", "aef-v1-annual"):
            page.locator(f"tr[data-id='{name}'] input").check()
        page.get_by_role("link", name="Compare 2 products").click()
        page.wait_for_url("**/compare.html?ids=tessera-v1,aef-v1-annual")
        page.locator(".notice-title", has_text="Not comparable").wait_for()


def test_compare_shows_the_chosen_differing_rows_first(visit):
    with visit("compare.html?ids=tessera-v1,aef-v1-annual") as page:
        heads = page.eval_on_selector_all("#comparison thead th:not([hidden])", "h => h.map(x => x.dataset.id)")
        assert heads[1:] == ["tessera-v1", "aef-v1-annual"], "in the order of the address"
        row = page.locator("#comparison tr", has_text="Dimensions").locator("td:visible")
        assert row.all_inner_texts() == ["128", "64"]
        kinds = page.eval_on_selector_all("#comparison tbody tr", "r => r.map(x => x.className)")
        assert kinds == sorted(kinds)  # "differs" before "equal"
        assert {"differs", "equal"} == set(kinds)
        page.select_option("#pick-2", "clay-v0-sentinel")
        assert address(page).endswith("?ids=tessera-v1,aef-v1-annual,clay-v0-sentinel")
        page.locator("[data-verdict] .notice-warn li").nth(2).wait_for()
        assert page.locator("[data-verdict] .notice").count() == 1, "one notice for three equal warnings"
        for n in range(3):
            page.select_option(f"#pick-{n}", "")
        page.locator("[data-differing]", has_text="Choose two to four products").wait_for()
        assert page.locator("#comparison").is_hidden(), "all products beside each other cannot be read"
    with visit("compare.html", java_script_enabled=False) as page:
        assert page.locator("#comparison thead th:visible").count() > 5


def test_compare_says_which_names_it_does_not_know_and_offers_those_that_are_near(visit, built):
    known = load_catalog().products
    ids = json.loads((built / "compare.json").read_text("utf-8"))["products"]
    asked = ["tesera-v1", "Google Satellite", "tessera", "prest-togo", "clay", "moz", "qqqqqqq", "x"]
    with visit(f"compare.html?ids={','.join(asked)}") as page:
        told = page.locator("[data-unknown] p").all_inner_texts()
        words = [no_product({i: known[i] for i in sorted(ids)}, name) for name in asked]
        assert [one.removesuffix(".") for one in told] == [
            one[0].upper() + one[1:].replace("'", "“", 1).replace("'", "”", 1) for one in words
        ]
    with visit("compare.html?ids=aef-v1-annual,tesera-v1") as page:
        assert page.locator("#comparison").is_hidden()
        assert address(page).endswith("?ids=aef-v1-annual,tesera-v1"), "which names what is not known"
        page.get_by_role("button", name="tessera-v1", exact=True).click()
        page.locator("[data-differing]", has_text="rows differ and come first").wait_for()
        assert address(page).endswith("?ids=aef-v1-annual,tessera-v1")
        assert page.locator("[data-unknown] *").count() == 0
    with visit(f"compare.html?ids={','.join(ids[:5])}") as page:
        page.get_by_text("At most 4 products stand side by side; left out:").wait_for()


def test_a_search_that_finds_much_shows_all_of_it_when_asked(visit):
    with visit("search.html?q=e") as page:
        rows = page.locator("[data-results] li")
        button = page.locator("[data-results] button")
        button.wait_for()
        number = int(button.inner_text().removeprefix("Show all "))
        assert page.locator("[data-results] > p").inner_text() == f"The first 60 of {number} entries"
        assert (rows.count(), number > 60) == (60, True)
        button.press("Enter")
        page.wait_for_function("n => document.querySelectorAll('[data-results] li').length === n", arg=number)
        assert page.locator("[data-results] > p").inner_text() == f"{number} entries"
        assert button.count() == 0
        page.wait_for_function("document.activeElement === document.querySelectorAll('[data-results] li a')[60]")


def test_products_of_one_space_may_be_compared(visit, built):
    spaces = json.loads((built / "spaces.json").read_text("utf-8"))["spaces"]
    shared = next(s["products"] for s in spaces if len(s["products"]) > 1)
    with visit(f"compare.html?ids={','.join(shared[:2])}") as page:
        assert page.locator("[data-verdict] .notice-good").inner_text().startswith("May be compared")


def test_chooser_says_why_a_product_was_left_out(visit):
    with visit("index.html") as page:
        page.fill("#chooser-place", "France")
        page.select_option("#chooser-type", "pixel")
        left = page.locator("[data-chosen] details")
        left.locator("li", has_text=": Patch, not Pixel").first.wait_for(state="attached")
        left.locator("summary", has_text="left out, and why").press("Enter")
        reason = left.locator("li", has_text="Presto").first.inner_text()
        assert "its stated extent (Togo) leaves the place out" in reason
        tessera = left.locator("li", has_text="TESSERA v1 embeddings").first.inner_text()
        assert "its index, which was read in full, lists no tile there" in tessera
        assert page.locator("[data-chosen] > ul a", has_text="Satellite Embedding V1, annual").count() == 1


def test_the_chooser_uses_whole_names_of_places_only(visit):
    with visit("index.html") as page:
        page.fill("#chooser-place", "Ken")
        page.select_option("#chooser-type", "pixel")
        page.locator("[data-chosen]", has_text="“Ken” is not the full name").wait_for()
        page.fill("#chooser-place", "kenya")
        page.locator("[data-chosen]", has_text="is not the full name").wait_for(state="detached")
        chosen = page.locator("[data-chosen] > ul > li", has_text="Satellite Embedding V1, annual").first
        assert "pixel · 10 m · 64 dimensions · Global land" in chosen.inner_text()
        page.locator("[data-chosen] summary").press("Enter")
        reason = page.locator("[data-chosen] details li", has_text="Presto").first
        reason.get_by_text("leaves the place out").wait_for()


def test_the_size_of_a_product_follows_area_and_time_steps(visit):
    with visit("products/tessera-v1.html") as page:
        output = page.locator("[data-size] output")
        assert output.inner_text() == "at most 132\u202fMB"
        page.fill("#area", "10")
        page.fill("#steps", "3")
        assert output.inner_text() == "at most 39.6\u202fMB"
        page.fill("#area", "")
        assert output.inner_text() == "enter an area and a number of time steps"


def test_rows_are_cards_on_a_phone_and_can_be_sorted(visit):
    with visit("products.html", viewport={"width": 360, "height": 740}) as page:
        row = page.locator("tr[data-id='tessera-v1']")
        assert "128 dimensions" in row.evaluate(
            "r => r.cells[2].textContent.trim() + getComputedStyle(r.cells[2], '::after').content.replaceAll('\"', '')"
        )
        # Every fact of a card is inside the screen.
        assert row.evaluate("r => Math.max(...[...r.cells].map((c) => c.getBoundingClientRect().right))") <= 360
        assert page.locator("#products thead").is_hidden()
        page.select_option("#sort", "-dimensions")
        assert "sort=-dimensions" in address(page)
        sizes = page.eval_on_selector_all("#products tbody tr", "r => r.map(x => x.cells[2].dataset.value)")
        known = [int(s) for s in sizes if s]
        assert known == sorted(known, reverse=True)
        assert sizes[len(known) :] == [""] * (len(sizes) - len(known))
        page.select_option("#sort", "")
        assert "sort" not in address(page)
    with visit("products.html?sort=-dimensions") as page:
        assert page.locator("#sort").is_hidden()
        assert page.input_value("#sort") == "-dimensions"


def test_a_visit_leaves_nothing_for_the_next(visit):
    """Though both have the same context of the browser."""
    for _ in range(2):
        with visit("about.html") as page:
            assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
            page.evaluate("localStorage.a = sessionStorage.b = 1; document.cookie = 'c=1'")


def test_copy(visit, url):
    with visit("products/tessera-v1.html", permissions=["clipboard-read", "clipboard-write"]) as page:
        block = page.locator("#cite ~ .code, section[aria-labelledby=cite] .code").first
        button = block.get_by_role("button")
        before = button.inner_text()
        # A clock that only we move: the word stands there for as long as this test needs to see it.
        page.clock.install()
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 3600)
        button.click()
        block.get_by_text("Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == block.locator("code").inner_text()
        page.clock.run_for(5000)
        assert button.inner_text() == before


def test_a_figure_is_saved_as_a_picture_by_a_script_that_is_fetched_for_it(visit):
    with visit("coverage.html") as page:
        assert page.locator("script[src*='figure.js']").count() == 0
        with page.expect_download() as saved:
            page.get_by_role("button", name="PNG").click()
        assert saved.value.suggested_filename == "coverage.png"
        assert Path(saved.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert page.locator("script[src*='figure.js']").count() == 1


def test_a_comparison_without_products_says_what_to_do(visit):
    with visit("compare.html", viewport={"width": 390, "height": 844}) as page:
        assert page.locator("[data-differing]").inner_text().startswith("Choose two to four products above")
        page.select_option("#pick-0", "tessera-v1")
        page.select_option("#pick-1", "aef-v1-annual")
        page.locator("[data-differing]", has_text="rows differ and come first").wait_for()


def test_colours_are_remembered(visit):
    with visit("index.html", color_scheme="light") as page:
        paper = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(paper)
        button = page.locator("[data-theme-toggle]")
        button.click()
        button.click()
        assert button.inner_text().endswith("dark")
        assert page.evaluate(paper) != light
        page.goto(address(page).replace("index.html", "about.html"))
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_keyboard_path_skip_link_menu_and_focus(visit):
    with visit("index.html", viewport={"width": 360, "height": 740}) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        page.wait_for_url("**/index.html#main")
        coverage = page.get_by_role("link", name="Coverage", exact=True)
        page.locator(".menu-button").focus()
        page.keyboard.press("Enter")
        coverage.wait_for(state="visible")
        page.keyboard.press("Escape")
        coverage.wait_for(state="hidden")


def test_the_menu_opens_without_scripts(visit):
    with visit("index.html", viewport={"width": 360, "height": 740}, java_script_enabled=False) as page:
        page.locator(".menu-button").click()
        page.get_by_role("link", name="Coverage", exact=True).wait_for(state="visible")


def test_scatter_marks_lead_to_their_product(visit):
    with visit("index.html") as page:
        mark = page.locator("a.dot[href*='products/']").first
        name = mark.get_attribute("aria-label")
        mark.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/products/*.html")
        assert page.locator("h1").inner_text() in name


def test_a_renamed_page_leads_to_its_new_address(visit):
    with visit("schema.html") as page:
        page.wait_for_url("**/emb/v0.1.0/index.html")
