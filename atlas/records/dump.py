"""The whole catalogue in files for machines: JSON, CSV and one BibTeX file.

Where the record says why a field has no value, the CSV gives the reason in words: `not stated`, `does not apply`,
`varies`, `not looked up`. An empty cell means that the record does not speak of the field.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from atlas.records.bibliography import csl_json, references
from atlas.records.classify import classify
from atlas.records.extent import Extent
from atlas.records.loader import Catalog
from atlas.records.product import Product

__all__ = ["PRODUCT_COLUMNS", "dump_files", "product_row"]

PRODUCT_COLUMNS: dict[str, str] = {
    "id": "Identifier",
    "title": "Title",
    "status": "released, experimental, deprecated, recipe or announced",
    "version": "Version of the product",
    "family": "Products that belong together",
    "type": "pixel, patch or location",
    "dimensions": "Length of one dequantised vector",
    "space": "Vector space: vectors may be compared only within one",
    "gsd_m": "Ground sample distance of the imagery read, in metres",
    "footprint": "Ground size of one vector, with unit",
    "temporal_resolution": "Span of time that one vector describes",
    "start": "First moment described",
    "end": "Last moment described",
    "place": "Extent in words",
    "completeness": "How much of the extent there is: complete, partial or on_request, and years that differ",
    "stored_type": "Data type in the files",
    "restored_type": "Data type of the vector",
    "quantization": "How stored numbers become the vector",
    "normalization": "unit: dequantised vectors have length 1",
    "similarity": "Metrics that the producer recommends",
    "licence": "Licence of the data",
    "licence_class": "Class of the licence in the taxonomy",
    "model": "Name of the model",
    "model_version": "Version of the model",
    "model_licence": "Licence of the weights",
    "code_licence": "Licence of the model's code",
    "training_data": "What the model learned from",
    "inference_data": "What the model read to make the vectors",
    "items": "Stated number of files or tiles",
    "vectors": "Stated number of vectors",
    "bytes": "Stated size",
    "formats": "Formats of the distributions",
    "access": "What is needed to read the product",
    "index": "Kind of the producer's index",
    "doi": "DOI of the citation",
    "arxiv": "arXiv number of the citation",
    "url": "Page of the product",
}
"""Columns of `products.csv` and their meanings."""

# Where the record says why there is no value, the cell says so.
_PATHS = {
    "dimensions": "embedding.dimensions",
    "space": "embedding.space",
    "gsd_m": "embedding.gsd",
    "footprint": "embedding.footprint",
    "temporal_resolution": "embedding.temporal",
    "stored_type": "embedding.quantization",
    "restored_type": "embedding.quantization",
    "quantization": "embedding.quantization",
    "normalization": "embedding.normalization",
    "similarity": "embedding.similarity",
    "licence": "licences.data",
    "model_version": "model.version",
    "model_licence": "model.license",
    "code_licence": "model.code_license",
    "training_data": "training_data",
    "inference_data": "inference_data",
    "items": "counts.items",
    "vectors": "counts.vectors",
    "bytes": "counts.bytes",
    "start": "extent",
    "end": "extent",
    "place": "extent",
    "completeness": "extent.completeness",
    "index": "index",
    "version": "version",
}


def dump_files(catalog: Catalog) -> dict[str, bytes]:
    """Name to content of every file.

    Raises:
        ValueError: the bibliography is not sound; `atlas lint` says where.
    """
    entries = references(catalog)
    return {
        "catalog.json": _json(_whole(catalog)),
        "products.csv": _csv(PRODUCT_COLUMNS, (product_row(p, catalog) for p in catalog.products.values())),
        "ecosystem.csv": _csv(_ECOSYSTEM_COLUMNS, _ecosystem_rows(catalog)),
        "references.bib": "\n\n".join(entry.text for entry in entries).encode() + b"\n",
        "references.csl.json": _json([csl_json(entry) for entry in entries]),
    }


def product_row(product: Product, catalog: Catalog) -> dict[str, str]:
    """The row of a product in `products.csv`, as text."""
    embedding, model = product.embedding, product.model
    quantization = embedding.quantization or {}
    footprint = embedding.footprint or {}
    extent, citation = product.extent, product.citation
    terms = classify(product, catalog)
    row: dict[str, Any] = {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "version": product.version,
        "family": product.family,
        "type": embedding.type,
        "dimensions": embedding.dimensions,
        "space": embedding.space,
        "gsd_m": embedding.gsd,
        "footprint": f"{' x '.join(map(str, footprint['size']))} {footprint.get('unit', '')}"
        if "size" in footprint
        else None,
        "temporal_resolution": (embedding.temporal or {}).get("resolution"),
        "start": _moment(extent.interval[0][0]) if extent else None,
        "end": _moment(extent.interval[0][1]) if extent else None,
        "place": extent.place if extent else None,
        "completeness": _completeness(extent),
        "stored_type": quantization.get("stored_data_type"),
        "restored_type": quantization.get("original_data_type"),
        "quantization": quantization.get("method"),
        "normalization": embedding.normalization,
        "similarity": embedding.similarity,
        "licence": product.licences.data,
        "licence_class": terms.get("licence"),
        "model": model.name,
        "model_version": model.version,
        "model_licence": model.license,
        "code_licence": model.code_license,
        "training_data": _uses(product.training_data, catalog),
        "inference_data": _uses(product.inference_data, catalog),
        "items": product.counts.items,
        "vectors": product.counts.vectors,
        "bytes": product.counts.bytes,
        "formats": terms.get("format"),
        "access": terms.get("access"),
        "index": product.index.kind if product.index else None,
        "doi": citation.doi if citation else None,
        "arxiv": citation.arxiv if citation else None,
        "url": next((place.href for place in product.distributions if place.href and not place.retired), None),
    }
    return {name: _cell(row[name], _PATHS.get(name), product) for name in PRODUCT_COLUMNS}


def _cell(value: Any, path: str | None, product: Product) -> str:  # noqa: ANN401 - any value of a record
    if value in (None, [], ()):
        absence = product.absence(path) if path is not None else None
        return absence.words if absence else ""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _completeness(extent: Extent | None) -> list[str] | None:
    if extent is None or extent.completeness is None:
        return None
    return [extent.completeness.default, *(f"{year} {how}" for year, how in extent.completeness.years.items())]


def _moment(moment: Any) -> str | None:  # noqa: ANN401 - a datetime or None
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None


def _uses(uses: Sequence[Any] | None, catalog: Catalog) -> list[str]:
    return [catalog.inputs[use.input].title if use.input in catalog.inputs else use.input for use in uses or ()]


_ECOSYSTEM_COLUMNS = {
    "id": "Identifier",
    "title": "Title",
    "kind": "model, tool, benchmark, challenge, application, survey, ...",
    "layer": "Layer of the survey's taxonomy",
    "summary": "What it is",
    "href": "Home page",
    "code": "Code",
    "data": "Data",
    "arxiv": "arXiv number of its paper",
    "doi": "DOI of its paper",
    "license": "Licence",
    "products": "Products that it makes, opens, tests or uses",
    "models": "Models that it makes, opens, tests or uses",
}


def _ecosystem_rows(catalog: Catalog) -> Iterable[dict[str, str]]:
    for entry in catalog.ecosystem.values():
        row = {name: getattr(entry, name, None) for name in _ECOSYSTEM_COLUMNS}
        row["arxiv"] = entry.paper.arxiv if entry.paper else None
        row["doi"] = entry.paper.doi if entry.paper else None
        if entry.model is not None:
            row["license"] = entry.model.license
        yield {k: "; ".join(v) if isinstance(v, list) else str(v or "") for k, v in row.items()}


def _whole(catalog: Catalog) -> dict[str, Any]:
    """Everything, as it was curated, with the terms that follow from it."""
    return {
        "products": [
            {**_plain(product, {"sources"}), "taxonomy": classify(product, catalog)}
            for product in catalog.products.values()
        ],
        "taxonomy": [_plain(facet) for facet in catalog.taxonomy.values()],
        "inputs": [_plain(entry) for entry in catalog.inputs.values()],
        "spaces": [
            {**_plain(space), "products": [p.id for p in catalog.products.values() if p.embedding.space == space.id]}
            for space in catalog.spaces.values()
        ],
        "ecosystem": [_plain(entry) for entry in catalog.ecosystem.values()],
    }


def _plain(record: Any, without: set[str] | None = None) -> dict[str, Any]:  # noqa: ANN401 - any model
    plain: dict[str, Any] = record.model_dump(mode="json", exclude_none=True, exclude=without)
    return plain


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _csv(columns: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()
