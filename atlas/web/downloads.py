"""Files to download: per product its STAC Collection and the Items of its crawl; dumps of everything."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from atlas.errors import SiteError
from atlas.formats.crawl_folder import part_files, promised_parts
from atlas.records import Catalog, Product
from atlas.records.bibliography import csl_json, parse_bibtex
from atlas.records.distributions import MEDIA_TYPES
from atlas.records.dump import dump_files
from atlas.records.product import Citation
from atlas.stac.collection import collection_from_record
from atlas.stac.crawl_summary import CrawlSummary
from atlas.web.coverage import CrawlView
from atlas.web.output import Output, json_bytes
from stac_emb.crosswalk.croissant import to_croissant
from stac_emb.crosswalk.dataset_card import render_card, to_card

__all__ = ["Download", "copy_items", "csl_text", "dumps", "product_downloads"]


@dataclass(frozen=True)
class Download:
    """One file of a product.

    Attributes:
        path: address on the site.
        size: bytes; None where the file is made during the build.
        data: content of a small file; None for a file that is copied.
        source: file to copy; None for a file that is made here.
        sha256: of the file to copy, from the crawl's manifest; None where it states none.
    """

    path: str
    title: str
    type: str
    size: int | None
    data: bytes | None = None
    source: Path | None = None
    sha256: str | None = None


def _collection(product: Product, catalog: Catalog, crawl: CrawlView | None, base_url: str) -> dict[str, Any]:
    # STAC 1.1.0 requires absolute addresses in links.
    address = base_url + "downloads/{}/collection.json"
    own = address.format(product.id)
    summary = None
    if crawl is not None and crawl.items:
        summary = CrawlSummary(items=crawl.items, years={str(y): n for y, n in sorted(crawl.years.items())})
    document = collection_from_record(product, catalog, items=summary, to_collection=address.format)
    document["links"] = [
        {"rel": "self", "type": "application/json", "href": own},
        {"rel": "root", "type": "application/json", "href": own},
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


def product_downloads(
    product: Product, catalog: Catalog, crawl: CrawlView | None, base_url: str
) -> tuple[Download, ...]:
    """The files of a product, small ones made here.

    Args:
        product: the record.
        catalog: what the record refers to.
        crawl: what a crawl found, whose parts are copied.
        base_url: public address of the site, with a slash at its end.

    Raises:
        CrawlError: a part that the crawl's manifest names is missing.
    """
    base = f"downloads/{product.id}"
    document = _collection(product, catalog, crawl, base_url)
    files = (
        ("collection.json", "STAC Collection with the emb extension", "application/json", json_bytes(document)),
        ("croissant.json", "GeoCroissant", "application/ld+json", json_bytes(to_croissant(document).document)),
        ("README.md", "Dataset card for Hugging Face", "text/markdown", _card(product, document)),
    )
    found = [Download(f"{base}/{name}", title, kind, len(data), data) for name, title, kind, data in files]
    if crawl is not None:
        promised = promised_parts(crawl.crawl.folder, part_files(crawl.crawl.folder, vanished=True))
        found += [
            Download(
                f"{base}/items/{part.name}",
                f"Items as stac-geoparquet: {part.stem}",
                MEDIA_TYPES["parquet"],
                part.stat().st_size,
                None,
                part,
                promised.get(part),
            )
            for part in crawl.parts
        ]
    return tuple(found)


def copy_items(output: Output, download: Download) -> None:
    """Copy a part of a crawl into the site.

    Raises:
        SiteError: its SHA-256 is not that in the manifest; the message names the file.
    """
    if download.source is None:
        return
    data = download.source.read_bytes()
    if download.sha256 not in {None, hashlib.sha256(data).hexdigest()}:
        msg = f"{download.source}: damaged: its SHA-256 is not that in the manifest; run the crawl again"
        raise SiteError(msg)
    output.add(download.path, data)


def dumps(catalog: Catalog) -> dict[str, bytes]:
    """Files about the whole catalogue: content by address.

    Raises:
        SiteError: the bibliography is invalid.
    """
    try:
        files = dump_files(catalog)
    except ValueError as error:
        raise SiteError(f"{error} ('atlas lint' says where)") from error
    return {
        name if name == "products.csv" else f"downloads/{name}": _harmless(data) if name.endswith(".csv") else data
        for name, data in files.items()
    }


def _harmless(table: bytes) -> bytes:
    """A CSV file in which no cell begins like a formula, which a spreadsheet would evaluate."""
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(table.decode(), newline=""))
    csv.writer(out, lineterminator="\n").writerows([_cell(c) for c in row] for row in rows)
    return out.getvalue().encode()


def _cell(text: str) -> str:
    if text[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def csl_text(citation: Citation | None) -> str:
    """The citation as CSL-JSON; empty where the record has no BibTeX.

    Raises:
        SiteError: the BibTeX cannot be read.
    """
    return _csl(citation.bibtex) if citation is not None and citation.bibtex else ""


@cache
def _csl(bibtex: str) -> str:
    """Cached, because several products cite the same work and reading BibTeX is slow."""
    try:
        return json.dumps(csl_json(parse_bibtex(bibtex)), ensure_ascii=False, indent=1)
    except ValueError as error:
        raise SiteError(str(error)) from error
