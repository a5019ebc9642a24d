"""The page of all downloads."""

from collections.abc import Iterable

from atlas.records import Catalog
from atlas.web.coverage import CrawlView
from atlas.web.downloads import Download
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import product_rows
from stac_emb.identity import FOLDER

__all__ = ["data_page"]


DUMPS = (
    ("downloads/catalog.json", "The whole catalogue (JSON)", "products, taxonomy, inputs, spaces, ecosystem"),
    ("products.json", "Products (JSON)", "every full record, with evidence"),
    ("products.csv", "Products (CSV)", "one row per product, for a spreadsheet"),
    ("downloads/ecosystem.csv", "Ecosystem (CSV)", "one row per entry"),
    ("downloads/references.bib", "Bibliography (BibTeX)", "every citation once"),
    ("downloads/references.csl.json", "Bibliography (CSL-JSON)", "the same for citation managers"),
    ("taxonomy.json", "Taxonomy (JSON)", "facets, terms, definitions, sources"),
    ("inputs.json", "Inputs (JSON)", "data sets and who uses them"),
    ("spaces.json", "Vector spaces (JSON)", "and what is known about pairs of them"),
    ("ecosystem.json", "Ecosystem (JSON)", "models, tools, benchmarks, applications"),
    ("coverage.json", "Coverage (JSON)", "boxes, years and cell files"),
    ("compare.json", "Comparison (JSON)", "every field of every product as text"),
    ("data/evidence.json", "Checks of sources (JSON)", "which sources changed since they were read, as far as checked"),
    ("data/links.json", "Checks of addresses (JSON)", "when each address last answered, as far as checked"),
    (f"{FOLDER}/schema.json", "Schema of the extension (JSON Schema)", "draft-07"),
    ("changes.atom", "Changes (Atom)", "a feed to follow"),
    ("sitemap.xml", "Site map (XML)", "all pages"),
)


_HEADINGS = {"pixel": "Pixel products", "patch": "Patch products", "location": "Location products"}


def data_page(catalog: Catalog, downloads: dict[str, tuple[Download, ...]], crawls: Iterable[CrawlView]) -> Page:
    """All downloads."""
    rows = product_rows(catalog)
    head = Head(
        "Data",
        "Everything in the atlas as files: records, taxonomy, coverage, STAC Collections and Items, citations.",
        "data.html",
        section="data",
    )
    context = Context(
        dumps=DUMPS,
        # for each type of embedding: anchor, heading, and its products with their files
        products=tuple(
            (f"by-{kind}", heading, tuple((row, downloads[row.id]) for row in rows if row.type == kind))
            for kind, heading in _HEADINGS.items()
            if any(row.type == kind for row in rows)
        ),
    )
    twin = {
        "files": [{"path": p, "title": t, "description": d} for p, t, d in DUMPS],
        "products": {
            i: [{"path": d.path, "title": d.title, "type": d.type} for d in ds] for i, ds in downloads.items()
        },
        "crawled": sorted(c.product for c in crawls),
    }
    return Page("data.html", head, context, twin)
