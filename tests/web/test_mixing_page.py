"""The page "What may be mixed": complete without scripts, with the same counts as other pages."""

import json

import lxml.html
import pytest

from atlas.web.pages.mixing import MARKS, mixing_page
from atlas.web.pages.spaces import spaces_page
from tests.catalogue import whole_catalogue


@pytest.fixture(scope="module")
def page(site):
    return lxml.html.fromstring((site / "mixing.html").read_bytes())


def test_every_space_and_every_pair_that_is_recorded_is_on_the_page(site, page, catalog):
    ids = {h.get("id").removeprefix("pair-") for h in page.xpath("//h3[starts-with(@id, 'pair-')]")}
    assert ids == set(catalog.spaces)
    targets = set(page.xpath("//@id"))
    assert {a.removeprefix("#") for a in page.xpath("//main//a/@href") if a.startswith("#")} <= targets
    section = page.xpath("//section[@aria-labelledby='pair-tessera-v1']")[0]
    told = [li for li in section.xpath("./ul/li") if "#pair-tessera-v1.1-cambridge" in li.xpath("./a/@href")]
    (pair,) = told
    assert pair.xpath("./span/@class")[0] == "mix mix-incompatible"
    assert [a for a in pair.xpath(".//a/@href") if a.startswith("https://")]  # its evidence
    kinds = {pair["kind"] for pair in json.loads((site / "mixing.json").read_text("utf-8"))["spaces"]}
    assert {"incompatible", "unknown", "part"} <= kinds <= {str(k) for k in MARKS}


def test_models_are_folded_into_one_row_and_column(page):
    table = page.xpath("//div[@aria-label='Models by models']//table")[0]
    columns, rows = table.xpath("./thead/tr/th")[1:], table.xpath("./tbody/tr")
    names = [c.text_content() for c in columns]
    assert len(names) == len(rows) == len(set(names))
    assert {len(r.xpath("./td")) for r in rows} == {len(names)}
    tessera = rows[names.index("TESSERA")].xpath("./td")[names.index("TESSERA")]
    assert "incompatible" in tessera.text_content()


def test_distributions_stand_with_their_evidence(page):
    text = page.xpath("//section[@aria-labelledby='copies-aef-v1-annual']")[0]
    assert text.xpath(".//td/span[@class='mix mix-requantized']")
    (why,) = [li for li in text.xpath(".//li") if "earth-engine and gcs" in li.text_content()]
    assert why.xpath(".//a[starts-with(@href, 'https://')]")


def test_the_number_of_spaces_is_the_same_on_every_page(site):
    """The start page used to say 58, the page of vector spaces 60."""
    start = lxml.html.fromstring((site / "index.html").read_bytes())
    (said,) = [
        li.findtext("b") for li in start.xpath("//ul[@class='figures']/li") if "vector spaces" in li.text_content()
    ]
    catalog = whole_catalogue()
    assert int(said) == len(spaces_page(catalog).context.views) == mixing_page(catalog).context.spaces
