"""Counts of Items by cell, as `70_counts.sql` keeps them: by tiles of a lattice, or by places of first vertices."""

import itertools
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from atlas.store.counts import CELLS

__all__ = ["CountedRows", "Lattice", "Places", "first_vertices"]

_FARTHEST = 180, 90
_HEAD = 9
"""Bytes of EWKB before the content: byte order, type, SRID."""
_POLYGON = 3
_RECTANGLE = np.frombuffer(struct.pack("<BIIII", 1, _POLYGON | 0x20000000, 4326, 1, 5), np.uint8)
"""EWKB of a polygon with an SRID and a ring of five positions, up to these."""
_POSITIONS = 5 * 16
"""Their bytes."""
_FIRST = 1 << 31
"""Added to the column of a cell, which shares a 64-bit number with its row and must not be negative."""
_ROWS_OF_BAND, _BANDS = 3, 1_000_000
"""Rows of a band, as a power of two, and the number of the first band, as in `70_counts.sql`."""
_MOST_EDGES = 20_000
"""Most columns, and most rows, of a lattice."""
_MOST_TILES = 4_000_000
"""Of a lattice: 16 bytes each."""
_UNMERGED = 100_000
_AT_A_TIME = 16_384
"""Cells of which the sums are made together, or those of one band."""
Whole = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]
CountedRows = tuple[Whole, Whole, Whole, Whole]
"""Row, column, number of Items up to there, and what each further column adds."""


class _Numbers:
    """How many Items each cell has; its length is about the number of cells."""

    def __init__(self) -> None:
        self._cells = np.empty(0, np.int64), np.empty(0, np.int64)
        self._new: list[tuple[Whole, Whole]] = []

    def add(self, x: Whole, y: Whole) -> None:
        self._new.append(np.unique(y << 32 | x + _FIRST, return_counts=True))
        if sum(len(cells) for cells, _ in self._new) > _UNMERGED + len(self._cells[0]):
            self._merge()

    def _merge(self) -> None:
        self._cells = _summed(*(np.concatenate(arrays) for arrays in zip(self._cells, *self._new, strict=True)))
        self._new = []

    def __len__(self) -> int:
        return len(self._cells[0])

    def cells(self) -> tuple[Whole, Whole, Whole]:
        """Column and row of each, and the number."""
        self._merge()
        cells, numbers = self._cells
        return (cells & 0xFFFFFFFF) - _FIRST, cells >> 32, numbers


class Places:
    """Items by the cell of a quarter degree that holds their first vertex."""

    def __init__(self) -> None:
        self._numbers = _Numbers()

    def add(self, geometry: pa.Array) -> bool:
        """Count the Items of a batch; False if one has no cell.

        Args:
            geometry: little-endian EWKB with an SRID.
        """
        vertices = first_vertices(geometry)
        if not (np.abs(vertices) <= _FARTHEST).all():  # false for NaN too: no vertex
            return False
        x, y = np.floor(vertices * CELLS).astype(np.int64).T
        self._numbers.add(x, y)
        return True

    def rows(self) -> Iterator[CountedRows]:
        """What `atlas.counted_rows` holds."""
        return _rows(*self._numbers.cells())


