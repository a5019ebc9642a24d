"""The catalogue as a tree: facets of the taxonomy, their terms, and the Collections under each, all valid Catalogs.

The stock hierarchy extension is not used: its children hold nulls that no validator accepts.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import all_collections, collection_page
from atlas.api.context import services, stac_url
from atlas.api.errors import NotFoundError
from atlas.api.responses import JSON, json_response
from atlas.records import Catalog, Facet, Term
from atlas.records.classify import classify

__all__ = ["child_links", "get_facet", "get_facet_children", "get_root_children", "get_term", "get_term_children"]

_Collections = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class _Tree:
    """One facet with the Collections directly under each of its terms."""

    facet: Facet
    direct: dict[str, list[str]]
    collections: _Collections
    base: str

    def narrower(self, term: str | None) -> list[Term]:
        """The terms below a term (at the top where None) that hold a Collection somewhere."""
        filled = {w for t in self.direct for w in (t, *self.facet.ancestors(t))}
        return [t for t in self.facet.terms.values() if t.id in filled and t.broader == term]

    @property
    def href(self) -> str:
        return f"{self.base}/catalogs/{quote(self.facet.id, safe='')}"

    def term_href(self, term: Term) -> str:
        return f"{self.href}/{quote(term.id, safe='')}"

    def document(self) -> dict[str, Any]:
        """The facet as a Catalog."""
        children = [_link("child", self.term_href(t), t.label) for t in self.narrower(None)]
        return _catalog(f"atlas-{self.facet.id}", self.facet, self.href, self.base, self.base, children)

    def term_document(self, term: Term) -> dict[str, Any]:
        """A term as a Catalog."""
        parent = self.term_href(self.facet.terms[term.broader]) if term.broader else self.href
        children = [_link("child", self.term_href(t), t.label) for t in self.narrower(term.id)]
        children += [_collection_link(self.base, self.collections[c]) for c in self.direct.get(term.id, ())]
        return _catalog(f"atlas-{self.facet.id}-{term.id}", term, self.term_href(term), parent, self.base, children)


def _link(relation: str, href: str, title: str) -> dict[str, str]:
    return {"rel": relation, "type": JSON, "title": title, "href": href}


def _collection_link(base: str, collection: dict[str, Any]) -> dict[str, str]:
    identity = str(collection["id"])
    return _link("child", f"{base}/collections/{quote(identity, safe='')}", collection.get("title") or identity)


def _catalog(
    identity: str, entry: Facet | Term, href: str, parent: str, root: str, children: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": identity,
        "title": entry.label,
        "description": entry.definition,
        "links": [
            _link("self", href, entry.label),
            {"rel": "root", "type": JSON, "href": root},
            {"rel": "parent", "type": JSON, "href": parent},
            _link("children", f"{href}/children", "Children"),
            *children,
        ],
    }


def _trees(catalog: Catalog, collections: _Collections, base: str) -> dict[str, _Tree]:
    """The facets that hold a Collection."""
    direct: dict[str, dict[str, list[str]]] = {}
    for identity in collections:
        if product := catalog.products.get(identity):
            for facet, terms in classify(product, catalog).items():
                for term in terms:
                    direct.setdefault(facet, {}).setdefault(term, []).append(identity)
    return {f: _Tree(facet, direct[f], collections, base) for f, facet in catalog.taxonomy.items() if f in direct}


def child_links(catalog: Catalog, collections: _Collections, base: str) -> list[dict[str, str]]:
    """Links from the landing page to the facets that hold a Collection, and to every Collection."""
    trees = _trees(catalog, collections, base).values()
    facets = [_link("child", tree.href, tree.facet.label) for tree in trees]
    return facets + [_collection_link(base, c) for c in collections.values()]


async def _all(request: Request) -> dict[str, _Tree]:
    parts = services(request)
    return _trees(parts.catalog, await all_collections(parts.state), stac_url(request))


async def _tree(request: Request) -> _Tree:
    found = (await _all(request)).get(request.path_params["facet"])
    if found is None:
        raise NotFoundError(f"there is no facet {request.path_params['facet']!r} with Collections")
    return found


async def _term(request: Request) -> tuple[_Tree, Term]:
    tree = await _tree(request)
    term = tree.facet.terms.get(request.path_params["term"])
    if term is None:
        raise NotFoundError(f"the facet {tree.facet.id!r} has no term {request.path_params['term']!r}")
    return tree, term


def _children(request: Request, href: str, parent: str, base: str, children: list[dict[str, Any]]) -> Response:
    links = [
        {"rel": "self", "type": JSON, "href": href},
        {"rel": "root", "type": JSON, "href": base},
        {"rel": "parent", "type": JSON, "href": parent},
    ]
    document = {"children": children, "links": links, "numberMatched": len(children), "numberReturned": len(children)}
    return json_response(request, document, lasting=True)


async def get_root_children(request: Request) -> Response:
    """GET /children."""
    trees, base = await _all(request), stac_url(request)
    collections = await all_collections(services(request).state)
    children = [tree.document() for tree in trees.values()]
    children += [collection_page(c, base) for c in collections.values()]
    return _children(request, f"{base}/children", base, base, children)


async def get_facet(request: Request) -> Response:
    """GET /catalogs/{facet}."""
    return json_response(request, (await _tree(request)).document(), lasting=True)


async def get_facet_children(request: Request) -> Response:
    """GET /catalogs/{facet}/children."""
    tree = await _tree(request)
    children = [tree.term_document(t) for t in tree.narrower(None)]
    return _children(request, f"{tree.href}/children", tree.href, tree.base, children)


async def get_term(request: Request) -> Response:
    """GET /catalogs/{facet}/{term}."""
    tree, term = await _term(request)
    return json_response(request, tree.term_document(term), lasting=True)


async def get_term_children(request: Request) -> Response:
    """GET /catalogs/{facet}/{term}/children."""
    tree, term = await _term(request)
    href = tree.term_href(term)
    children = [tree.term_document(t) for t in tree.narrower(term.id)]
    children += [collection_page(tree.collections[c], tree.base) for c in tree.direct.get(term.id, ())]
    return _children(request, f"{href}/children", href, tree.base, children)
