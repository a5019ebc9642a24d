"""The pattern portfolio: every component of the site on one page."""

from dataclasses import dataclass

import shapely

from atlas.records import Catalog
from atlas.web.facts import Fact
from atlas.web.figures.land import country_shapes
from atlas.web.figures.maps import MapFigure, coverage_map, world_map
from atlas.web.figures.scatter import Scatter, scatter
from atlas.web.figures.stated import StatedPlace
from atlas.web.licences import STYLES
from atlas.web.links import LinkLine
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.watch import WatchLine

__all__ = ["PatternsPage", "patterns_page"]


@dataclass(frozen=True)
class PatternsPage:
    """Context of the pattern portfolio.

    Attributes:
        head: of the page.
        facts: one of each kind.
        rows: a few products.
        world: a world map.
        region: a regional map.
        chart: a scatter chart.
        styles: styles of licence classes.
        checks: of addresses, one of each style.
        watch: of a source that moved on.
    """

    head: Head
    facts: tuple[Fact, ...]
    rows: tuple[ProductRow, ...]
    world: MapFigure
    region: MapFigure
    chart: Scatter
    styles: tuple[tuple[str, str], ...]
    checks: tuple[LinkLine, ...]
    watch: WatchLine


def patterns_page(catalog: Catalog) -> Page:
    """Every component on one page, for review and for the accessibility check."""
    rows = product_rows(catalog)
    land = StatedPlace("land", True, shapely.box(-180, -60, 180, 85), "Land")
    part = StatedPlace("region", False, shapely.box(-125, 25, -66, 50), "A part")
    togo = StatedPlace("region", True, country_shapes()["Togo"], "Togo")
    context = PatternsPage(
        Head(
            "Patterns",
            "Every component of the site on one page.",
            "patterns.html",
            twin="patterns.json",
            index=False,
        ),
        (
            Fact("A stated fact", "128", True, (1, 2)),
            Fact("With a note and a page", "10 m", True, (), "ground sample distance", "products.html"),
            Fact("Not stated", "not stated", False),
        ),
        rows[:4],
        world_map("A world map", "Land, and a region that is stated in part.", (land, part), {"q3": ""}, named=True),
        coverage_map("A regional map", "Togo.", ((-0.1, 6.1, 1.8, 11.1),), togo),
        scatter(rows),
        tuple(dict.fromkeys((style, style.replace("-", " ")) for style in STYLES.values())),
        (
            LinkLine("Page", "answered", "2026-11-20", "good"),
            LinkLine("File", "not found (404); it last answered on 2026-10-01", "2026-11-20", "bad"),
            LinkLine("Index", "not checked", "", "neutral"),
        ),
        watch=WatchLine(
            "https://example.org/a-source",
            "moved on since 1f8830cb",
            "2026-11-20",
            "bad",
            "https://example.org/compare",
            ("title",),
        ),
    )
    return Page(
        "patterns.html", context, {"components": ["facts", "tags", "notices", "code", "tables", "maps", "chart"]}
    )
