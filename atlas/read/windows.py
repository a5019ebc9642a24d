"""Any asset of pixels behind one interface: a grid, blocks, and windows to read."""

import contextlib
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.fetch.address import is_remote
from atlas.formats.agreement import refuse_no_place
from atlas.formats.endings import is_table
from atlas.formats.npy import NpyFile
from atlas.formats.pixels import PixelGrid
from atlas.formats.raster import open_raster
from atlas.read.agreement import refuse_other_place
from atlas.read.array_pixels import ArrayPixels
from atlas.read.block import Block
from atlas.read.files import MOST_KEPT, SECONDS_KEPT, kept
from atlas.read.nodata import hits
from atlas.read.npz import npz_member
from atlas.read.paying import settle
from atlas.read.raster_pixels import raster_pixels
from atlas.read.spec import AssetSpec

__all__ = ["Pixels", "holds_rows", "opened_pixels", "read_block"]


_groups: "dict[tuple[object, ...], tuple[float, Pixels]]" = {}
"""Groups of remote stores, and when they were opened."""


class Pixels(Protocol):
    """Pixels of a file that is open.

    Attributes:
        grid: where they lie.
        block: height and width of what is fetched or decoded at once.
        axis: of the vector in what is read, once rows and columns are adjacent: 0 or -1.
    """

    grid: PixelGrid
    block: tuple[int, int]
    axis: int

    def read(self, rows: slice, columns: slice) -> Block:
        """The stored numbers of a window that lies in the grid."""


def holds_rows(spec: AssetSpec) -> bool:
    """Whether an asset is a table with a row for each vector, instead of pixels."""
    if spec.layout is not None and spec.layout.kind == "column":
        return True
    return is_table(spec.href) and not spec.holds_references


def read_block(spec: AssetSpec, pixels: Pixels, rows: slice, columns: slice) -> Block:
    """A window of an asset, with the mask from another asset where there is one.

    Raises:
        RestoreError: the metadata do not fit the files.
        UnreadableInput: a file is damaged.
    """
    block = pixels.read(rows, columns)
    gone = _masked_by_asset(spec, rows, columns)
    if gone is None:
        return block
    return replace(block, masked=gone if block.masked is None else block.masked | gone)


def _masked_by_asset(spec: AssetSpec, rows: slice, columns: slice) -> npt.NDArray[np.bool_] | None:
    """Where the mask in another asset marks pixels as having no vector; None where the layout names no such mask."""
    mask = spec.layout.mask if spec.layout else None
    if mask is None or mask.asset is None:
        return None
    href, band = spec.sibling(mask.asset, "mask is"), mask.band or 1
    with kept(href) as stream, open_raster(stream, href) as dataset:
        if not (rows.stop <= dataset.height and columns.stop <= dataset.width and band <= dataset.count):
            raise RestoreError(
                f"{href}: the mask has no band {band} with the pixel of row {rows.stop - 1} "
                f"and column {columns.stop - 1}"
            )
        values = dataset.read(band, window=((rows.start, rows.stop), (columns.start, columns.stop)))
    return hits(values, mask.sentinels)


@contextlib.contextmanager
def opened_pixels(spec: AssetSpec) -> Iterator[Pixels]:
    """The pixels of an asset, in the format that its metadata and the first bytes of the file tell.

    Raises:
        RestoreError: the metadata do not say enough, or do not fit the file.
        UnreadableInput: the file cannot be read.
    """
    kind = spec.media_type or ""
    settle([spec], agreed=True)  # agreed when the Items were opened, possibly in another process
    with contextlib.ExitStack() as stack:
        if "zarr" in kind or "icechunk" in kind or spec.holds_references:
            yield _placed(spec, _zarr(spec))
            return
        stream = stack.enter_context(kept(spec.href))
        if NpyFile.matches(stream):
            yield _placed(spec, ArrayPixels(spec, NpyFile(stream, spec.href), stack))
        elif zipfile.is_zipfile(stream):
            array = stack.enter_context(npz_member(stream, spec.href, spec.layout.name if spec.layout else None))
            yield _placed(spec, ArrayPixels(spec, array, stack))
        else:
            yield _placed(spec, stack.enter_context(raster_pixels(spec, stream)), own=True)


def _placed(spec: AssetSpec, pixels: Pixels, *, own: bool = False) -> Pixels:
    """Pixels whose grid is valid and agrees with the Item; with `own`, the file's statement is followed."""
    refuse_no_place(spec.href, pixels.grid)
    refuse_other_place(spec, pixels.grid, own=own)
    return pixels


def _zarr(spec: AssetSpec) -> Pixels:
    """The pixels of a group; a remote one is kept open, because its metadata take several requests."""
    from atlas.read.zarr_pixels import ZarrPixels

    if not is_remote(spec.href):
        return ZarrPixels(spec)
    layout = spec.layout.model_dump_json() if spec.layout else ""
    key = (spec.href, spec.key, layout, spec.quantization.model_dump_json(), spec.year, spec.crs, spec.transform)
    found = _groups.get(key)
    if found is None or time.monotonic() - found[0] > SECONDS_KEPT:
        found = _groups[key] = (time.monotonic(), ZarrPixels(spec))
        while len(_groups) > MOST_KEPT:
            _groups.pop(next(iter(_groups)), None)
    return found[1]
