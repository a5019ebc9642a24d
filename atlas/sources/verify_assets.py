"""Open one asset and compare it with what Item and record say: existence, size, header or footer, checksum.

What nobody states is not compared. Vectors are not read, but a file with a stated checksum is read as a whole where it
is small enough.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from atlas.errors import UnreadableInput
from atlas.sources.base import Access, Finding, InputFile, Source
from atlas.sources.fetch.address import is_remote
from atlas.sources.files.footers import read_footer
from atlas.sources.files.rows import is_raster, is_table
from atlas.sources.npy import NpyFile
from atlas.sources.raster import raster_header

__all__ = ["NotOpened", "check"]

Json = Mapping[str, Any]
HASHED = 256 * 2**20
"""Largest file that is read as a whole for its checksum, bytes."""
SHA256 = "1220"
BLOCK = 1024 * 1024
METRES = 0.01
"""Difference between transforms that is rounding."""
STORES = ("zarr", "icechunk")


class NotOpened(Exception):  # noqa: N818 - an outcome, not a fault
    """An asset of a kind that is not opened here: whether it agrees stays unknown."""


def check(key: str, asset: Json, item: Json, source: Source, access: Access) -> list[Finding]:
    """Compare one asset with what is said of it.

    Args:
        key: of the asset.
        asset: its fields.
        item: the Item: `properties` speak for the asset where it does not itself.
        source: the record.
        access: reads the asset.

    Returns:
        The differences, none where all agree.

    Raises:
        AtlasError: the asset cannot be had or cannot be read: what it says is then unknown.
        NotOpened: there is no way to open an asset of its kind.
    """
    href = asset["href"]
    stated = _Stated(key, asset, item, source)
    if any(word in str(asset.get("type", "")) for word in STORES) or PurePosixPath(href).suffix in {
        ".zarr",
        ".icechunk",
    }:
        return _store(href, stated, access)
    file = access.stat(href)
    findings = [*stated.differs("file:size", file.size)]
    name = unquote(urlsplit(href).path) if is_remote(href) else href
    vectors = key == "embeddings" or bool({"data", "embedding"} & set(asset.get("roles") or ()))
    if is_raster(name):
        findings += _raster(href, stated, access, vectors=vectors)
    elif is_table(name):
        findings += _table(href, stated, access)
    elif name.endswith(".npy"):
        findings += _array(href, stated, access, vectors=vectors)
    elif name.endswith(".vrt") and not access.read(href, limit=16 * 2**20).lstrip().startswith(b"<VRTDataset"):
        findings.append(Finding(key, "type", asset.get("type"), "no GDAL virtual raster"))
    return findings + _checksum(file, stated, access)


class _Stated:
    """What is said of an asset, and the comparison with what it says itself."""

    def __init__(self, key: str, asset: Json, item: Json, source: Source) -> None:
        self.key, self._asset = key, asset
        self._properties: Json = item.get("properties") or {}
        self.quantization: Json = self.value("emb:quantization") or source.product.embedding.quantization or {}
        self.dimensions = self.value("emb:dimensions") or source.product.embedding.dimensions

    def value(self, field: str) -> Any:  # noqa: ANN401 - JSON is anything
        own = self._asset.get(field)
        return own if own is not None else self._properties.get(field)

    @property
    def width(self) -> int | None:
        """Stored numbers per vector."""
        if self.quantization.get("method") == "finite_scalar":
            steps = self.quantization.get("steps")
            return steps if isinstance(steps, int) else None
        simple = {"none", "linear", "signed_power", "per_vector_scale", "unknown"}
        return self.dimensions if self.quantization.get("method", "none") in simple else None

    def differs(self, field: str, found: object, expected: object = None) -> list[Finding]:
        """The finding, if something is stated and it is not what was found."""
        wanted = self.value(field) if expected is None else expected
        if wanted is None or _same(wanted, found):
            return []
        return [Finding(self.key, field, wanted, found)]


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        if len(wanted) == 9:  # a transform may be written with its last row
            wanted = wanted[:6]
        return len(wanted) == len(found) and all(_same(a, b) for a, b in zip(wanted, found, strict=True))
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        both_nan = math.isnan(wanted) and math.isnan(found)
        return both_nan or math.isclose(wanted, found, rel_tol=1e-9, abs_tol=METRES if isinstance(wanted, float) else 0)
    if isinstance(wanted, str) and wanted in {"nan", "inf", "-inf"} and isinstance(found, int | float):
        return _same(float(wanted), found)
    return wanted == found


def _raster(href: str, stated: _Stated, access: Access, *, vectors: bool) -> list[Finding]:
    with access.random(href) as stream:
        cloud = "profile=cloud-optimized" in str(stated.value("type"))
        header = raster_header(stream, href, validate=cloud)
    findings = [*stated.differs("proj:code", header.crs)]
    if vectors:
        findings += stated.differs("proj:shape", [header.height, header.width])
        findings += stated.differs("proj:transform", list(header.transform))
        findings += stated.differs("data_type", header.dtype, stated.quantization.get("stored_data_type"))
        findings += stated.differs("nodata", header.nodata, stated.quantization.get("nodata"))
        if stated.width is not None and header.count != stated.width:
            findings.append(Finding(stated.key, "emb:dimensions", stated.width, header.count))
    if cloud and not header.cog:
        findings.append(
            Finding(stated.key, "type", "a valid Cloud Optimized GeoTIFF", "; ".join(header.cog_faults)[:500])
        )
    return findings


def _table(href: str, stated: _Stated, access: Access) -> list[Finding]:
    with access.random(href) as stream:
        footer = read_footer(stream, href)
    findings = [*stated.differs("table:row_count", footer.rows)]
    if footer.vector is None:
        return [*findings, Finding(stated.key, "emb:layout", "a column of vectors", ", ".join(footer.columns)[:500])]
    if footer.dimensions is not None and stated.width is not None:
        findings += stated.differs("emb:dimensions", footer.dimensions, stated.width)
    return findings + stated.differs("data_type", footer.dtype)


def _array(href: str, stated: _Stated, access: Access, *, vectors: bool) -> list[Finding]:
    with access.random(href) as stream:
        array = NpyFile(stream, href)
    findings = [*stated.differs("data_type", array.dtype.name)]
    if vectors and stated.width is not None and (not array.shape or array.shape[-1] != stated.width):
        findings.append(Finding(stated.key, "emb:dimensions", stated.width, list(array.shape)))
    return findings


def _store(href: str, stated: _Stated, access: Access) -> list[Finding]:
    """Of a Zarr group the metadata of its vectors; an Icechunk repository shows its files to Icechunk only."""
    if "icechunk" in href or "icechunk" in str(stated.value("type")):
        raise NotOpened(href)
    place = f"{href.rstrip('/')}/embeddings/zarr.json"
    try:
        metadata = json.loads(access.read(place, limit=16 * 2**20))
    except (ValueError, RecursionError) as error:
        msg = f"{place}: not JSON: {error}"
        raise UnreadableInput(msg) from None
    if not isinstance(metadata, dict) or metadata.get("node_type") != "array":
        msg = f"{place}: not the metadata of a Zarr array"
        raise UnreadableInput(msg)
    findings = [*stated.differs("data_type", metadata.get("data_type"))]
    names, shape = (value if isinstance(value := metadata.get(n), list) else [] for n in ("dimension_names", "shape"))
    vector = [n for name, n in zip(names, shape, strict=False) if name in ("band", "embedding")]
    if vector and stated.width is not None and vector[0] != stated.width:
        findings.append(Finding(stated.key, "emb:dimensions", stated.width, vector[0]))
    return findings


def _checksum(file: InputFile, stated: _Stated, access: Access) -> list[Finding]:
    wanted = stated.value("file:checksum")
    if not isinstance(wanted, str) or not wanted.startswith(SHA256) or file.size is None or file.size > HASHED:
        return []
    digest = hashlib.sha256()
    with access.stream(file.href) as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return stated.differs("file:checksum", SHA256 + digest.hexdigest())
