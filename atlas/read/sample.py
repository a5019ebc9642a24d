"""One vector at a place, from an asset and its metadata alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.block import Block, decoded
from atlas.read.codebook import code_book
from atlas.read.files import opened
from atlas.read.paying import settle
from atlas.read.rows import rows_of
from atlas.read.spec import AssetSpec, asset_spec
from atlas.read.table import damage_told, find_rows
from atlas.read.windows import holds_rows, opened_pixels, read_block

__all__ = ["Sample", "sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A vector and where it was read.

    Attributes:
        values: shape (dimensions,), float32; NaN where the producer has none here.
        valid: whether there is a vector.
        space: of the vector, for `compare`.
        lon, lat: degrees, as asked.
        row, column: the pixel that was read; in a table the row, and 0.
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
    requester_pays: bool = False,
) -> Sample:
    """The vector of the pixel or patch that holds a place.

    Args:
        item: a STAC Item: GeoTIFF, NPY or NPZ with a position, Zarr group, Icechunk repository, table of patches.
        lon: degrees, WGS 84.
        lat: degrees, WGS 84.
        key: of the asset, where the item has more than one.
        collection: the Item's Collection, for fields that the Item leaves to it.
        requester_pays: the caller agrees to pay for the transfer (`storage:requester_pays`).

    Raises:
        RestoreError: the metadata do not say enough, do not fit the file, or the place lies outside.
        UnreadableInput: the file cannot be read.
    """
    spec = asset_spec(item, key, collection)
    settle([spec], agreed=requester_pays)
    if holds_rows(spec):
        with opened(spec.href) as stream, damage_told(spec):
            (found,), unreadable = find_rows(spec, stream, np.array([lon]), np.array([lat]))
            if found is None:
                msg = f"{lon}, {lat} lies in no patch of {spec.href}"
                raise RestoreError(f"{msg}, unless in that of {unreadable}" if unreadable else msg)
            block = rows_of(spec, stream, [found[0]])
        return _sampled(spec, lon, lat, found[0], 0, block)
    with opened_pixels(spec) as pixels:
        row, column = pixels.grid.pixel(lon, lat)
        block = read_block(spec, pixels, slice(row, row + 1), slice(column, column + 1))
        return _sampled(spec, lon, lat, row, column, block)


def _sampled(spec: AssetSpec, lon: float, lat: float, row: int, column: int, block: Block) -> Sample:
    found = decoded(spec, block, code_book(spec))
    return Sample(found.values.ravel(), bool(found.valid.all()), spec.space, lon, lat, row, column)
