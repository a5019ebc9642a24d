"""What every reader of a producer's index offers, and what it may use.

A crawl has three steps, and a reader supplies the first two:

1. `Reader.plan` lists the shards of an index (one registry file, one row group, one prefix, one zone-year), cheaply,
   each with the fingerprint of what it reads.
2. `Reader.read` is a pure function from one shard to batches of *index rows* and of rejected rows.
3. `atlas.stac.items` turns index rows into Items, and `atlas.crawl` writes them.

Index rows are one Arrow record batch with these columns; a reader yields those it knows, always the same for all
shards of a product:

    id                      string, required; the Item's id, legal by `atlas.sources.naming.legal_ids`
    line                    int64; 1-based line or row in the file, for messages about the row
    file                    string; the file's name in messages, where a shard has several inputs
    west south east north   float64, degrees; west > east crosses the antimeridian
    geometry                binary, WKB in longitude and latitude; with it the four bounds may be left out
    datetime                timestamp[us, tz=UTC]; or
    start_datetime, end_datetime   the same type, both inclusive as in STAC; the Item's `datetime` is then null
    asset:<key>:<field>     `asset:cog:href` (string), `asset:cog:file:size` (int64), `asset:cog:file:checksum` (string,
                            multihash in hexadecimal); an asset whose href is null is left out of that Item
    property:<name>         any other Item property: `property:proj:code`, `property:proj:shape` (list<int64>), ...

What is equal in every Item of a product (title, type, roles of an asset; `emb:` fields) is not repeated per row: it
comes from `Reader.assets` and from the record. Nulls mean "not stated" and leave the field out of the Item.
"""

import hashlib
import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from atlas.errors import SettingsError, SourceError
from atlas.fetch.access import Access
from atlas.fetch.inputs import InputFile, RejectedRow
from atlas.records.product import Product

__all__ = [
    "CUT",
    "FOLDER",
    "Batch",
    "Finding",
    "Option",
    "Reader",
    "Shard",
    "Source",
    "check_options",
    "links_rejected",
    "links_shard",
    "reader",
]


CUT = "; the file ends in the middle of this line"
"""Added to the reason of a broken last line without a newline: more may be missing after it, and the crawl does not
count as withdrawn what an earlier run found there."""

FOLDER = b"atlas:folder"
"""Key in the metadata of index rows: the `file:` URL of a local tree that is published nowhere.

Hrefs of assets may lead below it and to no other local file: such a crawl is for use on this machine."""

# Kind in the record, ending of the index's address, module with a READER; the first match wins.
_READERS = (
    ("text-registry", ".parquet", "parquet_index"),
    ("text-registry", "", "tessera.registry"),
    ("parquet-index", "", "parquet_index"),
    ("object-listing", "", "object_listing"),
    ("hugging-face", "", "hugging_face"),
    ("stac-api", "", "stac.api"),
    ("single-file", "", "single_file"),
    ("zarr-store", "", "zarr.plain"),
    ("icechunk-store", "", "zarr.icechunk"),
)


@dataclass(frozen=True, slots=True)
class Shard:
    """The unit of crawling: its name and what it reads.

    Attributes:
        id: unique in the plan and stable from run to run; letters, digits, `.`, `_`, `-`, `=` only, as it becomes the
            name of the part.
        inputs: what it reads.
        arguments: what else `read` needs (row groups, a prefix, a zone); plain text, part of the fingerprint.
        rows: how many index rows to expect, where the index says, for the progress bar.
    """

    id: str
    inputs: tuple[InputFile, ...]
    arguments: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None

    @property
    def fingerprint(self) -> str:
        """Hash of all inputs and arguments, or the empty text where an input has no fingerprint."""
        if any(not i.fingerprint for i in self.inputs):
            return ""
        digest = hashlib.sha256()
        for part in (*(f"{i.href}\0{i.fingerprint}" for i in self.inputs), *map(str, sorted(self.arguments.items()))):
            digest.update(part.encode("utf-8", "surrogatepass") + b"\n")  # of file names that are not text
        return f"sha256:{digest.hexdigest()}"


