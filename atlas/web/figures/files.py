"""Figures as files: self-contained SVG, and the data behind it as CSV."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from functools import cache

from jinja2 import Environment

from atlas.records import Catalog, Product
from atlas.records.delivery import is_encoder
from atlas.resources import data_dir
from atlas.web.coverage import CrawlView, runs, year_masks
from atlas.web.page import Context, Page, Site
from atlas.web.pages.rows import ProductRow, product_rows, years_of

__all__ = ["figure_files", "figure_style"]

_DRAWN = re.compile(
    r"\.(neat|sea|land|graticule|cover|cells|axis|tick|coast|strip|leader|dot|names|label|stated|licence-|q\d)|svg text"
)
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_UNSET = "#66737d"
"""Placeholder for colours that only a class sets, such as that of a licence."""
_CREDIT = "Earth Embedding Atlas"
_OUTLINES = "outlines: Natural Earth"


@cache
def figure_style() -> str:
    """The rules of the style sheet for figures, with the values of the light theme.

    Programs that draw SVG outside a browser support neither `light-dark()` nor `var()`.
    """
    text = (data_dir("site") / "static" / "site.css").read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"light-dark\(\s*([^,()]+)\s*,\s*[^()]+\)", r"\1", text)
    names = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", text))
    rules = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", _MEDIA.sub("", text)):
        if _DRAWN.search(selector) and ":hover" not in selector and ":focus" not in selector:
            rules.append(f"{' '.join(selector.split())} {{{_plain(body.strip(), names)}}}")
    return "\n".join(rules)


def _plain(body: str, names: dict[str, str]) -> str:
    while (found := re.search(r"var\((--[\w-]+)(?:,\s*([^()]*(?:\([^()]*\))?[^()]*))?\)", body)) is not None:
        body = body.replace(found[0], names.get(found[1], _UNSET) if found[1] != "--lc" else _UNSET)
    return body


def _licence_colours() -> str:
    """The colours of the marks by licence class."""
    text = (data_dir("site") / "static" / "site.css").read_text("utf-8")
    names = dict(re.findall(r"(--[\w-]+):\s*light-dark\(([^,]+),", text))
    classes = re.findall(r"\.licence-([\w-]+) \{ --lc: var\((--[\w-]+)\)", text)
    return "\n".join(f".dot.licence-{name} > :not(text) {{fill: {names[colour]}}}" for name, colour in classes)


def figure_files(
    environment: Environment, pages: Iterable[Page], catalog: Catalog, crawls: dict[str, CrawlView], site: Site
) -> dict[str, bytes]:
    """Content by path of the files of every figure: the chart, the map of all products and the map of each.

    Args:
        environment: of the templates.
        pages: their contexts hold the figures.
        catalog: the records.
        crawls: by product.
        site: for links and credit.
    """
    rows = product_rows(catalog)
    files: dict[str, bytes] = {}

    def add(name: str, figure: Context, title: str, credit: str, path: str, data: bytes) -> None:
        files[f"figures/{name}.svg"] = _svg(environment, figure, title, credit, path, site)
        files[f"figures/{name}.csv"] = data

    for page in pages:
        context, path, maps = page.context, page.head.path, f"{_CREDIT}; {_OUTLINES}"
        if path == "index.html":
            add("products", context.chart, context.chart.message, _CREDIT, path, _chart_csv(rows))
        elif path == "coverage.html":
            add("coverage", context.map, context.map.title, maps, path, _map_csv(catalog.products.values(), {}))
        elif page.template == "product.html" and context.map is not None:
            data = _map_csv([context.product], crawls)
            add(context.product.id, context.map, context.map.title, maps, path, data)
    return files


def _svg(environment: Environment, figure: Context, title: str, credit: str, path: str, site: Site) -> bytes:
    text = environment.get_template("figure.svg").render(
        figure=figure,
        is_chart=hasattr(figure, "points"),
        title=title,
        credit=f"{credit}, {site.absolute(path)}",
        style=f"{figure_style()}\n{_licence_colours()}",
        absolute=site.absolute,
    )
    return text.encode()


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(["" if v is None else v for v in row] for row in rows)
    return out.getvalue().encode()


def _chart_csv(rows: Sequence[ProductRow]) -> bytes:
    head = ("product", "title", "type", "dimensions", "ground_size_m", "imagery_gsd_m", "licence")
    return _csv(head, ((r.id, r.title, r.type, r.dimensions, r.ground_metres, r.gsd, r.licence.spdx) for r in rows))


def _map_csv(products: Iterable[Product], crawls: dict[str, CrawlView]) -> bytes:
    lines: list[Sequence[object]] = []
    for product in products:
        if product.extent is not None and not is_encoder(product):
            years = " ".join(map(str, years_of(product)))
            lines += [(product.id, "stated box", *box, years) for box in product.extent.bbox[1:] or product.extent.bbox]
        if (crawl := crawls.get(product.id)) is not None:
            known, masks = year_masks(crawl)
            lines += [
                (product.id, "cells read", west, south, west + length, south + 1, _years(known, mask))
                for south, line in runs(masks).items()
                for west, length, mask in line
            ]
    return _csv(("product", "kind", "west", "south", "east", "north", "years"), lines)


def _years(known: Sequence[int], mask: int) -> str:
    return " ".join(str(year) for n, year in enumerate(known) if mask >> n & 1)
