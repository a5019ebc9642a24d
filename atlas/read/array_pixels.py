"""Pixels of an NPY array, also in an NPZ archive: georeference and scales are in separate files."""

import contextlib
import functools

from atlas.errors import RestoreError
from atlas.formats.npy import NpyFile
from atlas.formats.pixels import PixelGrid
from atlas.formats.raster import raster_header
from atlas.read.block import Block
from atlas.read.files import kept
from atlas.read.spec import AssetSpec

__all__ = ["ArrayPixels"]

STRIP = 1 << 24
"""Bytes of rows, or columns, that are read at once."""


class ArrayPixels:
    """See `atlas.read.windows.Pixels`."""

    def __init__(self, spec: AssetSpec, array: NpyFile, stack: contextlib.ExitStack) -> None:
        """From the headers.

        Raises:
            RestoreError: the array does not hold pixels, or nothing says where they lie.
        """
        axis = spec.layout.axis if spec.layout and spec.layout.axis is not None else -1
        if len(array.shape) != 3 or axis % 3 != 2:
            msg = f"{spec.href}: shape {array.shape}, the vector along axis {axis}; pixels need (y, x, vector)"
            raise RestoreError(msg)
        height, width, numbers = array.shape
        self.grid = _grid_of(spec, height, width)
        across = height if array.by_columns else width
        lines = max(1, STRIP // max(1, across * numbers * array.dtype.itemsize))
        self.block = (height, min(lines, width) or 1) if array.by_columns else (min(lines, height) or 1, width)
        self.axis = -1
        self._spec, self._array, self._stack = spec, array, stack

    def read(self, rows: slice, columns: slice) -> Block:
        """The stored numbers of a window, the vector last, and its scales."""
        scales = self._scales.window(rows, columns) if self._scales else None
        return Block(self._array.window(rows, columns), -1, scales)

    @functools.cached_property
    def _scales(self) -> NpyFile | None:
        key = self._spec.quantization.scale_asset
        if key is None:
            return None
        href = self._spec.sibling(key, "scales are")
        found = NpyFile(self._stack.enter_context(kept(href)), href)
        if found.shape[:2] != self._array.shape[:2]:
            raise RestoreError(f"{href}: shape {found.shape} does not fit the vectors' {self._array.shape}")
        return found


def _grid_of(spec: AssetSpec, height: int, width: int) -> PixelGrid:
    key = spec.layout.georeference_asset if spec.layout else None
    if key is not None:
        href = spec.sibling(key, "georeference is")
        with kept(href) as stream:
            header = raster_header(stream, href, validate=False)
        if (header.height, header.width) != (height, width) or header.crs is None:
            raise RestoreError(f"{href}: {header.height} x {header.width} pixels, the vectors {height} x {width}")
        return PixelGrid(header.crs, header.transform, height, width)
    if spec.crs is None or spec.transform is None:
        raise RestoreError(
            f"{spec.href}: neither 'georeference_asset' of 'emb:layout' nor 'proj:code' and 'proj:transform' say where "
            "its pixels lie"
        )
    return PixelGrid(spec.crs, spec.transform, height, width)
