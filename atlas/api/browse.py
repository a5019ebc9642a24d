"""The catalogue as a tree: facets of the taxonomy, their terms, and the Collections under each, all valid Catalogs.

The stock hierarchy extension is not used: its children hold nulls that no validator accepts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import all_collections, collection_page
from atlas.api.context import services, stac_url
from atlas.api.errors import NotFoundError
from atlas.api.responses import JSON, json_response, navigation
from atlas.records import Catalog, Facet, Term
from atlas.records.classify import classify

__all__ = ["child_links", "get_facet", "get_facet_children", "get_root_children", "get_term", "get_term_children"]

_Collections = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class _Node:
    """A facet, or one of its terms; each knows the Collections directly under every term of the facet."""

    facet: Facet
    direct: dict[str, list[str]]
    collections: _Collections
    base: str
    term: Term | None = None

    @property
    def href(self) -> str:
        home = f"{self.base}/catalogs/{quote(self.facet.id, safe='')}"
        return f"{home}/{quote(self.term.id, safe='')}" if self.term else home

    @property
    def here(self) -> list[dict[str, Any]]:
        """The Collections directly under the term."""
        return [self.collections[c] for c in self.direct.get(self.term.id, ())] if self.term else []

    def narrower(self) -> list["_Node"]:
        """The terms directly below that hold a Collection somewhere."""
        filled = {w for t in self.direct for w in (t, *self.facet.ancestors(t))}
        wider = self.term.id if self.term else None
        return [replace(self, term=t) for t in self.facet.terms.values() if t.id in filled and t.broader == wider]

    def document(self) -> dict[str, Any]:
        """A Catalog."""
        entry, parent = self.facet if self.term is None else self.term, self.base
        if self.term is not None:
            parent = replace(self, term=self.facet.terms[self.term.broader] if self.term.broader else None).href
        return {
            "type": "Catalog",
            "stac_version": "1.1.0",
            "id": f"atlas-{self.facet.id}-{self.term.id}" if self.term else f"atlas-{self.facet.id}",
            "title": entry.label,
            "description": entry.definition,
            "links": [
                _link("self", self.href, entry.label),
                {"rel": "root", "type": JSON, "href": self.base},
                {"rel": "parent", "type": JSON, "href": parent},
                _link("children", f"{self.href}/children", "Children"),
                *(_link("child", node.href, node.term.label) for node in self.narrower() if node.term),
                *(_collection_link(self.base, collection) for collection in self.here),
            ],
        }


def _link(relation: str, href: str, title: str) -> dict[str, str]:
    return {"rel": relation, "type": JSON, "title": title, "href": href}


def _collection_link(base: str, collection: dict[str, Any]) -> dict[str, str]:
    identity = str(collection["id"])
    return _link("child", f"{base}/collections/{quote(identity, safe='')}", collection.get("title") or identity)


def _facets(catalog: Catalog, collections: _Collections, base: str) -> dict[str, _Node]:
    """The facets that hold a Collection."""
    direct: dict[str, dict[str, list[str]]] = {}
    for identity in collections:
        if product := catalog.products.get(identity):
            for facet, terms in classify(product, catalog).items():
                for term in terms:
                    direct.setdefault(facet, {}).setdefault(term, []).append(identity)
    return {f: _Node(facet, direct[f], collections, base) for f, facet in catalog.taxonomy.items() if f in direct}


def child_links(catalog: Catalog, collections: _Collections, base: str) -> list[dict[str, str]]:
    """Links from the landing page to the facets that hold a Collection, and to every Collection."""
    facets = [_link("child", node.href, node.facet.label) for node in _facets(catalog, collections, base).values()]
    return facets + [_collection_link(base, c) for c in collections.values()]


async def _all(request: Request) -> dict[str, _Node]:
    parts = services(request)
    return _facets(parts.catalog, await all_collections(parts.state), stac_url(request))


async def _node(request: Request) -> _Node:
    """The facet or term of the path."""
    found = (await _all(request)).get(request.path_params["facet"])
    if found is None:
        raise NotFoundError(f"there is no facet {request.path_params['facet']!r} with Collections")
    name: str | None = request.path_params.get("term")
    if name is None:
        return found
    if name not in found.facet.terms:
        raise NotFoundError(f"the facet {found.facet.id!r} has no term {name!r}")
    return replace(found, term=found.facet.terms[name])


def _children(request: Request, href: str, base: str, nodes: Iterable[_Node], collections: Iterable[Any]) -> Response:
    links = navigation(base, f"{href}/children", parent=href)
    children = [*(node.document() for node in nodes), *(collection_page(c, base) for c in collections)]
    document = {"children": children, "links": links, "numberMatched": len(children), "numberReturned": len(children)}
    return json_response(request, document, lasting=True)


async def get_root_children(request: Request) -> Response:
    """GET /children."""
    base, collections = stac_url(request), await all_collections(services(request).state)
    return _children(request, base, base, (await _all(request)).values(), collections.values())


async def get_facet(request: Request) -> Response:
    """GET /catalogs/{facet}."""
    return json_response(request, (await _node(request)).document(), lasting=True)


async def get_facet_children(request: Request) -> Response:
    """GET /catalogs/{facet}/children."""
    node = await _node(request)
    return _children(request, node.href, node.base, node.narrower(), node.here)


async def get_term(request: Request) -> Response:
    """GET /catalogs/{facet}/{term}."""
    return await get_facet(request)


async def get_term_children(request: Request) -> Response:
    """GET /catalogs/{facet}/{term}/children."""
    return await get_facet_children(request)
