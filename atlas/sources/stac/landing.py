"""Whether a document is an API's or a static one, and which collection of an API is meant.

A conformance class alone does not make an API: static copies keep the `conformsTo` of the page that they were made
from, and a link `items` may lead to a file of Items. A document is an API's where its links lead to an API's answers.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.address import is_remote, split
from atlas.fetch.faults import FetchError, HttpStatus, UrlRefused
from atlas.sources.base import Source
from atlas.sources.stac.links import Link, links_of
from atlas.sources.stac.pages import ItemsOf, ask
from atlas.sources.stac.tree import read_json

__all__ = ["is_api", "place_of"]

_CLASS = re.compile(r"https?://(api\.stacspec\.org/|www\.opengis\.net/spec/ogcapi-)")
T = TypeVar("T")
_COLLECTION = re.compile(r"/collections/[^/]+$")


def is_api(href: str, document: Mapping[str, Any], access: Access) -> bool:
    """Whether a Catalog or Collection is an API's.

    A file is not. A document without links to Items or children is, if it has conformance classes, or links that an API
    has. One with such links is an API's where it also has the links of its kind (a Catalog `data` or `search` and
    conformance classes, a Collection `items`) and the API answers.

    Raises:
        SourceError: the host must be asked, and cannot be.
    """
    if not is_remote(href):
        return False
    links, _ = links_of(document)
    relations = {link.rel for link in links}
    serves_items = any(link.rel == "items" and not _is_file(link) for link in links)
    searched = relations & {"data", "search"}
    stated = document.get("conformsTo")
    classes = stated if isinstance(stated, list) else []
    if relations.isdisjoint({"item", "child"}):
        return bool(classes) or serves_items or len(searched) == 2
    if document.get("type") == "Collection":
        if not serves_items or not _COLLECTION.search(split(href).path.rstrip("/")):
            return False
        return _answered(lambda: ask(f"{href.rstrip('/')}/items?limit=1", None, access)) is not None
    conforms = any(isinstance(one, str) and _CLASS.match(one) for one in classes)
    if len(searched) < 2 and not (conforms and searched):
        return False
    listed = _answered(lambda: read_json(f"{href.rstrip('/')}/collections", access))
    return listed is not None and isinstance(listed.get("collections"), list)


def _is_file(link: Link) -> bool:
    """Whether a link `items` leads to a file of Items; the path of an API has no ending."""
    target = link.stated.get("href")
    path = split(target).path.rstrip("/") if isinstance(target, str) else ""
    return "parquet" in str(link.stated.get("type")) or "." in path.rpartition("/")[2].removeprefix(".")


def _answered(asked: Callable[[], T]) -> T | None:
    """What an API answers; None where it settles that there is nothing, or answers something else."""
    try:
        return asked()
    except SourceError as error:
        settled = isinstance(error, UrlRefused) or (isinstance(error, HttpStatus) and error.settled)
        if isinstance(error, FetchError) and not settled:
            raise
        return None


def place_of(source: Source, access: Access) -> ItemsOf:
    """The collection that the address, the option `collection` or the API's list names.

    Raises:
        SourceError: none of them says which one.
    """
    root, marker, rest = source.href.rstrip("/").partition("/collections/")
    if marker:
        return ItemsOf(root, unquote(rest.partition("/")[0]))
    if chosen := source.options.get("collection"):
        return ItemsOf(root, chosen)
    found = read_json(f"{root}/collections", access).get("collections")
    found = found if isinstance(found, list) else []
    listed = [c for c in found if isinstance(c, dict) and isinstance(c.get("id"), str)]
    ids = [c["id"] for c in listed]
    of_vectors = [c["id"] for c in listed if _describes_vectors(c)]
    # A note of the record may name the collection: a name that the API has is no guess.
    notes = " ".join(source.product.index.notes) if source.product.index else ""
    named = [i for i in ids if i in notes]
    for candidates in (named, of_vectors):
        if len(candidates) == 1:
            return ItemsOf(root, candidates[0])
    msg = (
        f"{source.href}: which collection? Of {len(ids)} there, {len(of_vectors)} hold embeddings; "
        "end the address in /collections/ID, or give --option collection=ID"
    )
    raise SourceError(msg)


def _describes_vectors(collection: Mapping[str, Any]) -> bool:
    stated = collection.get("stac_extensions")
    extensions = stated if isinstance(stated, list) else []
    return any(key.startswith("emb:") for key in collection) or any("/emb" in str(e) for e in extensions)
