"""Build the site: pages, their JSON twins, static files and what machines read, from records and crawls alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from atlas import __version__
from atlas.extension.identity import VERSION
from atlas.records import Catalog
from atlas.resources import data_dir
from atlas.web.environment import make_environment, render
from atlas.web.output import Output, SiteReport, fingerprint, json_bytes
from atlas.web.page import Page, Site
from atlas.web.pages.home import home_page
from atlas.web.pages.product import product_page
from atlas.web.pages.products import products_page
from atlas.web.pages.schema import SCHEMA_PAGE, schema_page

__all__ = ["BASE_URL", "build_site"]

BASE_URL = "https://earth-embedding-atlas.github.io/"
"""Public address of the atlas; the identifier of the extension's schema lies below it."""
REPORT_URL = "https://github.com/earth-embedding-atlas/earth-embedding-atlas/issues/new?title=Record+{id}"
NAVIGATION = (
    ("Products", "products.html", "products"),
    ("Schema", SCHEMA_PAGE, "schema"),
)


def _updated(catalog: Catalog) -> str:
    """The newest day on which somebody checked a statement."""
    days = [e.checked for p in catalog.products.values() for entries in p.evidence.values() for e in entries]
    return max(days).isoformat() if days else "1970-01-01"


def _static(output: Output) -> dict[str, str]:
    """Copy the static files; a fingerprint in the address lets hosts cache them for ever."""
    assets = {}
    root = data_dir("site") / "static"
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")):
        name = path.relative_to(root).as_posix()
        data = path.read_bytes()
        output.add(f"static/{name}", data)
        # The stylesheet names the fonts without a fingerprint: the same address must be preloaded.
        assets[name] = f"static/{name}" if name.startswith("fonts/") else f"static/{name}?v={fingerprint(data)}"
    return assets


def _schema_files(output: Output) -> None:
    """The schema and its examples, under the address that identifies them."""
    folder = data_dir("schemas") / "emb" / f"v{VERSION}"
    output.add(f"emb/v{VERSION}/schema.json", (folder / "schema.json").read_bytes())
    for example in schema_page().context.examples:  # type: ignore[attr-defined] # the context of that page
        output.add(example.path, example.text.encode())


def _pages(catalog: Catalog) -> Iterator[Page]:
    yield home_page(catalog)
    yield products_page(catalog)
    yield schema_page()
    for product in catalog.products.values():
        yield product_page(product, catalog)


def build_site(
    catalog: Catalog,
    out: Path,
    crawls: Sequence[Path] = (),
    *,
    base_url: str = BASE_URL,
    api: str | None = None,
) -> SiteReport:
    """Build the site.

    Args:
        catalog: the records.
        out: folder of the site, made if it does not exist.
        crawls: folders that `atlas crawl` wrote.
        base_url: public address of the site, for canonical links, feeds and the site map.
        api: address of the STAC API, absolute or from the root of the site; None where the site stands alone.

    Returns:
        What was built and what changed.

    Raises:
        SiteError: the folder is not ours, a record would claim a bad address, or a template is wrong.
    """
    output = Output(out)
    site = Site(
        name="Earth Embedding Atlas",
        base_url=base_url.rstrip("/") + "/",
        updated=_updated(catalog),
        version=__version__,
        assets=_static(output),
        api=api,
        products=len(catalog.products),
        navigation=NAVIGATION,
        report_url=REPORT_URL,
    )
    environment = make_environment()
    for page in _pages(catalog):
        head = page.context.head
        output.add(head.path, render(environment, page, site).encode())
        if head.twin and page.twin is not None:
            output.add(head.twin, json_bytes(page.twin))
    _schema_files(output)
    return output.finish()
