"""STAC of others: an API's Items page by page, or static documents link by link.

The document at an address says what it is: a landing page or a Collection with an `items` link is an API's; a Catalog
or Collection whose links lead to Items is static. Pages and links are followed on the hosts that the record names only.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import FetchError, HttpStatus, UrlRefused
from atlas.fetch.protocol import Access, InputFile
from atlas.fetch.rejected import Rejected, RejectedRow
from atlas.sources.base import Batch, Option, Reader, Shard, Source
from atlas.sources.cards import spdx_fact
from atlas.sources.naming import shard_id
from atlas.sources.stac.extras import typed
from atlas.sources.stac.hrefs import self_link
from atlas.sources.stac.pages import ItemsOf, Slice, slices
from atlas.sources.stac.rows import SCHEMA, Reading
from atlas.sources.stac.tree import item_links, read_json

__all__ = ["READER", "StacApi"]

LINKS_PER_SHARD = 500
LONGEST_NAME = 300
GONE = {401, 403, 404, 410}


def _root(href: str) -> str:
    """The folder of a local document."""
    return "" if is_remote(href) else str(local_path(href).parent)


class StacApi(Reader):
    """Reader of STAC APIs and static STAC."""

    kind: ClassVar[str] = "stac-api"
    options: ClassVar[Mapping[str, Option]] = {"collection": Option("id of the collection, of an API with several")}

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per year of an API's collection whose Items it counts, else one; or per 500 Items of a static one.

        Raises:
            SourceError: the address is neither, or does not say which collection.
        """
        document = read_json(source.href, access)
        if document.get("type") in {"Feature", "FeatureCollection"}:
            yield Shard("items", (access.stat(source.href),), {"what": "document"})
            return
        published = _published(source.href, document)
        if _is_api(document):
            place = _place(source, document, access)
            collection = read_json(place.document, access)
            # What slices lose shows only against a count of the whole: an API without one is read in one piece.
            sliced = place.stated(access) is not None
            for name, part in slices(collection) if sliced else [("all", Slice())]:
                arguments = {"what": "api", "root": place.root, "collection": place.collection}
                arguments |= {"from": str(part.first or ""), "to": str(part.last or "")}
                yield Shard(shard_id(f"year_{name}"), (InputFile(place.href, "", name=place.collection),), arguments)
            return
        links: list[str] = []
        number = 0
        for link in item_links(source.href, document, access):
            links.append(link)
            if len(links) == LINKS_PER_SHARD:
                yield _static(number, links, published, access)
                links, number = [], number + 1
        if links:
            yield _static(number, links, published, access)
        elif number == 0:
            msg = f"{source.href}: links to no Item, and is not an API (Earth Engine, for one, publishes no Items)"
            raise SourceError(msg)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per Item; what is not an Item of ours is rejected."""
        what = shard.arguments["what"]
        embedding = source.product.embedding
        reading = Reading(embedding.dimensions, _root(source.href), shard.arguments.get("published", ""))
        # Of the fields that an Item may leave to its Collection the record's hold where the Item does not say.
        fill = {"emb:quantization": embedding.quantization, "gsd": embedding.gsd}
        if what == "api":
            to = shard.arguments
            part = Slice(int(to["from"]) if to["from"] else None, int(to["to"]) if to["to"] else None)
            pages = ItemsOf(to["root"], to["collection"]).pages(part, access)
            batches: Iterator[Batch] = (_batch(items, url, to["collection"], reading) for url, items in pages)
        elif what == "document":
            document = read_json(shard.inputs[0].href, access)
            features = document["features"] if document.get("type") == "FeatureCollection" else [document]
            found = features if isinstance(features, list) else []
            batches = iter([_batch(found, shard.inputs[0].href, shard.inputs[0].name, reading, numbered=True)])
        else:
            batches = _read_links(shard, reading, access)
        for batch in typed(batches, fill):
            yield batch if batch.rows is None else replace(batch, rows=reading.marked(batch.rows))

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The file of vectors."""
        del source
        return {"embeddings": {"title": "Embeddings", "roles": ["data", "embedding"]}}

    def properties(self, source: Source) -> Mapping[str, Any]:
        """Nothing beyond the record."""
        del source
        return {}

    def facts(self, source: Source, access: Access) -> Mapping[str, Any]:
        """Licence and version of the Collection, where the address leads to one."""
        document = read_json(source.href, access)
        if _is_api(document) and document.get("type") != "Collection":
            place = _place(source, document, access)
            document = read_json(place.document, access)
        version = document.get("version")
        stated = {"version": version} if isinstance(version, str) else {}
        return {**spdx_fact(document.get("license")), **stated}

    def counted(self, source: Source, access: Access) -> int | None:
        """How many Items an API says it has, to compare with what was read; None where nobody says."""
        document = read_json(source.href, access)
        return _place(source, document, access).stated(access) if _is_api(document) else None


