"""One module per kind of page, with the function that fills its context from the records."""

from collections.abc import Mapping, Sequence

from atlas.errors import SiteError
from atlas.evidence.results import SourceCheck
from atlas.links.checks import LinkCheck
from atlas.records import Catalog
from atlas.records.snippets import load_snippets, snippets_for
from atlas.web.coverage import CrawlView
from atlas.web.downloads import Download
from atlas.web.environment import MISSING
from atlas.web.jsonld import catalog_document
from atlas.web.page import Context, Head, Page, Site
from atlas.web.pages.about import about_page
from atlas.web.pages.api import api_page
from atlas.web.pages.benchmarks import benchmarks_page
from atlas.web.pages.changes import Change, changes_page
from atlas.web.pages.compare import compare_page
from atlas.web.pages.coverage import coverage_page
from atlas.web.pages.data import data_page
from atlas.web.pages.describe import describe_page
from atlas.web.pages.ecosystem import ecosystem_page
from atlas.web.pages.home import home_page
from atlas.web.pages.identify import identify_page
from atlas.web.pages.inputs import inputs_page
from atlas.web.pages.mixing import mixing_page
from atlas.web.pages.patterns import patterns_page
from atlas.web.pages.product import product_page
from atlas.web.pages.products import products_page
from atlas.web.pages.schema import schema_page
from atlas.web.pages.spaces import space_pages, spaces_page
from atlas.web.pages.tasks import task_pages
from atlas.web.pages.taxonomy import taxonomy_pages
from atlas.web.pages.walkthroughs import walkthrough_pages

__all__ = ["all_pages", "redirect_pages"]


def all_pages(
    catalog: Catalog,
    crawls: Mapping[str, CrawlView],
    changes: tuple[Change, ...],
    downloads: dict[str, tuple[Download, ...]],
    site: Site,
    checks: Mapping[str, Sequence[LinkCheck]],
    watch: Mapping[str, Sequence[SourceCheck]],
) -> list[Page]:
    """Every page of the site except the search and the redirects of moved pages."""
    # Another catalogue may have no snippets: those of this installation are used instead.
    own = catalog.path if (catalog.path / "snippets" / "index.yaml").is_file() else None
    snippets = load_snippets(own)
    pages = [
        home_page(catalog, crawls, changes, catalog_document(catalog, site)),
        products_page(catalog),
        coverage_page(catalog, crawls),
        compare_page(catalog),
        identify_page(catalog),
        inputs_page(catalog),
        spaces_page(catalog),
        mixing_page(catalog),
        ecosystem_page(catalog),
        schema_page(),
        describe_page(),
        api_page(),
        data_page(catalog, downloads, crawls.values()),
        changes_page(changes),
        about_page(catalog),
        benchmarks_page(),
        patterns_page(catalog),
        Page("missing.html", Head("No such page", "This address does not exist.", MISSING, index=False), Context()),
        *taxonomy_pages(catalog),
        *walkthrough_pages(),
        *task_pages(catalog),
        *space_pages(catalog),
    ]
    pages += [
        product_page(
            product,
            catalog,
            base_url=site.base_url,
            crawl=crawls.get(product.id),
            snippets=snippets_for(product, snippets),
            downloads=downloads[product.id],
            checks=checks.get(product.id, ()),
            today=site.updated,
            watch=watch.get(product.id, ()),
        )
        for product in catalog.products.values()
    ]
    return pages


def redirect_pages(table: dict[str, str], existing: dict[str, str]) -> list[Page]:
    """One page for each old address.

    Args:
        table: new address by old address.
        existing: title by address of every page of the site.

    Raises:
        SiteError: an old address is in use, or a new one does not exist.
    """
    pages = []
    for old, new in sorted(table.items()):
        if old in existing:
            raise SiteError(f"redirects.yaml: {old} is the address of a page, so it cannot redirect")
        if new not in existing:
            raise SiteError(f"redirects.yaml: {old} leads to {new}, which does not exist")
        pages.append(Page("redirect.html", Head(existing[new], "", old, index=False), Context(target=new)))
    return pages
