"""Crawl one product with the settings and the catalogue: where from, where to, and what is written beside the Items."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TextIO

from atlas.crawl.engine import Crawl
from atlas.crawl.folder import CrawlFolder, write_json
from atlas.crawl.progress import progress_for
from atlas.crawl.report import Report, summary_of
from atlas.errors import RecordError, SettingsError
from atlas.records import Catalog
from atlas.records.product import Product
from atlas.settings import Settings
from atlas.sources.base import Source
from atlas.stac.collection import collection_from_record

__all__ = ["crawl_folder", "crawl_product", "products_to_crawl"]


def crawl_folder(product: str, settings: Settings) -> Path:
    """Where a product is crawled to when nobody says otherwise."""
    return settings.state_dir / "crawls" / product


def products_to_crawl(catalog: Catalog, product: str | None) -> Iterator[Product]:
    """The product of that id, or all that name the address of an index.

    Raises:
        RecordError: the catalogue has no such product.
    """
    if product is None:
        yield from (p for p in catalog.products.values() if p.index is not None and p.index.url is not None)
        return
    if product not in catalog.products:
        msg = f"the catalogue has no product '{product}'; it has {', '.join(sorted(catalog.products))}"
        raise RecordError(msg)
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
    progress: TextIO | None = None,
) -> tuple[Report, CrawlFolder]:
    """Crawl a product into its folder and write the Collection to load with it.

    Args:
        product: the record.
        catalog: what the record refers to.
        settings: the folder of the state.
        source: path or URL of the index; the record's by default.
        out: folder to write to; one below the state folder by default.
        executor: where shards run; this process by default.
        workers: how many shards the executor runs at once.
        progress: where progress is told.

    Raises:
        SettingsError: neither the record nor the caller says where the index is.
    """
    href = source or (product.index.url if product.index else None)
    if href is None:
        msg = f"the record of '{product.id}' gives no address of an index: name one with --source"
        raise SettingsError(msg)
    if "://" not in href:
        href = str(Path(href).resolve())  # the same folder from elsewhere is the same source
    root = out or crawl_folder(product.id, settings)
    crawl = Crawl(Source(product, href), root.resolve(), executor, workers)
    if progress is not None:
        crawl.progress = progress_for(progress)
    report = crawl.run()
    write_json(
        root / "collection.json", collection_from_record(product, catalog, items=summary_of(report.states.values()))
    )
    return report, CrawlFolder(root)
