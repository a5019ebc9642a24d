"""Open one asset and compare it with what Item and record say: existence, size, header or footer, place, checksum.

Only what is stated is compared, and the report says what was compared. Vectors are not read, but a file with a stated
checksum is read as a whole where it is small enough.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import shapely

from atlas.errors import UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.address import is_remote, split
from atlas.formats.endings import is_raster, is_table
from atlas.formats.footers import read_footer
from atlas.formats.npy import NpyFile
from atlas.formats.raster import raster_header
from atlas.formats.zarr_documents import zarr_document
from atlas.formats.zarr_place import COLUMNS, ROWS
from atlas.sources.base import Finding, Source
from atlas.sources.files.content import raster_place, table_place
from stac_emb.checksums import SHA256
from stac_emb.quantization_methods import stored_width

__all__ = ["Checked", "NotOpened", "check"]

Json = Mapping[str, Any]
HASHED = 256 * 2**20
"""Largest file that is read as a whole for its checksum, bytes."""
BLOCK = 1024 * 1024
MULTIHASHES = {SHA256: "sha256", "1114": "sha1", "1340": "sha512", "d50110": "md5"}
"""Prefix to the name of the function."""
PIXEL_PART = 1e-3
"""Difference between the origins of transforms that counts as rounding, in pixels."""
NEAR = 0.02
"""Difference up to which footprints are the same place, degrees of latitude: straight edges of large tiles in degrees
and in metres differ by up to half of it, and images reach a little beyond the cells that they are named after."""
STORES = ("zarr", "icechunk")
VECTOR_AXES = ("band", "embedding")


class NotOpened(Exception):  # noqa: N818 - an outcome, not a fault
    """An asset of a kind that is not opened here: whether it agrees stays unknown."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one asset.

    Attributes:
        findings: where it differs; none where all that was compared agrees.
        compared: the fields that were compared, in order; `href` stands for its being there.
    """

    findings: tuple[Finding, ...]
    compared: tuple[str, ...]


def check(key: str, asset: Json, item: Json, source: Source, access: Access) -> Checked:
    """Compare one asset with what Item and record say of it.

    `properties` of the Item speak for the asset where it does not itself; its `geometry` is WKB.

    Raises:
        AtlasError: the asset cannot be read: whether it agrees is then unknown.
        NotOpened: there is no way to open an asset of its kind.
    """
    href = asset["href"]
    stated = _Comparison(key, asset, item, source)
    kind = str(asset.get("type", ""))
    if any(word in kind for word in STORES) or PurePosixPath(href).suffix in {".zarr", ".icechunk"}:
        _store(href, stated, access)
        return stated.outcome()
    file = access.stat(href)
    stated.compared.append("href")
    stated.size = file.size
    if file.size is not None:
        stated.compare("file:size", file.size)
    name = unquote(split(href).path) if is_remote(href) else href
    vectors = key == "embeddings" or bool({"data", "embedding"} & set(asset.get("roles") or ()))
    if is_raster(name):
        _raster(href, stated, access, vectors=vectors)
    elif is_table(name):
        _table(href, stated, access, source)
    elif name.endswith(".npy"):
        _array(href, stated, access, vectors=vectors)
    elif name.endswith(".vrt"):
        good = access.read(href, limit=16 * 2**20).lstrip().startswith(b"<VRTDataset")
        stated.note("type", stated.value("type"), "not a GDAL virtual raster", agrees=good)
    _checksum(href, stated, access)
    return stated.outcome()


class _Comparison:
    """What is said of an asset, what it says itself, and where the two differ."""

    def __init__(self, key: str, asset: Json, item: Json, source: Source) -> None:
        self.key, self._asset = key, asset
        self._properties: Json = item.get("properties") or {}
        self._geometry = item.get("geometry")
        self.quantization: Json = self.value("emb:quantization") or source.product.embedding.quantization or {}
        self.dimensions = self.value("emb:dimensions") or source.product.embedding.dimensions
        self.findings: list[Finding] = []
        self.compared: list[str] = []
        self.size: int | None = None

    def value(self, field: str) -> Any:  # noqa: ANN401 - JSON is anything
        own = self._asset.get(field)
        return own if own is not None else self._properties.get(field)

    @property
    def width(self) -> int | None:
        """Stored numbers per vector."""
        if not isinstance(self.dimensions, int):
            return None
        return stored_width({"method": "none", **self.quantization}, self.dimensions)

    def compare(self, field: str, found: object, *expected: object) -> None:
        """Note a field that is stated, by `expected` or else by the Item under the field's name."""
        for wanted in expected or (self.value(field),):
            if wanted is not None:
                self.note(field, wanted, found, agrees=_same(field, wanted, found))

    def stored_type(self, found: object) -> None:
        """Compare the type of the stored numbers with what Asset or Item, and the quantization, state."""
        self.compare("data_type", found, self.value("data_type"), self.quantization.get("stored_data_type"))

    def note(self, field: str, wanted: object, found: object, *, agrees: bool) -> None:
        """Record that a field was compared, and the finding if it differs."""
        if field not in self.compared:
            self.compared.append(field)
        finding = Finding(self.key, field, wanted, found)
        if not agrees and finding not in self.findings:
            self.findings.append(finding)

    def place(self, find: Callable[[], shapely.Geometry | None], href: str) -> None:
        """Compare the asset's footprint with the Item's.

        An index may cut footprints at the edge of a zone, and a tile may hold less than its cell: one within the other
        is the same place.
        """
        try:
            found = find()
        except (ValueError, shapely.errors.ShapelyError) as error:
            raise UnreadableInput(f"{href}: gives no valid position: {error}") from None
        if found is None or self._geometry is None:
            return
        said = shapely.from_wkb(self._geometry)
        middle = math.radians(min(80.0, abs(said.bounds[1] + said.bounds[3]) / 2))
        slack = NEAR / math.cos(middle)
        agrees = shapely.buffer(found, slack).covers(said) or shapely.buffer(said, slack).covers(found)
        self.note("geometry", _box(said), _box(found), agrees=agrees)

    def outcome(self) -> Checked:
        return Checked(tuple(self.findings), tuple(self.compared))


