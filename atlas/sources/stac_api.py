"""STAC of others: an API's Items page by page, or static documents link by link.

What an address is, its document says: a landing page or a Collection with an `items` link is an API's; a Catalog or
Collection whose links lead to Items is static. Pages and links are followed on the hosts that the record names only.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import pyarrow as pa

from atlas.errors import SourceError
from atlas.sources.base import Access, Batch, InputFile, SetAside, Shard, Source
from atlas.sources.cards import spdx_fact
from atlas.sources.fetch.address import is_remote, joined
from atlas.sources.fetch.asking import asking
from atlas.sources.fetch.faults import FetchError, HttpStatus, UrlRefused
from atlas.sources.naming import shard_id
from atlas.sources.options import Option
from atlas.sources.stac_extras import typed
from atlas.sources.stac_hrefs import self_link
from atlas.sources.stac_rows import SCHEMA, Reading
from atlas.sources.stac_tree import item_links, read_json
from atlas.sources.unfit import Unfit

__all__ = ["READER", "StacApi"]

LIMIT = 250
PAGES = 100_000
LINKS_PER_SHARD = 500
GONE = {401, 403, 404, 410}


@dataclass(frozen=True, slots=True)
class _Place:
    """An API's collection."""

    root: str
    collection: str

    @property
    def items(self) -> str:
        return f"{self.root}/collections/{quote(self.collection, safe='')}/items"


def _root(href: str) -> str:
    """The folder of a local document."""
    return "" if is_remote(href) else str(Path(href).parent)


class StacApi:
    """Reader of STAC APIs and static STAC."""

    kind: ClassVar[str] = "stac-api"
    options: ClassVar[Mapping[str, Option]] = {"collection": Option("id of the collection, of an API with several")}

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per year of an API's collection, or per 500 Items of a static one.

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
            collection = read_json(f"{place.root}/collections/{quote(place.collection, safe='')}", access)
            years = _years(collection)
            for year in years:
                arguments = {"what": "api", "root": place.root, "collection": place.collection}
                # The stated extent may be behind: the first and the last shard are open to their side.
                arguments |= {"from": "" if year == years[0] else year, "to": "" if year == years[-1] else year}
                yield Shard(shard_id(f"year_{year}"), (InputFile(place.items, "", name=place.collection),), arguments)
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
            msg = f"{source.href}: links to no Item, and is no API (Earth Engine, for one, publishes no Items)"
            raise SourceError(msg)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per Item; what is no Item of ours is set aside."""
        what = shard.arguments["what"]
        embedding = source.product.embedding
        reading = Reading(embedding.dimensions, _root(source.href), shard.arguments.get("published", ""))
        # Of the fields that an Item may leave to its Collection the record's hold where the Item does not say.
        fill = {"emb:quantization": embedding.quantization, "gsd": embedding.gsd}
        if what == "api":
            batches = _read_api(shard, reading, access)
        elif what == "document":
            document = read_json(shard.inputs[0].href, access)
            features = document["features"] if document.get("type") == "FeatureCollection" else [document]
            found = features if isinstance(features, list) else []
            batches = iter([_batch(found, shard.inputs[0].href, shard.inputs[0].name, reading)])
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
            document = read_json(f"{place.root}/collections/{quote(place.collection, safe='')}", access)
        version = document.get("version")
        stated = {"version": version} if isinstance(version, str) else {}
        return {**spdx_fact(document.get("license")), **stated}


def _is_api(document: Mapping[str, Any]) -> bool:
    relations = {link.get("rel") for link in document.get("links") or [] if isinstance(link, dict)}
    return bool(document.get("conformsTo")) or "items" in relations or {"search", "data"} <= relations


def _place(source: Source, document: Mapping[str, Any], access: Access) -> _Place:
    """The collection that the address, the option `collection` or the API's list names."""
    root, marker, rest = source.href.rstrip("/").partition("/collections/")
    if marker:
        return _Place(root, rest.partition("/")[0])
    if chosen := source.options.get("collection"):
        return _Place(root, chosen)
    found = read_json(f"{root}/collections", access).get("collections")
    ids = [c["id"] for c in found or [] if isinstance(c, dict) and isinstance(c.get("id"), str)]
    of_vectors = [c["id"] for c in found or [] if isinstance(c, dict) and c.get("id") in ids and _describes_vectors(c)]
    # A note of the record may name the collection: a name that the API has is no guess.
    notes = " ".join(source.product.index.notes) if source.product.index else ""
    named = [i for i in ids if i in notes]
    for candidates in (named, of_vectors):
        if len(candidates) == 1:
            return _Place(root, candidates[0])
    msg = (
        f"{source.href}: which collection? Of {len(ids)} there, {len(of_vectors)} hold embeddings; "
        "end the address in /collections/ID, or give --option collection=ID"
    )
    raise SourceError(msg)


