"""What a file says of itself in its header or footer, whatever product it may belong to."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa

from atlas.errors import AtlasError, UnreadableInput
from atlas.fetch.address import is_remote
from atlas.formats.npy import NpyFile
from atlas.formats.parquet import batches, open_parquet
from atlas.formats.raster import SIGNATURES, open_raster, raster_header
from atlas.read.files import opened

__all__ = ["FileFacts", "Part", "facts_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """An array, or a column of lists.

    Attributes:
        numbers: how many make a row; of an array, its shape.
        dtype: of the numbers.
    """

    numbers: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was read.

    Attributes:
        kind: `tiff`, `npy`, `npz`, `parquet`, `zarr`, `icechunk`; None of anything else.
        name: of the file, or of the folder.
        path: folders and name, with slashes.
        parts: arrays and columns of lists by their names; bands of a TIFF and the array of an NPY are under "".
        columns: names of all columns.
        band_names: of a TIFF.
        nodata: likewise.
        crs: likewise.
        pixel: width of one in the units of the CRS, likewise.
    """

    kind: str | None
    name: str
    path: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    band_names: tuple[str, ...] = ()
    nodata: float | None = None
    crs: str | None = None
    pixel: float | None = None


def facts_of(href: str) -> FileFacts:
    """Read the header or footer of a file, or the metadata of a Zarr folder.

    Args:
        href: a path or an address.

    Raises:
        UnreadableInput: there is no such file, or it begins like one of a known kind and is damaged.
    """
    remote = is_remote(href)
    path = unquote(urlsplit(href).path).strip("/") if remote else Path(href).resolve().as_posix()
    name = path.rpartition("/")[2]
    if not remote and Path(href).is_dir():
        return _folder(Path(href), name, path)
    try:
        with opened(href) as stream:
            return _file(stream, href, name, path)
    except UnreadableInput:
        raise
    except AtlasError as error:
        raise UnreadableInput(str(error)) from error


def _file(stream: BinaryIO, href: str, name: str, path: str) -> FileFacts:
    start = stream.read(6)
    if start[:4] in SIGNATURES:
        header = raster_header(stream, href, validate=False)
        with open_raster(stream, href) as dataset:
            descriptions = tuple(d or "" for d in dataset.descriptions)
        return FileFacts(
            "tiff",
            name,
            path,
            {"": Part((header.count,), header.dtype)},
            band_names=descriptions if any(descriptions) else (),
            nodata=header.nodata,
            crs=header.crs,
            pixel=abs(header.transform[0]),
        )
    if NpyFile.matches(stream):
        array = NpyFile(stream, href)
        return FileFacts("npy", name, path, {"": Part(tuple(array.shape), array.dtype.name)})
    stream.seek(0)
    if start[:4] == b"PAR1":
        return _parquet(stream, href, name, path)
    if zipfile.is_zipfile(stream):
        return _archive(stream, href, name, path)
    return FileFacts(None, name, path)


def _archive(stream: BinaryIO, href: str, name: str, path: str) -> FileFacts:
    from atlas.read.npz import npz_member
    from stac_emb.models import Layout

    with zipfile.ZipFile(stream) as archive:
        names = [n.removesuffix(".npy") for n in archive.namelist()]
        if not names or not all(n.endswith(".npy") for n in archive.namelist()):
            return FileFacts(None, name, path)
    parts = {}
    for one in names[:100]:
        with npz_member(stream, href, Layout(kind="array", name=one)) as array:
            parts[one] = Part(tuple(array.shape), array.dtype.name)
    return FileFacts("npz", name, path, parts)


def _parquet(stream: BinaryIO, href: str, name: str, path: str) -> FileFacts:
    file = open_parquet(stream, href)
    parts = {}
    for one in file.schema_arrow:
        kind = one.type
        if pa.types.is_fixed_size_list(kind) and _is_number(kind.value_type):
            parts[one.name] = Part((kind.list_size,), _named(kind.value_type))
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            if not _is_number(kind.value_type):
                continue
            row = next(batches(stream, href, [0], [one.name]))[1][one.name] if file.metadata.num_row_groups else []
            length = len(row[0].as_py() or ()) if len(row) else 0
            parts[one.name] = Part((length,), _named(kind.value_type))
    return FileFacts("parquet", name, path, parts, tuple(file.schema_arrow.names))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _named(kind: pa.DataType) -> str:
    """Of numbers, as NumPy and STAC name their type."""
    return str(np.dtype(kind.to_pandas_dtype()).name)


def _folder(folder: Path, name: str, path: str) -> FileFacts:
    if (folder / "refs").is_dir() and (folder / "snapshots").is_dir():
        return FileFacts("icechunk", name, path, _arrays(folder, icechunk=True))
    if not any((folder / one).exists() for one in ("zarr.json", ".zgroup", ".zarray")):
        return FileFacts(None, name, path)
    return FileFacts("zarr", name, path, _arrays(folder, icechunk=False))


def _arrays(folder: Path, *, icechunk: bool) -> dict[str, Part]:
    import zarr

    try:
        store: Any = folder
        if icechunk:
            from atlas.read.files import access_to
            from atlas.sources.zarr.icechunk import newest_store

            store = newest_store(str(folder), access_to(str(folder)))
        group = zarr.open_group(store, mode="r")
        found: dict[str, Part] = {}
        for key, array in group.members(max_depth=2):
            if isinstance(array, zarr.Array):
                found.setdefault(key.rpartition("/")[2], Part(tuple(array.shape), str(array.dtype)))
    except (KeyError, ValueError, OSError, TypeError) as error:
        msg = f"{folder}: cannot be read as a Zarr group: {error}"
        raise UnreadableInput(msg) from error
    return found
