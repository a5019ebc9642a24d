"""Pixels of a GeoTIFF, with the file's masks, alpha band and nodata."""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp, MaskFlags

from atlas.errors import RestoreError
from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.ranges import RangeFile
from atlas.formats.pixels import PixelGrid
from atlas.formats.raster import is_vrt, open_raster, open_vrt
from atlas.read.block import Block
from atlas.read.files import beside, kept
from atlas.read.nodata import hits
from atlas.read.restore import stored_width
from atlas.read.scaling import refuse_scaling
from atlas.read.spec import AssetSpec

__all__ = ["RasterPixels", "raster_pixels"]

Mask = npt.NDArray[np.bool_]
Dataset = Any  # rasterio ships no types
Window = tuple[tuple[int, int], tuple[int, int]]
"""First row and the one after the last, and the same of columns."""
TOGETHER = 8
"""Bands that are decoded together while others are fetched, in files whose bands have separate blocks."""
OFFSET, SIZE = "BLOCK_OFFSET", "BLOCK_SIZE"
"""GDAL's names for the place of a block in the file."""


@contextlib.contextmanager
def raster_pixels(spec: AssetSpec, stream: BinaryIO) -> "Iterator[RasterPixels]":
    """The pixels of a GeoTIFF, or of a VRT of GeoTIFFs beside it.

    Raises:
        RestoreError: the file has no CRS, or its bands are not those of a vector.
        UnreadableInput: it is not a GeoTIFF that can be read.
    """
    with contextlib.ExitStack() as stack:
        opening = open_vrt(stream, spec.href, partial(_source, spec.href)) if is_vrt(stream) else None
        dataset = stack.enter_context(opening or open_raster(stream, spec.href, threads=True))
        remote = stream if opening is None and isinstance(stream, RangeFile) else None
        yield RasterPixels(spec, dataset, stack, remote)


def _source(href: str, name: str) -> AbstractContextManager[BinaryIO]:
    """A file by its name relative to another."""
    return kept(joined(href, name) if is_remote(href) else str(local_path(href).parent / name))