class _Edges:
    """Where the columns, or rows, of a lattice begin and end."""

    def __init__(self) -> None:
        # ascending by where they begin
        self.low, self.high = np.empty(0), np.empty(0)
        self._numbers = np.empty(0, np.int64)

    def number(self, low: Degrees, high: Degrees) -> Whole | None:
        """A number for the column of each tile, in the order in which they were met; None if a column has two ends."""
        encoded = pa.array(low + 0.0).dictionary_encode()  # one zero: -0.0 + 0.0 is 0.0
        where, begins = encoded.indices.to_numpy(), encoded.dictionary.to_numpy()
        ends = np.empty(len(begins))
        ends[where] = high
        if (new := ~np.isin(begins, self.low)).any():
            self._learn(begins[new], ends[new])
        places = np.searchsorted(self.low, begins)
        if (self.high[places][where] != high).any() or len(self.low) > _MOST_EDGES:
            return None
        numbers: Whole = self._numbers[places][where]
        return numbers

    def _learn(self, begins: Degrees, ends: Degrees) -> None:
        numbers = np.arange(len(self.low), len(self.low) + len(begins))
        low = np.concatenate([self.low, begins])
        order = np.argsort(low)
        self.low, self.high = low[order], np.concatenate([self.high, ends])[order]
        self._numbers = np.concatenate([self._numbers, numbers])[order]

    def ordered(self) -> tuple[Degrees, Degrees, Whole] | None:
        """Where they begin and end, ascending, and their places in this order; None if the ends do not ascend."""
        places = np.argsort(self._numbers)
        return (self.low, self.high, places) if (np.diff(self.high) >= 0).all() else None


