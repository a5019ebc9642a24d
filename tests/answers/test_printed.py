"""Answers as a terminal and a notebook print them."""

import pytest

import atlas
from atlas.answers.evidence import absent_words, gap
from atlas.answers.sheet import sheet
from atlas.answers.tables import table

ANSWERS = {
    "catalogue": lambda a: a,
    "product": lambda a: a["tessera-v1"],
    "choice": lambda a: a.choose(use="commercial", year=2021),
    "comparison": lambda a: a.compare("tessera-v1", "aef-v1-annual"),
    "coverage": lambda a: a.coverage((0.12, 52.2), year=2021),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_notebook_shows_a_table_and_a_terminal_the_same_words(kind):
    answer = ANSWERS[kind](atlas.open_catalog())
    page, text = answer._repr_html_(), str(answer)
    assert page.startswith("<table>")
    assert page.count("<tr>") > 1
    assert "tessera-v1" in page
    assert "tessera-v1" in text
    assert "<" not in text.replace("<=", "")


def test_a_product_names_the_known_issues_that_are_not_fixed(catalog):
    product = catalog.products["tessera-v1"]
    first, second = product.known_issues[:2]
    issues = [first, second.model_copy(update={"status": "fixed"})]
    shown = sheet(product.model_copy(update={"known_issues": issues}), catalog)
    assert shown.table().note == f"Known issues: {first.title}."
    assert sheet(product.model_copy(update={"known_issues": []}), catalog).table().note == ""


def test_a_missing_value_has_one_wording_whoever_is_asked(catalog):
    words = set()
    for product in catalog.products.values():
        for line in sheet(product, catalog).lines:
            if line.value is None:
                said = absent_words(product, line.field)
                words.add(said)
                assert line.text == said
                assert gap(product, line.field, "it").text == f"it: {said}"
    assert {"unknown", "not stated"} < words


def test_texts_of_records_are_no_html():
    page = table(("Product", "<b>"), [("<script>", "a & b")], "1 < 2").html("<i>")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page
    assert "a &amp; b" in page
    assert "1 &lt; 2" in page


def test_ids_stay_whole_where_a_table_is_too_wide_for_the_terminal():
    years = table(("Product", *map(str, range(2014, 2026))), [("copernicus-embed-025deg", *["yes"] * 12)])
    assert years.text(60).splitlines()[-1].split() == ["copernicus-embed-025deg", *["yes"] * 12]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_is_no_wider_than_its_terminal(width):
    a = atlas.open_catalog()
    for answer in (a, a["tessera-v1"], a.choose(year=2021), a.compare("tessera-v1", "aef-v1-annual", "geoclip")):
        lines = answer.table().text(width).split("\n\n")[0].splitlines()
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("columns", ["80", "400"])
def test_the_years_of_a_product_are_all_told(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    said = str(atlas.open_catalog().coverage((0.12, 52.2), products=["esd-v001"]))
    assert "2000" in said.partition("\n\n")[0]
