"""Text from records and crawls stays text in every template."""

import json
from typing import Any

import lxml.html
import pytest
from pydantic import BaseModel

from atlas.errors import SiteError
from atlas.records import load_catalog
from atlas.web.build import build_site
from atlas.web.downloads import dumps
from tests.web.crawls import write_crawl

PAYLOAD = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)></script></title></svg>"
    "{{ 7*7 }}{% raw %}&lt;\u2028--><!--"
)
LINK = 'javascript:alert(3)//" onmouseover="alert(4)'
# Fields whose values the models restrict to identifiers or fixed words: poison cannot get in there.
FIXED = {
    *("id", "type", "status", "role", "roles", "protocol", "auth", "strength", "kind", "layer", "relation", "space"),
    *("input", "family", "predecessor", "successor", "broader", "modality", "sensor", "tasks", "products", "models"),
    *("format", "related", "members", "data", "normalization", "coordinate_order", "grid", "part_of", "crs", "doi"),
    *("reason", "default", "years", "tiling", "vectors"),
    *("bibtex", "temporal", "quantization", "layout", "footprint", "license", "code_license", "arxiv"),
}
LINKS = {"href", "url", "code", "weights", "source", "example_url", "endpoint_url"}


def poison(value: Any, key: str = "") -> Any:
    """The value with hostile text in every text field, bypassing the models' checks."""
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        return value.model_copy(update={n: poison(getattr(value, n), n) for n in names})
    if isinstance(value, list):
        return [poison(v, key) for v in value]
    if isinstance(value, dict):
        # The vocabulary objects of `embedding` are free-form in the model: their words are fixed by the extension.
        return value if key in FIXED else {k: poison(v, key) for k, v in value.items()}
    if not isinstance(value, str) or key in FIXED:
        return value
    if key in {"url_template", "band_names"}:
        # Braces mean something there, and a check of the records refuses wrong ones.
        return value + PAYLOAD.replace("{", "(").replace("}", ")")
    return LINK if key in LINKS else value + PAYLOAD


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    catalog = load_catalog()
    keep = ("aef-v1-annual", "clay-v0-sentinel", "presto-togo-2019", "tessera-v1")
    catalog.products = {k: poison(catalog.products[k]) for k in keep}
    catalog.taxonomy = {k: poison(v) for k, v in catalog.taxonomy.items()}
    catalog.inputs = {k: poison(v) for k, v in catalog.inputs.items()}
    catalog.spaces = {k: poison(v) for k, v in catalog.spaces.items()}
    catalog.ecosystem = {k: poison(v) for k, v in list(catalog.ecosystem.items())[:40]}
    crawl = write_crawl(
        tmp_path_factory.mktemp("crawl"),
        "tessera-v1",
        [(2021, 0.1, 52.1, 0.2, 52.2)],
        source=LINK,
        set_aside_by_reason={PAYLOAD: 1},
    )
    (crawl / "drift.json").write_text(json.dumps({"drift": [{"message": PAYLOAD, PAYLOAD: PAYLOAD}]}), "utf-8")
    out = tmp_path_factory.mktemp("hostile")
    build_site(catalog, out, [crawl])
    return out


def test_no_element_attribute_or_address_comes_from_a_record(poisoned):
    pages = list(poisoned.rglob("*.html"))
    assert len(pages) > 100
    seen = 0
    for page in pages:
        text = page.read_text("utf-8")
        seen += "alert(1)" in text
        document = lxml.html.fromstring(page.read_bytes())
        scripts = document.xpath("//script")
        assert all(s.get("src") or s.get("type") in ("application/ld+json", "application/json") for s in scripts), page
        assert document.xpath("//iframe | //object | //embed | //base") == [], page
        # Pictures are the site's own files, which a build puts beside the pages.
        assert all((page.parent / img.get("src")).is_file() for img in document.xpath("//img")), page
        for element in document.iter():
            if not isinstance(element.tag, str):
                continue
            assert not [a for a in element.attrib if a.lower().startswith("on")], f"{page}: {element.tag}"
            for name in ("href", "src", "action", "formaction", "xlink:href"):
                assert not (element.get(name) or "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
        # Template syntax in a record is not run.
        assert text.count("7*7") == text.count("{{ 7*7") + text.count("(( 7*7")
    assert seen > 60, "the poison did not reach the pages"


def test_embedded_json_parses_and_keeps_the_text(poisoned):
    found = 0
    for page in poisoned.rglob("*.html"):
        for text in lxml.html.fromstring(page.read_bytes()).xpath("//script[not(@src)]/text()"):
            assert "<" not in text
            found += PAYLOAD.split("<")[0] in json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    assert found >= 5


def test_scripts_with_data_hold_one_call_with_json(poisoned):
    files = list((poisoned / "data").rglob("*.js"))
    assert len(files) > 4
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith("atlas.provide(")
        name, _, value = text.removeprefix("atlas.provide(").rstrip().removesuffix(");").partition(",")
        assert json.loads(name) == file.relative_to(poisoned / "data").as_posix().removesuffix(".js")
        json.loads(value)
        assert "</script" not in text
        assert "\u2028" not in text


def test_spreadsheets_do_not_run_cells(few):
    few.products["tessera-v1"] = few.products["tessera-v1"].model_copy(update={"title": "=HYPERLINK(1)"})
    assert b"'=HYPERLINK(1)" in dumps(few)["products.csv"]


def test_an_id_that_is_no_file_name_stops_the_build(few, tmp_path):
    bad = "../../etc/passwd"
    few.products = {bad: few.products["tessera-v1"].model_copy(update={"id": bad})}
    with pytest.raises(SiteError, match="cannot be the address of a page"):
        build_site(few, tmp_path / "site")
    assert not (tmp_path / "etc").exists()
