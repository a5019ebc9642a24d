"""A product's record as a STAC 1.1.0 Collection with the `emb` extension."""

import copy
from collections.abc import Callable
from typing import Any

from atlas.moments import rfc3339
from atlas.records import Catalog
from atlas.records.classify import classify
from atlas.records.product import Citation, Product
from atlas.stac.assets import assets, item_assets, storage_schemes
from atlas.stac.crawl_summary import INDEX_READ, CrawlSummary
from atlas.stac.emb_fields import emb_fields
from atlas.stac.extensions import EMB, PROJECTION, SCIENTIFIC, STAC_VERSION, STORAGE, TABLE, THEMES, VERSION
from atlas.stac.extents import united
from atlas.stac.licences import stac_license
from atlas.stac.links import record_links
from stac_emb.identity import HOME

__all__ = ["TAXONOMY_SCHEME", "collection_from_record"]

TAXONOMY_SCHEME = HOME + "/taxonomy/{facet}"
"""`scheme` of the themes; `{facet}` is the id of a facet of `catalog/taxonomy/`."""

_EVERYWHERE = [-180.0, -90.0, 180.0, 90.0]


def collection_from_record(
    product: Product,
    catalog: Catalog,
    *,
    items: CrawlSummary | None = None,
    to_collection: Callable[[str], str] = "collections/{}".format,
) -> dict[str, Any]:
    """Make the Collection of a product.

    Args:
        product: the record, the authority for what the product is.
        catalog: inputs, taxonomy and other products that the record names.
        items: what a crawl has seen, the authority for the extent where it read the whole index. Where it read a part,
            the extent is the record's together with that of the Items; without it the record's.
        to_collection: id of a Collection to its address, for the links between versions. The default is relative to
            the landing page of a STAC API.

    Returns:
        The Collection without the links `self`, `root` and `parent`, which the place that serves it adds.
    """
    collection: dict[str, Any] = {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [EMB],
        "id": product.id,
        "title": product.title,
        "description": product.description.strip(),
        "keywords": list(product.keywords),
        "license": stac_license(product.licences.data),
        "providers": [provider.model_dump(exclude_none=True) for provider in product.providers],
        "extent": _extent(product, items),
    }
    collection |= _version(product)
    if product.embedding.gsd is not None:
        collection["gsd"] = product.embedding.gsd
    collection |= emb_fields(product, catalog)
    collection |= _scientific(product)
    collection["themes"] = _themes(product, catalog)
    collection |= {"item_assets": found} if (found := item_assets(product)) else {}
    collection |= {"assets": found} if (found := assets(product)) else {}
    collection |= {"storage:schemes": found} if (found := storage_schemes(product)) else {}
    collection |= {"summaries": found} if (found := _summaries(product)) else {}
    collection |= {INDEX_READ: items.index_read} if items is not None and items.index_read else {}
    collection["links"] = record_links(product, catalog, to_collection)
    collection["stac_extensions"] = _declared(collection)
    # Records are frozen: a change of the Collection must not change them.
    return copy.deepcopy(collection)


def _extent(product: Product, items: CrawlSummary | None) -> dict[str, Any]:
    extent = product.extent
    boxes = [list(map(float, box)) for box in extent.bbox] if extent else [_EVERYWHERE]
    intervals: list[list[str | None]] = (
        [[rfc3339(end) if end else None for end in ends] for ends in extent.interval] if extent else [[None, None]]
    )
    stated = {"spatial": {"bbox": boxes}, "temporal": {"interval": intervals}}
    found: dict[str, Any] = {}
    if items is not None and items.items and items.bbox:
        found["spatial"] = {"bbox": [list(items.bbox)]}
    if items is not None and items.items and items.interval:
        found["temporal"] = {"interval": [[rfc3339(moment) for moment in items.interval]]}
    # a part of the index does not tell how far the product reaches
    if extent and items is not None and items.index_read == "part":
        return united(stated, found)
    return stated | found


def _version(product: Product) -> dict[str, Any]:
    """The version extension's fields; `deprecated` and `experimental` only where they are true."""
    fields: dict[str, Any] = {"version": product.version} if product.version else {}
    return fields | ({product.status: True} if product.status in {"deprecated", "experimental"} else {})


def _scientific(product: Product) -> dict[str, Any]:
    """The scientific extension's fields. `sci:doi` names data only: the DOI of a paper is a publication."""
    fields: dict[str, Any] = {}
    citation = product.citation
    if citation is not None:
        fields["sci:citation"] = citation.text
    if product.data_doi:
        fields["sci:doi"] = product.data_doi
    papers: list[Citation] = [c for c in (citation, *product.publications) if c is not None and c.kind == "paper"]
    if papers:
        fields["sci:publications"] = [
            {"citation": paper.text} | ({"doi": paper.doi} if paper.doi else {}) for paper in papers
        ]
    return fields


def _themes(product: Product, catalog: Catalog) -> list[dict[str, Any]]:
    return [
        {
            "scheme": TAXONOMY_SCHEME.format(facet=facet),
            "concepts": [{"id": term, "title": catalog.taxonomy[facet].terms[term].label} for term in terms],
        }
        for facet, terms in classify(product, catalog).items()
    ]


def _summaries(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if product.embedding.gsd is not None:
        found["gsd"] = [product.embedding.gsd]
    places = [product.extent, *product.distributions]
    codes = [crs for place in places for crs in (place and place.crs) or () if crs.startswith("EPSG:")]
    return found | ({"proj:code": list(dict.fromkeys(codes))} if codes else {})


def _declared(collection: dict[str, Any]) -> list[str]:
    """The extensions whose fields the Collection uses."""
    described = [*collection.get("item_assets", {}).values(), *collection.get("assets", {}).values()]

    def used(prefix: str) -> bool:
        places = [collection, collection.get("summaries", {}), *described]
        return any(key.startswith(prefix) for place in places for key in place)

    prefixes = {"sci:": SCIENTIFIC, "proj:": PROJECTION, "storage:": STORAGE, "table:": TABLE}
    versioned = not collection.keys().isdisjoint({"version", "deprecated", "experimental"})
    declared = [EMB, *([VERSION] if versioned else []), *(uri for prefix, uri in prefixes.items() if used(prefix))]
    return [*declared, THEMES] if collection["themes"] else declared
