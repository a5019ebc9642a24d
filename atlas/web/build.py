"""Build the site: pages, their JSON twins, static files and files for machines, from records and crawls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from atlas import __version__
from atlas.evidence.results import SourceCheck
from atlas.evidence.results import read_checks as read_watch
from atlas.links.checks import read_checks
from atlas.records import Catalog
from atlas.resources import data_dir
from atlas.web.checks import checks_by_product, watch_by_record
from atlas.web.content import read_redirects
from atlas.web.coverage import CrawlView, view_crawl
from atlas.web.data_files import data_script, script_data
from atlas.web.describe.form import form_data
from atlas.web.downloads import copy_items, dumps, product_downloads
from atlas.web.environment import make_environment, render
from atlas.web.feeds import atom, llms_text, opensearch, robots, sitemap
from atlas.web.figures.files import figure_files
from atlas.web.figures.social import add_previews
from atlas.web.output import Output, SiteReport, fingerprint, json_bytes
from atlas.web.page import Site
from atlas.web.pages import all_pages, redirect_pages
from atlas.web.pages.changes import all_changes
from atlas.web.pages.describe import DESCRIBE_PAGE
from atlas.web.pages.schema import SCHEMA_PAGE, schema_examples
from atlas.web.pages.search import index_data, search_entries, search_page
from atlas.web.pages.tasks import task_entries
from atlas.web.pages.walkthroughs import pictures
from atlas.web.shown_vectors import preview_files
from stac_emb.identity import FOLDER, HOME

__all__ = ["BASE_URL", "NAVIGATION", "REPORT_URL", "build_site"]

BASE_URL = f"{HOME}/"
"""Public address of the atlas, with which the identifier of the extension's schema begins."""
REPORT_URL = "https://github.com/earth-embedding-atlas/earth-embedding-atlas/issues/new?title=Record+{id}"
"""Where readers report an error in a record: the repository that the extension's documentation names."""
NAVIGATION = (
    ("Products", "products.html", "products"),
    ("Tasks", "tasks.html", "tasks"),
    ("Coverage", "coverage.html", "coverage"),
    ("Compare", "compare.html", "compare"),
    ("Identify", "identify.html", "identify"),
    ("Inputs", "inputs.html", "inputs"),
    ("Spaces", "spaces.html", "spaces"),
    ("Taxonomy", "taxonomy.html", "taxonomy"),
    ("Ecosystem", "ecosystem.html", "ecosystem"),
    ("Describe", DESCRIBE_PAGE, "describe"),
    ("Schema", SCHEMA_PAGE, "schema"),
    ("API", "api.html", "api"),
    ("Data", "data.html", "data"),
    ("Changes", "changes.html", "changes"),
    ("About", "about.html", "about"),
)


