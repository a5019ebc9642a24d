"""Readers of files: one row per file, its place and time from the name, else from footer or header."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import unquote

import pyarrow as pa
import shapely

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.faults import FetchError, HttpStatus
from atlas.fetch.inputs import InputFile, Rejected, RejectedRow
from atlas.formats.endings import is_raster, is_table
from atlas.formats.footers import read_footer
from atlas.formats.raster import raster_header
from atlas.grids import majortom, mgrs
from atlas.grids.projected import projected_polygon
from atlas.records.distributions import MEDIA_TYPES
from atlas.records.product import Product
from atlas.sources.access import public_href
from atlas.sources.base import Batch, Option, Reader, Shard, Source
from atlas.sources.columns import EMBEDDINGS, INTERVAL, PIXELS, stated
from atlas.sources.files.content import raster_place, table_place
from atlas.sources.files.names import name_facts
from atlas.sources.naming import item_id
from atlas.sources.storable import check_storable

__all__ = ["FILE_OPTIONS", "SCHEMA", "FileReader", "ListedFile", "file_rows"]

FILE_OPTIONS: Mapping[str, Option] = {
    "extent": Option("take place and time from the footer of each file, not from its name", ("footers",))
}
"""Of the readers of listings of files."""

METADATA = re.compile(r"(^|/)(metadata|_metadata|_common_metadata|index|grid_[^/]*_pix)\.parquet$")
NOT_OPENED = {
    ".npz": "NumPy archive: no record's index consists of them, so none says where its arrays lie",
    ".npy": "NumPy array: by itself it does not say where it lies",
    ".pt": "pickled file: opening it could run what is in it",
    ".pkl": "pickled file: opening it could run what is in it",
}
"""Files of vectors beside those of an index, such as the original of Copernicus-Embed, and why they are not Items."""
WAITING = 4
"""Files requested at once: as many as the policy's `concurrency` lets through to one host."""
TOGETHER = 1000
"""Files whose rows are in memory at once."""

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("file", pa.string()),
        ("geometry", pa.binary()),
        *INTERVAL,
        *EMBEDDINGS,
        *PIXELS,
        ("property:table:row_count", pa.int64()),
        ("property:grid:code", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a listing.

    Attributes:
        file: where it is; `name` is the path below the source.
        checksum: multihash in hexadecimal, where the listing gives one.
        href: its public address, where that is neither the file's own nor its path below the record's.
    """

    file: InputFile
    checksum: str | None = None
    href: str | None = None


@dataclass(slots=True)
class _Found:
    """What is known of one file; filled step by step."""

    geometry: shapely.Geometry | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)


class FileReader(Reader):
    """A reader whose shards are files."""

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per file."""
        return file_rows(map(ListedFile, shard.inputs), source, access)

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The file of vectors."""
        formats = {d.format for d in source.product.distributions}
        raster = bool(formats & {"geotiff", "cog"}) and not formats & {"parquet", "geoparquet"}
        media_type = MEDIA_TYPES["geotiff" if raster else "parquet"]
        return {"embeddings": {"title": "Embeddings", "type": media_type, "roles": ["data", "embedding"]}}


def file_rows(files: Iterable[ListedFile], source: Source, access: Access) -> Iterator[Batch]:
    """Index rows of the files of one shard, with the columns that some of them fill.

    The name is asked first, as it costs nothing; where it does not say place and time, the footer or header is read
    (always with the option `extent=footers`). Where neither states a time, the record's interval is taken.
    """
    return stated(_batches(files, source, access))


def _batches(files: Iterable[ListedFile], source: Source, access: Access) -> Iterator[Batch]:
    waiting = iter(files)
    # Footers are small and come from far away: several are requested at once, and returned in the files' order.
    with ThreadPoolExecutor(WAITING) as pool:
        while some := list(islice(waiting, TOGETHER)):
            rows: list[dict[str, Any]] = []
            rejected_rows: list[RejectedRow] = []
            for found in pool.map(lambda listed: _outcome(listed, source, access), some):
                if isinstance(found, RejectedRow):
                    rejected_rows.append(found)
                else:
                    rows.append(found)
            yield Batch(pa.RecordBatch.from_pylist(rows, SCHEMA) if rows else None, tuple(rejected_rows))


def _outcome(listed: ListedFile, source: Source, access: Access) -> dict[str, Any] | RejectedRow:
    try:
        return _row(listed, source, access)
    except Rejected as rejected:
        return rejected.as_row(listed.file.label)


def _row(listed: ListedFile, source: Source, access: Access) -> dict[str, Any]:
    file = listed.file
    name = unquote(file.label)
    if file.rejected:
        raise Rejected(file.rejected)
    check_storable(name, "href")
    if METADATA.search(name) or not (is_table(name) or is_raster(name)):
        raise Rejected(NOT_OPENED.get(PurePosixPath(name).suffix.lower(), "not a file of vectors"))
    if file.size == 0:
        raise Rejected("file is empty")
    found = _from_name(name)
    if found.geometry is None or found.start is None or source.options.get("extent") == "footers":
        found = _from_content(file, name, found, source, access)
    if found.geometry is None:
        raise Rejected("neither name nor footer says where the vectors lie")
    if found.start is None or found.end is None:
        found.start, found.end = _record_interval(source.product)
    return {
        "id": item_id(file.label),
        "file": file.label,
        "geometry": shapely.to_wkb(shapely.orient_polygons(found.geometry), byte_order=1),
        "start_datetime": found.start,
        "end_datetime": found.end,
        "asset:embeddings:href": listed.href or public_href(file, source),
        "asset:embeddings:file:size": file.size,
        "asset:embeddings:file:checksum": listed.checksum,
        **found.more,
    }


def _from_name(name: str) -> _Found:
    try:
        facts = name_facts(name)
    except ValueError as error:
        raise Rejected("date in the name does not exist", None, error) from None
    found = _Found(start=facts.start, end=facts.end)
    # Some files carry the name of a square or cell that does not exist: then footer or header decides.
    with contextlib.suppress(ValueError):
        if facts.mgrs is not None:
            code, found.geometry = mgrs.tile_polygon(facts.mgrs)
            found.more |= {"property:proj:code": code, "property:grid:code": f"MGRS-{facts.mgrs}"}
        elif facts.cell is not None:
            found.more["property:grid:code"] = f"MAJORTOM-{facts.cell}"
            code, bounds = majortom.image(facts.cell)
            found.geometry = projected_polygon(code, *bounds)
            found.more["property:proj:code"] = code
    return found


def _from_content(file: InputFile, name: str, found: _Found, source: Source, access: Access) -> _Found:
    try:
        with access.opened(file) as stream:
            if is_raster(name):
                _raster(stream, name, found)
            else:
                _table(stream, name, found, source.product)
    except FetchError as error:
        # A file that is gone or locked is rejected; where the host itself fails, the shard must run again.
        if isinstance(error, HttpStatus) and error.settled:
            raise Rejected(f"host answers {error.status}", None, error) from None
        raise
    except (SourceError, UnreadableInput) as error:
        raise Rejected("file cannot be read", None, error) from None
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise Rejected("file gives no valid position", None, error) from None
    return found


def _raster(stream: BinaryIO, name: str, found: _Found) -> None:
    header = raster_header(stream, name, validate=False)
    if header.crs is None:
        raise Rejected("raster has no CRS")
    found.geometry = raster_place(header)
    found.more |= {
        "property:proj:code": header.crs if ":" in header.crs[:12] else None,
        "property:proj:shape": [header.height, header.width],
        "property:proj:transform": list(header.transform),
        "asset:embeddings:data_type": header.dtype,
    }


def _table(stream: BinaryIO, name: str, found: _Found, product: Product) -> None:
    footer = read_footer(stream, name)
    if footer.rows == 0:
        raise Rejected("file holds no vectors")
    expected = product.embedding.dimensions
    if footer.dimensions is not None and expected is not None and footer.dimensions != expected:
        raise Rejected("vectors have other dimensions than the product", None, f"{footer.dimensions}, not {expected}")
    found.geometry = table_place(footer, product) or found.geometry
    if found.start is None and footer.start is not None and footer.end is not None:
        found.start, found.end = footer.start, footer.end
    found.more |= {"asset:embeddings:data_type": footer.dtype, "property:table:row_count": footer.rows}


def _record_interval(product: Product) -> tuple[dt.datetime, dt.datetime]:
    interval = product.extent.interval[0] if product.extent and product.extent.interval else [None, None]
    if interval[0] is None or interval[1] is None:
        raise Rejected("neither name, footer nor record says when")
    return interval[0], interval[1]