class RasterPixels:
    """See `atlas.read.windows.Pixels`."""

    def __init__(
        self, spec: AssetSpec, dataset: Dataset, stack: contextlib.ExitStack, remote: RangeFile | None = None
    ) -> None:
        """From the header.

        Args:
            spec: of the asset.
            dataset: rasterio's.
            stack: closes the files that are opened beside it.
            remote: the file, whose parts are fetched before they are read; None for a local file.
        """
        self._remote = remote
        self._of_tiff = dataset.driver == "GTiff"
        self._apart = dataset.profile.get("interleave") == "band"
        placed_by = "ground control points" if dataset.gcps[0] else "rational polynomials" if dataset.rpcs else None
        if placed_by and (dataset.crs is None or dataset.transform.is_identity):
            raise RestoreError(
                f"{spec.href}: only {placed_by} say where its pixels lie, so they form no regular grid: warp it with "
                "gdalwarp -r near -t_srs EPSG:..., which moves codes and does not blend them"
            )
        if dataset.crs is None:
            raise RestoreError(f"{spec.href}: the file has no CRS, so a place cannot be found in it")
        if dataset.transform.is_identity:
            raise RestoreError(f"{spec.href}: the file has a CRS and no geotransform, so a place cannot be found in it")
        # The file's own georeference counts: metadata may describe it with rows in the other direction.
        self.grid = PixelGrid(dataset.crs.to_wkt(), tuple(dataset.transform[:6]), dataset.height, dataset.width)
        self.block: tuple[int, int] = tuple(dataset.block_shapes[0])
        self.axis = 0
        self._spec, self._file, self._stack = spec, dataset, stack
        self._bands, self._alpha = _bands(spec, dataset)
        scales, offsets = ([values[n - 1] for n in self._bands] for values in (dataset.scales, dataset.offsets))
        refuse_scaling(spec.quantization, spec.href, scales, offsets)
        flags = dataset.mask_flag_enums
        self._own = [
            n for n in self._bands if MaskFlags.per_dataset in flags[n - 1] and MaskFlags.alpha not in flags[n - 1]
        ]
        self._beside: Any = None
        self._asked = False

    def read(self, rows: slice, columns: slice) -> Block:
        """The stored numbers of a window, bands first."""
        window = (rows.start, rows.stop), (columns.start, columns.stop)
        stored = self._stored(rows, columns)
        masks = [self._file.read(self._alpha, window=window)] if self._alpha else []
        if self._own:
            masks.append(self._file.read_masks(self._own, window=window))
        elif not masks:
            masks += self._masks_beside(window)
        masked = [(mask == 0).any(axis=0) for mask in masks]
        masked += [one for one in (self._hidden(window), self._unwritten(rows, columns)) if one is not None]
        gone = np.logical_or.reduce(masked) if masked else None
        nodata = (tuple(self._file.nodatavals),)
        return Block(stored, 0, masked=gone, nodata=nodata, bands=tuple(self._bands))

    def _stored(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
        """The numbers of a window. Blocks of the first bands are decoded while those of the others are fetched.

        GDAL alone would request them one after the other, each in pieces.
        """
        window = (rows.start, rows.stop), (columns.start, columns.stop)
        together = TOGETHER if self._apart and self._remote is not None else len(self._bands)
        groups = [self._bands[i : i + together] for i in range(0, len(self._bands), together)]
        spans = [self._spans(group, rows, columns) for group in groups] if self._remote is not None else []
        if self._remote is not None:
            self._remote.fetch_ahead([span for of in spans for span in of])
        kind = np.result_type(*(self._file.dtypes[band - 1] for band in self._bands))
        stored = np.empty((len(self._bands), rows.stop - rows.start, columns.stop - columns.start), kind)
        for number, group in enumerate(groups):
            if self._remote is not None:
                self._remote.arrived(spans[number])
            self._file.read(group, window=window, out=stored[number * together : number * together + len(group)])
        return stored

    def cost(self, windows: Sequence[tuple[slice, slice]]) -> list[tuple[int, int]]:
        """Byte ranges of the windows' blocks in a remote file with separate bands; none for other files."""
        if self._remote is None or not self._apart:
            return []
        return [span for rows, columns in windows for span in self._spans(self._bands, rows, columns)]

    def _spans(self, bands: list[int], rows: slice, columns: slice) -> list[tuple[int, int]]:
        """Byte ranges of a window's blocks, as reported by GDAL."""
        found = []
        for band in bands if self._apart else bands[:1]:
            for row, column in self._blocks(rows, columns):
                start, size = (
                    self._file.get_tag_item(f"{name}_{column}_{row}", "TIFF", bidx=band) for name in (OFFSET, SIZE)
                )
                if start and size:  # a block that is not stored has neither
                    found.append((int(start), int(start) + int(size)))
        return found

    def _unwritten(self, rows: slice, columns: slice) -> Mask | None:
        """Where the blocks of all bands are not stored: GDAL reads zeros there, which are legal codes too."""
        found: Mask | None = None
        if not self._of_tiff:  # a VRT, whose sources may be written or not
            return found
        high, wide = self.block
        bands = self._bands if self._apart else self._bands[:1]
        for row, column in self._blocks(rows, columns):
            name = f"{OFFSET}_{column}_{row}"
            if any(self._file.get_tag_item(name, "TIFF", bidx=band) for band in bands):
                continue
            if found is None:
                found = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.bool_)
            top, left = max(0, row * high - rows.start), max(0, column * wide - columns.start)
            found[top : (row + 1) * high - rows.start, left : (column + 1) * wide - columns.start] = True
        return found

    def _blocks(self, rows: slice, columns: slice) -> list[tuple[int, int]]:
        """Row and column of the blocks that hold a window, counted in blocks."""
        high, wide = self.block
        across = range(columns.start // wide, (columns.stop - 1) // wide + 1)
        return [(row, column) for row in range(rows.start // high, (rows.stop - 1) // high + 1) for column in across]

    def _hidden(self, window: Window) -> Mask | None:
        """Where the layout's mask band marks pixels as having no vector."""
        mask = self._spec.layout.mask if self._spec.layout else None
        if mask is None or mask.band is None or mask.asset is not None:
            return None
        if mask.band > self._file.count:
            msg = f"{self._spec.href}: 'emb:layout' names band {mask.band} as mask, the file has {self._file.count}"
            raise RestoreError(msg)
        return hits(self._file.read(mask.band, window=window), mask.sentinels)

    def _masks_beside(self, window: Window) -> list[Any]:
        """The mask that GDAL writes beside a file (`.msk`); it is asked for once."""
        shape = self._file.count, self._file.height, self._file.width
        name = f"{self._spec.href}.msk"
        if not self._asked:
            self._asked = True
            stream = self._stack.enter_context(beside(self._spec.href, ".msk"))
            if stream is not None:
                self._beside = self._stack.enter_context(open_raster(stream, name))
        if self._beside is None:
            return []
        mask = self._beside
        if (mask.height, mask.width) != shape[1:] or mask.count not in {1, shape[0]}:
            msg = f"{name}: {mask.count} masks of {mask.height} x {mask.width} pixels, the file has {shape}"
            raise RestoreError(msg)
        return [mask.read(self._bands if mask.count == shape[0] else [1], window=window)]


def _bands(spec: AssetSpec, dataset: Dataset) -> tuple[list[int], list[int]]:
    """1-based numbers of the bands that hold the stored numbers of a vector, in order, and those of alpha bands."""
    width, count = stored_width(spec.quantization, spec.dimensions), dataset.count
    alpha = [n for n, kind in enumerate(dataset.colorinterp, 1) if kind == ColorInterp.alpha]
    chosen = spec.layout.bands if spec.layout else None
    if chosen is None:
        others = [n for n in range(1, count + 1) if n not in alpha]
        if count == width:  # GDAL takes the last of four byte bands for alpha, whatever was written
            return list(range(1, count + 1)), []
        if len(others) == width:
            return others, alpha
        raise RestoreError(
            f"{spec.href}: {count} bands, but a vector takes {width} stored numbers: which hold it is not stated "
            "('bands' of 'emb:layout')"
        )
    if len(chosen) != width or any(not 1 <= n <= count for n in chosen):
        msg = f"{spec.href}: {len(chosen)} bands named, a vector takes {width} of the file's {count}: {chosen}"
        raise RestoreError(msg)
    return list(chosen), [n for n in alpha if n not in chosen]
