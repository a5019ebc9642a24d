"""The form for producers: what it builds, what it imports, and how it reports faults."""

import datetime as dt
import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from atlas.records import load_catalog
from atlas.records.rules import all_rules
from atlas.records.rules.base import Context
from atlas.resources import data_dir
from atlas.web.describe.form import LONGEST_ADDRESS
from stac_emb.crosswalk.dataset_card import from_card, parse_card
from stac_emb.identity import FOLDER
from stac_emb.resources import schemas_dir
from stac_emb.validate import Validator

pytestmark = pytest.mark.browser

FILES = schemas_dir() / FOLDER
EXAMPLES = sorted(p.name for p in (FILES / "examples").glob("*-collection.json"))


def settled(page) -> None:
    """Wait until the latest change has been validated."""
    page.wait_for_function(
        "() => document.querySelector('[data-describe]').dataset.ready && "
        "!document.querySelector('[data-verdict]').textContent.includes('loading')"
    )


def given(page, text: str) -> dict:
    """The form's Collection after it has read a text."""
    before = page.get_attribute("[data-describe]", "data-ready") or "0"
    page.evaluate("(text) => { document.querySelector('[data-paste]').value = text; }", text)
    page.evaluate("document.querySelector('[data-do=read]').click()")
    page.wait_for_function(
        "(before) => document.querySelector('[data-describe]').dataset.ready !== before || "
        "document.querySelector('[data-told] .fault')",
        arg=before,
    )
    return json.loads(page.locator("[data-collection]").text_content())


def faults(page) -> list[str]:
    """The faults shown below the form."""
    return page.eval_on_selector_all("[data-faults] li", "rows => rows.map(r => r.textContent)")


@pytest.mark.parametrize(
    "names",
    [
        ["location-encoder-collection.json", "pixel-cog-collection.json", "stac-1-0-collection.json"],
        pytest.param(EXAMPLES, marks=pytest.mark.slow, id="all"),
    ],
)
def test_an_example_comes_back_as_it_was(visit, names):
    with visit("describe.html") as page:
        settled(page)
        for name in names:
            document = json.loads((FILES / "examples" / name).read_text("utf-8"))
            assert given(page, json.dumps(document)) == document, name
            assert faults(page) == [], name
            assert page.locator("[data-verdict]").inner_text().startswith("Valid"), name


CHANGES = (
    {"emb:dimensions": "64"},
    {"emb:dimensions": 0},
    {"emb:type": "chip"},
    {"emb:temporal_window": "one year"},
    {"emb:space": "Alpha Earth"},
    {"emb:similarity": []},
    {"emb:model": {"version": "2"}},
    {"emb:quantization": {"method": "linear", "scale": "2", "offset": 0}},
    {"emb:quantization": {"method": "linear", "scale": 2, "bits": 2, "packing": "msb", "levels": [3]}},
    {"emb:quantization": {"method": "lookup"}},
    {"emb:quantization": {"method": "per_vector_scale", "scale_array": "a", "scale_column": "b"}},
    {"emb:temporal_window": "1Y"},
    {"emb:inference_data": [{"title": "Sentinel-2"}]},
    {"emb:completeness": {"default": "complete", "years": {"20": "partial"}}},
    {"description": ""},
    {"extent": {"spatial": {"bbox": [[]]}, "temporal": {"interval": [[None, None]]}}},
    {"license": "all rights reserved"},
    {"extent": {"spatial": {"bbox": [[0, 1, 2]]}, "temporal": {"interval": [["2017", None]]}}},
    {"providers": [{"roles": ["owner"]}]},
    {"emb:absent": {"emb:training_data": "unknown"}},
    {"links": [{"rel": "about"}]},
)


def test_faults_are_those_of_the_program_in_its_words(visit):
    broken = [json.loads(p.read_text("utf-8")) for p in sorted((FILES / "invalid").glob("*.json"))]
    documents = [d for d in broken if isinstance(d, dict) and d.get("type") == "Collection"]
    good = json.loads((FILES / "examples" / "pixel-cog-collection.json").read_text("utf-8"))
    documents += [good | change for change in CHANGES]
    assert len(documents) > 40
    with visit("describe.html") as page:
        settled(page)
        found = page.evaluate(
            """async (documents) => {
              const check = atlas.faults(await atlas.load("describe"), atlas.validators);
              return documents.map((one) => check.collection(one).map((fault) => fault.message));
            }""",
            documents,
        )
    program = Validator(semantic=False)
    for document, told in zip(documents, found, strict=True):
        expected = {fault.message for fault in program.validate(document)}
        assert set(told) == expected


