"""What the header or footer of a file states, independent of product.

`site/static/filefacts.js` reads the same in a browser; a test compares both file by file.
"""

import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa

from atlas.errors import AtlasError, UnreadableInput
from atlas.fetch.address import is_remote
from atlas.formats.npy import NpyFile
from atlas.formats.parquet import open_parquet
from atlas.formats.raster import SIGNATURES, open_raster, raster_header
from atlas.read.files import opened
from atlas.read.identity import ATTRIBUTE
from atlas.read.npz import npz_member
from atlas.read.zarr_facts import DOCUMENTS, zarr_nodes

__all__ = ["FileFacts", "Part", "facts_of", "words"]

MOST_ARRAYS = 100
ICECHUNK = "ICE\N{ICE CUBE}CHUNK".encode()
"""First bytes of every metadata file of an Icechunk repository."""
STATED = (ATTRIBUTE, "emb")
"""Keys under which the atlas and producers say what vectors are."""


@dataclass(frozen=True, slots=True)
class Part:
    """An array, or a column of lists.

    Attributes:
        numbers: the shape of an array, or how many numbers a column has per row; None where the file does not tell.
        dtype: of the numbers; `other` where they are not real numbers.
    """

    numbers: tuple[int, ...] | None
    dtype: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was read.

    Attributes:
        kind: `tiff`, `npy`, `npz`, `parquet`, `zarr`, `icechunk`; None for anything else.
        name: of the file, or of the folder.
        parts: arrays and columns of lists by their names; bands of a TIFF and the array of an NPY are under "".
        columns: names of all columns.
        band_names: of a TIFF.
        nodata: of a TIFF.
        crs: of a TIFF, as `EPSG:32631`; None where it has no EPSG code.
        pixel: width in metres of a pixel of a TIFF; None where the CRS is not UTM.
        stated: texts under the key `emb_identity` or `emb`, where producers and the atlas say what the vectors are.
    """

    kind: str | None
    name: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    band_names: tuple[str, ...] = ()
    nodata: float | None = None
    crs: str | None = None
    pixel: float | None = None
    stated: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The facts for programs, numbers in words."""
        return {
            "kind": self.kind,
            "name": self.name,
            "parts": {k: _part(p) for k, p in self.parts.items()},
            **{k: list(getattr(self, k)) for k in ("columns", "band_names", "stated")},
            **{k: words(getattr(self, k)) for k in ("nodata", "pixel")},
            "crs": self.crs,
        }


def _part(part: Part) -> dict[str, Any]:
    return {"numbers": None if part.numbers is None else list(part.numbers), "dtype": part.dtype}


def words(number: float | None) -> str:
    """A number as browsers write it; `not set` for None."""
    if number is None:
        return "not set"
    if math.isnan(number):
        return "NaN"
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return re.sub(r"e([+-])0+", r"e\1", repr(number)).replace("inf", "Infinity")


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
        return _folder(Path(href), name)
    if not remote and name in DOCUMENTS and Path(href).is_file():
        return _of_nodes("zarr", name, zarr_nodes(Path(href)))
    try:
        with opened(href) as stream:
            return _file(stream, href, name)
    except UnreadableInput:
        raise
    except AtlasError as error:
        raise UnreadableInput(str(error)) from error


def _file(stream: BinaryIO, href: str, name: str) -> FileFacts:
    start = stream.read(12)
    if start[:4] in SIGNATURES:
        return _tiff(stream, href, name)
    if NpyFile.matches(stream):
        return FileFacts("npy", name, {"": _array(NpyFile(stream, href))})
    stream.seek(0)
    if start[:4] == b"PAR1":
        return _parquet(stream, href, name)
    if start == ICECHUNK:
        raise UnreadableInput(f"{href}: this is one file of an Icechunk repository: choose its folder")
    if zipfile.is_zipfile(stream):
        return _archive(stream, href, name)
    return FileFacts(None, name)


def _tiff(stream: BinaryIO, href: str, name: str) -> FileFacts:
    header = raster_header(stream, href, validate=False)
    with open_raster(stream, href) as dataset:
        descriptions = tuple(d or "" for d in dataset.descriptions)
        tags = dataset.tags()
        stated = next((tags[k] for k in STATED if k in tags), None)
        bits = dataset.tags(1, ns="IMAGE_STRUCTURE").get("NBITS")
    # GDAL shows half floats as floats.
    dtype = "float16" if (header.dtype, bits) == ("float32", "16") else header.dtype
    crs = header.crs if re.fullmatch(r"EPSG:\d+", header.crs or "") else None
    return FileFacts(
        "tiff",
        name,
        {"": Part((header.count,), number_type(dtype))},
        band_names=descriptions if any(descriptions) else (),
        nodata=header.nodata,
        crs=crs,
        pixel=float(f"{abs(header.transform[0]):.6g}") if (crs or "").startswith(("EPSG:326", "EPSG:327")) else None,
        stated=_stated(stated),
    )


