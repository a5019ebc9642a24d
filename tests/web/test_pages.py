"""Single pages: access, size, code in any language, summaries of changes."""

import json
import re

import lxml.html
import pytest

from atlas.answers.comparable import comparable_spaces
from atlas.answers.facts import completeness_text
from atlas.answers.sheet import sheet
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.records.delivery import is_encoder, only_model
from atlas.records.snippets import load_snippets
from atlas.records.summary import absent_counts
from atlas.web.data_files import coverage_index
from atlas.web.environment import make_environment, render
from atlas.web.facts import Evidences, FactMaker, key_facts, volume_text
from atlas.web.page import Site
from atlas.web.pages.access import access_rows
from atlas.web.pages.changes import Change, newest
from atlas.web.pages.compare import compare_page
from atlas.web.pages.inputs import input_lines, inputs_page
from atlas.web.pages.product import product_page
from atlas.web.pages.rows import product_rows


def change(kind, day, title="T"):
    return Change(f"{kind}:{day}:{title}", day, kind, title, "text", "about.html")


def test_records_of_one_day_are_one_entry_of_the_short_list():
    changes = (
        change("crawl", "2026-11-20"),
        change("record", "2026-11-20", "A"),
        change("record", "2026-11-20", "B"),
        change("record", "2026-11-19", "C"),
    )
    found = newest(changes, 6)
    assert [c.title for c in found] == ["T", "2 records checked against their sources", "C"]
    assert found[1].path == "changes.html#day-2026-11-20"
    assert len(newest(changes, 1)) == 1


def test_a_product_that_is_new_is_told_as_added_and_not_as_changed(site):
    page = lxml.html.parse(site / "changes.html")
    tags = {li.xpath("string(.//a)"): li.xpath("string(.//span[contains(@class, 'tag')])") for li in page.xpath("//li")}
    assert {tag for title, tag in tags.items() if title.endswith("added to the atlas")} == {"added"}
    assert not page.xpath("//details//li[contains(., 'added to the atlas')]")


def test_weights_are_offered_as_a_model_and_not_as_data(site, catalog):
    assert only_model(catalog.products["geoclip"])
    assert not only_model(catalog.products["tessera-v1"])
    assert not only_model(catalog.products["planet-embeddings"])
    button = "string(//a[contains(@class, 'primary')])"
    assert lxml.html.parse(site / "products/geoclip.html").xpath(button) == "Get the model"
    assert lxml.html.parse(site / "products/tessera-v1.html").xpath(button) == "Get the data"


def test_pages_count_what_is_not_stated_as_the_check_of_the_records_does(site, catalog):
    counts = absent_counts(catalog)["not_stated"]
    start = lxml.html.parse(site / "index.html")
    (told,) = start.xpath("//li[contains(., 'fields that producers do not state')]//text()[number(.) = number(.)]")
    assert int(told) == sum(counts.values())
    twin = json.loads((site / "about.json").read_text("utf-8"))
    assert twin["not_stated"] == counts
    rows = lxml.html.parse(site / "about.html").xpath("//table[.//th = 'Products']//tbody/tr")
    assert [int(row.xpath("string(td)")) for row in rows] == [*counts.values()][:15]


def test_benchmarks_have_their_names_as_headings(site):
    headings = lxml.html.parse(site / "benchmarks.html").xpath("//main//*[starts-with(@id, 'bench-')]")
    named = {h.get("id"): h.text_content().strip().rstrip("#¶ ") for h in headings}
    assert named["bench-api"] == "API"
    assert named["bench-crawl"] == "Crawl"
    assert named["bench-dequantize"] == "Dequantise"


def test_layers_name_the_kinds_of_their_entries_as_the_ecosystem_does(site):
    layers = lxml.html.parse(site / "taxonomy.html").xpath("//li[contains(@class, 'card')]//p[@class='small']")
    words = {w.strip() for p in layers for w in p.text_content().split(": ")[1].split(";")[0].split(",")}
    headings = lxml.html.parse(site / "ecosystem.html").xpath("//main//h2")
    groups = {h.text_content().strip().rstrip("#¶ ").lower() for h in headings}
    assert {"product families", "data sets"} <= words <= groups