# What a person does in each field, without a frame drawn for each step; other tests type as a person does.
_FILL = """(answers) => {
  const told = (field, kind) => field.dispatchEvent(new Event(kind, { bubbles: true }));
  for (const [id, value] of Object.entries(answers)) {
    const field = document.getElementById(id);
    for (let one = field; one; one = one.parentElement) if (one.localName === "details") one.open = true;
    const seen = field.checkVisibility({ visibilityProperty: true });
    if (field.disabled || !seen) throw new Error(`nobody can fill ${id}`);
    field.focus();
    if (value === "press" || (typeof value === "boolean" && field.checked !== value)) field.click();
    if (typeof value !== "string" || value === "press") continue;
    field.value = value;
    if (field.value.replaceAll("\\r", "") !== value) throw new Error(`${id} does not take ${value}`);
    told(field, "input");
    told(field, "change");
    field.blur();
  }
}"""


PIXEL = {
    "f-id": "test-pixel-int8",
    "f-title": "Test embedding fields",
    "f-description": "Annual vectors of pixels, for a test.",
    "f-license": "CC-BY-4.0",
    "f-providers-add": "press",
    "f-providers-0-name": "Test institute",
    "f-providers-0-roles-0": True,
    "f-keywords": "annual\nglobal",
    "f-emb_type": "pixel",
    "f-emb_delivery": "stored",
    "f-emb_dimensions": "64",
    "f-emb_space": "alphaearth-v2.1",
    "f-emb_model-name": "AlphaEarth Foundations",
    "f-emb_model-version-reason": "not_stated",
    "f-emb_pooling-reason": "not_applicable",
    "f-emb_normalization": "unit",
    "f-emb_similarity-0": True,
    "f-emb_quantization-method": "signed_power",
    "f-emb_quantization-divisor": "127.5",
    "f-emb_quantization-exponent": "2",
    "f-item_assets-embeddings-title": "One band per dimension",
    "f-item_assets-embeddings-type": "image/tiff; application=geotiff; profile=cloud-optimized",
    "f-item_assets-embeddings-data_type": "int8",
    "f-item_assets-embeddings-nodata": "-128",
    "f-item_assets-embeddings-emb_layout-kind": "bands",
    "f-emb_training_data-reason": "not_stated",
    "f-emb_inference_data-add": "press",
    "f-emb_inference_data-0-id": "sentinel-2-l2a",
    "f-extent-spatial-bbox-0": "-180, -60, 180, 84",
    "f-extent-temporal-interval-0-0": "2019",
    "f-extent-temporal-interval-0-1": "2023",
    "f-gsd": "10",
    "f-emb_ground_size": "10",
    "f-emb_temporal_resolution": "annual",
    "f-emb_temporal_window": "P1Y",
    "f-emb_tasks-2": True,
}
PATCH = PIXEL | {
    "f-id": "test-patches",
    "f-emb_type": "patch",
    "f-emb_dimensions": "768",
    "f-emb_space": "https://example.org/spaces/encoder-1-cls",
    "f-emb_quantization-method": "none",
    "f-item_assets-embeddings-type": "application/vnd.apache.parquet",
    "f-item_assets-embeddings-data_type": "float32",
    "f-item_assets-embeddings-emb_layout-kind": "column",
    "f-item_assets-embeddings-emb_layout-name": "vector",
    "f-emb_ground_size": "2560",
    "f-emb_temporal_resolution": "snapshot",
    "f-emb_temporal_window-reason": "not_applicable",
}
for unused in (
    "f-emb_quantization-divisor",
    "f-emb_quantization-exponent",
    "f-item_assets-embeddings-nodata",
    "f-emb_temporal_window",
):
    del PATCH[unused]
RECORD = {
    "r-sources-main-source": "https://example.org/readme.html",
    "r-sources-main-checked": "2026-11-20",
    "r-further_sources-add": "press",
    "r-further_sources-0-source": "https://example.org/licence.html",
    "r-further_sources-0-checked": "2026-11-21",
    "r-further_sources-0-strength": "primary",
    "r-further_sources-0-of-9": True,
    "r-summary": "One vector for each pixel or patch of a test.",
    "r-extent-place": "Global land",
    "r-extent-years": "2019, 2020, 2021, 2022, 2023",
}