def build_site(
    catalog: Catalog,
    out: Path,
    crawls: Sequence[Path] = (),
    *,
    base_url: str = BASE_URL,
    api: str | None = None,
    report_url: str = REPORT_URL,
    links: str | Path | None = None,
    evidence: str | Path | None = None,
    inputs: str = "",
) -> SiteReport:
    """Build the site.

    Args:
        catalog: the records.
        out: folder of the site, made if it does not exist.
        crawls: folders that `atlas crawl` wrote; a crawl of a product without a record is left out and noted.
        base_url: public address of the site, for canonical links, feeds and the site map.
        api: address of the STAC API, absolute or relative to the root of the site; None for a site without an API.
        report_url: where readers report an error in a record; `{id}` stands for the product.
        links: results of `atlas check-links`; None where no address was checked.
        evidence: results of `atlas evidence check`; None where no source was checked.
        inputs: digest from `inputs_digest`, by which the next build knows whether anything changed.

    Returns:
        What was built and what changed.

    Raises:
        SiteError: the folder was not made by this builder, a crawl cannot be read, a record leads to an invalid
            address, or a template has an error.
        SourceError: the results of `atlas check-links` or `atlas evidence check` cannot be read.
    """
    found, notes = _crawls(catalog, crawls)
    watch = watch_by_record(catalog, read_watch(Path(evidence)) if evidence is not None else ())
    output = Output(out)
    site = Site(
        name="Earth Embedding Atlas",
        base_url=base_url.rstrip("/") + "/",
        updated=_updated(catalog, found, watch),
        version=__version__,
        assets=_static(output),
        api=api or None,
        products=len(catalog.products),
        navigation=NAVIGATION,
        report_url=report_url,
    )
    changes = all_changes(catalog, found, watch)
    downloads = {p.id: product_downloads(p, catalog, found.get(p.id), site.base_url) for p in catalog.products.values()}
    checks = checks_by_product(catalog, read_checks(Path(links)) if links is not None else ())
    pages = all_pages(catalog, found, changes, downloads, site, checks, watch)
    entries = search_entries(catalog, [(label, path, "") for label, path, _ in NAVIGATION], task_entries())
    pages.append(search_page(entries))
    pages += redirect_pages(read_redirects(), {p.head.path: p.head.title for p in pages})
    environment = make_environment()
    for page in pages:
        output.add(page.head.path, render(environment, page, site).encode())
        if page.twin is not None:
            output.add(page.twin_path, json_bytes(page.twin))
    for files in downloads.values():
        for file in files:
            if file.data is not None:
                output.add(file.path, file.data)
            else:
                copy_items(output, file)
    for made in (
        script_data(catalog, found, index_data(entries)),
        {
            "data/describe.js": data_script("describe", form_data(catalog, report_url)),
            "data/links.json": json_bytes(_by_record(checks, asdict, "product")),
            "data/evidence.json": json_bytes(_by_record(watch, SourceCheck.as_dict, "record")),
            "changes.atom": atom(changes, site),
            "sitemap.xml": sitemap(pages, site),
            "robots.txt": robots(site),
            "llms.txt": llms_text(pages, site),
            "opensearch.xml": opensearch(site),
            f"{FOLDER}/schema.json": (data_dir("schemas") / FOLDER / "schema.json").read_bytes(),
        },
        {example.path: example.text.encode() for example in schema_examples()},
        dumps(catalog),
        figure_files(environment, pages, catalog, found, site),
        pictures(),
        {path: kept.read_bytes() for path, kept in preview_files(catalog, catalog.products).items()},
    ):
        for path, data in made.items():
            output.add(path, data)
    add_previews(output, catalog, found)
    return output.finish(notes, inputs)


def _crawls(catalog: Catalog, folders: Sequence[Path]) -> tuple[dict[str, CrawlView], tuple[str, ...]]:
    """Crawls by product, and what was left out."""
    found: dict[str, CrawlView] = {}
    notes = []
    for folder in folders:
        crawl = view_crawl(folder)
        if crawl.product not in catalog.products:
            notes.append(f"{folder}: there is no record of the product '{crawl.product}'")
        elif crawl.product in found:
            notes.append(f"{folder}: a second crawl of '{crawl.product}'; {found[crawl.product].crawl.folder} is shown")
        else:
            found[crawl.product] = crawl
    return found, tuple(notes)


def _updated(catalog: Catalog, crawls: dict[str, CrawlView], watch: Mapping[str, Sequence[SourceCheck]]) -> str:
    """The newest day on which a statement was checked, an index was read or a source was checked again."""
    days = [e.checked.isoformat() for p in catalog.products.values() for e in p.cited]
    days += [check.checked[:10] for checks in watch.values() for check in checks]
    return max([*days, *(c.crawl.day for c in crawls.values())], default="") or "1970-01-01"


def _by_record(checks: Mapping[str, Iterable[Any]], facts: Callable[[Any], dict[str, Any]], name: str) -> object:
    """Results of checks for machines, by record; their member `name` repeats which one."""
    return {
        record: [{k: v for k, v in facts(check).items() if k != name} for check in found]
        for record, found in sorted(checks.items())
    }


def _static(output: Output) -> dict[str, str]:
    """Copy the static files; a fingerprint in the address lets browsers cache them indefinitely."""
    assets = {}
    root = data_dir("site") / "static"
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")):
        name = path.relative_to(root).as_posix()
        data = path.read_bytes()
        output.add(f"static/{name}", data)
        assets[name] = f"static/{name}?v={fingerprint(data)}"
    return assets