class Lattice:
    """Items that are tiles of a lattice in degrees: rectangles between the edges of columns and rows."""

    def __init__(self) -> None:
        self._columns, self._rows = _Edges(), _Edges()
        self._numbers = _Numbers()

    def add(self, geometry: pa.Array) -> bool:
        """Count the Items of a batch; False if one is no such tile.

        Args:
            geometry: little-endian EWKB with an SRID.
        """
        if (bounds := _rectangles(geometry)) is None:
            return False
        west, south, east, north = bounds
        x, y = self._columns.number(west, east), self._rows.number(south, north)
        if x is None or y is None:
            return False
        self._numbers.add(x, y)
        return len(self._numbers) <= _MOST_TILES

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all tiles; None without any."""
        columns, rows = self._columns, self._rows
        if not len(columns.low):
            return None
        return float(columns.low[0]), float(rows.low[0]), float(columns.high.max()), float(rows.high.max())

    def rows(self) -> tuple[list[Degrees], Iterator[CountedRows]] | None:
        """West, south, east and north edges, and what `atlas.counted_rows` holds; None if it is no lattice."""
        x, y, numbers = self._numbers.cells()
        if not len(x) or (columns := self._columns.ordered()) is None or (rows := self._rows.ordered()) is None:
            return None
        edges = [columns[0], rows[0], columns[1], rows[1]]
        x, y = columns[2][x], rows[2][y]
        order = np.argsort(y << 32 | x)
        return edges, _rows(x[order], y[order], numbers[order])


def _rows(x: Whole, y: Whole, numbers: Whole) -> Iterator[CountedRows]:
    """Of cells in order of rows, then columns; some bands at a time to bound memory."""
    edges = np.flatnonzero(np.diff(y >> _ROWS_OF_BAND, prepend=-_BANDS))
    edges = np.append(edges[np.unique(np.searchsorted(edges, np.arange(0, edges[-1] + 1, _AT_A_TIME)))], len(y))
    for begin, end in itertools.pairwise(edges.tolist()):
        yield _rows_of_bands(x[begin:end], y[begin:end], numbers[begin:end])


def _rows_of_bands(x: Whole, y: Whole, numbers: Whole) -> CountedRows:
    """Their cells and their sums; those side by side with the same number are one run."""
    codes = np.concatenate([y, (y >> _ROWS_OF_BAND) + _BANDS]) << 32 | np.concatenate([x, x]) + _FIRST
    cells, n = _summed(codes, np.concatenate([numbers, numbers]))
    y, x = cells >> 32, (cells & 0xFFFFFFFF) - _FIRST
    total = np.cumsum(n)
    new_row = np.diff(y, prepend=np.iinfo(np.int64).min) != 0
    upto = total - np.repeat((total - n)[new_row], np.diff(np.flatnonzero(new_row), append=len(y)))
    begins = np.flatnonzero(new_row | (np.diff(x, prepend=0) != 1) | (np.diff(n, prepend=0) != 0))
    ends = np.append(begins[1:], len(y))[: len(begins)] - 1
    step = np.where(ends > begins, n[begins], 0)
    # after a run the number grows no more, unless the next one begins there
    after = np.append(cells[begins[1:]], -1)[: len(begins)] != cells[ends] + 1
    stops = ends[(step > 0) & after]
    return (
        np.concatenate([y[begins], y[stops]]),
        np.concatenate([x[begins], x[stops] + 1]),
        np.concatenate([upto[begins], upto[stops]]),
        np.concatenate([step, np.zeros_like(stops)]),
    )


def _summed(cells: Whole, numbers: Whole) -> tuple[Whole, Whole]:
    """Each cell once, in order, with the sum of its numbers."""
    merged, where = np.unique(cells, return_inverse=True)
    return merged, np.bincount(where, weights=numbers, minlength=len(merged)).astype(np.int64)


def _rectangles(geometry: pa.Array) -> tuple[Degrees, Degrees, Degrees, Degrees] | None:
    """West, south, east and north of rectangles along the axes, on the globe; None if a geometry is no such one."""
    starts, data = _bytes(geometry)
    size = len(_RECTANGLE) + _POSITIONS
    if (np.diff(starts) != size).any():
        return None
    each = data[starts[0] : starts[-1]].reshape(-1, size)
    if (each[:, : len(_RECTANGLE)] != _RECTANGLE).any():
        return None
    positions = np.ascontiguousarray(each[:, len(_RECTANGLE) :]).view("<f8")
    x, y = positions.reshape(-1, 5, 2).transpose(2, 1, 0)
    closed = (x[0] == x[4]) & (y[0] == y[4]) & (x[0] != x[2]) & (y[0] != y[2])
    across = (y[0] == y[1]) & (x[1] == x[2]) & (y[2] == y[3]) & (x[3] == x[0])
    along = (x[0] == x[1]) & (y[1] == y[2]) & (x[2] == x[3]) & (y[3] == y[0])
    on_globe = (np.abs(x) <= _FARTHEST[0]).all() and (np.abs(y) <= _FARTHEST[1]).all()
    if not on_globe or not (closed & (across | along)).all():
        return None
    return np.minimum(x[0], x[2]), np.minimum(y[0], y[2]), np.maximum(x[0], x[2]), np.maximum(y[0], y[2])


def first_vertices(geometry: pa.Array) -> npt.NDArray[np.float64]:
    """First position of each geometry: two columns, not finite where there is none.

    Args:
        geometry: little-endian EWKB with an SRID.
    """
    starts, data = _bytes(geometry)
    starts = starts[:-1]
    found = np.full((len(geometry), 2), np.nan)
    plain = data[starts + 1] == _POLYGON
    # after the head the number of rings, then of the positions of the first
    plain[plain] = _at(data, starts[plain] + _HEAD, 4).view("<u4")[:, 0] > 0
    plain[plain] = _at(data, starts[plain] + _HEAD + 4, 4).view("<u4")[:, 0] > 0
    found[plain] = _at(data, starts[plain] + _HEAD + 8, 16).view("<f8")
    if not plain.all():
        shapes = shapely.from_wkb(geometry.filter(pa.array(~plain)).to_numpy(zero_copy_only=False))
        part, dimensions = shapely.get_geometry(shapes, 0), shapely.get_dimensions(shapes)
        line = np.where(dimensions == 2, shapely.get_exterior_ring(part), part)
        points = np.where(dimensions == 0, part, shapely.get_point(line, 0))
        found[~plain] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return found


def _bytes(geometry: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each geometry begins, and the last one ends, and the bytes."""
    starts = np.frombuffer(geometry.buffers()[1], np.int32)[geometry.offset : geometry.offset + len(geometry) + 1]
    return starts, np.frombuffer(geometry.buffers()[2], np.uint8)


def _at(data: npt.NDArray[np.uint8], places: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.uint8]:
    """Bytes from some places on, a row for each."""
    found: npt.NDArray[np.uint8] = data[places[:, None] + np.arange(size, dtype=np.int32)]
    return found