@pytest.mark.parametrize(
    ("answers", "of", "record_answers"),
    [
        pytest.param(PIXEL, "pixel", RECORD, id="pixel"),
        pytest.param(
            PATCH, "patch", {k: v for k, v in RECORD.items() if "years" not in k}, id="patch", marks=pytest.mark.slow
        ),
    ],
)
def test_what_the_form_builds_is_valid(visit, tmp_path, answers, of, record_answers):
    with visit("describe.html") as page:
        settled(page)
        page.evaluate(_FILL, answers | record_answers)
        page.locator("[data-verdict]", has_text="Valid against the schemas").wait_for()
        with page.expect_download() as download:
            page.locator("[data-do=save-collection]").click()
        built = tmp_path / download.value.suggested_filename
        download.value.save_as(built)
        with page.expect_download() as download:
            page.locator("[data-do=save-record]").click()
        record = tmp_path / download.value.suggested_filename
        download.value.save_as(record)
        issue = page.get_attribute("[data-issue]", "href")
        page.reload()
        page.wait_for_function("document.querySelector('[data-collection]').textContent.includes('test-')")
        assert page.input_value("#f-id") == answers["f-id"]
    document = json.loads(built.read_text("utf-8"))
    assert built.name == f"{answers['f-id']}.json"
    assert Validator().examine(document) == []
    assert document["emb:type"] == of
    assert document["emb:tasks"] == [list(load_catalog().taxonomy["task"].terms)[2]]
    assert document["emb:inference_data"][0]["modality"] == "optical"
    assert document["extent"]["temporal"]["interval"] == [["2019-01-01T00:00:00Z", "2023-12-31T23:59:59Z"]]
    assert document["emb:absent"]["emb:model.version"] == "not_stated"
    assert record.name == f"{answers['f-id']}.yaml"
    product = loaded(record)
    assert product.embedding.dimensions == document["emb:dimensions"]
    assert product.embedding.quantization["stored_data_type"] == document["item_assets"]["embeddings"]["data_type"]
    assert product.absent["model.version"].reason == "not_stated"
    assert product.absent["training_data"].looked_in
    sources = {path: [e.source for e in product.evidence[path]] for path in ("licences", "embedding")}
    assert sources == {
        "licences": ["https://example.org/licence.html"],
        "embedding": ["https://example.org/readme.html"],
    }
    query = parse_qs(urlsplit(issue).query)
    assert issue.startswith("https://github.com/earth-embedding-atlas/earth-embedding-atlas/issues/new?")
    assert record.read_text("utf-8") in query["body"][0]
    assert len(issue) <= LONGEST_ADDRESS


def loaded(record: Path):
    """The record as read by the catalogue, with one other product, once `atlas lint` finds no fault in it."""
    folder = record.parent / "catalog"
    shutil.copytree(data_dir("catalog"), folder)
    for other in (folder / "products").glob("*.yaml"):
        if other.stem != "aef-v1-annual":
            other.unlink()
    shutil.copy(record, folder / "products" / record.name)
    catalog = load_catalog(folder)
    found = [
        fault
        for rule in all_rules()
        for fault in rule.check(Context(catalog, dt.date(2026, 11, 29)))
        if record.stem in fault.file
    ]
    assert found == []
    return catalog.products[record.stem]


CARD = """---
license: cc-by-4.0
creator: [Test institute]
pretty_name: Test vectors
tags: [geospatial, embeddings]
embedding_spatial_types: [patch]
embedding_dimension: 768
grid_spacing: [[320, 160]]
embedding_temporal_type: [multi-date]
inference_datasets: [sentinel-2]
model_name: Test encoder
model_link: https://example.org/model
quantization: int8
---
# Test vectors
"""


def test_a_dataset_card_becomes_what_the_program_makes_of_it(visit):
    with visit("describe.html") as page:
        settled(page)
        document = given(page, CARD)
        told = page.locator("[data-told]").inner_text()
        expected = from_card(parse_card(CARD))
        for key, value in expected.document.items():
            assert document[key] == value, key
        assert document["title"] == "Test vectors"
        assert "embedding_temporal_type: “multi-date” does not say" in told
        assert "inference_datasets: no field says this" in told
        for text, message in (
            ("no document", "neither a Collection (JSON) nor a dataset card"),
            ('{"type": "Feature"}', 'no STAC Collection: its “type” is "Feature"'),
            ("---\nlicense: mit\n", "has no end"),
            ("---\n- mit\n---\n", "is not a mapping"),
        ):
            given(page, text)
            page.locator("[data-told] .fault", has_text=message).wait_for()
        assert page.input_value("#f-title") == "Test vectors", "what cannot be read changes nothing"


