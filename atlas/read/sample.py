"""One vector at a place, from an asset and its metadata alone."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.npy import NpyFile
from atlas.formats.raster import raster_header
from atlas.read.codebook import code_book
from atlas.read.files import opened
from atlas.read.mask import masked_by_asset
from atlas.read.nodata import is_missing
from atlas.read.npz import npz_member
from atlas.read.pixel import Pixel
from atlas.read.pixels import PixelGrid
from atlas.read.raster_pixel import from_raster
from atlas.read.restore import restore
from atlas.read.spec import AssetSpec, asset_spec
from atlas.read.table import from_table
from atlas.read.zarr_group import from_zarr
from atlas.sources.files.rows import is_table

__all__ = ["Sample", "sample"]


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
) -> Sample:
    """The vector of the pixel or patch that holds a place.

    Args:
        item: a STAC Item: GeoTIFF, NPY or NPZ with a position, Zarr group, Icechunk repository, table of patches.
        lon: degrees, WGS 84.
        lat: degrees, WGS 84.
        key: of the asset, where the item has more than one.
        collection: the Item's Collection, for what Items of STAC before 1.1 leave to it; an Item of `emb` needs none.

    Raises:
        RestoreError: the metadata do not say enough, do not fit the file, or the place lies outside.
        UnreadableInput: the file cannot be read.
    """
    spec = asset_spec(item, key, collection)
    kind = spec.media_type or ""
    if "zarr" in kind or "icechunk" in kind:
        return _sampled(spec, lon, lat, from_zarr(spec, lon, lat))
    with opened(spec.href) as stream:
        if is_table(spec.href) or (spec.layout is not None and spec.layout.kind == "column"):
            return _sampled(spec, lon, lat, from_table(spec, stream, lon, lat))
        if NpyFile.matches(stream):
            return _sampled(spec, lon, lat, _from_array(spec, NpyFile(stream, spec.href), lon, lat))
        if zipfile.is_zipfile(stream):
            with npz_member(stream, spec.href, spec.layout) as array:
                return _sampled(spec, lon, lat, _from_array(spec, array, lon, lat))
        return _sampled(spec, lon, lat, from_raster(spec, stream, lon, lat))


def _sampled(spec: AssetSpec, lon: float, lat: float, pixel: Pixel) -> Sample:
    stored, rule = pixel.stored, spec.quantization.nodata_rule
    masked = pixel.masked or masked_by_asset(spec, pixel.row, pixel.column)
    missing = masked or is_missing(stored, (*pixel.nodata, *spec.nodata), pixel.bands, rule)
    # What is no vector need not be one that the method can restore; that file and metadata fit is checked all the same.
    stored = np.zeros_like(stored) if missing else stored
    found = restore(
        stored, spec.quantization, dimensions=spec.dimensions, scales=pixel.scales, codebook=code_book(spec)
    )
    values = np.full_like(found.values, np.nan) if missing else found.values
    return Sample(values, bool(found.valid) and not missing, spec.space, lon, lat, pixel.row, pixel.column)


def _from_array(spec: AssetSpec, array: NpyFile, lon: float, lat: float) -> Pixel:
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
    return Pixel(array.at(row, column), row, column, scales)


def _grid_of(spec: AssetSpec, height: int, width: int) -> PixelGrid:
    key = spec.layout.georeference_asset if spec.layout else None
    if key is not None:
        if key not in spec.siblings:
            msg = f"asset '{spec.key}': the place of its pixels is said to be in the asset '{key}', which is not there"
            raise RestoreError(msg)
        with opened(spec.siblings[key]) as stream:
            header = raster_header(stream, spec.siblings[key], validate=False)
        if (header.height, header.width) != (height, width) or header.crs is None:
            msg = f"{spec.siblings[key]}: {header.height} x {header.width} pixels, the vectors {height} x {width}"
            raise RestoreError(msg)
        return PixelGrid(header.crs, header.transform, height, width)
    if spec.crs is None or spec.transform is None:
        msg = (
            f"{spec.href}: neither 'georeference_asset' of 'emb:layout' nor 'proj:code' and 'proj:transform' say where "
            "its pixels lie"
        )
        raise RestoreError(msg)
    return PixelGrid(spec.crs, spec.transform, height, width)
