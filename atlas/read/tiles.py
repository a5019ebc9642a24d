"""The files behind a cube: the pixels of each Item, and which of them fill a piece of the cube."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.pixels import PixelGrid, placer
from atlas.read.block import decoded
from atlas.read.codebook import code_book
from atlas.read.spec import AssetSpec
from atlas.read.windows import opened_pixels, read_block
from stac_emb.boxes import Box, halves

__all__ = ["Mosaic", "Tile", "bounds_in", "placed", "tile_of"]

Array = npt.NDArray[Any]
WHOLE = 1e-3
"""Part of a pixel by which aligned grids may differ."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One Item's pixels, seen with north up and west to the left.

    Attributes:
        spec: of the asset.
        grid: as the file has it.
        block: height and width of the file's blocks.
        axis: of the vector in what is read: 0, or -1.
        codebook: where the method has one.
        row, column: of its upper left pixel in the cube.
    """

    spec: AssetSpec
    grid: PixelGrid
    block: tuple[int, int]
    axis: int
    codebook: Array | None = field(compare=False)
    row: int = 0
    column: int = 0

    @property
    def resolution(self) -> tuple[float, float]:
        """Width and height of a pixel."""
        return abs(self.grid.transform[0]), abs(self.grid.transform[4])

    @property
    def corner(self) -> tuple[float, float]:
        """West and north edge."""
        a, _, c, _, e, f = self.grid.transform
        return min(c, c + a * self.grid.width), max(f, f + e * self.grid.height)

    @property
    def flipped(self) -> tuple[bool, bool]:
        """Whether the first row is the southern one, and the first column the eastern one."""
        return self.grid.transform[4] > 0, self.grid.transform[0] < 0

    def at_turns(self, boxes: Sequence[Sequence[float]]) -> "list[Tile]":
        """The tile at each whole turn round the world at which it meets a box, as longitudes may be counted to 360.

        Args:
            boxes: left, bottom, right, top in its CRS; a tile that meets none is returned unmoved.
        """
        turn = placer(self.grid.crs).turn
        a, b, c, d, e, f = self.grid.transform
        left, right = sorted((c, c + a * self.grid.width))
        turns = (0, turn, -turn) if turn else ()
        met = [far for far in turns if any(left + far < box[2] and right + far > box[0] for box in boxes)]
        moved = [replace(self, grid=replace(self.grid, transform=(a, b, c + far, d, e, f))) for far in met]
        return moved or [self]

    def edges(self) -> tuple[list[int], list[int]]:
        """Where its blocks begin and end, in rows and in columns of the cube."""
        found = []
        for size, block, flip, start in zip(
            (self.grid.height, self.grid.width), self.block, self.flipped, (self.row, self.column), strict=True
        ):
            own = [*range(0, size, block), size]
            found.append([start + (size - n if flip else n) for n in own])
        return found[0], found[1]

    def read(self, rows: slice, columns: slice) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Vectors of a window, in rows and columns from the tile's north-west corner, and which exist; only the blocks
        that hold them are fetched.
        """
        ask = []
        for part, size, flip in zip((rows, columns), (self.grid.height, self.grid.width), self.flipped, strict=True):
            ask.append(slice(size - part.stop, size - part.start) if flip else part)
        with opened_pixels(self.spec) as pixels:
            block = read_block(self.spec, pixels, ask[0], ask[1])
        found = decoded(self.spec, block, self.codebook)
        values, valid = found.values, found.valid
        if block.axis % 3 == 1:
            values = np.moveaxis(values, 1, 0)
        turn = tuple(slice(None, None, -1) if flip else slice(None) for flip in self.flipped)
        return values[(slice(None), *turn) if self.axis == 0 else turn], valid[turn]


def tile_of(spec: AssetSpec) -> Tile:
    """Read the header of an asset.

    Raises:
        RestoreError: its rows do not run from north to south or south to north.
        UnreadableInput: the file cannot be read.
    """
    with opened_pixels(spec) as pixels:
        grid, block, axis = pixels.grid, pixels.block, pixels.axis
    if grid.transform[1] or grid.transform[3]:
        raise RestoreError(
            f"{spec.href}: its grid is rotated (geotransform {grid.transform}), but rows of an array run from north to "
            "south: sample it at points, or warp it with gdalwarp -r near"
        )
    return Tile(spec, grid, block, axis, code_book(spec))


