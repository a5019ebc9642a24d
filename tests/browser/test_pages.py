"""Every kind of page in Chromium: narrow and wide, light and dark, with and without scripts, and from disk."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser

PAGES = [
    "index.html",
    "products.html",
    "products/tessera-v1.html",
    "products/presto-togo-2019.html",
    "tasks.html",
    "tasks/crops.html",
    "coverage.html",
    "coverage.html?lon=0.15&lat=52.15",
    "coverage.html?area=0,52,2,53",
    "compare.html",
    "compare.html?ids=tessera-v1,aef-v1-annual",
    "identify.html",
    "inputs.html",
    "spaces.html",
    "mixing.html",
    "taxonomy.html",
    "taxonomy/licence.html",
    "taxonomy/licence/share-alike.html",
    "ecosystem.html",
    "emb/v0.1.0/index.html",
    "api.html",
    "data.html",
    "changes.html",
    "about.html",
    "benchmarks.html",
    "patterns.html",
    "walkthroughs.html",
    "walkthroughs/fields.html",
    "search.html",
    "describe.html",
]
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Best practices are not part of WCAG; everything else of axe is.
_RUN = """async () => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, { preload: false, runOnly });
  const first = (v) => v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200));
  return [found.passes.length, found.violations.map((v) => [v.id, v.help, first(v)])];
}"""


def test_every_kind_of_page_is_listed(built):
    """A new template needs a page in the list above, or no test below looks at it."""
    kind = re.compile(r'<body data-kind="([\w-]+)">')
    listed = {kind.search((built / p.partition("?")[0]).read_text("utf-8"))[1] for p in [*PAGES, "404.html"]}
    templates = {p.stem for p in (ROOT / "site" / "templates").glob("*.html") if not p.name.startswith("_")}
    assert listed == templates - {"redirect"}


@pytest.mark.parametrize(
    ("theme", "viewport"),
    [
        ("light", WIDE),
        ("dark", NARROW),
        pytest.param("dark", WIDE, marks=pytest.mark.slow),
        pytest.param("light", NARROW, marks=pytest.mark.slow),
    ],
)
def test_pages_are_accessible_and_fit(tour, axe, theme, viewport):
    for path, page in tour(PAGES, color_scheme=theme, viewport=viewport):
        assert page.evaluate(_OVERFLOW) == 0, f"{path} scrolls sideways at {viewport['width']}"
        if path == "describe.html":
            page.locator("[data-describe][data-ready]").wait_for()
        page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.evaluate(axe)
        passed, violations = page.evaluate(_RUN)
        assert violations == [], f"{path}, {theme}: {json.dumps(violations, indent=1)}"
        assert passed > 8


@pytest.mark.parametrize(("theme", "viewport"), [("light", WIDE), ("dark", NARROW)])
def test_what_scripts_put_on_a_page_is_accessible_and_fits(visit, axe, theme, viewport):
    """With the list of places open and the answers for a point and of the chooser below it."""
    with visit("index.html", color_scheme=theme, viewport=viewport) as page:
        page.fill("#chooser-place", "Kenya")
        page.locator("[data-chosen] details").wait_for()
        page.fill("#place", "Paris")
        page.press("#place", "Enter")
        page.locator("[data-answer] .other").first.wait_for()
        page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        page.fill("#place", "pari")
        page.locator("#place-list [role=option]").first.wait_for()
        page.press("#place", "ArrowDown")
        assert page.evaluate(_OVERFLOW) == 0
        page.evaluate(axe)
        _, violations = page.evaluate(_RUN)
        assert violations == [], json.dumps(violations, indent=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE])
def test_the_page_for_a_missing_address_is_accessible_and_fits(tour, axe, theme, viewport):
    for path, page in tour(["404.html"], color_scheme=theme, viewport=viewport):
        assert page.evaluate(_OVERFLOW) == 0, f"{path} scrolls sideways at {viewport['width']}"
        page.evaluate(axe)
        passed, violations = page.evaluate(_RUN)
        assert violations == [], f"{path}, {theme}: {json.dumps(violations, indent=1)}"
        assert passed > 8


@pytest.mark.parametrize(("theme", "viewport"), [("dark", WIDE), ("light", NARROW)])
def test_pages_fit_in_the_other_theme(tour, theme, viewport):
    for path, page in tour(PAGES, color_scheme=theme, viewport=viewport):
        assert page.evaluate(_OVERFLOW) == 0, f"{path} scrolls sideways at {viewport['width']}"


_SIDEWAYS = """() => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const wide = [...document.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth + 1);
  return wide.map((e) => e.querySelector("table")).filter(Boolean).map((t) => t.className);
}"""


def test_tables_fit_a_phone(tour):
    """Only matrices scroll sideways; every other table shows one entry per row."""
    for path, page in tour(PAGES, viewport=NARROW):
        found = [kind for kind in page.evaluate(_SIDEWAYS) if not {"matrix", "shares"} & set(kind.split())]
        assert found == [], path


@pytest.mark.parametrize("viewport", [NARROW, WIDE])
def test_pages_read_without_scripts(tour, viewport):
    for path, page in tour(PAGES, viewport=viewport, java_script_enabled=False):
        assert page.locator("main h1").is_visible()
        assert len(page.locator("main").inner_text()) > 200, path
        assert page.locator(".js-only:visible").count() == 0, f"{path} shows what only scripts can do"
        assert page.evaluate(_OVERFLOW) == 0, f"{path} scrolls sideways at {viewport['width']}"


def test_tables_are_complete_without_scripts(visit, built):
    records = json.loads((built / "products.json").read_text("utf-8"))["products"]
    assert len(records) > 5
    with visit("products.html", java_script_enabled=False) as page:
        assert page.locator("#products tbody tr").count() == len(records)
    with visit("compare.html", java_script_enabled=False) as page:
        assert page.locator("#comparison thead th").count() == len(records) + 1


def test_the_site_works_from_disk(visit, built):
    origin = built.as_uri() + "/"
    for path in ("index.html", "products/tessera-v1.html", "emb/v0.1.0/index.html"):
        with visit(path, origin=origin) as page:
            assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Source Sans 3\"'))")
    with visit("search.html", origin=origin) as page:
        page.fill("#search-field", "tessera")
        page.locator("[data-results] li a").first.click()
        page.wait_for_url("**/*tessera*")
    with visit("coverage.html?lon=0.15&lat=52.15", origin=origin) as page:
        page.locator("[data-answer]", has_text="TESSERA v1 embeddings").wait_for()
        page.fill("#place", "nairobi")
        page.press("#place", "Enter")
        page.locator("[data-said]", has_text="Nairobi County, Kenya").wait_for()


_UNCOVERED = """(id) => {
  const heading = document.getElementById(id);
  const { left, top, height } = heading.getBoundingClientRect();
  return heading.contains(document.elementFromPoint(left + 2, top + height - 4));
}"""


@pytest.mark.parametrize("viewport", [NARROW, WIDE])
def test_what_is_longer_than_four_screens_has_a_list_of_its_headings(tour, viewport):
    for path, page in tour(PAGES, viewport=viewport):
        if path == "describe.html":
            page.locator("[data-describe][data-ready]").wait_for()
        screens = page.evaluate("document.documentElement.scrollHeight / innerHeight")
        links = page.locator("nav.contents a")
        assert screens <= 4.2 or links.count() >= 2, f"{path} has {screens:.1f} screens"
        if not links.count():
            continue
        # It stays in sight to the end of the page, and covers no heading to which it leads.
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.evaluate("scrollBy(0, -1.5 * innerHeight)")
        summary = page.locator("nav.contents summary")
        assert summary.bounding_box()["y"] >= 0, path
        if viewport == NARROW:
            summary.click()
        target = links.last.get_attribute("href")
        links.last.click()
        assert page.evaluate(_UNCOVERED, target[1:]), f"{path}{target}"


def test_reduced_motion_and_forced_colours(visit):
    with visit("index.html", reduced_motion="reduce", forced_colors="active") as page:
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        # Colours of data keep their meaning; everything else follows the system.
        assert page.evaluate("getComputedStyle(document.querySelector('.dot > rect')).forcedColorAdjust") == "none"


def test_screenshots_of_a_page(browser, built, tmp_path):
    # A process of its own: a second Playwright cannot start inside the loop of the first.
    command = [Path(sys.executable).with_name("atlas"), "screenshots", built, "--out", tmp_path]
    result = subprocess.run(
        [*command, "--page", "about.html", "--no-sandbox"], capture_output=True, text=True, check=False, timeout=240
    )
    assert result.returncode == 0, result.stderr
    assert "4 pictures" in result.stdout
    assert {p.name for p in tmp_path.iterdir()} == {
        f"about.{size}.{theme}.png" for size in ("narrow", "wide") for theme in ("light", "dark")
    }


def test_print_is_light_and_without_controls(visit):
    with visit("products/tessera-v1.html", color_scheme="dark") as page:
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(21, 34, 44)"
        assert page.locator(".copy:visible, .menu:visible, .find:visible, .contents:visible").count() == 0
        # An address on paper must be readable.
        assert "https://" in page.evaluate(
            "getComputedStyle(document.querySelector('main a[href^=http]:not(.button)'), '::after').content"
        )