def _archive(stream: BinaryIO, href: str, name: str) -> FileFacts:
    with zipfile.ZipFile(stream) as archive:
        names = [n.removesuffix(".npy") for n in archive.namelist()]
        if not names or not all(n.endswith(".npy") for n in archive.namelist()):
            return FileFacts(None, name)
    parts = {}
    for one in names[:MOST_ARRAYS]:
        with npz_member(stream, href, one) as array:
            parts[one] = _array(array)
    return FileFacts("npz", name, parts)


def _array(array: NpyFile) -> Part:
    return Part(tuple(array.shape), number_type(array.dtype.str))


def _parquet(stream: BinaryIO, href: str, name: str) -> FileFacts:
    file = open_parquet(stream, href)
    meta = file.metadata
    leaves = {meta.schema.column(i).path.partition(".")[0]: i for i in range(meta.num_columns)}
    parts = {}
    for one in file.schema_arrow:
        kind = one.type
        lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
        if lists and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
            dtype = str(np.dtype(kind.value_type.to_pandas_dtype()).name)
            parts[one.name] = Part(_length(meta, leaves[one.name]), dtype)
    keys = meta.metadata or {}
    key = next((keys[k.encode()] for k in STATED if k.encode() in keys), None)
    stated = _stated(key.decode("utf-8", "replace") if key else None)
    return FileFacts("parquet", name, parts, tuple(file.schema_arrow.names), stated=stated)


def _length(meta: Any, column: int) -> tuple[int, ...] | None:  # noqa: ANN401 - pyarrow ships no types
    """Numbers per row, from the counts in the footer; None where rows differ or there are none."""
    values = 0
    for group in range(meta.num_row_groups):
        values += meta.row_group(group).column(column).num_values
    return (values // meta.num_rows,) if meta.num_rows and values % meta.num_rows == 0 else None


def _folder(folder: Path, name: str) -> FileFacts:
    # Since version 2 of its format a repository has a file `repo` and no references.
    if (folder / "snapshots").is_dir() and ((folder / "repo").is_file() or any((folder / "refs").glob("*/*"))):
        return _of_nodes("icechunk", name, _icechunk(folder))
    if not any((folder / one).exists() for one in DOCUMENTS):
        return FileFacts(None, name)
    return _of_nodes("zarr", name, zarr_nodes(folder))


def _of_nodes(kind: str, name: str, nodes: Mapping[str, Mapping[str, Any]]) -> FileFacts:
    """From the metadata of groups and arrays by their paths."""
    parts: dict[str, Part] = {}
    for key in sorted(nodes):
        shape, node = nodes[key].get("shape"), nodes[key]
        if isinstance(shape, list) and all(type(n) is int for n in shape):
            parts.setdefault(
                key.rpartition("/")[2], Part(tuple(shape), number_type(node.get("data_type", node.get("dtype"))))
            )
    attributes = nodes.get("", {}).get("attributes")
    said = attributes if isinstance(attributes, dict) else {}
    return FileFacts(kind, name, parts, stated=_stated(next((said[k] for k in STATED if k in said), None)))


def _icechunk(folder: Path) -> dict[str, Mapping[str, Any]]:
    import zarr

    from atlas.read.files import access_to
    from atlas.sources.zarr.icechunk import newest_store

    try:
        group = zarr.open_group(newest_store(str(folder), access_to(str(folder))), mode="r")
        found: dict[str, Mapping[str, Any]] = {"": {"attributes": dict(group.attrs)}}
        for key, array in group.members(max_depth=2):
            if isinstance(array, zarr.Array):
                found[key] = {"shape": list(array.shape), "data_type": str(array.dtype)}
    except (KeyError, ValueError, OSError, TypeError) as error:
        raise UnreadableInput(f"{folder}: cannot be read as Icechunk: {error}") from error
    return found


def number_type(stated: object) -> str:
    """STAC's name of a type that Zarr or NumPy states; `other` where it is not a real number."""
    text = stated if isinstance(stated, str) else ""
    if found := re.fullmatch(r"[<>|=]?([iuf])([1248])", text):
        return {"i": "int", "u": "uint", "f": "float"}[found[1]] + str(8 * int(found[2]))
    return text if re.fullmatch(r"u?int(8|16|32|64)|float(16|32|64)", text) else "other"


def _stated(key: object) -> tuple[str, ...]:
    """All texts under the key: a JSON object or its text."""
    if isinstance(key, str):
        try:
            key = json.loads(key)
        except (ValueError, RecursionError):
            return ()
    return tuple(_texts(key))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
