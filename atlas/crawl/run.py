"""Crawl one product with the settings and the catalogue: where from, and where to."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TextIO

from atlas.crawl.engine import Crawl
from atlas.crawl.folder import CrawlFolder
from atlas.crawl.progress import Progress, progress_for
from atlas.crawl.report import Report
from atlas.crawl.verify import Choice
from atlas.errors import SettingsError, UnreadableInput
from atlas.formats.crawl_folder import NAMES
from atlas.records import Catalog
from atlas.records.names import no_product
from atlas.records.product import Product
from atlas.settings import Settings
from atlas.sources.base import Source, check_options, reader

__all__ = ["crawl_folder", "crawl_product", "crawled_folder", "products_to_crawl", "sample_folder"]


def crawl_folder(product: str, settings: Settings) -> Path:
    """The default output folder of a product."""
    return settings.state_dir / "crawls" / product


def sample_folder(product: str, settings: Settings) -> Path:
    """The folder of the bundled sample of a product's index, which `atlas up` crawls where nothing else was."""
    return settings.state_dir / "crawls" / f"{product}-sample"


def crawled_folder(product: str, settings: Settings) -> Path | None:
    """The folder of the crawl of a product, or of its bundled sample; None where neither is there."""
    folders = crawl_folder(product, settings), sample_folder(product, settings)
    return next((folder for folder in folders if (folder / NAMES.items).is_dir()), None)


def products_to_crawl(catalog: Catalog, product: str | None) -> Iterator[Product]:
    """The product of that id, or all that name the address of an index.

    Raises:
        UnreadableInput: the catalogue has no such product.
    """
    if product is None:
        yield from (p for p in catalog.products.values() if p.index is not None and p.index.url is not None)
        return
    if product not in catalog.products:
        raise UnreadableInput(no_product(catalog.products, product))
    yield catalog.products[product]


def crawl_product(
    product: Product,
    catalog: Catalog,
    settings: Settings,
    *,
    source: str | None = None,
    out: Path | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    verify: Choice = "none",
    options: Mapping[str, str] | None = None,
    progress: TextIO | None = None,
) -> tuple[Report, CrawlFolder]:
    """Crawl a product into its folder.

    Args:
        product: the record.
        catalog: what the record refers to.
        settings: the folder of the state.
        source: path or URL of the index; the record's by default.
        out: folder to write to; one below the state folder by default.
        executor: where shards run; this process by default.
        workers: how many shards the executor runs at once.
        verify: which Items' assets are opened and compared with the record.
        options: choices of the index's reader by name.
        progress: where progress is told; nowhere by default.

    Raises:
        SettingsError: neither the record nor the caller says where the index is, or its reader has no such option.
    """
    href = source or (product.index.url if product.index else None)
    if href is None:
        raise SettingsError(f"the record of '{product.id}' gives no address of an index: name one with --source")
    if "://" not in href:
        href = str(Path(href).resolve())  # the same folder from elsewhere is the same source
    if options and product.index is not None:
        check_options(options, reader(product.index.kind, href))
    root = (out or crawl_folder(product.id, settings)).resolve()
    telling = Progress() if progress is None else progress_for(progress, product.id)
    crawled = Source(product, href, dict(options or {}))
    return Crawl(crawled, catalog, root, executor, workers, verify, telling).run(), CrawlFolder(root)
