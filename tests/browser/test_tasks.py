"""Common user tasks, each done from the start page in at most three steps and judged by the answer shown."""

import json
import re
from contextlib import contextmanager

import pytest

from tests.catalogue import whole_catalogue

pytestmark = pytest.mark.browser
STEPS = 3
COMPARED = ("tessera-v1", "tessera-v1.1-cambridge")


class Visitor:
    """Counts steps: following a link, submitting a form and choosing a file are one each."""

    def __init__(self, page) -> None:
        self.page, self.steps = page, 0

    def step(self) -> None:
        self.steps += 1
        assert self.steps <= STEPS, "too far from the start page"

    def ask(self, question: str) -> None:
        """Follow a question of the first screen."""
        self.step()
        link = self.page.locator(".asks a", has_text=question)
        box = link.bounding_box()
        assert box["y"] + box["height"] <= self.page.viewport_size["height"], f"{question} is not on the first screen"
        link.click()

    def follow(self, text: str, within: str = "main") -> None:
        self.step()
        self.page.locator(within).get_by_role("link", name=text).first.click()

    def open(self, details) -> None:
        self.step()
        details.locator("summary").click()

    def fill(self, answers: dict[str, str]) -> None:
        self.step()
        for selector, value in answers.items():
            field = self.page.locator(selector)
            field.focus()
            if field.evaluate("e => e.localName") == "select":
                field.locator(f"option[value='{value}']").wait_for(state="attached")
                field.select_option(value)
            else:
                field.fill(value)

    def reads(self, selector: str, *texts: str) -> None:
        """All texts appear in one visible part of the page."""
        place = self.page.locator(selector)
        for text in texts:
            place.filter(has_text=text).first.wait_for()


@pytest.fixture(
    params=[{"width": 1440, "height": 900}, pytest.param({"width": 390, "height": 844}, marks=pytest.mark.slow)]
)
def visitor(visit, request):
    @contextmanager
    def begun():
        with visit("index.html", viewport=request.param) as page:
            yield Visitor(page)

    return begun


def test_crops_in_kenya_from_2019_to_2023_for_commercial_use(visitor):
    with visitor() as one:
        one.ask("Which product fits?")
        one.fill(
            {"#chooser-place": "Kenya", "#chooser-year": "2019", "#chooser-to": "2023", "#chooser-use": "commercial"}
        )
        fits = "[data-chosen] > ul:first-of-type > li"
        one.reads(fits, "AlphaEarth Foundations Satellite Embedding V1, annual")
        one.reads(fits, "2017–2025 · CC-BY-4.0")
        one.reads("[data-chosen] > ul li", "partial; whether this place is in it is not known here")
        # The answers are in the address: whoever is sent it sees the same.
        address = one.page.evaluate("location.href")
        shown = one.page.locator("[data-chosen]").inner_text()
        one.page.goto("about:blank")
        one.page.goto(address)
        one.reads(fits, "AlphaEarth Foundations Satellite Embedding V1, annual")
        assert one.page.locator("[data-chosen]").inner_text() == shown
        assert one.page.input_value("#chooser-to") == "2023"
        one.page.locator("[data-chosen] details summary").click()
        one.reads("[data-chosen] details", "its stated extent (Togo) leaves the place out")
        one.reads("[data-chosen] details", "its index, which was read in full, lists no tile there")


def test_crops_as_a_task(visitor):
    with visitor() as one:
        one.follow("Crop mapping")
        one.reads("h1", "Crop")
        one.reads("main tr", "AlphaEarth Foundations Satellite Embedding V1, annual")


def test_what_may_be_mixed(visitor):
    with visitor() as one:
        one.ask("How do I dequantise it?")
        one.fill(dict(zip(("#pick-0", "#pick-1"), COMPARED, strict=True)))
        one.reads("[data-verdict]", "Not comparable")
        one.reads("[data-verdict]", "The spaces look alike but are not")
    with visitor() as one:
        one.ask("What may I mix?")
        one.reads("main", "AlphaEarth Foundations v2.1")
        same = one.page.locator("details:has([id='alphaearth-v2.1'])")
        one.open(same)
        products = same.locator(".fact", has_text="Products").inner_text()
        assert "AlphaEarth Foundations Satellite Embedding V1, annual" in products
        assert "Major TOM Core-AlphaEarth-Embeddings" in products
        one.reads("[id='alphaearth-v2.1']", "a distance between their vectors means nothing")


