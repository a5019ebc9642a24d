"""Long pages have a complete list of headings, short pages have none."""

import lxml.html
import pytest

from atlas.web.environment import contents


def test_headings_without_anchor_or_sight_are_left_out():
    html = "".join(f'<h2 id="h{n}">A &amp; <i>b</i> {n}<a class="anchor" href="#h{n}">#</a></h2>' for n in range(4))
    html += '<h2 id="x" class="visually-hidden">Hidden</h2><h2>None</h2>'
    assert contents(html) == [(f"h{n}", f"A & b {n}", 2) for n in range(4)]
    two = '<h2 id="a">A</h2><h2 id="b">B</h2>'
    assert contents(two) == []
    assert [anchor for anchor, _, _ in contents(two, 2)] == ["a", "b"]
    many = "".join(f'<h2 id="u{n}">U</h2>' + "".join(f'<h3 id="l{n}{m}">L</h3>' for m in range(4)) for n in range(4))
    assert {level for _, _, level in contents(many)} == {2}


def test_what_is_folded_away_is_not_listed():
    shown = "".join(f'<h2 id="h{n}">H</h2>' for n in range(4))
    folded = '<details><summary>x</summary><details><h3 id="in">In</h3></details><h3 id="too">Too</h3></details>'
    assert contents(f"{folded}{shown}") == contents(shown)
    assert [anchor for anchor, _, _ in contents(f'{shown}{folded}<h2 id="last">L</h2>')][-1] == "last"


def test_long_pages_have_a_list_that_leads_to_their_headings(site):
    many = ["inputs", "ecosystem", "taxonomy", "emb/v0.1.0/index", "api", "products/aef-v1-annual", "data"]
    few = ["products", "spaces", "compare", "coverage", "index", "taxonomy/type/patch"]
    for name in [*many, *few]:
        page = lxml.html.parse(site / f"{name}.html")
        targets = [a[1:] for a in page.xpath("//nav[@class='contents']//a/@href")]
        assert len(targets) >= (4 if name in many else 2), name
        ids = set(page.xpath("//main//@id"))
        assert set(targets) <= ids, name
    assert not lxml.html.parse(site / "taxonomy/licence/public-domain.html").xpath("//nav[@class='contents']")


@pytest.mark.parametrize("name", ["spaces", "ecosystem"])
def test_entries_of_a_long_list_are_folded(site, name):
    """The first two were more than 50,000 pixels high on a phone."""
    main = lxml.html.parse(site / f"{name}.html").xpath("//main")[0]
    seen = main.xpath(".//text()[not(ancestor::details[@class='entry' or @class='family']) or ancestor::summary]")
    assert len(main.xpath(".//details[@class='entry']")) > 40
    assert len(" ".join("".join(seen).split())) < 10_000


def test_the_matrix_of_inputs_has_few_stops_of_the_tabulator(site):
    main = lxml.html.parse(site / "inputs.html").xpath("//main")[0]
    assert len(main.xpath(".//*[@id='rolled']//a")) < 40
    outside = main.xpath(".//a[not(ancestor::details)] | .//summary | .//*[@tabindex='0'][not(ancestor::details)]")
    assert len(outside) < 200