def _is_api(document: Mapping[str, Any]) -> bool:
    relations = {link.get("rel") for link in document.get("links") or [] if isinstance(link, dict)}
    return bool(document.get("conformsTo")) or "items" in relations or {"search", "data"} <= relations


def _place(source: Source, document: Mapping[str, Any], access: Access) -> ItemsOf:
    """The collection that the address, the option `collection` or the API's list names."""
    root, marker, rest = source.href.rstrip("/").partition("/collections/")
    if marker:
        return ItemsOf(root, rest.partition("/")[0])
    if chosen := source.options.get("collection"):
        return ItemsOf(root, chosen)
    found = read_json(f"{root}/collections", access).get("collections")
    ids = [c["id"] for c in found or [] if isinstance(c, dict) and isinstance(c.get("id"), str)]
    of_vectors = [c["id"] for c in found or [] if isinstance(c, dict) and c.get("id") in ids and _describes_vectors(c)]
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
    extensions = collection.get("stac_extensions") or []
    return any(key.startswith("emb:") for key in collection) or any("/emb" in str(e) for e in extensions)


def _published(href: str, document: Mapping[str, Any]) -> str:
    """The URL of the folder of a local document, where it says that it is published."""
    link = "" if is_remote(href) else self_link(document)
    return joined(link, ".") if is_remote(link) else ""


def _static(number: int, links: list[str], published: str, access: Access) -> Shard:
    """A shard of Items that links lead to; of a local tree with their hashes, so that an unchanged one is not read."""
    inputs = []
    for link in links:
        if is_remote(link):  # asking for the ETag of each would cost as much as reading it
            inputs.append(InputFile(link, "", name=link.partition("://")[2].partition("/")[2].partition("?")[0]))
            continue
        with contextlib.suppress(FetchError):  # gone, or outside the folder: told when it is read
            inputs.append(replace(access.stat(link), name=link))
            continue
        inputs.append(InputFile(link, "absent", name=link))
    return Shard(f"items_{number:05d}", tuple(inputs), {"what": "links", "published": published}, len(links))


def _read_links(shard: Shard, reading: Reading, access: Access) -> Iterator[Batch]:
    rows: list[dict[str, Any]] = []
    aside: list[RejectedRow] = []
    for file in shard.inputs:
        name = file.name or file.href
        try:
            rows.append(reading.row(read_json(file.href, access), file.href) | {"file": name})
        except Rejected as rejected:
            aside.append(rejected.as_row(name))
        except UrlRefused as error:
            aside.append(
                RejectedRow(name, None, "link leads to a host that the record does not name", detail=str(error)[:200])
            )
        except HttpStatus as error:
            if error.status not in GONE:
                raise
            gone = f"host answers {error.status}" if is_remote(file.href) else "link leads to no file"
            aside.append(RejectedRow(name, None, gone))
        except SourceError as error:
            if isinstance(error, FetchError):
                raise
            aside.append(RejectedRow(name, None, "not JSON", detail=str(error)[:200]))
    if rows or aside:
        yield Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(aside))


def _batch(features: list[Any], base: str, name: str, reading: Reading, *, numbered: bool = False) -> Batch:
    """Rows of Items that one document holds; a report names each by its id, and by its place where that stays one."""
    rows, aside = [], []
    for number, feature in enumerate(features, 1):
        label = feature.get("id") if isinstance(feature, dict) else None
        where = f"{name}/{label}"[:LONGEST_NAME] if label else name
        line = number if numbered or not label else None
        try:
            rows.append(reading.row(feature, base) | {"file": where, "line": line})
        except Rejected as rejected:
            aside.append(rejected.as_row(where, line))
    return Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(aside))


READER = StacApi()
