"""Static STAC: documents, the Items that they link to, the shards of these, and the links that lead nowhere."""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count, groupby, islice
from typing import Any
from urllib.parse import urldefrag

import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.access import Access, local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import FetchError, HttpStatus, TooLarge, UrlRefused
from atlas.fetch.foreign_json import Twice, foreign_object
from atlas.fetch.inputs import InputFile, Rejected, RejectedRow
from atlas.sources.base import Batch, Shard
from atlas.sources.stac.links import Link, links_of
from atlas.sources.stac.rows import SCHEMA, Reading
from stac_emb.inputs.hrefs import local_target

__all__ = ["linked", "read_json", "rejected", "static_shards", "walk"]

LARGEST_DOCUMENT = 64 * 2**20
DOCUMENTS = 100_000
PER_SHARD = 500

_Leads = tuple[str, str]
"""A link to an Item: where it leads, and the document that holds it."""


def read_json(href: str, access: Access) -> dict[str, Any]:
    """A JSON object.

    Raises:
        SourceError: it is something else; the message names the href.
    """
    try:
        return foreign_object(access.read(href, limit=LARGEST_DOCUMENT))
    except ValueError as error:
        raise SourceError(f"{href}: not a JSON object: {str(error).removeprefix('not JSON: ')}") from None


def _name_of(href: str) -> str:
    """How reports call a document: by its path."""
    return href.partition("://")[2].partition("/")[2].partition("?")[0] if is_remote(href) else href


def _fault_of(error: Exception, target: str, *, local: bool) -> Rejected:
    """Why a link leads to nothing readable, where the documents (`local` files or not) are at fault.

    Raises:
        Exception: the error itself, where it may be temporary: the host is down, or limits our requests.
    """
    if isinstance(error, Rejected):
        return error
    if isinstance(error, UrlRefused):
        outside = local and "://" not in target
        why = "out of the folder of the source" if outside else "to a host that the record does not name"
        return Rejected(f"link leads {why}", None, error)
    if isinstance(error, HttpStatus) and error.settled:
        return Rejected(f"host answers {error.status}" if is_remote(target) else "link leads to no file", None, error)
    if isinstance(error, TooLarge):
        return Rejected("document is too large", None, error)
    if isinstance(error, SourceError) and not isinstance(error, FetchError):
        return Rejected("not JSON", None, error)
    raise error


def walk(href: str, document: Mapping[str, Any], access: Access) -> Iterator[_Leads | RejectedRow]:
    """The Items below a Catalog or Collection, each once, in the order of the links, and the links that lead nowhere.

    Raises:
        SourceError: the first document is not STAC, or the links do not end.
        UnreadableInput: a document cannot be read, although it may exist.
    """
    if document.get("type") not in ("Catalog", "Collection"):
        raise SourceError(f"{href}: neither a Catalog nor a Collection, but {document.get('type')!r}")
    waiting: list[tuple[str, Link | None, str]] = [(href, None, "")]
    seen = {href}
    while waiting:
        place, link, parent = waiting.pop()
        try:
            found = document if link is None else _catalogue(place, access)
        except (Rejected, SourceError) as error:
            yield _told(parent, link, _fault_of(error, place, local=not is_remote(href)))
            continue
        links, broken = links_of(found)
        yield from (rejected.as_row(_name_of(place)) for rejected in broken)
        children: list[tuple[str, Link | None, str]] = []
        for one in links:
            if one.rel not in {"item", "child"}:
                continue
            try:
                target = _resolve(place, one)
            except Rejected as rejected:
                yield _told(place, one, rejected)
                continue
            if target in seen:
                continue
            seen.add(target)
            if len(seen) > 100 * DOCUMENTS:
                raise SourceError(f"{href}: more than {100 * DOCUMENTS:,} links")
            if one.rel == "item":
                yield target, place
            else:
                children.append((target, one, place))
        waiting += reversed(children)


def _catalogue(href: str, access: Access) -> Mapping[str, Any]:
    found = read_json(href, access)
    if isinstance(found, Twice):
        raise Rejected("document states a name twice", found.name, href)
    if (kind := found.get("type")) not in ("Catalog", "Collection"):
        raise Rejected("link leads to neither a Catalog nor a Collection", None, f"{href}: type {kind!r}")
    return found


