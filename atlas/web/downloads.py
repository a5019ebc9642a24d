"""Files to take away: per product its STAC Collection and the Items of its crawl; dumps of everything."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.extension.crosswalk.croissant import to_croissant
from atlas.extension.crosswalk.dataset_card import render_card, to_card
from atlas.records import Catalog, Product
from atlas.stac.collection import collection_from_record
from atlas.stac.crawl_summary import CrawlSummary
from atlas.web.coverage import CrawlView
from atlas.web.facts import ground_text, period_text, stored_text
from atlas.web.output import Output, json_bytes

__all__ = ["Download", "bibtex_dump", "copy_items", "product_downloads", "products_csv"]

_PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Download:
    """One file of a product.

    Attributes:
        path: address below the site.
        title: what it is.
        type: media type.
        size: bytes; None where it is made while the site is built.
        data: content of a small file; None for a file that is copied.
        source: file to copy; None for one that is made here.
    """

    path: str
    title: str
    type: str
    size: int | None
    data: bytes | None = None
    source: Path | None = None


def _collection(product: Product, catalog: Catalog, crawl: CrawlView | None) -> dict[str, Any]:
    summary = None
    if crawl is not None and crawl.items:
        summary = CrawlSummary(items=crawl.items, years={str(y): n for y, n in sorted(crawl.years.items())})
    document = collection_from_record(product, catalog, items=summary, to_collection="../{}/collection.json".format)
    document["links"] = [
        {"rel": "self", "type": "application/json", "href": "./collection.json"},
        {"rel": "root", "type": "application/json", "href": "./collection.json"},
        *(link for link in document["links"] if link.get("rel") not in {"self", "root"}),
    ]
    return document


def _card(product: Product, collection: dict[str, Any]) -> bytes:
    """A dataset card: front matter from the extension, text from the record."""
    body = f"\n# {product.title}\n\n{product.description.strip()}\n"
    if product.citation is not None:
        body += f"\n## Citation\n\n{product.citation.text}\n"
        if product.citation.bibtex:
            body += f"\n```bibtex\n{product.citation.bibtex.strip()}\n```\n"
    return render_card(to_card(collection).document, body).encode()


def product_downloads(product: Product, catalog: Catalog, crawl: CrawlView | None) -> tuple[Download, ...]:
    """The files of a product, small ones made here."""
    base = f"downloads/{product.id}"
    document = _collection(product, catalog, crawl)
    files = (
        ("collection.json", "STAC Collection with the emb extension", "application/json", json_bytes(document)),
        ("croissant.json", "GeoCroissant", "application/ld+json", json_bytes(to_croissant(document).document)),
        ("README.md", "Dataset card for Hugging Face", "text/markdown", _card(product, document)),
    )
    found = [Download(f"{base}/{name}", title, kind, len(data), data) for name, title, kind, data in files]
    if crawl is not None:
        found += [
            Download(
                f"{base}/items/{part.name}",
                f"Items as stac-geoparquet: {part.stem}",
                _PARQUET,
                part.stat().st_size,
                None,
                part,
            )
            for part in crawl.parts
        ]
    return tuple(found)


def copy_items(output: Output, download: Download) -> None:
    """Copy a part of a crawl into the site."""
    if download.source is not None:
        output.add(download.path, download.source.read_bytes())


_COLUMNS = (
    "id",
    "title",
    "status",
    "version",
    "type",
    "dimensions",
    "ground",
    "gsd",
    "place",
    "years",
    "temporal_resolution",
    "stored",
    "quantization",
    "normalization",
    "space",
    "model",
    "model_version",
    "licence_data",
    "licence_weights",
    "licence_code",
    "training_data",
    "inference_data",
    "hosts",
    "formats",
    "files",
    "bytes",
    "doi",
    "arxiv",
    "page",
)


def _row(product: Product, base_url: str) -> dict[str, Any]:
    e, live = product.embedding, [d for d in product.distributions if not d.retired]
    citation = product.citation
    return {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "version": product.version,
        "type": e.type,
        "dimensions": e.dimensions,
        "ground": ground_text(product),
        "gsd": e.gsd,
        "place": product.extent.place if product.extent else None,
        "years": period_text(product),
        "temporal_resolution": (e.temporal or {}).get("resolution"),
        "stored": stored_text(product),
        "quantization": (e.quantization or {}).get("method"),
        "normalization": e.normalization,
        "space": e.space,
        "model": product.model.name,
        "model_version": product.model.version,
        "licence_data": product.licences.data,
        "licence_weights": product.model.license,
        "licence_code": product.model.code_license,
        "training_data": " ".join(u.input for u in product.training_data or ()),
        "inference_data": " ".join(u.input for u in product.inference_data or ()),
        "hosts": " ".join(dict.fromkeys(d.host for d in live)),
        "formats": " ".join(dict.fromkeys(d.format for d in live if d.format)),
        "files": product.counts.items,
        "bytes": product.counts.bytes,
        "doi": citation.doi if citation else None,
        "arxiv": citation.arxiv if citation else None,
        "page": f"{base_url}products/{product.id}.html",
    }


def _safe(value: object) -> str:
    """A cell: a text that begins like a formula would be run by a spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if not isinstance(value, int | float) and text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def products_csv(catalog: Catalog, base_url: str) -> bytes:
    """All products as CSV (RFC 4180, UTF-8); an empty cell means that the producer does not state it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for product in catalog.products.values():
        row = _row(product, base_url)
        writer.writerow([_safe(row[c]) for c in _COLUMNS])
    return out.getvalue().encode()


def bibtex_dump(catalog: Catalog) -> bytes:
    """Every BibTeX entry once, in the order of the products."""
    entries: Mapping[str, None] = dict.fromkeys(
        c.bibtex.strip()
        for p in catalog.products.values()
        for c in (p.citation, *p.publications)
        if c is not None and c.bibtex
    )
    return ("\n\n".join(entries) + "\n").encode() if entries else b""