def _box(shape: shapely.Geometry) -> list[float]:
    return [round(v, 6) for v in shape.bounds]


def _same(field: str, wanted: object, found: object) -> bool:
    if field == "proj:transform" and isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        return _same_transform(list(wanted), list(found))
    if isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(_same("", a, b) for a, b in zip(wanted, found, strict=True))
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return (math.isnan(wanted) and math.isnan(found)) or math.isclose(wanted, found, rel_tol=1e-9)
    if isinstance(wanted, str) and wanted in {"nan", "inf", "-inf"} and isinstance(found, int | float):
        return _same("", float(wanted), found)
    return wanted == found


def _same_transform(wanted: list[Any], found: list[Any]) -> bool:
    """Whether pixels are of the same size and the origins closer than a thousandth of one."""
    wanted, found = wanted[:6], found[:6]  # a transform may be written with its last row
    numbers = [v for v in (*wanted, *found) if isinstance(v, int | float) and math.isfinite(v)]
    if len(numbers) != 12:
        return False
    pixel = max(abs(found[k]) for k in (0, 1, 3, 4))
    size = all(math.isclose(wanted[k], found[k], rel_tol=1e-9, abs_tol=1e-9 * pixel) for k in (0, 1, 3, 4))
    return size and all(abs(wanted[k] - found[k]) <= PIXEL_PART * pixel for k in (2, 5))


def _raster(href: str, stated: _Comparison, access: Access, *, vectors: bool) -> None:
    with access.random(href) as stream:
        cloud = "profile=cloud-optimized" in str(stated.value("type"))
        header = raster_header(stream, href, validate=cloud)
    stated.compare("proj:code", header.crs)
    stated.place(lambda: raster_place(header), href)
    if vectors:
        stated.compare("proj:shape", [header.height, header.width])
        stated.compare("proj:transform", list(header.transform))
        stated.stored_type(header.dtype)
        nodata = stated.quantization.get("nodata")
        stated.compare("nodata", header.nodata, stated.value("nodata"), nodata)
        stated.compare("emb:dimensions", header.count, stated.width)
    if cloud:
        faults = "; ".join(header.cog_faults)[:500]
        stated.note("type", "a valid Cloud Optimized GeoTIFF", faults, agrees=not faults)