def test_an_empty_map_is_not_drawn(site):
    page = lxml.html.parse(site / "products/clay-v0-sentinel.html")
    section = page.xpath("//section[@aria-labelledby='coverage']")[0]
    assert not section.xpath(".//*[@id='coverage-map-title']")
    assert "1,203 MGRS tiles around the world; which parts" in section.text_content()


def test_the_page_of_changes_has_the_day_that_the_short_list_names(site):
    page = lxml.html.parse(site / "index.html")
    paths = [a for a in page.xpath("//ul[contains(@class,'changes')]//a/@href") if "#" in a]
    assert paths
    target = lxml.html.parse(site / "changes.html")
    assert all(target.xpath(f"//*[@id='{p.partition('#')[2]}']") for p in paths)


@pytest.mark.parametrize(
    ("name", "vectors", "size", "text"),
    [
        ("tessera-v1", 10_000, 132, "132\u202fMB"),  # 10 m, 128 × int8 and a scale
        ("clay-v0-sentinel", 1 / 5.12**2, 768 * 4, "11.7\u202fkB"),  # stride as wide as the patch
        ("earth-index-2024", 1 / 0.32**2, 384 * 4, "1.5\u202fMB"),  # a grid as wide as the patch
        ("majortom-249k-dinov2", 1 / 100, None, None),  # one in each cell of a grid of 10 km; its type is not stated
        ("clay-v1-5-naip", None, 4096, None),  # the size of a patch says nothing of the distance to the next
        ("copernicus-embed-025deg", None, 3072, None),  # degrees
        ("geoclip", None, None, None),  # any position
    ],
)
def test_size_of_an_area_only_from_stated_facts(catalog, name, vectors, size, text):
    product = catalog.products[name]
    assert vectors_per_km2(product) == (vectors if vectors is None else pytest.approx(vectors))
    assert vector_bytes(product) == size
    assert volume_text(product) == text
    rows = {p["id"]: p for p in coverage_index(product_rows(catalog), catalog, {})["products"]}
    assert rows[name]["vector_bytes"] == size


def test_access_says_what_is_stated_and_lists_what_is_not(catalog):
    product = catalog.products["aef-v1-annual"]
    rows = {r.item.id: r for r in access_rows(product, Evidences(product), catalog)}
    one = next(r for r in rows.values() if r.item.range_reads is None)
    assert "range requests" in one.silent
    assert ("Format", "Cloud Optimized GeoTIFF") in {f for r in rows.values() for f in r.stated}
    retired = next(p for p in catalog.products.values() if any(d.retired for d in p.distributions))
    for row in access_rows(retired, Evidences(retired), catalog):
        labels = {label.lower() for label, _ in row.stated}
        assert not labels & set(row.silent)
        if row.item.retired:
            assert row.silent == ()


def test_code_of_a_language_that_the_site_has_not_met(catalog):
    snippet = load_snippets()[0].model_copy(update={"language": "julia", "libraries": ["Zarr"]})
    page = product_page(
        catalog.products["tessera-v1"], catalog, base_url="https://example.org/", snippets=[snippet, snippet]
    )
    assets = dict.fromkeys(["site.css", "icon.svg", "theme.js", "atlas.js", "size.js", "figure.js"], "x")
    site = Site("Atlas", "https://example.org/", "2026-11-20", "1", assets, None, 1, (), "https://example.org/?{id}")
    found = lxml.html.fromstring(render(make_environment(), page, site)).xpath("//details[@class='snippet']/summary")
    assert [" ".join(s.text_content().split()) for s in found] == [f"{snippet.title} Julia, needs Zarr"] * 2