@dataclass(frozen=True, slots=True)
class Mosaic:
    """The tiles of every time step on one grid.

    Attributes:
        steps: the tiles of each, with their place on the grid; where tiles overlap, the first with a vector is taken.
        axis: of the vector in what is made: 0, or -1.
        dimensions: length of a vector.
    """

    steps: tuple[tuple[Tile, ...], ...]
    axis: int
    dimensions: int

    def piece(self, step: int, rows: slice, columns: slice) -> Array:
        """Vectors of a window of one step, shape (dim, y, x) or (y, x, dim) float32; NaN where there is none."""
        height, width = rows.stop - rows.start, columns.stop - columns.start
        out: Array | None = None
        filled: Any = None
        for tile in self.steps[step]:
            top, left = max(rows.start, tile.row), max(columns.start, tile.column)
            bottom = min(rows.stop, tile.row + tile.grid.height)
            right = min(columns.stop, tile.column + tile.grid.width)
            if top >= bottom or left >= right:
                continue
            values, valid = tile.read(
                slice(top - tile.row, bottom - tile.row), slice(left - tile.column, right - tile.column)
            )
            if tile.axis != self.axis:
                values = np.moveaxis(values, tile.axis, self.axis)
            if out is None:
                if valid.shape == (height, width) and valid.all():
                    return values
                out = self._empty(height, width)
                filled = np.zeros((height, width), np.bool_)
            at = slice(top - rows.start, bottom - rows.start), slice(left - columns.start, right - columns.start)
            fresh = valid & ~filled[at]
            where = np.expand_dims(fresh, self.axis)
            np.copyto(out[(slice(None), *at) if self.axis == 0 else at], values, where=where)
            filled[at] |= fresh
        return self._empty(height, width) if out is None else out

    def _empty(self, height: int, width: int) -> Array:
        shape = (self.dimensions, height, width) if self.axis == 0 else (height, width, self.dimensions)
        return np.full(shape, np.nan, np.float32)


def bounds_in(crs: str, bbox: Box) -> list[Box]:
    """A box in degrees as boxes in a CRS.

    One that crosses the antimeridian extends beyond it where x is a longitude, and becomes two in other projections.

    Raises:
        RestoreError: it lies outside the CRS.
    """
    way = placer(crs).transformer
    found = [way.transform_bounds(*half, densify_pts=21) for half in halves(bbox)]
    usable = [box for box in found if np.isfinite(box).all()]
    if not usable:
        raise RestoreError(f"the box {list(bbox)} lies outside {crs[:80]}")
    if len(usable) == 2 and placer(crs).turn:
        (left, *low), (_, _, right, _) = usable
        return [(left, low[0], right + placer(crs).turn, low[2])]
    return usable


def placed(tiles: Mapping[Any, Sequence[Tile]], *, snap: bool) -> tuple[dict[Any, list[Tile]], PixelGrid]:
    """Tiles on one grid: that of the first, as large as all of them.

    Args:
        tiles: of each step.
        snap: a tile whose pixels lie between those of the first is moved by less than half a pixel.

    Raises:
        RestoreError: their pixels differ in size or do not align.
    """
    every = [tile for of in tiles.values() for tile in of]
    first = every[0]
    (wide, high), (west, north) = first.resolution, first.corner
    found: dict[Any, list[Tile]] = {}
    for key, of in tiles.items():
        for tile in of:
            if not np.allclose(tile.resolution, first.resolution, rtol=1e-6, atol=0):
                raise RestoreError(
                    f"{tile.spec.href}: its pixels measure {tile.resolution}, those of {first.spec.href} "
                    f"{first.resolution}: "
                    "open them one by one, or ask for one grid with crs= and resolution="
                )
            column, row = (tile.corner[0] - west) / wide, (north - tile.corner[1]) / high
            off = max(abs(column - round(column)), abs(row - round(row)))
            if off > WHOLE and not snap:
                raise RestoreError(
                    f"{tile.spec.href}: its pixels are offset by {off:.2f} of a pixel from those of {first.spec.href}: "
                    "pass snap=True to shift each to the nearest pixel of the first's grid, open them one by one, "
                    "or ask for one grid with crs="
                )
            found.setdefault(key, []).append(replace(tile, row=round(row), column=round(column)))
    moved = [tile for of in found.values() for tile in of]
    top, left = min(t.row for t in moved), min(t.column for t in moved)
    bottom = max(t.row + t.grid.height for t in moved)
    right = max(t.column + t.grid.width for t in moved)
    grid = PixelGrid(
        first.grid.crs, (wide, 0, west + left * wide, 0, -high, north - top * high), bottom - top, right - left
    )
    return {
        key: [replace(tile, row=tile.row - top, column=tile.column - left) for tile in of] for key, of in found.items()
    }, grid
