"""The table: one row per operation."""

from collections.abc import Iterable
from dataclasses import dataclass

from atlas.operations.parameters import PARAMETERS

__all__ = ["ATLAS", "BROWSE", "OPERATIONS", "STAC", "WRITE", "Example", "Operation", "operation"]

STAC, BROWSE, ATLAS, WRITE = "STAC", "Browse", "Atlas", "Write"
JSON, GEOJSON, CSV, SCHEMA = "application/json", "application/geo+json", "text/csv", "application/schema+json"
HTML, ATOM, OPENAPI = "text/html", "application/atom+xml", "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the page of the API shows and that a test runs.

    Attributes:
        title: what it asks.
        text: what it answers.
        path: replaces the operation's path where that has parameters.
        query: encoded, without a question mark.
    """

    title: str
    text: str
    query: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        id: OpenAPI's `operationId`; `atlas.api.routes` names the function behind it.
        path: below the landing page, with the path parameters in braces; empty for the landing page.
        summary: in a few words.
        tag: group in the documentation.
        media: types of the answer; empty where it has no body.
        parameters: of the query. `NAME` is described in `atlas.operations.parameters`; `NAME=OTHER` is described there
            as OTHER.
        facets: whether the facets of the taxonomy are parameters too.
        unlisted: parameters that are accepted because clients send them, but not documented.
        method: of HTTP.
        rel: relation of the link on the landing page, or empty.
        link: title of that link.
        examples: for the page of the API.
        documented: whether the OpenAPI document shows it.
        success: status of the answer.
        body: whether the request has one.
        answer: the model of `stac_pydantic.api` for an answer in JSON, or empty.
    """

    id: str
    path: str
    summary: str
    tag: str = STAC
    media: tuple[str, ...] = (JSON,)
    parameters: tuple[str, ...] = ()
    facets: bool = False
    unlisted: frozenset[str] = frozenset()
    method: str = "GET"
    rel: str = ""
    link: str = ""
    examples: tuple[Example, ...] = ()
    documented: bool = True
    success: str = "200"
    body: bool = False
    answer: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Names of the parameters of the query, without the facets."""
        return frozenset(entry.partition("=")[0] for entry in self.parameters)

    def accepts(self, facets: Iterable[str]) -> frozenset[str]:
        """Names of all parameters that the query may have, given the facets of the taxonomy."""
        return self.names | self.unlisted | frozenset(facets if self.facets else ())


_COLLECTION, _ITEM = "/collections/{collection_id}", "/collections/{collection_id}/items/{item_id}"
_ITEMS = (
    "bbox", "datetime", "fields", "filter", "filter-crs", "filter-lang", "limit", "query", "sortby", "token",
)  # fmt: skip
_SEARCH = (*_ITEMS, "collections", "ids", "intersects")
_PLACE = ("bbox", "intersects", "lat", "lon")
_TIME = "datetime=years"
_TABLE = (JSON, CSV)
_BOTH = (JSON, GEOJSON)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getLandingPage", "", "Landing page", answer="LandingPage",
        examples=(Example("Landing page", "Links to everything else."),),
    ),
    Operation(
        "getCollections", "/collections", "Search Collections", answer="Collections", rel="data", link="Collections",
        parameters=(
            "bbox", "datetime", "fields", "filter", "filter-crs", "filter-lang", "limit", "offset", "q", "query",
            "sortby",
        ),
        examples=(
            Example("All products", "A STAC Collection for each, with the fields of the extension."),
            Example(
                "Products by a field of the extension",
                "Those with at least 128 dimensions. Any queryable field may stand in the filter.",
                "filter=%22emb%3Adimensions%22%20%3E%3D%20128&filter-lang=cql2-text",
            ),
        ),
    ),
    Operation("getConformance", "/conformance", "Conformance classes", answer="Conformance", rel="conformance",
              link="Conformance classes"),
    Operation(
        "getSearch", "/search", "Search Items", answer="ItemCollection", media=(GEOJSON,), parameters=_SEARCH,
        rel="search", link="Search",
        examples=(
            Example(
                "Tiles in a box",
                "Items of TESSERA v1 around Cambridge, five per page.",
                "collections=tessera-v1&bbox=0,52,1,53&limit=5",
            ),
            Example(
                "Tiles of a year",
                "An annual product matches any instant of its year.",
                "collections=tessera-v1&datetime=2021-07-01T00:00:00Z&limit=5",
            ),
        ),
    ),
    Operation(
        "postSearch", "/search", "Search Items", answer="ItemCollection", media=(GEOJSON,), method="POST", body=True,
        rel="search", link="Search",
    ),
    Operation(
        "getQueryables", "/queryables", "What may be filtered by", media=(SCHEMA,), rel=QUERYABLES, link="Queryables",
        examples=(
            Example("What can be filtered and sorted by", "A JSON Schema, made from the field table."),
        ),
    ),
    Operation(
        "getCollection", _COLLECTION, "One Collection", answer="Collection",
        examples=(Example("One product", "The Collection of TESSERA v1.", path="/collections/tessera-v1"),),
    ),
    Operation(
        "getCollectionQueryables", f"{_COLLECTION}/queryables", "What may be filtered by in a Collection",
        media=(SCHEMA,),
    ),
    Operation(
        "getItems", f"{_COLLECTION}/items", "Items of a Collection", answer="ItemCollection", media=(GEOJSON,),
        parameters=_ITEMS,
        unlisted=frozenset({"collections"}),  # pystac-client names the Collection here too
    ),
    Operation("getItem", _ITEM, "One Item", answer="Item", media=(GEOJSON,)),
    Operation("getChildren", "/children", "Facets and Collections", BROWSE, rel="children", link="Children"),
    Operation("getFacet", "/catalogs/{facet}", "A facet as a Catalog", BROWSE),
    Operation("getFacetChildren", "/catalogs/{facet}/children", "Terms of a facet", BROWSE),
    Operation("getTerm", "/catalogs/{facet}/{term}", "A term as a Catalog", BROWSE),
    Operation("getTermChildren", "/catalogs/{facet}/{term}/children", "What is under a term", BROWSE),
    Operation("getApi", "/api", "OpenAPI description", media=(OPENAPI,), documented=False, rel="service-desc",
              link="OpenAPI description"),
    Operation("getApiPage", "/api.html", "How to use this API", media=(HTML,), documented=False, rel="service-doc",
              link="How to use this API"),
    Operation(
        "getTaxonomy", "/atlas/taxonomy", "Facets with counts under the filters", ATLAS, _TABLE, ("f",), facets=True,
        rel="atlas:taxonomy", link="Taxonomy",
        examples=(Example("The taxonomy with counts", "Facets, terms and their products."),),
    ),
    Operation("getTaxonomyFacet", "/atlas/taxonomy/{facet}", "One facet", ATLAS, _TABLE, ("f",), facets=True),
    Operation(
        "getTaxonomyTerm", "/atlas/taxonomy/{facet}/{term}", "One term with its products", ATLAS, _TABLE, ("f",),
        facets=True,
    ),
    Operation(
        "getCoverage", "/atlas/coverage", "What covers a place", ATLAS, _TABLE, (*_PLACE, _TIME, "f", "limit"),
        facets=True, rel="atlas:coverage", link="What covers a place",
        examples=(Example("What covers my point?", "Products, years and Items.", "lon=0.12&lat=52.2"),),
    ),
    Operation(
        "getCompare", "/atlas/compare", "What may be compared", ATLAS, _TABLE, ("f", "ids=products"),
        rel="atlas:compare", link="What may be compared",
        examples=(
            Example(
                "May I compare these?",
                "Field by field, with the vector space and what combining them requires.",
                "ids=tessera-v1,aef-v1-annual",
            ),
        ),
    ),
    Operation(
        "getChoose", "/atlas/choose", "Which product fits", ATLAS, _TABLE,
        (*_PLACE, _TIME, "change", "effort", "f", "max_bytes", "max_dimensions", "use"), facets=True,
        rel="atlas:choose", link="Which product fits",
        examples=(
            Example(
                "Which product fits?",
                "By what is stated, and by the tiles at a place; each excluded product says why.",
                "type=pixel",
            ),
        ),
    ),
    Operation(
        "getEstimate", "/atlas/estimate", "How much it is", ATLAS, _TABLE,
        ("bbox", "intersects", _TIME, "f", "product"),
        rel="atlas:estimate", link="How much it is",
        examples=(
            Example(
                "How much would I download?",
                "Tiles, files, requests and bytes of a place and time, and what each host charges or requires.",
                "product=tessera-v1&bbox=0,52,1,53&datetime=2021",
            ),
        ),
    ),
    Operation(
        "getRecipe", "/atlas/products/{product_id}/recipe", "Code that opens an asset", ATLAS, (JSON, "text/plain"),
        ("item", "lang"),
    ),
    Operation(
        "getFeed", "/atlas/feed.atom", "Changes and drift", ATLAS, (ATOM,), rel="alternate", link="Changes",
        examples=(Example("What changed?", "An Atom feed of records and crawls."),),
    ),
    Operation("postCollection", "/collections", "Add a Collection", WRITE, _BOTH, method="POST", body=True,
              success="201"),
    Operation("putCollection", _COLLECTION, "Replace a Collection", WRITE, _BOTH, method="PUT", body=True),
    Operation("patchCollection", _COLLECTION, "Change a Collection", WRITE, _BOTH, method="PATCH", body=True),
    Operation("deleteCollection", _COLLECTION, "Remove a Collection", WRITE, (), method="DELETE", success="204"),
    Operation("postItems", f"{_COLLECTION}/items", "Add Items", WRITE, _BOTH, method="POST", body=True, success="201"),
    Operation("putItem", _ITEM, "Replace an Item", WRITE, _BOTH, method="PUT", body=True),
    Operation("patchItem", _ITEM, "Change an Item", WRITE, _BOTH, method="PATCH", body=True),
    Operation("deleteItem", _ITEM, "Remove an Item", WRITE, (), method="DELETE", success="204"),
)  # fmt: skip
"""Those tagged `WRITE` are served where writing is switched on."""
_BY_ID = {one.id: one for one in OPERATIONS}


def operation(name: str) -> Operation:
    """The operation of that id."""
    return _BY_ID[name]


assert all(entry.rpartition("=")[2] in PARAMETERS for one in OPERATIONS for entry in one.parameters)  # noqa: S101
