"""The site shows the result of the last source check, and the age of each value's evidence."""

import json

import lxml.html
import pytest

from atlas.errors import SourceError
from atlas.evidence.results import SourceCheck, write_checks
from atlas.evidence.values import uses_of
from atlas.web.build import build_site
from atlas.web.checks import watched
from atlas.web.facts import age_text
from tests.catalogue import catalogue_of

DAY = "2027-01-05T08:00:00Z"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2026-11-28", "today"),
        ("2026-11-27", "1 day ago"),
        ("2026-09-30", "59 days ago"),
        ("2026-09-29", "1 month ago"),
        ("2026-03-28", "8 months ago"),
        ("2026-03-29", "7 months ago"),
        ("2024-12-01", "23 months ago"),
        ("2024-11-28", "2 years ago"),
        ("2027-01-01", "today"),
    ],
)
def test_an_age_is_whole_days_months_or_years(day, text):
    assert age_text(day, "2026-11-28") == text


@pytest.fixture(scope="module")
def few():
    return catalogue_of("aef-v1-annual", "clay-v0-sentinel", "tessera-v1")


@pytest.fixture(scope="module")
def checks(few):
    """Results of a check: two sources moved on, one gone, one holds, and one that no record cites."""
    uses = uses_of(few, ["tessera-v1"])
    found = []
    for use, outcome in zip(uses, ("moved-on", "moved-on", "gone", "holds"), strict=False):
        values = dict.fromkeys(list(use.values)[:2], outcome) | {"title": "holds"}
        difference = "" if outcome == "holds" else f"https://github.com/o/r/compare/1...{len(found)}"
        found.append(
            SourceCheck("tessera-v1", use.source, outcome, DAY, values, "<img src=x>", difference, "", "1f8830cb")
        )
    return [*found, SourceCheck("tessera-v1", "https://gone.example/", "gone", DAY, {"title": "gone"})]


def text_of(element):
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module")
def site(tmp_path_factory, few, checks):
    """A site that knows the results."""
    out = tmp_path_factory.mktemp("watched")
    write_checks(out / "evidence.json", checks)
    build_site(few, out / "site", evidence=out / "evidence.json")
    return out / "site"


def page_of(site, product):
    return lxml.html.parse(site / "products" / f"{product}.html").getroot()


def test_the_page_marks_what_changed_and_lists_it(few, checks, site, tmp_path):
    page = page_of(site, "tessera-v1")
    total = len(uses_of(few, ["tessera-v1"]))
    mark = f"3 of {total} sources changed since they were read"
    assert [text_of(e) for e in page.xpath("//p[@class='notice-title']")].count(mark) == 1
    assert text_of(page.get_element_by_id("changed")).startswith(mark)
    listed = page.xpath("//ul[@class='changed']/li")
    assert len(listed) == 3
    assert "Checked 2027-01-05: moved on since 1f8830cb (<img src=x>), the difference" in " ".join(map(text_of, listed))
    addresses = {li.xpath(".//a/@href")[-1] for li in listed}
    assert addresses == {f"https://github.com/o/r/compare/1...{n}" for n in range(3)}
    assert not page.xpath("//img")
    other = (site / "products" / "aef-v1-annual.html").read_text("utf-8")
    assert 'id="changed"' not in other
    data = json.loads((site / "data" / "evidence.json").read_text("utf-8"))
    assert {entry["source"]: entry["outcome"] for entry in data["tessera-v1"]} == {
        c.source: c.outcome for c in checks[:4]
    }
    assert "https://gone.example/" not in json.dumps(data)
    feed = (site / "changes.atom").read_text("utf-8")
    assert f"{few.products['tessera-v1'].title}: {mark}" in feed
    assert '<category term="evidence"' in feed
    with pytest.raises(SourceError, match=r"none\.json"):
        build_site(few, tmp_path / "site", evidence=tmp_path / "none.json")


def test_what_could_not_be_told_is_not_called_unchanged(few):
    product = few.products["tessera-v1"]
    use = uses_of(few, [product.id])[0]
    check = SourceCheck(product.id, use.source, "not-reached", DAY, {"title": "not-reached"})
    assert watched(product, [check]).text == "None of the 0 sources that could be compared has changed"
    assert watched(product, []) is None


def test_every_value_has_the_age_of_its_evidence(site):
    page = page_of(site, "tessera-v1")
    refs = page.xpath("//span[@class='refs']")
    assert len(refs) > 20
    for span in refs:
        age = span.getnext()
        assert age.get("class") == "age"
        assert age.text_content() == age_text(age.get("datetime"), DAY[:10])
    assert "ago" in text_of(page.get_element_by_id("source-1"))


def test_a_value_that_neither_its_producer_nor_its_files_state_says_so(site):
    page = page_of(site, "aef-v1-annual")
    said = {
        text_of(fact.find("dt")): [text_of(span) for span in fact.xpath(".//span[@class='age']")]
        for fact in page.xpath("//div[@class='fact']")
    }
    assert said["Architecture"] == [", third-party"]
    assert said["Dimensions"] == []
    assert said["Vector space"] == [", derived"]


def test_ages_are_counted_to_the_newest_day_that_the_build_knows(site):
    page = (site / "products" / "aef-v1-annual.html").read_text("utf-8")
    assert "46 days ago" in page
    assert 'as of <time datetime="2027-01-05">' in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(version=9), "no results of 'atlas evidence check' of version 1"),
        (lambda d: d["sources"][0].update(outcome="fine"), "entry 1: unknown outcome 'fine'"),
        (lambda d: d["sources"][0].update(checked=7), "entry 1: checked is 7"),
        (lambda d: d["sources"][0].update(values={"fine": []}), "entry 1: values are"),
        (lambda d: d["sources"][0].update(values=[]), "entry 1: values are"),
        (lambda d: d["sources"][0].update(more=""), "entry 1 is not a result"),
        (lambda d: d["sources"].insert(0, []), "entry 1 is not a result"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, few, checks, change, message):
    path = tmp_path / "evidence.json"
    write_checks(path, checks)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SourceError, match=rf"evidence\.json.*{message}"):
        build_site(few, tmp_path / "site", evidence=path)
