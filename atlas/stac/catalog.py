"""The whole catalogue as static STAC documents: products, models, and one Catalog for each term of the taxonomy.

    catalog.json
    products/catalog.json                products/<id>/collection.json
    models/collection.json               models/<id>/<id>.json
    taxonomy/catalog.json                taxonomy/<facet>/catalog.json     taxonomy/<facet>/<term>/catalog.json
    spaces/catalog.json                  spaces/<id>/catalog.json

Links are relative, so that a folder can be browsed from anywhere; `base_url` adds the absolute `self`.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from atlas.records import Catalog, Facet
from atlas.records.classify import classify
from atlas.stac.collection import collection_from_record
from atlas.stac.extensions import STAC_VERSION
from atlas.stac.mlm import model_item, models_collection, models_of

__all__ = ["ROOT_ID", "StaticDocument", "static_catalog"]

ROOT_ID = "earth-embedding-atlas"
_JSON, _GEOJSON = "application/json", "application/geo+json"
_ROOT = "catalog.json"


@dataclass(slots=True)
class StaticDocument:
    """One document and its place.

    Attributes:
        path: below the catalogue's folder, with `/`.
        body: the STAC object; its links are complete.
    """

    path: str
    body: dict[str, Any]


@dataclass(slots=True)
class _Node:
    """A document while the tree grows."""

    path: str
    body: dict[str, Any]
    parent: "_Node | None" = None
    children: list["_Node"] = field(default_factory=list)

    def add(self, child: "_Node") -> "_Node":
        child.parent = self
        self.children.append(child)
        return child


def static_catalog(catalog: Catalog, base_url: str | None = None) -> Iterator[StaticDocument]:
    """Make every document.

    Args:
        catalog: the records.
        base_url: where the folder will be served; adds `self` links.

    Yields:
        The documents, the root first. A product's Collection has one parent, `products/catalog.json`; the Catalogs of
        terms and spaces link to it as a child.
    """
    text = (
        f"{len(catalog.products)} Earth-embedding products and the models behind them, each statement with its source. "
        "Browse them as one list, by the terms of the taxonomy, or by vector space."
    )
    root = _Node(_ROOT, _catalog(ROOT_ID, "Earth Embedding Atlas", text))
    products = _products(catalog, root)
    models = _models(catalog, root)
    _taxonomy(catalog, root, products)
    _spaces(catalog, root, products)
    for product in catalog.products.values():
        _link_model(products[product.id], models.get(product.model.id or ""))
    pending, done = [root], set[str]()
    while pending:
        node = pending.pop(0)
        if node.path in done:
            continue
        done.add(node.path)
        yield StaticDocument(node.path, _linked(node, base_url))
        pending += node.children


def _catalog(identifier: str, title: str, description: str) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": identifier,
        "title": title,
        "description": description,
        "links": [],
    }


def _products(catalog: Catalog, root: _Node) -> dict[str, _Node]:
    shelf = root.add(_Node("products/catalog.json", _catalog("products", "Products", "All products.")))
    nodes: dict[str, _Node] = {}
    for product in catalog.products.values():
        body = collection_from_record(product, catalog, to_collection="../{}/collection.json".format)
        nodes[product.id] = shelf.add(_Node(f"products/{product.id}/collection.json", body))
    return nodes


def _models(catalog: Catalog, root: _Node) -> dict[str, _Node]:
    entries = models_of(catalog)
    if not entries:
        return {}
    shelf = root.add(_Node("models/collection.json", models_collection(catalog)))
    return {
        entry.id: shelf.add(_Node(f"models/{entry.id}/{entry.id}.json", model_item(entry, catalog)))
        for entry in entries
    }


def _taxonomy(catalog: Catalog, root: _Node, products: dict[str, _Node]) -> None:
    shelf = root.add(
        _Node("taxonomy/catalog.json", _catalog("taxonomy", "Taxonomy", "Products by the terms of each facet."))
    )
    members: dict[tuple[str, str], list[str]] = {}
    for product in catalog.products.values():
        for name, terms in classify(product, catalog).items():
            for term_id in terms:
                members.setdefault((name, term_id), []).append(product.id)
    for facet in catalog.taxonomy.values():
        top = _Node(
            f"taxonomy/{facet.id}/catalog.json", _catalog(f"taxonomy-{facet.id}", facet.label, facet.definition)
        )
        for term in facet.terms.values():
            if term.broader is None and (node := _term(facet, term.id, members, products)):
                top.add(node)
        if top.children:
            shelf.add(top)


def _term(
    facet: Facet, name: str, members: dict[tuple[str, str], list[str]], products: dict[str, _Node]
) -> _Node | None:
    """The Catalog of a term with its narrower terms and products; None where it has neither."""
    term = facet.terms[name]
    body = _catalog(f"taxonomy-{facet.id}-{name}", term.label, term.definition)
    node = _Node(f"taxonomy/{facet.id}/{name}/catalog.json", body)
    for narrower in facet.terms.values():
        if narrower.broader == name and (below := _term(facet, narrower.id, members, products)):
            node.add(below)
    # Products keep the parent that they have: a Collection has one.
    node.children += [products[product] for product in members.get((facet.id, name), [])]
    return node if node.children else None


def _spaces(catalog: Catalog, root: _Node, products: dict[str, _Node]) -> None:
    text = "Products by vector space: vectors may be compared only within one."
    shelf = _Node("spaces/catalog.json", _catalog("spaces", "Vector spaces", text))
    for space in catalog.spaces.values():
        within = [product.id for product in catalog.products.values() if product.embedding.space == space.id]
        if within:
            notes = [space.note or "", *(f"{r.relation} with {r.space}: {r.note}" for r in space.relations)]
            text = " ".join(filter(None, [f"Vectors of {space.title}.", *notes]))
            node = shelf.add(_Node(f"spaces/{space.id}/catalog.json", _catalog(f"space-{space.id}", space.title, text)))
            node.children += [products[name] for name in within]
    if shelf.children:
        root.add(shelf)


def _link_model(product: _Node, model: _Node | None) -> None:
    """Point the product's link `emb:model` to the model's Item, where there is one."""
    if model is None:
        return
    links = [link for link in product.body["links"] if link["rel"] != "emb:model"]
    links.append(_link("emb:model", product, model))
    product.body["links"] = links
    # `derived` is how MLM leads from a model to what it made.
    model.body["links"].append(_link("derived", model, product))


def _link(rel: str, source: _Node, target: _Node) -> dict[str, str]:
    href = posixpath.relpath(target.path, posixpath.dirname(source.path) or ".")
    is_item = target.body["type"] == "Feature"
    title = target.body.get("title") or target.body.get("properties", {}).get("title")
    link = {"rel": rel, "href": href if href.startswith(".") else f"./{href}", "type": _GEOJSON if is_item else _JSON}
    return link | ({"title": title} if title else {})


def _linked(node: _Node, base_url: str | None) -> dict[str, Any]:
    """The document with its structural links before its own."""
    root = node
    while root.parent is not None:
        root = root.parent
    links = [_link("root", node, root)]
    if base_url is not None:
        kind = _GEOJSON if node.body["type"] == "Feature" else _JSON
        links.append({"rel": "self", "href": f"{base_url.rstrip('/')}/{node.path}", "type": kind})
    if node.parent is not None:
        links.append(_link("parent", node, node.parent))
    if node.body["type"] == "Feature" and node.parent is not None:
        links.append(_link("collection", node, node.parent))
    links += [_link("item" if child.body["type"] == "Feature" else "child", node, child) for child in node.children]
    body = {**node.body, "links": [*links, *node.body["links"]]}
    if body["type"] == "Feature" and node.parent is not None:
        body["collection"] = node.parent.body["id"]
    return body
