"""Links of a Collection that follow from its record; where it is served adds `self`, `root` and `parent`."""

from collections.abc import Callable
from typing import Any

from atlas.records import Catalog
from atlas.records.product import Product

__all__ = ["record_links"]

_LICENSE_PAGE = "https://spdx.org/licenses/{}.html"


def record_links(product: Product, catalog: Catalog, to_collection: Callable[[str], str]) -> list[dict[str, Any]]:
    """Links to licence, citation, model, source data, other versions and pages about the product.

    Args:
        product: the record.
        catalog: where inputs and other products are found.
        to_collection: id of a Collection to its address, as the place that serves the result needs it.
    """
    links: list[dict[str, Any]] = []
    licence = product.licences
    if licence.href:
        links.append({"rel": "license", "href": licence.href, "title": f"Licence: {licence.data or 'not stated'}"})
    elif licence.data and not licence.data.startswith("LicenseRef-") and " " not in licence.data:
        links.append({"rel": "license", "href": _LICENSE_PAGE.format(licence.data), "title": licence.data})
    for citation in (product.citation, *product.publications):
        if citation is None:
            continue
        href = f"https://doi.org/{citation.doi}" if citation.doi else citation.url
        if href:
            links.append({"rel": "cite-as", "href": href, "title": citation.text})
    model = product.model
    if model.href:
        links.append({"rel": "emb:model", "href": model.href, "type": "text/html", "title": model.name})
    links += _source_data(product, catalog)
    for rel, other in (("predecessor-version", product.predecessor), ("successor-version", product.successor)):
        if other in catalog.products:
            title = catalog.products[other].title
            links.append({"rel": rel, "href": to_collection(other), "type": "application/json", "title": title})
    seen: set[str] = set()
    for place in product.distributions:
        if place.href and place.href.startswith("https://") and not place.retired and place.href not in seen:
            seen.add(place.href)
            links.append({"rel": "about", "href": place.href, "title": place.title})
    return links


def _source_data(product: Product, catalog: Catalog) -> list[dict[str, Any]]:
    entries = [catalog.inputs[use.input] for use in product.inference_data or () if use.input in catalog.inputs]
    return [
        {
            "rel": "emb:source-data",
            "href": place.href,
            "type": "application/json",
            "title": f"{entry.title} ({place.api})",
        }
        for entry in entries
        for place in entry.stac
    ]
