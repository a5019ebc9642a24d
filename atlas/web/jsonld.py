"""schema.org in the source of the pages: `Dataset` for a product, `DataCatalog` for the site."""

from typing import Any

from license_expression import ExpressionError

from atlas.answers.words import period_text
from atlas.records import Catalog, Product
from atlas.records.classify import licence_symbols
from atlas.web.page import Site
from atlas.web.text import is_web_link

__all__ = ["catalog_document", "dataset_document"]

_CONTEXT = "https://schema.org/"


def _licence_url(expression: str | None) -> str | None:
    """The SPDX page of a single licence; None for anything else."""
    try:
        symbols = licence_symbols(expression or "")
    except (ValueError, ExpressionError):
        return None
    if len(symbols) != 1 or symbols[0].startswith("LicenseRef-"):
        return None
    return f"https://spdx.org/licenses/{symbols[0]}.html"


def _coverage(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if product.extent is None:
        return found
    west, south, east, north = product.extent.bbox[0]
    found["spatialCoverage"] = {
        "@type": "Place",
        "name": product.extent.place,
        # schema.org puts latitude first, separated by spaces.
        "geo": {"@type": "GeoShape", "box": f"{south:g} {west:g} {north:g} {east:g}"},
    }
    start, end = product.extent.interval[0]
    if start is not None:
        found["temporalCoverage"] = f"{start.date().isoformat()}/{end.date().isoformat() if end else '..'}"
    return found


def _variables(product: Product) -> list[dict[str, Any]]:
    e = product.embedding
    rows: list[dict[str, Any]] = [
        {
            "@type": "PropertyValue",
            "name": "embedding",
            "description": f"{e.type} embedding" + (f" of {e.dimensions} dimensions" if e.dimensions else ""),
        }
    ]
    named = (("emb:type", e.type), ("emb:dimensions", e.dimensions), ("emb:space", e.space), ("gsd", e.gsd))
    rows += [{"@type": "PropertyValue", "name": name, "value": value} for name, value in named if value is not None]
    return rows


def _downloads(product: Product) -> list[dict[str, Any]]:
    return [
        {
            "@type": "DataDownload",
            "name": d.title,
            "contentUrl": d.href or d.example_url,
            **({"encodingFormat": d.type() or d.format} if d.format or d.media_type else {}),
            **({"contentSize": f"{d.bytes} B"} if d.bytes else {}),
        }
        for d in product.distributions
        if not d.retired and is_web_link(d.href or d.example_url)
    ]


def dataset_document(product: Product, site_url: str) -> dict[str, Any]:
    """A product as schema.org `Dataset`.

    Args:
        product: the record.
        site_url: public address of the site with a slash at its end.
    """
    url = f"{site_url}products/{product.id}.html"
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": url,
        "url": url,
        "name": product.title,
        # Search engines expect 50 to 5000 characters.
        "description": f"{product.summary} {product.description}".strip()[:5000],
        "identifier": [product.id],
        "keywords": list(product.keywords),
        "isAccessibleForFree": True,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": site_url,
            "name": "Earth Embedding Atlas",
            "url": site_url,
        },
        "variableMeasured": _variables(product),
        "creator": [
            {"@type": "Organization", "name": p.name, **({"url": p.url} if is_web_link(p.url) else {})}
            for p in product.providers
            if "producer" in p.roles or "licensor" in p.roles
        ]
        or [{"@type": "Organization", "name": p.name} for p in product.providers],
        **_coverage(product),
    }
    if all(d.auth not in (None, "anonymous") or d.requester_pays for d in product.distributions):
        del document["isAccessibleForFree"]
    if product.version:
        document["version"] = product.version
    licence = _licence_url(product.licences.data) or product.licences.href
    if licence:
        document["license"] = licence
    if product.citation:
        document["citation"] = product.citation.text
    if product.data_doi:
        document["identifier"].append(f"https://doi.org/{product.data_doi}")
    if downloads := _downloads(product):
        document["distribution"] = downloads
    period = period_text(product)
    if period and "temporalCoverage" not in document:
        document["temporalCoverage"] = period
    return document


def catalog_document(catalog: Catalog, site: Site) -> dict[str, Any]:
    """The site as schema.org `DataCatalog`, with the names and addresses of its data sets."""
    return {
        "@context": _CONTEXT,
        "@type": "DataCatalog",
        "@id": site.base_url,
        "url": site.base_url,
        "name": site.name,
        "description": (
            "Earth-observation embedding products: coverage, inputs, licences, vector spaces and access, each "
            "statement with its source."
        ),
        "license": "https://spdx.org/licenses/Apache-2.0.html",
        "dateModified": site.updated,
        # The page of each product describes it under the same id.
        "dataset": [
            {"@type": "Dataset", "@id": site.absolute(f"products/{p.id}.html"), "name": p.title}
            for p in catalog.products.values()
        ],
    }
