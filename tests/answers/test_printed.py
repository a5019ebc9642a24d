"""Answers as a terminal and a notebook print them."""

import pytest

import atlas
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


def test_texts_of_records_are_no_html():
    page = table(("Product", "<b>"), [("<script>", "a & b")], "1 < 2").html("<i>")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page
    assert "a &amp; b" in page
    assert "1 &lt; 2" in page


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_is_no_wider_than_its_terminal(width):
    a = atlas.open_catalog()
    for answer in (a, a["tessera-v1"], a.choose(year=2021), a.compare("tessera-v1", "aef-v1-annual", "geoclip")):
        lines = answer.table().text(width).split("\n\n")[0].splitlines()
        assert max(map(len, lines)) <= width
