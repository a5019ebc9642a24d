"""Pages without records of their own: about, data, search, patterns, and the page for what is not there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atlas.extension.identity import FOLDER
from atlas.records import Catalog
from atlas.web.coverage import CrawlView
from atlas.web.downloads import Download
from atlas.web.facts import Fact
from atlas.web.figures.maps import MapFigure, coverage_map, world_map
from atlas.web.figures.scatter import Scatter, scatter
from atlas.web.licences import STYLES
from atlas.web.links import LinkLine
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.search_index import Entry
from atlas.web.watch import WatchLine

__all__ = [
    "AboutPage",
    "DataPage",
    "MissingPage",
    "PatternsPage",
    "SearchPage",
    "about_page",
    "data_page",
    "missing_page",
    "patterns_page",
    "search_page",
]


@dataclass(frozen=True)
class AboutPage:
    """Context of the about page.

    Attributes:
        head: of the page.
        strengths: strength of evidence, its meaning, and how many statements rest on it.
        silent: field that producers most often leave out and how often.
        words: field to its name for readers.
    """

    head: Head
    strengths: tuple[tuple[str, str, int], ...]
    silent: tuple[tuple[str, int], ...]
    words: dict[str, str]


@dataclass(frozen=True)
class DataPage:
    """Context of the page of all downloads.

    Attributes:
        head: of the page.
        dumps: path, title and description of each file about everything.
        products: product and its files.
    """

    head: Head
    dumps: tuple[tuple[str, str, str], ...]
    products: tuple[tuple[ProductRow, tuple[Download, ...]], ...]


@dataclass(frozen=True)
class SearchPage:
    """Context of the search page: without scripts it is the index of everything.

    Attributes:
        head: of the page.
        groups: kind and its entries, by title.
    """

    head: Head
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]


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
        watch: of a source, as where it moved on.
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


@dataclass(frozen=True)
class MissingPage:
    """Context of the page for an address that does not exist.

    Attributes:
        head: of the page.
    """

    head: Head


_WORDS = {
    "counts.bytes": "Size of all files",
    "counts.items": "Number of files or tiles",
    "counts.vectors": "Number of vectors",
    "distributions: auth": "Who may read it",
    "distributions: cors": "Whether a web page may read it",
    "distributions: range_reads": "Whether parts of a file can be read",
    "distributions: requester_pays": "Who pays for the transfer",
    "embedding.footprint": "Ground size of one vector",
    "embedding.normalization": "Whether vectors have unit length",
    "embedding.quantization": "How stored numbers become vectors",
    "embedding.similarity": "How vectors are compared",
    "embedding.space": "Vector space",
    "extent.years": "Years",
    "licences.data": "Licence of the data",
    "model.architecture": "Architecture of the model",
    "model.code_license": "Licence of the code",
    "model.license": "Licence of the weights",
    "model.version": "Version of the model",
}
_STRENGTHS = (
    ("primary", "the producer says so"),
    ("third-party", "somebody else says so"),
    ("derived", "computed from stated values"),
    ("measured", "read from the product's own files by running code on them"),
)


def about_page(catalog: Catalog) -> Page:
    """Method, rules of evidence, how to contribute."""
    used: list[str] = [
        e.strength for p in catalog.products.values() for entries in p.evidence.values() for e in entries
    ]
    silent: dict[str, int] = {}
    for product in catalog.products.values():
        for path, absence in product.absent.items():
            if absence.reason != "not_stated":
                continue
            # Entries of lists have names of their own: only the group tells something across products.
            name = path if path.count(".") < 2 else f"{path.split('.')[0]}: {path.rsplit('.', 1)[1]}"
            silent[name] = silent.get(name, 0) + 1
    context = AboutPage(
        Head(
            "About",
            "How the atlas is made: records, evidence, crawls, what is not stated, and how to correct or add to it.",
            "about.html",
            section="about",
            twin="about.json",
        ),
        tuple((name, words, used.count(name)) for name, words in _STRENGTHS),
        tuple(sorted(silent.items(), key=lambda x: (-x[1], x[0]))[:15]),
        _WORDS,
    )
    twin = {
        "evidence": {name: count for name, _, count in context.strengths},
        "not_stated": dict(sorted(silent.items(), key=lambda x: (-x[1], x[0]))),
    }
    return Page("about.html", context, twin)


DUMPS = (
    ("downloads/catalog.json", "The whole catalogue (JSON)", "products, taxonomy, inputs, spaces, ecosystem"),
    ("products.json", "Products (JSON)", "every record whole, with evidence"),
    ("products.csv", "Products (CSV)", "one row a product, for a spreadsheet"),
    ("downloads/ecosystem.csv", "Ecosystem (CSV)", "one row an entry"),
    ("downloads/references.bib", "Bibliography (BibTeX)", "every citation once"),
    ("downloads/references.csl.json", "Bibliography (CSL-JSON)", "the same for citation managers"),
    ("taxonomy.json", "Taxonomy (JSON)", "facets, terms, definitions, sources"),
    ("inputs.json", "Inputs (JSON)", "data sets and who uses them"),
    ("spaces.json", "Vector spaces (JSON)", "and what is known about pairs of them"),
    ("ecosystem.json", "Ecosystem (JSON)", "models, tools, benchmarks, applications"),
    ("coverage.json", "Coverage (JSON)", "boxes, years and cell files"),
    ("compare.json", "Comparison (JSON)", "every field of every product as text"),
    (
        "data/evidence.json",
        "Checks of sources (JSON)",
        "which sources changed since they were read, where they were asked",
    ),
    ("data/links.json", "Checks of addresses (JSON)", "when each place and index last answered, where it was asked"),
    (f"{FOLDER}/schema.json", "Schema of the extension (JSON Schema)", "draft-07"),
    ("changes.atom", "Changes (Atom)", "a feed to follow"),
    ("sitemap.xml", "Site map (XML)", "all pages"),
)


def data_page(catalog: Catalog, downloads: dict[str, tuple[Download, ...]], crawls: Iterable[CrawlView]) -> Page:
    """All downloads."""
    context = DataPage(
        Head(
            "Data",
            "Everything in the atlas as files: records, taxonomy, coverage, STAC Collections and Items, citations.",
            "data.html",
            section="data",
            twin="data.json",
        ),
        DUMPS,
        tuple((row, downloads[row.id]) for row in product_rows(catalog)),
    )
    twin = {
        "files": [{"path": p, "title": t, "description": d} for p, t, d in DUMPS],
        "products": {
            i: [{"path": d.path, "title": d.title, "type": d.type} for d in ds] for i, ds in downloads.items()
        },
        "crawled": sorted(c.product for c in crawls),
    }
    return Page("data.html", context, twin)


def search_page(entries: Sequence[Entry]) -> Page:
    """Search results, or without scripts everything by kind."""
    kinds = dict.fromkeys(e.kind for e in entries)
    context = SearchPage(
        Head(
            "Search",
            "Search products, terms, inputs, vector spaces, tools and fields of the extension.",
            "search.html",
            scripts=("search",),
            twin="search.json",
        ),
        tuple((k, tuple(sorted((e for e in entries if e.kind == k), key=lambda e: e.title.casefold()))) for k in kinds),
    )
    twin = {"entries": [{"kind": e.kind, "title": e.title, "path": e.path} for e in entries]}
    return Page("search.html", context, twin)


def patterns_page(catalog: Catalog) -> Page:
    """Every component on one page, for review and for the accessibility check."""
    rows = product_rows(catalog)
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
        world_map("A world map", "Two boxes and some cells.", ((-20, -35, 52, 38), (170, -50, -170, -10)), {"q3": ""}),
        coverage_map("A regional map", "A box about Togo.", ((-0.1, 6.1, 1.8, 11.1),)),
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


def missing_page() -> Page:
    """What a host shows for an address that does not exist."""
    head = Head("No such page", "This address does not exist.", "404.html", index=False)
    return Page("missing.html", MissingPage(head))
