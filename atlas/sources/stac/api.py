"""Foreign STAC: an API's Items page by page, or static documents link by link.

The document at an address says what it is (`atlas.sources.stac.landing`). Pages and links are
followed on the hosts that the record names only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.access import Access, local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import InputFile, Rejected
from atlas.sources.base import Batch, Option, Reader, Shard, Source
from atlas.sources.cards import spdx_fact
from atlas.sources.naming import shard_id
from atlas.sources.stac.extras import typed
from atlas.sources.stac.landing import is_api, place_of
from atlas.sources.stac.links import self_link
from atlas.sources.stac.pages import ItemsOf, Slice, slices
from atlas.sources.stac.rows import SCHEMA, Reading
from atlas.sources.stac.tree import linked, read_json, rejected, static_shards, walk

__all__ = ["READER", "StacApi"]

LONGEST_NAME = 300
NO_COLLECTION = "Items name no Collection, and were taken to belong to the one that the API was asked for"


class StacApi(Reader):
    """Reader of STAC APIs and static STAC."""

    kind: ClassVar[str] = "stac-api"
    options: ClassVar[Mapping[str, Option]] = {"collection": Option("id of the collection, of an API with several")}

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per year of a collection whose Items the API counts, else one; for static STAC one per 500 Items.

        Raises:
            SourceError: the address is neither, or does not say which collection.
        """
        document = read_json(source.href, access)
        if document.get("type") in ("Feature", "FeatureCollection"):
            yield Shard("items", (access.stat(source.href),), {"what": "document"})
            return
        if is_api(source.href, document, access):
            place = place_of(source, access)
            collection = read_json(place.document, access)
            # Only a total shows whether slices lose Items: an API that gives none is read in one piece.
            sliced = place.stated(access) is not None
            for name, part in slices(collection) if sliced else [("all", Slice())]:
                arguments = {"what": "api", "root": place.root, "collection": place.collection}
                arguments |= {"from": str(part.first or ""), "to": str(part.last or "")}
                yield Shard(shard_id(f"year_{name}"), (InputFile(place.href, "", name=place.collection),), arguments)
            return
        shard = None
        for shard in static_shards(walk(source.href, document, access), _published(source.href, document), access):
            yield shard
        if shard is None:
            msg = f"{source.href}: links to no Item, and is not an API (Earth Engine, for one, publishes no Items)"
            raise SourceError(msg)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per Item; what is not an Item of ours is rejected."""
        what = shard.arguments["what"]
        embedding = source.product.embedding
        root = "" if is_remote(source.href) else str(local_path(source.href).parent)
        repeated = {"emb:dimensions": embedding.dimensions, "emb:ground_size": embedding.ground_size}
        beside = tuple((name, value) for name, value in repeated.items() if value is not None)
        reading = Reading(embedding.dimensions, beside, root, shard.arguments.get("published", ""))
        # Fields that an Item may leave to its Collection are the record's where the Item does not state them.
        fill = {"emb:quantization": embedding.quantization, "gsd": embedding.gsd}
        if what == "api":
            to = shard.arguments
            part = Slice(int(to["from"]) if to["from"] else None, int(to["to"]) if to["to"] else None)
            pages = ItemsOf(to["root"], to["collection"]).pages(part, access)
            reading = replace(reading, collection=to["collection"])
            batches: Iterator[Batch] = (_batch(items, url, to["collection"], reading) for url, items in pages)
        elif what == "document":
            document = read_json(shard.inputs[0].href, access)
            features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
            if not isinstance(features, list) or (isinstance(document, Twice) and document.name == "features"):
                raise SourceError(f"{shard.inputs[0].href}: a FeatureCollection without one list of features")
            batches = iter([_batch(features, shard.inputs[0].href, shard.inputs[0].name, reading, numbered=True)])
        else:
            batches = linked(shard, reading, access) if what == "links" else rejected(shard)
        for batch in typed(batches, fill):
            yield batch if batch.rows is None else replace(batch, rows=reading.marked(batch.rows))

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The file of vectors."""
        return {"embeddings": {"title": "Embeddings", "roles": ["data", "embedding"]}}

    def facts(self, source: Source, access: Access) -> Mapping[str, Any]:
        """Licence and version of the Collection, where the address leads to one."""
        document = read_json(source.href, access)
        if document.get("type") != "Collection" and is_api(source.href, document, access):
            document = read_json(place_of(source, access).document, access)
        version = document.get("version")
        stated = {"version": version} if isinstance(version, str) else {}
        return {**spdx_fact(document.get("license")), **stated}

    def counted(self, source: Source, access: Access) -> int | None:
        """How many Items an API states, to compare with what was read; None where it does not."""
        document = read_json(source.href, access)
        return place_of(source, access).stated(access) if is_api(source.href, document, access) else None


def _published(href: str, document: Mapping[str, Any]) -> str:
    """The URL of the folder of a local document, where it says that it is published."""
    link = "" if is_remote(href) else self_link(document)
    return joined(link, ".") if is_remote(link) else ""


def _batch(features: list[Any], base: str, name: str, reading: Reading, *, numbered: bool = False) -> Batch:
    """Rows of the Items in one document; a report names each by its id, and by its position where `numbered`."""
    rows, rejected_rows, unnamed = [], [], 0
    for number, feature in enumerate(features, 1):
        label = feature.get("id") if isinstance(feature, dict) else None
        where = f"{name}/{label}"[:LONGEST_NAME] if label else name
        line = number if numbered or not label else None
        try:
            rows.append(reading.row(feature, base) | {"file": where, "line": line})
            unnamed += bool(reading.collection) and feature.get("collection") is None
        except Rejected as rejected:
            rejected_rows.append(rejected.as_row(where, line))
    notes = ((NO_COLLECTION, unnamed),) if unnamed else ()
    return Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(rejected_rows), notes)


READER = StacApi()