def _told(document: str, link: Link | None, why: Rejected) -> RejectedRow:
    """The fault of a link, named by the document that holds it."""
    field = why.field or (f"{link.pointer}/href" if link else None)
    return RejectedRow(_name_of(document), None, why.reason, field, why.detail)


def _resolve(base: str, link: Link) -> str:
    """The address that a link leads to; rejected where it leads to no document."""
    href = link.href
    if is_remote(href):
        return href
    try:
        if is_remote(base):
            target, own = urldefrag(joined(base, href)).url, urldefrag(base).url
        else:
            path = local_path(base)
            place = local_target(path, href)
            if place.is_dir():
                raise Rejected("link leads to a folder", None, href)
            target, own = str(place), os.path.normpath(path)
    except ValueError:
        if "\0" not in href and "%00" not in href:
            return href  # of another scheme or machine: refused when it is read
        raise Rejected("href holds control characters", None, href) from None
    except (UrlRefused, OSError):
        return href  # refused when it is read, as one document's fault
    if target == own:
        raise Rejected("link leads to the document that holds it", None, href)
    return target


def static_shards(found: Iterator[_Leads | RejectedRow], published: str, access: Access) -> Iterator[Shard]:
    """Shards of the Items that links lead to, and of what is wrong with the other links."""
    faults: list[RejectedRow] = []

    def leads() -> Iterator[_Leads]:
        for one in found:
            if isinstance(one, RejectedRow):
                faults.append(one)
            else:
                yield one

    waiting = leads()
    for number in count():
        if not (links := list(islice(waiting, PER_SHARD))):
            break
        yield _of_links(number, links, published, access)
    for place in range(0, len(faults), PER_SHARD):
        rows = json.dumps([[r.file, r.reason, r.field, r.detail] for r in faults[place : place + PER_SHARD]])
        yield Shard(f"links={place // PER_SHARD:05d}", (), {"what": "rejected", "rows": rows})


def _of_links(number: int, links: list[_Leads], published: str, access: Access) -> Shard:
    """A shard of Items; of a local tree with their hashes, so that an unchanged one is not read."""
    inputs = []
    for link, _ in links:
        if is_remote(link):  # asking for the ETag of each would cost as much as reading it
            inputs.append(InputFile(link, "", name=_name_of(link)))
            continue
        with contextlib.suppress(FetchError):  # gone, or outside the folder: reported when it is read
            inputs.append(replace(access.stat(link), name=link))
            continue
        inputs.append(InputFile(link, "absent", name=link))
    documents = [(name, len(list(group))) for name, group in groupby(_name_of(document) for _, document in links)]
    arguments = {"what": "links", "published": published, "documents": json.dumps(documents)}
    return Shard(f"items_{number:05d}", tuple(inputs), arguments, len(links))


def rejected(shard: Shard) -> Iterator[Batch]:
    """The links that lead nowhere."""
    rows = json.loads(shard.arguments["rows"])
    yield Batch(None, tuple(RejectedRow(file, None, reason, field, detail) for file, reason, field, detail in rows))


def linked(shard: Shard, reading: Reading, access: Access) -> Iterator[Batch]:
    """The Items that links lead to."""
    rows: list[dict[str, Any]] = []
    faults: list[RejectedRow] = []
    documents = [name for name, times in json.loads(shard.arguments["documents"]) for _ in range(times)]
    for file, document in zip(shard.inputs, documents, strict=True):
        name = file.label
        try:
            found = read_json(file.href, access)
        except SourceError as error:
            why = _fault_of(error, file.href, local=bool(reading.root))
            # the report has room for both addresses
            faults.append(RejectedRow(name, None, why.reason, why.field, f"linked from {document}: {why.detail}"))
            continue
        try:
            rows.append(reading.row(found, file.href) | {"file": name})
        except Rejected as rejected:
            faults.append(rejected.as_row(name))
    if rows or faults:
        yield Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(faults))