def _table(href: str, stated: _Comparison, access: Access, source: Source) -> None:
    with access.random(href) as stream:
        footer = read_footer(stream, href)
    stated.compare("table:row_count", footer.rows)
    stated.place(lambda: table_place(footer, source.product), href)
    columns = ", ".join(footer.columns)[:500]
    stated.note("emb:layout", "a column of vectors", columns, agrees=footer.vector is not None)
    if footer.vector is None:
        return
    if footer.dimensions is not None:
        stated.compare("emb:dimensions", footer.dimensions, stated.width)
    stated.stored_type(footer.dtype)


def _array(href: str, stated: _Comparison, access: Access, *, vectors: bool) -> None:
    with access.random(href) as stream:
        array = NpyFile(stream, href)
    stated.compare("data_type", array.dtype.name)
    if vectors:
        stated.compare("data_type", array.dtype.name, stated.quantization.get("stored_data_type"))
        if stated.width is not None:
            fits = bool(array.shape) and array.shape[-1] == stated.width
            stated.note("emb:dimensions", stated.width, list(array.shape), agrees=fits)
        stated.compare("proj:shape", list(array.shape[:2]))


def _store(href: str, stated: _Comparison, access: Access) -> None:
    """Compare the metadata of a Zarr group's vectors; those of an Icechunk repository only Icechunk can read."""
    if "icechunk" in href or "icechunk" in str(stated.value("type")):
        raise NotOpened(href)
    base = href.rstrip("/")
    array = _metadata(f"{base}/embeddings/zarr.json", "array", access)
    stated.compared.append("href")
    stated.stored_type(array.get("data_type"))
    names, shape = (value if isinstance(value := array.get(n), list) else [] for n in ("dimension_names", "shape"))
    axes = {name: n for name, n in zip(names, shape, strict=False) if isinstance(name, str)}
    vector = [axes[name] for name in VECTOR_AXES if name in axes]
    if vector:
        stated.compare("emb:dimensions", vector[0], stated.width)
    rows = [axes[name] for name in ROWS if name in axes]
    columns = [axes[name] for name in COLUMNS if name in axes]
    if rows and columns:
        stated.compare("proj:shape", [rows[0], columns[0]])
    if stated.value("proj:code") is not None or stated.value("proj:transform") is not None:
        own = array.get("attributes")
        attributes = _metadata(f"{base}/zarr.json", "group", access).get("attributes")
        said = {**(attributes if isinstance(attributes, dict) else {}), **(own if isinstance(own, dict) else {})}
        stated.compare("proj:code", said.get("proj:code"))
        stated.compare("proj:transform", said.get("spatial:transform"))


def _metadata(place: str, kind: str, access: Access) -> dict[str, Any]:
    found = zarr_document(place, access.read(place, limit=16 * 2**20))
    if found["node_type"] != kind:
        raise UnreadableInput(f"{place}: not the metadata of a Zarr {kind}")
    return found


def _checksum(href: str, stated: _Comparison, access: Access) -> None:
    """Compare the hash of a file that is not too large; the hash of a larger one is not compared."""
    wanted = str(stated.value("file:checksum") or "").lower()
    prefix = next((prefix for prefix in MULTIHASHES if wanted.startswith(prefix)), None)
    size = stated.size
    if prefix is None or (size is not None and size > HASHED):
        return
    digest = hashlib.new(MULTIHASHES[prefix], usedforsecurity=False)
    total = 0
    with access.stream(href) as stream:
        while block := stream.read(BLOCK):
            total += len(block)
            if total > HASHED:
                return
            digest.update(block)
    stated.compare("file:checksum", prefix + digest.hexdigest(), wanted)
