"""One vector at a place, from an asset and its metadata alone."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.files import opened
from atlas.read.npz import npz_member
from atlas.read.pixels import PixelGrid
from atlas.read.restore import restore, stored_width
from atlas.read.spec import AssetSpec, asset_spec
from atlas.read.table import from_table
from atlas.read.zarr_group import from_zarr
from atlas.sources.files.rows import is_table
from atlas.sources.npy import NpyFile
from atlas.sources.raster import open_raster, raster_header

__all__ = ["Sample", "sample"]

GEOREFERENCE = ("landmask",)
"""Assets that hold the position of the pixels of a file that has none itself."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A vector and where it was read.

    Attributes:
        values: shape (dimensions,), float32; NaN where the producer has none here.
        valid: whether there is a vector.
        space: of the vector, for `compare`.
        lon, lat: degrees, as asked.
        row, column: the pixel that was read; of a table the row, and 0.
    """

    values: npt.NDArray[np.float32]
    valid: bool
    space: str | None
    lon: float
    lat: float
    row: int
    column: int


def sample(
    item: Mapping[str, Any],
    lon: float,
    lat: float,
    *,
    key: str | None = None,
    collection: Mapping[str, Any] | None = None,
    bands: Sequence[int] | None = None,
) -> Sample:
    """The vector of the pixel or patch that holds a place.

    Args:
        item: a STAC Item: GeoTIFF, NPY or NPZ with a position, Zarr group, Icechunk repository, table of patches.
        lon: degrees, WGS 84.
        lat: degrees, WGS 84.
        key: of the asset, where the item has more than one.
        collection: the Item's Collection, for what it says for all.
        bands: numbers from 1 of the bands that hold the vector, in order, of a raster that has others too.

    Raises:
        RestoreError: the metadata do not say enough, do not fit the file, or the place lies outside.
        UnreadableInput: the file cannot be read.
    """
    spec = asset_spec(item, key, collection)
    kind = spec.media_type or ""
    if "zarr" in kind or "icechunk" in kind:
        return _sampled(spec, lon, lat, *from_zarr(spec, lon, lat))
    with opened(spec.href) as stream:
        if is_table(spec.href) or (spec.layout is not None and spec.layout.kind == "column"):
            stored, row, scales = from_table(spec, stream, lon, lat)
            return _sampled(spec, lon, lat, stored, row, 0, scales)
        if NpyFile.matches(stream):
            return _sampled(spec, lon, lat, *_from_array(spec, NpyFile(stream, spec.href), lon, lat))
        if zipfile.is_zipfile(stream):
            with npz_member(stream, spec.href, spec.layout) as array:
                return _sampled(spec, lon, lat, *_from_array(spec, array, lon, lat))
        return _sampled(spec, lon, lat, *_from_raster(spec, stream, lon, lat, bands), None)


def _sampled(
    spec: AssetSpec,
    lon: float,
    lat: float,
    stored: npt.NDArray[Any],
    row: int,
    column: int,
    scales: npt.NDArray[Any] | None,
) -> Sample:
    found = restore(stored, spec.quantization, dimensions=spec.dimensions, scales=scales)
    return Sample(found.values, bool(found.valid), spec.space, lon, lat, row, column)


def _from_raster(
    spec: AssetSpec, stream: BinaryIO, lon: float, lat: float, chosen: Sequence[int] | None
) -> tuple[npt.NDArray[Any], int, int]:
    with open_raster(stream, spec.href) as dataset:
        if dataset.crs is None:
            msg = f"{spec.href}: the file has no CRS, so a place cannot be found in it"
            raise RestoreError(msg)
        # What the file says of its own position counts: metadata may speak of its top-down twin.
        grid = PixelGrid(dataset.crs.to_wkt(), tuple(dataset.transform[:6]), dataset.height, dataset.width)
        row, column = grid.pixel(lon, lat)
        bands = _bands(spec, dataset.count, chosen)
        return dataset.read(bands, window=((row, row + 1), (column, column + 1)))[:, 0, 0], row, column


def _bands(spec: AssetSpec, count: int, chosen: Sequence[int] | None) -> list[int]:
    """1-based numbers of the bands that hold the stored numbers of a vector, in order."""
    width = stored_width(spec.quantization, spec.dimensions)
    if chosen is None:
        if count != width:
            msg = (
                f"{spec.href}: {count} bands, but a vector takes {width} stored numbers: which hold it is not stated; "
                "name them with 'bands'"
            )
            raise RestoreError(msg)
        return list(range(1, count + 1))
    if len(chosen) != width or any(not 1 <= n <= count for n in chosen):
        msg = f"{spec.href}: {len(chosen)} bands named, a vector takes {width} of the file's {count}: {list(chosen)}"
        raise RestoreError(msg)
    return list(chosen)


def _from_array(
    spec: AssetSpec, array: NpyFile, lon: float, lat: float
) -> tuple[npt.NDArray[Any], int, int, npt.NDArray[Any] | None]:
    axis = spec.layout.axis if spec.layout and spec.layout.axis is not None else -1
    if len(array.shape) != 3 or axis % 3 != 2:
        msg = f"{spec.href}: shape {array.shape}, the vector along axis {axis}; pixels need (y, x, vector)"
        raise RestoreError(msg)
    grid = _grid_of(spec, *array.shape[:2])
    row, column = grid.pixel(lon, lat)
    scale_key = spec.quantization.scale_asset
    scales = None
    if scale_key is not None:
        if scale_key not in spec.siblings:
            msg = f"asset '{spec.key}': its scales are said to be the asset '{scale_key}', which the item does not have"
            raise RestoreError(msg)
        with opened(spec.siblings[scale_key]) as file:
            of = NpyFile(file, spec.siblings[scale_key])
            if of.shape[:2] != array.shape[:2]:
                msg = f"{spec.siblings[scale_key]}: shape {of.shape} does not fit the vectors' {array.shape}"
                raise RestoreError(msg)
            scales = of.at(row, column)
    return array.at(row, column), row, column, scales


def _grid_of(spec: AssetSpec, height: int, width: int) -> PixelGrid:
    for key in GEOREFERENCE:
        if key in spec.siblings:
            with opened(spec.siblings[key]) as stream:
                header = raster_header(stream, spec.siblings[key], validate=False)
            if (header.height, header.width) != (height, width) or header.crs is None:
                msg = f"{spec.siblings[key]}: {header.height} x {header.width} pixels, the vectors {height} x {width}"
                raise RestoreError(msg)
            return PixelGrid(header.crs, header.transform, height, width)
    if spec.crs is None or spec.transform is None:
        msg = f"{spec.href}: neither a land mask nor 'proj:code' and 'proj:transform' say where its pixels lie"
        raise RestoreError(msg)
    return PixelGrid(spec.crs, spec.transform, height, width)