def links_shard(rejected: Iterable[InputFile]) -> Iterator[Shard]:
    """A shard of links that a listing must not follow, so that they are reported; none where there are no such links.

    A tree of links to folders may be endless.
    """
    inputs = tuple(sorted(rejected, key=lambda file: file.name))
    if inputs:
        # `shard_id` never ends an id in `=`, so no file's shard has this name.
        yield Shard("links=", inputs, {"layout": "links"}, len(inputs))


def links_rejected(shard: Shard) -> tuple[RejectedRow, ...]:
    """What a shard of `links_shard` reports."""
    return tuple(RejectedRow(file.label, None, file.rejected) for file in shard.inputs)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where an asset that was opened differs from what the Item and the record say of it.

    Attributes:
        asset: key of the asset.
        field: what differs: `file:size`, `file:checksum`, `data_type`, `nodata`, `proj:code`, `proj:shape`,
            `proj:transform`, `emb:dimensions`, `table:row_count`, or `href` where it cannot be opened.
        expected: what Item or record say; None for a fault that no value describes.
        found: what the asset says, or the error.
    """

    asset: str
    field: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Batch:
    """A step of `Reader.read`: some index rows (None for none), and what was rejected meanwhile.

    Attributes:
        notes: assumptions about rows that were kept, in words, and for how many each was made.
    """

    rows: pa.RecordBatch | None
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a crawl reads: picklable, as it travels to worker processes.

    Attributes:
        product: the record.
        href: path or URL of the index; by default the record's `index.url`.
        options: choices of the command line that a reader may understand (`limit`, `years`).
    """

    product: Product
    href: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """An option that a reader offers to the user who starts a crawl.

    Attributes:
        help: what it does, a phrase.
        values: the values that it takes; empty where any text will do.
    """

    help: str
    values: tuple[str, ...] = ()


class Reader(ABC):
    """One kind of index: a module of `atlas.sources` whose `READER` is an instance, listed in `_READERS`."""

    kind: ClassVar[str]
    """As in the record's `index.kind`."""
    options: ClassVar[Mapping[str, Option]] = {}
    """The choices that it offers, by name."""

    @abstractmethod
    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """The shards of the index, each once, in a stable order, without reading more than is needed to know them.

        Raises:
            SourceError: the index as a whole cannot be understood.
            UnreadableInput: it cannot be read.
        """

    @abstractmethod
    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """The rows of one shard: the same shard gives the same batches, in the same order, anywhere.

        A row that cannot become an Item is rejected and the rest goes on. Batches hold at most about 100,000 rows, so
        that memory stays flat.
        """

    @abstractmethod
    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """What all Items share of each asset: asset key to `title`, `type`, `roles`, `data_type`, ... as in STAC."""

    def facts(self, source: Source, access: Access) -> Mapping[str, Any]:
        """What the index says of the product itself, to be compared with the record; most say nothing."""
        return {}

    def counted(self, source: Source, access: Access) -> int | None:
        """How many Items the index says it holds; None where it does not say."""
        return None


def reader(kind: str, href: str = "") -> Reader:
    """The reader for one kind of index.

    One kind may come in more than one form (TESSERA's registry as text or as Parquet): the ending of `href` decides.

    Raises:
        SourceError: there is no reader of that kind.
    """
    for known, ending, module in _READERS:
        if kind == known and href.partition("?")[0].rstrip("/").endswith(ending):
            found: Reader = importlib.import_module(f"atlas.sources.{module}").READER
            return found
    raise SourceError(f"no reader for an index of kind '{kind}'; known: {', '.join(sorted({r[0] for r in _READERS}))}")


def check_options(given: Mapping[str, str], reader: Reader) -> None:
    """Refuse what the reader does not understand.

    Raises:
        SettingsError: it has no such option, or the option no such value; the message lists those that there are.
    """
    known = reader.options
    for name, value in given.items():
        if name not in known:
            offered = ", ".join(_example(n, known[n]) for n in sorted(known))
            there = f"it has {offered}" if offered else "it has none"
            msg = f"--option {name}: the reader of an index of kind '{reader.kind}' has no such option; {there}"
            raise SettingsError(msg)
        if not value or (known[name].values and value not in known[name].values):
            raise SettingsError(f"--option {name}={value}: no such value; write {_example(name, known[name])}")


def _example(name: str, option: Option) -> str:
    return f"{name}={'|'.join(option.values) or 'TEXT'}"
