"""Every kind of page in Chromium: narrow and wide, light and dark, with and without scripts, and from disk."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from atlas.commands.screenshots import command as screenshots
from tests.browser.conftest import ROOT
from tests.browser.looks import NARROW, OVERFLOW, RUN, WCAG, WIDE, look_at

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


def test_every_kind_of_page_is_listed(built):
    """A new template needs a page in the list above, or no test below looks at it."""
    kind = re.compile(r'<body data-kind="([\w-]+)">')
    listed = {kind.search((built / p.partition("?")[0]).read_text("utf-8"))[1] for p in [*PAGES, "404.html"]}
    templates = {p.stem for p in (ROOT / "site" / "templates").glob("*.html") if not p.name.startswith("_")}
    assert listed == templates - {"redirect"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(([("dark", NARROW), ("light", WIDE)], False), id="narrow-first"),
        pytest.param(([("dark", WIDE), ("light", NARROW)], True), id="whole-wide-first", marks=pytest.mark.slow),
    ],
)
def all_looks(request, tour, axe):
    """Every kind of page as it was seen: with the first rows of its tables, in the long run with all of them."""
    ways, whole = request.param
    seen = {}
    theme, viewport = ways[0]
    for path, page in tour([*PAGES, "404.html"], color_scheme=theme, viewport=viewport):
        if path == "describe.html":
            page.locator("[data-describe][data-ready]").wait_for()
        seen[path] = look_at(page, axe, ways, whole=whole)
    return ways, seen


@pytest.fixture(params=[0, 1], ids=["as-loaded", "turned"])
def looks(request, all_looks):
    """The size of the window, and what was seen at it."""
    ways, seen = all_looks
    return ways[request.param][1], {path: looks[request.param] for path, looks in seen.items()}


def test_pages_are_accessible(looks):
    for path, look in looks[1].items():
        assert look.violations == [], f"{path}: {json.dumps(look.violations, indent=1)}"
        assert look.passed > 0


def test_pages_fit_in_both_themes(looks):
    assert {path: look.overflow for path, look in looks[1].items() if any(look.overflow)} == {}


def test_tables_fit_a_phone(looks):
    """Only matrices scroll sideways; every other table shows one entry per row."""
    viewport, seen = looks
    if viewport == NARROW:
        found = {
            path: [k for k in look.sideways if not {"matrix", "shares"} & set(k.split())] for path, look in seen.items()
        }
        assert {path: kinds for path, kinds in found.items() if kinds} == {}


def test_what_is_longer_than_four_screens_has_a_list_of_its_headings(looks):
    """It stays in sight to the end of the page, and covers no heading to which it leads."""
    for path, look in looks[1].items():
        assert look.screens <= 4.2 or look.links >= 2, f"{path} has {look.screens:.1f} screens"
        assert look.stays, path
        assert look.uncovered, path


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
        assert page.evaluate(OVERFLOW) == 0
        page.add_script_tag(url=axe)
        _, violations = page.evaluate(RUN, WCAG)
        assert violations == [], json.dumps(violations, indent=1)


_WITHOUT_SCRIPTS = f"""async () => {{
  await document.fonts.ready;
  const main = document.querySelector("main"), seen = {{ visibilityProperty: true }};
  const scripted = [...document.querySelectorAll(".js-only")].filter((e) => e.checkVisibility(seen));
  return [main.querySelector("h1").checkVisibility(seen), main.innerText.length, scripted.length, {OVERFLOW}];
}}"""


def test_pages_read_without_scripts(tour):
    files = list(dict.fromkeys(path.partition("?")[0] for path in PAGES))
    sizes = [NARROW, WIDE]
    for path, page in tour(files, viewport=NARROW, java_script_enabled=False):
        for viewport in sizes:
            page.set_viewport_size(viewport)
            heading, length, scripted, overflow = page.evaluate(_WITHOUT_SCRIPTS)
            assert heading
            assert length > 200, path
            assert scripted == 0, f"{path} shows what only scripts can do"
            assert overflow == 0, f"{path} scrolls sideways at {viewport['width']}"
        sizes.reverse()  # the next page comes at the size that the window has


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


def test_reduced_motion_and_forced_colours(visit):
    with visit("index.html", reduced_motion="reduce", forced_colors="active") as page:
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        # Colours of data keep their meaning; everything else follows the system.
        assert page.evaluate("getComputedStyle(document.querySelector('.dot > rect')).forcedColorAdjust") == "none"


def test_screenshots_of_a_page(browser, built, tmp_path):
    # A thread of its own: a second Playwright cannot start inside the loop of the first.
    arguments = [str(built), "--out", str(tmp_path), "--page", "about.html", "--no-sandbox"]
    with ThreadPoolExecutor(1) as apart:
        result = apart.submit(CliRunner().invoke, screenshots, arguments).result(240)
    assert result.exit_code == 0, result.output
    assert "4 pictures" in result.output
    assert {p.name for p in tmp_path.iterdir()} == {
        f"about.{size}.{theme}.png" for size in ("narrow", "wide") for theme in ("light", "dark")
    }
    assert len({p.read_bytes() for p in tmp_path.iterdir()}) == 4


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