def test_readers_see_titles_of_spaces_and_places_and_not_their_ids(site, catalog):
    product = catalog.products["presto-togo-2019"]
    title = catalog.spaces[product.embedding.space].title
    page = lxml.html.parse(site / "products/presto-togo-2019.html")
    link = f"//a[contains(@href, 'spaces.html#{product.embedding.space}')]"
    assert {a.text for a in page.xpath(link)} == {title}
    compared = lxml.html.parse(site / "compare.html")
    (row,) = compared.xpath("//tr[th[1] = 'Vector space']")
    assert title in row.text_content()
    assert product.embedding.space not in row.text_content()
    sources = lxml.html.parse(site / "products/aef-v1-annual.html").xpath("string(//ol[@class='sources'])")
    (gcs,) = [d for d in catalog.products["aef-v1-annual"].distributions if d.id == "gcs"]
    assert f"Access, {gcs.title}: " in sources
    assert "Access, gcs" not in sources


def test_no_path_of_code_and_no_raw_licence_is_shown_to_readers(site):
    """Only the schema's own page shows how such licences are written."""
    for path in site.rglob("*.html"):
        main = lxml.html.parse(path).xpath("//main//text()[not(ancestor::code or ancestor::pre)]")
        words = " ".join(main)
        assert "LicenseRef-" not in words or path.parent.name == "v0.1.0", path
        assert not re.search(r"(?<![\w/.])[a-z]+/[\w-]+\.py\b", words), path
        assert "`" not in words, path


def test_the_shell_says_of_a_product_what_the_pages_say(catalog):
    """The shell said "Dequantization", "none" and ids where pages said "Dequantisation", a formula and titles."""
    twin = compare_page(catalog).twin
    rows = {row["label"]: dict(zip(twin["products"], row["values"], strict=True)) for row in twin["rows"]}
    for product in catalog.products.values():
        told = {line.label: line.text for line in sheet(product, catalog).lines if line.value}
        assert {label: rows[label][product.id] for label in told} == told
        shown = key_facts(product, FactMaker(product, Evidences(product), catalog), "")
        assert [f for f in shown if f.stated and f.label in told and f.value != told[f.label]] == []


def test_location_encoders_are_counted_alike_everywhere(site, catalog):
    """A table of regions counted as an encoder on some pages: 21 of them there, 20 elsewhere."""
    encoders = {p.id for p in catalog.products.values() if is_encoder(p)}
    assert {p.id for p in catalog.products.values() if p.embedding.type == "location"} - encoders == {"pdfm"}
    assert {row.id for row in product_rows(catalog) if row.encoder} == encoders
    pages = {i: (site / "products" / f"{i}.html").read_text("utf-8") for i in catalog.products}
    assert {i for i, page in pages.items() if "A location encoder has no tiles" in page} == encoders
    script = (site / "data" / "coverage.js").read_text("utf-8")
    assert script.count('"encoder":true') == len(encoders)


def test_comparisons_that_tell_something_are_offered(catalog):
    page = compare_page(catalog).context
    products = catalog.products
    assert len(page.examples) > 1
    for ids, _ in page.examples:
        a, b = (products[i].embedding.space for i in ids.split(","))
        assert a == b or comparable_spaces(catalog.spaces, a, b).relation == "incompatible"


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [("a", "a", "distances have a meaning"), ("a", "b", "do not compare"), ("a", None, "is not stated")],
)
def test_a_newer_version_says_whether_vectors_may_be_mixed(few, one, other, words):
    old, new = few.products["tessera-v1"], few.products["aef-v1-annual"]

    def at(product, space, **more):
        embedding = product.embedding.model_copy(update={"space": space})
        return product.model_copy(update={"embedding": embedding, **more})

    few.products = {new.id: at(new, other), old.id: at(old, one, successor=new.id)}
    page = product_page(few.products[old.id], few, base_url="https://example.org/")
    ((label, _, title, mixing),) = page.context.chain
    assert (label, title) == ("Successor", new.title)
    assert words in mixing


def test_scripts_for_later_carry_their_version(site):
    for path, name in (
        ("index.html", "tiles.js"),
        ("coverage.html", "tiles.js"),
        ("search.html", "minisearch.js"),
        ("identify.html", "hyparquet.js"),
    ):
        addresses = lxml.html.parse(site / path).xpath("//meta[@name='atlas-later']/@content")
        assert name in addresses[0]
        for address in addresses:
            assert "?v=" in address
            assert (site / address.partition("?")[0]).is_file()


