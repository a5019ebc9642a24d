"""The site shows the recorded result of the last link check with its date."""

import json

import lxml.html
import pytest

from atlas.errors import SourceError
from atlas.links.checks import LinkCheck, links_of, write_checks
from atlas.web.build import build_site
from atlas.web.checks import link_lines

DAY = "2026-11-19T08:00:00Z"


def check(product, outcome, *, place=None, kind="page", **more):
    link = next(x for x in links_of([product]) if x.kind == kind and (place is None or x.place == place))
    return LinkCheck(link.product, link.place, link.kind, link.href, outcome, **more)


@pytest.mark.parametrize(
    ("outcome", "more", "text", "day", "style"),
    [
        ("answers", {"checked": DAY, "status": 200, "answered": DAY}, "answered", "2026-11-19", "good"),
        ("missing", {"checked": DAY, "status": 404}, "not found (404)", "2026-11-19", "bad"),
        (
            "fails",
            {"checked": DAY, "detail": "no route", "answered": "2026-10-01T00:00:00Z"},
            "failed (no route); it last answered on 2026-10-01",
            "2026-11-19",
            "bad",
        ),
        ("asks-for-login", {"checked": DAY, "status": 403}, "needs a login (403)", "2026-11-19", "neutral"),
        ("not-checked", {"detail": "a folder"}, "not checked: a folder", "", "neutral"),
        # A result without a day was no check, whatever it says.
        ("answers", {}, "not checked", "", "neutral"),
    ],
)
def test_each_outcome_in_words(catalog, outcome, more, text, day, style):
    product = catalog.products["aef-v1-annual"]
    place = product.distributions[0].id
    (line, *_) = link_lines(product, place, [check(product, outcome, place=place, **more)])
    assert (line.label, line.text, line.day, line.style) == ("Page", text, day, style)


def test_what_was_not_asked_is_not_checked(catalog):
    product = catalog.products["aef-v1-annual"]
    lines = [line for d in product.distributions for line in link_lines(product, d.id, [])]
    assert lines
    assert {line.text for line in lines} == {"not checked"}


def test_the_page_shows_the_results_of_its_own_addresses(tmp_path, few):
    product = few.products["aef-v1-annual"]
    hostile = check(product, "fails", kind="index", checked=DAY, detail="<img src=x>")
    stale = LinkCheck(product.id, "gone", "page", "https://gone.example/", "answers", DAY, 200, "", DAY)
    good = check(product, "answers", kind="file", checked=DAY, status=200, answered=DAY)
    write_checks(tmp_path / "links.json", [good, hostile, stale])
    build_site(few, tmp_path / "site", links=tmp_path / "links.json")
    page = tmp_path / "site" / "products" / "aef-v1-annual.html"
    found = [
        " ".join(e.text_content().split()) for e in lxml.html.parse(page).xpath("//span[contains(@class,'check')]")
    ]
    assert "File, 2026-11-19: answered" in found
    assert "Index, 2026-11-19: failed (<img src=x>)" in found
    assert "Page: not checked" in found
    assert not lxml.html.parse(page).xpath("//img[@src='x']")
    links = json.loads((tmp_path / "site" / "data" / "links.json").read_text("utf-8"))
    assert [entry["kind"] for entry in links["aef-v1-annual"]] == ["index", "file"]
    with pytest.raises(SourceError, match=r"none\.json"):
        build_site(few, tmp_path / "site", links=tmp_path / "none.json")


def test_retired_places_show_no_check(site, catalog):
    retired = next(p for p in catalog.products.values() if any(d.retired for d in p.distributions))
    place = next(d for d in retired.distributions if d.retired)
    text = (site / "products" / f"{retired.id}.html").read_text("utf-8")
    after = text[text.index(f'id="access-{place.id}"') :].partition("</dl>")[0]
    assert "Last check" not in after
