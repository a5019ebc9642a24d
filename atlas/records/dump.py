"""The whole catalogue in files for machines: JSON, CSV and one BibTeX file.

Where the record says why a field has no value, the CSV gives the reason in words: `not stated`, `does not apply`,
`varies`, `not looked up`. An empty cell means that the record does not mention the field.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from atlas.moments import rfc3339
from atlas.records.bibliography import csl_json, references
from atlas.records.classify import classify
from atlas.records.extent import Extent
from atlas.records.loader import Catalog
from atlas.records.paths import value_at
from atlas.records.product import Product

__all__ = ["PRODUCT_COLUMNS", "dump_files", "product_row"]

_COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("id", "Identifier"),
    "title": ("title", "Title"),
    "status": ("status", "released, experimental, deprecated, recipe or announced"),
    "version": ("version", "Version of the product"),
    "family": ("family", "Products that belong together"),
    "type": ("embedding.type", "pixel, patch or location"),
    "dimensions": ("embedding.dimensions", "Length of one dequantised vector"),
    "space": ("embedding.space", "Vector space: vectors may be compared only within one"),
    "gsd_m": ("embedding.gsd", "Ground sample distance of the imagery read, in metres"),
    "footprint": ("embedding.footprint", "Ground size of one vector, with unit"),
    "temporal_resolution": ("embedding.temporal.resolution", "Span of time that one vector describes"),
    "start": ("extent", "First moment described"),
    "end": ("extent", "Last moment described"),
    "place": ("extent.place", "Extent in words"),
    "completeness": (
        "extent.completeness",
        "How much of the extent there is: complete, partial or on_request, and years that differ",
    ),
    "stored_type": ("embedding.quantization.stored_data_type", "Data type in the files"),
    "restored_type": ("embedding.quantization.original_data_type", "Data type of the vector"),
    "quantization": ("embedding.quantization.method", "How stored numbers become the vector"),
    "normalization": ("embedding.normalization", "unit: dequantised vectors have length 1"),
    "similarity": ("embedding.similarity", "Metrics that the producer recommends"),
    "licence": ("licences.data", "Licence of the data"),
    "licence_class": ("", "Class of the licence in the taxonomy"),
    "model": ("model.name", "Name of the model"),
    "model_version": ("model.version", "Version of the model"),
    "model_licence": ("model.license", "Licence of the weights"),
    "code_licence": ("model.code_license", "Licence of the model's code"),
    "training_data": ("training_data", "What the model learned from"),
    "inference_data": ("inference_data", "What the model read to make the vectors"),
    "items": ("counts.items", "Stated number of files or tiles"),
    "vectors": ("counts.vectors", "Stated number of vectors"),
    "bytes": ("counts.bytes", "Stated size"),
    "formats": ("", "Formats of the distributions"),
    "access": ("", "What is needed to read the product"),
    "index": ("index.kind", "Kind of the producer's index"),
    "doi": ("", "DOI of the citation"),
    "arxiv": ("", "arXiv number of the citation"),
    "url": ("", "Page of the product"),
}
"""Columns of `products.csv`: path of the value in the record, under which the record may also say why there is none,
and its meaning. Values without a single path are in `_worded`."""
PRODUCT_COLUMNS = {name: text for name, (_, text) in _COLUMNS.items()}
"""Columns of `products.csv` and their meanings."""


def dump_files(catalog: Catalog) -> dict[str, bytes]:
    """Name to content of every file.

    Raises:
        ValueError: the bibliography is invalid; `atlas lint` says where.
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
    worded = _worded(product, catalog)
    return {
        name: _cell(worded[name] if name in worded else value_at(product, path), path, product)
        for name, (path, _) in _COLUMNS.items()
    }


def _worded(product: Product, catalog: Catalog) -> dict[str, Any]:
    """The cells whose value has no single path."""
    extent, citation = product.extent, product.citation
    footprint, terms = product.embedding.footprint or {}, classify(product, catalog)
    start, end = extent.interval[0] if extent else (None, None)
    size = " x ".join(map(str, footprint.get("size", ())))
    return {
        "footprint": f"{size} {footprint.get('unit', '')}" if size else None,
        "start": rfc3339(start) if start else None,
        "end": rfc3339(end) if end else None,
        "completeness": _completeness(extent),
        "licence_class": terms.get("licence"),
        "training_data": _uses(product.training_data, catalog),
        "inference_data": _uses(product.inference_data, catalog),
        "formats": terms.get("format"),
        "access": terms.get("access"),
        "doi": citation.doi if citation else None,
        "arxiv": citation.arxiv if citation else None,
        "url": next((place.href for place in product.distributions if place.href and not place.retired), None),
    }


def _cell(value: Any, path: str, product: Product) -> str:  # noqa: ANN401 - any value of a record
    if value in (None, [], ()):
        absence = product.absence(path) if path else None
        return absence.words if absence else ""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _completeness(extent: Extent | None) -> list[str] | None:
    if extent is None or extent.completeness is None:
        return None
    return [extent.completeness.default, *(f"{year} {how}" for year, how in extent.completeness.years.items())]


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
    """Everything that is curated, with the taxonomy terms that follow from it."""
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