def test_a_copy_says_of_which_place_it_is_one(catalog):
    product = catalog.products["aef-v1-annual"]
    rows = {row.item.id: dict(row.stated) for row in access_rows(product, Evidences(product), catalog)}
    assert rows["gcs"]["Vectors"] == "equal up to rounding to those of: Earth Engine ImageCollection"
    assert rows["source-coop-mosaic"]["Vectors"].startswith("resampled from: Cloud Optimized GeoTIFFs on Source")
    assert "Vectors" not in rows["earth-engine"]


def test_completeness_is_told_with_the_years_that_differ(catalog):
    assert completeness_text(catalog.products["tessera-v1"]) == "in part; complete in 2024"
    assert completeness_text(catalog.products["aef-v1-annual"]) == "complete"
    assert completeness_text(catalog.products["geoclip"]) is None


def test_a_fact_without_a_value_says_why(catalog):
    product = catalog.products["planet-embeddings"]
    fact = FactMaker(product, Evidences(product), catalog).make("Dimensions", None, "embedding.dimensions")
    assert (fact.value, fact.stated) == ("varies", False)
    assert "512 numbers" in fact.note


def test_a_level_counts_for_its_sensor(catalog):
    page = inputs_page(catalog).context
    columns = [family.id for family in page.families]
    (group,) = [g for g in page.groups if g.title == "Sentinel-2"]
    trained, read = group.cells[columns.index("tessera")]
    assert (trained.mark, read.mark, read.said) == ("L", "R", "yes")
    product = catalog.products["tessera-v1.1-dclimate"]
    (line,) = [one for one in input_lines(product, catalog, Evidences(product)) if one.id == "sentinel-2"]
    assert line.inference is not None, "read as Sentinel-2 L2A"


def test_no_and_not_stated_are_told_apart(catalog):
    page = inputs_page(catalog).context
    columns = {family.id: n for n, family in enumerate(page.families)}
    (gedi,) = [g for g in page.groups if g.title == "GEDI"]
    assert [cell.words for cell in gedi.cells[columns["planet"]]] == ["not stated", "not stated"]
    assert [cell.words for cell in gedi.cells[columns["esd"]]] == ["no", "no"]
    trained, read = gedi.cells[columns["alphaearth"]]
    assert (trained.mark, trained.words) == ("T", "learned to predict by 2 of 3")
    assert read.words == "not stated", "one of the three does not say what it reads"


def test_what_an_encoder_asks_for_stands_on_its_page(catalog):
    product = catalog.products["climplicit"]
    facts = {f.label: f.value for f in key_facts(product, FactMaker(product, Evidences(product), catalog), "")}
    assert facts["Coordinate order"] == "longitude, latitude"
    assert "month" in facts["Call"]
    assert facts["Parameter month"].startswith("Month of the year.")


def test_pooling_and_what_the_model_saw_stand_on_the_page(catalog):
    for name, label, value in (
        ("earth-index-2024", "Pooling", "class token"),
        ("olmoearth-v1-3-global", "Context the model saw", "160 m"),
    ):
        product = catalog.products[name]
        facts = {f.label: f.value for f in key_facts(product, FactMaker(product, Evidences(product), catalog), "")}
        assert facts[label] == value


def test_the_table_of_products_says_why_a_value_is_missing_as_the_page_of_the_product_does(site):
    columns = {
        "dimensions": "Dimensions",
        "vector": "One vector describes",
        "place": "Place",
        "years": "Years",
        "time step": "Time step",
        "stored as": "Stored as",
    }
    compared = set()
    for row in lxml.html.parse(site / "products.html").xpath("//tr[@data-id]"):
        page = lxml.html.parse(site / "products" / f"{row.get('data-id')}.html")
        for cell in row.xpath("td[@data-label][span[@class='missing']]"):
            (fact,) = page.xpath("//div[dt=$label]/dd/span[@class='missing']", label=columns[cell.get("data-label")])
            assert cell.text_content() == fact.text_content(), (row.get("data-id"), fact.getparent().text_content())
            compared.add(fact.text_content())
    assert {"not stated", "varies"} <= compared