def test_a_fault_stands_beside_its_field_as_one_types(visit):
    example = (FILES / "examples" / "pixel-cog-collection.json").read_text("utf-8")
    with visit("describe.html") as page:
        settled(page)
        given(page, example)
        field = page.locator("#f-emb_dimensions")
        field.fill("64x")
        page.locator("#f-emb_dimensions-fault", has_text='must be a whole number, not "64x"').wait_for()
        assert field.get_attribute("aria-invalid") == "true"
        page.locator("[data-faults] a", has_text="Dimensions").click()
        assert page.evaluate("document.activeElement.id") == "f-emb_dimensions"
        field.fill("")
        rule = "a Collection must state emb:dimensions, or give the reason why not in emb:absent"
        page.locator("#f-emb_dimensions-fault", has_text=rule).wait_for()
        page.select_option("#f-emb_dimensions-reason", "varies")
        page.locator("[data-verdict]", has_text="Valid against the schemas").wait_for()
        assert field.is_disabled()
        # What the chosen rule does not take is not asked for; what it needs is.
        page.fill("#f-emb_quantization-divisor", "")
        page.locator("[data-faults]", has_text="signed_power").wait_for()
        page.fill("#f-emb_quantization-divisor", "127.5")
        page.locator("#f-emb_quantization-method").fill("per_vector_scale")
        page.locator("#f-emb_quantization-method").blur()
        page.locator("#f-emb_quantization-scale_asset").wait_for()
        page.locator("[data-faults]", has_text="takes no parameter of another method").wait_for()
        page.locator("[data-do=anew]").click()
        page.wait_for_function("!document.querySelector('[data-collection]').textContent.includes('AlphaEarth')")


def test_an_untouched_form_says_what_is_needed_and_a_fault_only_where_somebody_was(visit):
    needed = "[data-faults-needed] a"
    with visit("describe.html") as page:
        settled(page)
        assert faults(page) == []
        assert page.locator("[data-lacks] li").count() == 0
        assert page.locator(".fault:visible").count() == 0
        names = page.locator(needed).all_inner_texts()
        assert {"Id", "Description", "Licence", "Bounding box", "Dimensions"} <= set(names)
        assert page.locator("[data-verdict]").inner_text() == f"{len(names)} values still needed."
        lacks = page.locator("[data-lacks-needed] a")
        assert {"Summary", "Model", "Where this can be checked"} <= set(lacks.all_inner_texts())
        lacks.get_by_text("Model", exact=True).click()
        assert page.evaluate("document.activeElement.id") == "f-emb_model"
        page.locator(needed, has_text="Bounding box").click()
        assert page.evaluate("document.activeElement.id") == "f-extent-spatial-bbox-0"
        page.keyboard.press("Tab")
        page.locator("[data-faults]", has_text="must not be empty: give west, south, east and north").wait_for()
        assert len(faults(page)) == 1
        assert page.locator(needed).count() == len(names) - 1
        page.fill("#f-title", "A title")
        page.reload()
        settled(page)
        assert page.input_value("#f-title") == "A title"
        assert faults(page) == [], "what was begun is not yet at fault"
        with page.expect_download():
            page.locator("[data-do=save-collection]").click()
        page.locator("[data-verdict]", has_text=f"{len(names)} things to fix").wait_for()
        assert len(faults(page)) == len(names)
        assert page.locator(needed).count() == 0
        page.locator("[data-lacks]", has_text="Summary: summary is missing").wait_for()


def test_a_long_record_is_left_out_of_the_address(visit):
    example = json.loads((FILES / "examples" / "pixel-cog-collection.json").read_text("utf-8"))
    with visit("describe.html") as page:
        settled(page)
        given(page, json.dumps(example | {"description": "A long text. " * 800}))
        page.locator("[data-issue-note]", has_text="too long for a link").wait_for()
        assert len(page.get_attribute("[data-issue]", "href")) <= LONGEST_ADDRESS