def test_what_alphaearth_learned_from_and_what_it_reads(visitor):
    with visitor() as one:
        one.ask("What was it made from?")
        one.step()
        one.page.locator("summary", has_text="AlphaEarth Foundations").first.click()
        one.follow("AlphaEarth Foundations Satellite Embedding V1, annual", "details[open]")
        rows = one.page.locator("section[aria-labelledby=inputs] tbody tr")
        rows.first.wait_for()
        told = [
            (
                row.locator("th").inner_text(),
                *(re.match("[a-z–]+", cell)[0] for cell in row.locator("td").all_inner_texts()),
            )
            for row in rows.all()
        ]
        assert {name for name, learned, _ in told if learned == "input"} == {"Sentinel-1", "Sentinel-2", "Landsat"}
        assert {name for name, _, read in told if read == "input"} == {"Sentinel-1", "Sentinel-2", "Landsat"}
        # Learned only to be predicted, and never read again.
        targets = {name for name, learned, read in told if (learned, read) == ("target", "–")}
        assert {"GEDI", "GRACE", "ERA5", "Copernicus DEM", "ALOS PALSAR ScanSAR", "Wikipedia articles"} <= targets
        assert len(told) == 3 + len(targets)


def test_dequantising_two_products(visitor):
    with visitor() as one:
        one.ask("How do I dequantise it?")
        one.fill({"#pick-0": "aef-v1-annual", "#pick-1": "tessera-v1"})
        one.reads("#comparison tbody tr", "x = sign(v) · (|v| / 127.5)^2")
        one.reads("#comparison tbody tr", "x = v · s")


def test_citing_olmoearth(visitor):
    text = whole_catalogue().products["olmoearth-v1-1-base"].citation.text
    with visitor() as one:
        one.step()
        one.page.fill("#find", "cite OlmoEarth v1.1 base")
        one.page.press("#find", "Enter")
        one.follow("OlmoEarth", "[data-results]")
        one.reads("section[aria-labelledby=cite]", " ".join(text.split())[:60])


def test_share_alike_products(visitor):
    with visitor() as one:
        one.ask("Which ask for share-alike?")
        one.reads("main", "derived data must carry the same licence")
        rows = one.page.locator("#products tbody tr, main table tbody tr")
        assert "CC-BY-SA-4.0" in rows.filter(has_text="Major TOM").first.inner_text()
        assert rows.filter(has_text="CC-BY-4.0").count() == 0


def test_whose_file_is_this(visitor, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    clay = whole_catalogue().products["clay-v0-sentinel"]
    columns = clay.distributions[0].columns
    vectors = pa.array([[0.5] * clay.embedding.dimensions], pa.list_(pa.float32(), clay.embedding.dimensions))
    table = pa.table({name: vectors if name == "embeddings" else pa.array(["x"]) for name in columns})
    file = tmp_path / "03WVN_20220610_20220610_v001.gpq"
    pq.write_table(table, file)
    with visitor() as one:
        one.ask("Which product is my file from?")
        one.step()
        one.page.set_input_files("#identify-file", file)
        one.reads("[data-found]", clay.title)
        one.reads("[data-found]", "768")


def test_what_changed(visitor):
    with visitor() as one:
        one.ask("What changed?")
        one.reads("main li", "TESSERA v1 embeddings: index read")
        one.step()
        name = "AlphaEarth Foundations Satellite Embedding V1, annual"
        every = one.page.locator("main li", has=one.page.locator("summary", has_text=name))
        # of the days on which it changed, the one that this is about
        entry = every.filter(has=one.page.locator('th[title="embedding.quantization.divisor"]'))
        entry.locator("summary").click()
        lines = {row.locator("th").get_attribute("title"): row for row in entry.locator("tbody tr").all()}

        def told(field: str) -> tuple[str, str]:
            before, since, _ = lines[field].locator("td").all_inner_texts()
            return before.strip(), since.strip()

        assert told("title") == ("Satellite Embedding V1 (AlphaEarth Foundations), annual", name)
        assert told("embedding.quantization.divisor") == ("no value", "127.5")
        assert told("embedding.quantization.scale") == ("127.5", "no value")
        source = lines["embedding.quantization.divisor"].locator("td a").first.get_attribute("href")
        assert source == "https://developers.google.com/earth-engine/guides/aef_on_gcs_readme.md.txt"
        # What is counted in the heading of the entry is what is listed.
        assert f": {len(lines)} fields changed since" in entry.locator("summary").inner_text()


def test_describing_ones_own_product(visitor):
    with visitor() as one:
        one.ask("How do I describe mine?")
        one.fill({"#f-id": "my-product", "#f-emb_dimensions": "128"})
        one.reads("[data-verdict]", "Not yet valid")
        one.reads("[data-faults-needed]", "Vector space")
        with one.page.expect_download():
            one.page.locator("[data-do=save-collection]").click()
        one.reads("[data-faults]", "a Collection must state emb:space, or give the reason why not in emb:absent")
        document = json.loads(one.page.locator("[data-collection]").text_content())
        assert (document["id"], document["emb:dimensions"]) == ("my-product", 128)
