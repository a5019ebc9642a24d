"""One pixel of a GeoTIFF, with what the file says of it: its mask, its alpha band, its nodata."""

from typing import Any, BinaryIO

import numpy as np
from rasterio.enums import ColorInterp, MaskFlags

from atlas.errors import RestoreError
from atlas.formats.raster import open_raster
from atlas.read.files import beside
from atlas.read.mask import hits
from atlas.read.pixel import Pixel
from atlas.read.pixels import PixelGrid
from atlas.read.restore import stored_width
from atlas.read.spec import AssetSpec

__all__ = ["from_raster"]


def from_raster(spec: AssetSpec, stream: BinaryIO, lon: float, lat: float) -> Pixel:
    """The pixel that holds a place.

    Args:
        spec: of the asset.
        stream: the GeoTIFF.
        lon: degrees.
        lat: degrees.

    Raises:
        RestoreError: the file has no CRS, its bands are not those of a vector, or the place lies outside.
        UnreadableInput: it is no GeoTIFF that can be read.
    """
    with open_raster(stream, spec.href) as dataset:
        if dataset.crs is None:
            msg = f"{spec.href}: the file has no CRS, so a place cannot be found in it"
            raise RestoreError(msg)
        # What the file says of its own position counts: metadata may speak of its top-down twin.
        grid = PixelGrid(dataset.crs.to_wkt(), tuple(dataset.transform[:6]), dataset.height, dataset.width)
        row, column = grid.pixel(lon, lat)
        bands, alpha = _bands(spec, dataset)
        window = (row, row + 1), (column, column + 1)
        stored = dataset.read(bands, window=window)[:, 0, 0]
        hidden = _hidden(spec, dataset, window)
        masks = [dataset.read(alpha, window=window)] if alpha else []
        flags = dataset.mask_flag_enums
        own = [n for n in bands if MaskFlags.per_dataset in flags[n - 1] and MaskFlags.alpha not in flags[n - 1]]
        if own:
            masks.append(dataset.read_masks(own, window=window))
        nodata = (tuple(dataset.nodatavals),)
        shape = dataset.count, dataset.height, dataset.width
    masked = any((mask == 0).any() for mask in masks) if masks else _masked_beside(spec, shape, bands, (row, column))
    return Pixel(stored, row, column, masked=masked or hidden, nodata=nodata, bands=tuple(bands))


def _hidden(spec: AssetSpec, dataset: Any, window: Any) -> bool:  # noqa: ANN401 - rasterio ships no types
    """Whether the band that the layout names as mask says that there is no vector."""
    mask = spec.layout.mask if spec.layout else None
    if mask is None or mask.band is None or mask.asset is not None:
        return False
    if mask.band > dataset.count:
        msg = f"{spec.href}: the mask is said to be band {mask.band}, the file has {dataset.count}"
        raise RestoreError(msg)
    return bool(hits(dataset.read(mask.band, window=window), mask.sentinels).any())


def _bands(spec: AssetSpec, dataset: Any) -> tuple[list[int], list[int]]:  # noqa: ANN401 - rasterio ships no types
    """1-based numbers of the bands that hold the stored numbers of a vector, in order, and those of alpha bands."""
    width, count = stored_width(spec.quantization, spec.dimensions), dataset.count
    alpha = [n for n, kind in enumerate(dataset.colorinterp, 1) if kind == ColorInterp.alpha]
    chosen = spec.layout.bands if spec.layout else None
    if chosen is None:
        others = [n for n in range(1, count + 1) if n not in alpha]
        if count == width:  # GDAL takes the last of four bytes for alpha, whatever was written
            return list(range(1, count + 1)), []
        if len(others) == width:
            return others, alpha
        msg = (
            f"{spec.href}: {count} bands, but a vector takes {width} stored numbers: which hold it is not stated "
            "('bands' of 'emb:layout')"
        )
        raise RestoreError(msg)
    if len(chosen) != width or any(not 1 <= n <= count for n in chosen):
        msg = f"{spec.href}: {len(chosen)} bands named, a vector takes {width} of the file's {count}: {chosen}"
        raise RestoreError(msg)
    return list(chosen), [n for n in alpha if n not in chosen]


def _masked_beside(spec: AssetSpec, shape: tuple[int, int, int], bands: list[int], at: tuple[int, int]) -> bool:
    """Whether the mask that GDAL writes beside a file (`.msk`) says that there is nothing."""
    name = f"{spec.href}.msk"
    with beside(spec.href, ".msk") as stream:
        if stream is None:
            return False
        with open_raster(stream, name) as mask:
            if (mask.height, mask.width) != shape[1:] or mask.count not in {1, shape[0]}:
                msg = f"{name}: {mask.count} masks of {mask.height} x {mask.width} pixels, the file has {shape}"
                raise RestoreError(msg)
            (row, column), of = at, bands if mask.count == shape[0] else [1]
            found = mask.read(of, window=((row, row + 1), (column, column + 1)))
    return bool(np.any(found == 0))
