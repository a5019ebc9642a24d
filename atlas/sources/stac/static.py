"""Shards of static STAC: documents that links lead to, and the links that lead nowhere."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.address import is_remote
from atlas.fetch.faults import FetchError
from atlas.fetch.inputs import InputFile, Rejected, RejectedRow
from atlas.sources.base import Batch, Shard
from atlas.sources.stac.rows import SCHEMA, Reading
from atlas.sources.stac.tree import Leads, fault_of, name_of, read_json

__all__ = ["linked", "rejected", "static_shards"]

PER_SHARD = 500


def static_shards(found: Iterator[Leads | RejectedRow], published: str, access: Access) -> Iterator[Shard]:
    """Shards of the Items that links lead to, and of what is wrong with the other links."""
    links: list[Leads] = []
    faults: list[RejectedRow] = []
    number = 0
    for one in found:
        if isinstance(one, RejectedRow):
            faults.append(one)
            continue
        links.append(one)
        if len(links) == PER_SHARD:
            yield _of_links(number, links, published, access)
            links, number = [], number + 1
    if links:
        yield _of_links(number, links, published, access)
    for place in range(0, len(faults), PER_SHARD):
        rows = json.dumps([[r.file, r.reason, r.field, r.detail] for r in faults[place : place + PER_SHARD]])
        yield Shard(f"links={place // PER_SHARD:05d}", (), {"what": "rejected", "rows": rows})


def _of_links(number: int, links: list[Leads], published: str, access: Access) -> Shard:
    """A shard of Items; of a local tree with their hashes, so that an unchanged one is not read."""
    inputs = []
    for link, _ in links:
        if is_remote(link):  # asking for the ETag of each would cost as much as reading it
            inputs.append(InputFile(link, "", name=name_of(link)))
            continue
        with contextlib.suppress(FetchError):  # gone, or outside the folder: reported when it is read
            inputs.append(replace(access.stat(link), name=link))
            continue
        inputs.append(InputFile(link, "absent", name=link))
    documents = [(name, len(list(group))) for name, group in groupby(name_of(document) for _, document in links)]
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
    documents = [name for name, count in json.loads(shard.arguments["documents"]) for _ in range(count)]
    for file, document in zip(shard.inputs, documents, strict=True):
        name = file.label
        try:
            found = read_json(file.href, access)
        except SourceError as error:
            why = fault_of(error, file.href, local=bool(reading.root))
            # the report has room for both addresses
            faults.append(RejectedRow(name, None, why.reason, why.field, f"linked from {document}: {why.detail}"))
            continue
        try:
            rows.append(reading.row(found, file.href) | {"file": name})
        except Rejected as rejected:
            faults.append(rejected.as_row(name))
    if rows or faults:
        yield Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(faults))