def _describes_vectors(collection: Mapping[str, Any]) -> bool:
    extensions = collection.get("stac_extensions") or []
    return any(key.startswith("emb:") for key in collection) or any("/emb" in str(e) for e in extensions)


def _years(collection: Mapping[str, Any]) -> list[str]:
    """The calendar years of a collection's extent; `all` where it is open or not stated.

    Raises:
        SourceError: the extent spans more years than any satellite.
    """
    try:
        start, end = collection["extent"]["temporal"]["interval"][0]
        first, last = int(start[:4]), int(end[:4])
    except (KeyError, IndexError, TypeError, ValueError):
        return ["all"]
    if not 0 <= last - first <= 100:
        msg = f"collection '{collection.get('id')}': its extent is {start} to {end}"
        raise SourceError(msg)
    return [str(year) for year in range(first, last + 1)]


def _read_api(shard: Shard, reading: Reading, access: Access) -> Iterator[Batch]:
    root, collection, first, last = (shard.arguments[k] for k in ("root", "collection", "from", "to"))
    query = {"limit": str(LIMIT)}
    if first or last:
        start, end = f"{first}-01-01T00:00:00Z" if first else "..", f"{last}-12-31T23:59:59Z" if last else ".."
        query["datetime"] = f"{start}/{end}"
    url = f"{_Place(root, collection).items}?{urlencode(query)}"
    body: dict[str, Any] | None = None
    seen: set[str] = set()
    while True:
        if (key := f"{url} {body}") in seen or len(seen) >= PAGES:
            msg = f"{url}: the pages of the API do not end"
            raise SourceError(msg)
        seen.add(key)
        reply = asking(access).ask(url, body=body)
        page = reply.json(what="page of Items")
        features = page.get("features") if isinstance(page, dict) else None
        if not isinstance(features, list):
            msg = f"{url}: a page of Items has no list of features"
            raise SourceError(msg)
        # A year's search also finds what merely touches it: each Item belongs to the year in which it begins.
        mine = [f for f in features if first <= (_begins(f) or "") <= (last or "9999")]
        if mine:
            yield _batch(mine, url, collection, reading)
        follow = _next(page, url, body)
        if follow is None:
            return
        url, body = follow


def _begins(item: object) -> str | None:
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict):
        return None
    text = properties.get("start_datetime") or properties.get("datetime")
    return text[:4] if isinstance(text, str) else None


def _next(page: Mapping[str, Any], url: str, body: dict[str, Any] | None) -> tuple[str, dict[str, Any] | None] | None:
    for link in page.get("links") or []:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            href = joined(url, link["href"])
            if str(link.get("method", "GET")).upper() != "POST":
                return href, None
            stated = link.get("body")
            sent: dict[str, Any] = dict(stated) if isinstance(stated, dict) else {}
            return href, {**(body or {}), **sent} if link.get("merge") else sent
    return None


def _published(href: str, document: Mapping[str, Any]) -> str:
    """The URL of the folder of a local document, where it says that it is published."""
    link = "" if is_remote(href) else self_link(document)
    return joined(link, ".") if link else ""


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
    aside: list[SetAside] = []
    for file in shard.inputs:
        name = file.name or file.href
        try:
            rows.append(reading.row(read_json(file.href, access), file.href))
        except Unfit as unfit:
            aside.append(unfit.as_set_aside(name))
        except UrlRefused as error:
            aside.append(
                SetAside(name, None, "link leads to a host that the record does not name", detail=str(error)[:200])
            )
        except HttpStatus as error:
            if error.status not in GONE:
                raise
            aside.append(SetAside(name, None, f"host answers {error.status}"))
        except SourceError as error:
            if isinstance(error, FetchError):
                raise
            aside.append(SetAside(name, None, "not JSON", detail=str(error)[:200]))
    if rows or aside:
        yield Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(aside))


def _batch(features: list[Any], base: str, name: str, reading: Reading) -> Batch:
    rows, aside = [], []
    for number, feature in enumerate(features, 1):
        try:
            rows.append(reading.row(feature, base))
        except Unfit as unfit:
            label = feature.get("id") if isinstance(feature, dict) else None
            aside.append(unfit.as_set_aside(f"{name}/{label}"[:300] if label else name, None if label else number))
    return Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(aside))


READER = StacApi()
