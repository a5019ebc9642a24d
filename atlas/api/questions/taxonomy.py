"""`/atlas/taxonomy`: facets, terms, their products, and counts under the current filters."""

from collections import Counter, defaultdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.context import parameters, services, stac_url
from atlas.api.errors import NotFoundError
from atlas.api.questions.negotiate import answer
from atlas.api.questions.selection import read_facets, select
from atlas.records import Catalog, Facet, Product, Term
from atlas.records.classify import classify

__all__ = ["get_facet_terms", "get_taxonomy", "get_taxonomy_term"]

_COLUMNS = ("facet", "term", "label", "broader", "count", "definition", "source")


class _View:
    """The taxonomy under the filters of one request."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.catalog: Catalog = services(request).catalog
        self.base = stac_url(request)
        self.values = parameters(request)
        self.wanted = read_facets(self.catalog, self.values)
        chosen = [s for s in select(self.catalog, self.wanted) if not s.because]
        self.products = [s.product for s in chosen if not s.warnings]
        self.uncertain = [s.product for s in chosen if s.warnings]
        self.stated: Counter[str] = Counter()
        self.under: defaultdict[tuple[str, str], list[Product]] = defaultdict(list)
        """The selected products of a term or of one below it."""
        for product in self.products:
            for facet, terms in classify(product, self.catalog).items():
                self.stated[facet] += bool(terms)
                for term in self.catalog.taxonomy[facet].with_wider(terms):
                    self.under[facet, term].append(product)

    def term(self, facet: Facet, term: Term) -> dict[str, Any]:
        """A term without its children."""
        return {
            "id": term.id,
            "label": term.label,
            "definition": term.definition,
            "broader": term.broader,
            "source": term.source.source,
            "count": len(self.under[facet.id, term.id]),
            "href": f"{self.base}/atlas/taxonomy/{facet.id}/{term.id}",
        }

    def tree(self, facet: Facet, parent: str | None = None) -> list[dict[str, Any]]:
        """The terms below a term with theirs."""
        terms = [t for t in facet.terms.values() if t.broader == parent]
        return [{**self.term(facet, t), "narrower": self.tree(facet, t.id)} for t in terms]

    def facet(self, facet: Facet) -> dict[str, Any]:
        """A facet with its tree."""
        return {
            "id": facet.id,
            "label": facet.label,
            "definition": facet.definition,
            "href": f"{self.base}/atlas/taxonomy/{facet.id}",
            "count": self.stated[facet.id],
            "not_stated": len(self.products) - self.stated[facet.id],
            "terms": self.tree(facet),
        }

    def answer(self, document: dict[str, Any], facets: list[Facet], terms: list[Term] | None = None) -> Response:
        """The document with the filters that it was made under."""
        document |= {
            "filters": {k: list(v) for k, v in self.wanted.items()},
            "products_selected": len(self.products),
            "products_uncertain": [p.id for p in self.uncertain],
        }
        rows = (
            {**self.term(f, t), "facet": f.id, "term": t.id}
            for f in facets
            for t in (f.terms.values() if terms is None else terms)
        )
        return answer(self.request, self.values, document, _COLUMNS, rows, lasting=True)

    def find(self) -> Facet:
        """The facet of the path.

        Raises:
            NotFoundError: there is none of that name.
        """
        name = self.request.path_params["facet"]
        found = self.catalog.taxonomy.get(name)
        if found is None:
            raise NotFoundError(f"there is no facet {name!r}; there are {', '.join(self.catalog.taxonomy)}")
        return found


async def get_taxonomy(request: Request) -> Response:
    """GET /atlas/taxonomy."""
    view = _View(request)
    facets = list(view.catalog.taxonomy.values())
    return view.answer({"facets": [view.facet(f) for f in facets]}, facets)


async def get_facet_terms(request: Request) -> Response:
    """GET /atlas/taxonomy/{facet}."""
    view = _View(request)
    facet = view.find()
    return view.answer(view.facet(facet), [facet])


async def get_taxonomy_term(request: Request) -> Response:
    """GET /atlas/taxonomy/{facet}/{term}."""
    view = _View(request)
    facet = view.find()
    term = facet.terms.get(request.path_params["term"])
    if term is None:
        raise NotFoundError(f"the facet {facet.id!r} has no term {request.path_params['term']!r}")
    document = {**view.term(facet, term), "facet": facet.id, "narrower": view.tree(facet, term.id)}
    document["wider"] = facet.ancestors(term.id)
    if term.plain:
        document["plain"] = dict(term.plain)
    document["products"] = [
        {"id": p.id, "title": p.title, "href": f"{view.base}/collections/{p.id}"} for p in view.under[facet.id, term.id]
    ]
    return view.answer(document, [facet], [term])
