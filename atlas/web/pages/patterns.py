"""The pattern page: every component of the site."""

import shapely

from atlas.records import Catalog
from atlas.web.figures.land import country_shapes
from atlas.web.figures.maps import coverage_map, world_map
from atlas.web.figures.scatter import scatter
from atlas.web.figures.stated import StatedPlace
from atlas.web.licences import STYLES
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import product_rows

__all__ = ["patterns_page"]


def patterns_page(catalog: Catalog) -> Page:
    """Every component on one page, for review and for the accessibility check."""
    rows = product_rows(catalog)
    land = StatedPlace("land", True, shapely.box(-180, -60, 180, 85), "Land")
    part = StatedPlace("region", False, shapely.box(-125, 25, -66, 50), "A part")
    togo = StatedPlace("region", True, country_shapes()["Togo"], "Togo")
    head = Head("Patterns", "Every component of the site on one page.", "patterns.html", index=False)
    context = Context(
        facts=[
            Context(label=label, value=value, stated=value != "not stated", refs=refs, note=note, href=href)
            for label, value, refs, note, href in (
                ("A stated fact", "128", (1, 2), "", ""),
                ("With a note and a page", "10 m", (), "ground sample distance", "products.html"),
                ("Not stated", "not stated", (), "", ""),
            )
        ],
        rows=rows[:4],
        world=world_map(
            "A world map", "Land, and a region that is stated in part.", (land, part), {"q3": ""}, named=True
        ),
        region=coverage_map("A regional map", "Togo.", ((-0.1, 6.1, 1.8, 11.1),), togo),
        chart=scatter(rows),
        styles=tuple(dict.fromkeys((style, style.replace("-", " ")) for style in STYLES.values())),
        checks=tuple(
            Context(label=label, text=text, day=day, style=style)
            for label, text, day, style in (
                ("Page", "answered", "2026-11-20", "good"),
                ("File", "not found (404); it last answered on 2026-10-01", "2026-11-20", "bad"),
                ("Index", "not checked", "", "neutral"),
            )
        ),
        watch=Context(
            source="https://example.org/a-source",
            text="moved on since 1f8830cb",
            day="2026-11-20",
            style="bad",
            difference="https://example.org/compare",
            fields=("title",),
        ),
    )
    return Page(
        "patterns.html", head, context, {"components": ["facts", "tags", "notices", "code", "tables", "maps", "chart"]}
    )
