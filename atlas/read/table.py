"""One vector of a GeoParquet of patches: the row whose footprint holds a place.

A file of points says where the middle of a patch lies, and `emb:ground_size` how large one is; both together hold a
place or do not. Without a stated size in metres the ground of a point is not known, and nothing is guessed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from atlas.errors import RestoreError, SourceError, UnreadableInput
from atlas.read.block import Block
from atlas.read.mask import hits
from atlas.read.pixels import Placer, placer
from atlas.read.spec import AssetSpec
from atlas.sources.fetch.faults import FetchError
from atlas.sources.tables.geometry import geometry_column, shapes
from atlas.sources.tables.parquet import batches, open_parquet

__all__ = ["from_table"]

_METRES = 6378137 * math.pi / 180
"""Of one degree of a great circle."""
Stored = npt.NDArray[Any]


def from_table(spec: AssetSpec, stream: BinaryIO, lon: float, lat: float) -> tuple[int, Block]:
    """The patch that holds a place; of several the one whose centre is nearest: its row, and its numbers.

    Points are the middles of patches of the size that `emb:ground_size` states, with sides to the north and east.

    Only the column of footprints and the vectors of one row group are fetched.

    Raises:
        RestoreError: the layout is not stated, the file holds no footprints or does not say where they lie, or points
            without a stated size of the patches, or none holds the place.
        UnreadableInput: the file is damaged.
    """
    if spec.layout is None or not (spec.layout.name or spec.layout.columns):
        msg = f"{spec.href}: 'emb:layout' does not name the column of vectors"
        raise RestoreError(msg)
    try:
        group, position, row = _found(spec, stream, lon, lat)
        found = _vector(spec, stream, group, position, row)
    except (ValueError, KeyError, shapely.errors.ShapelyError) as error:
        msg = f"{spec.href}: {error}"
        raise RestoreError(msg) from error
    except FetchError:
        raise
    except (SourceError, pa.ArrowException) as error:
        raise UnreadableInput(str(error)) from error
    return row, found


@dataclass(frozen=True, slots=True)
class _Place:
    """A place on the globe, and where it lies in the CRS of a file."""

    way: Placer
    lon: float
    lat: float

    def holding(self, spec: AssetSpec, patches: Stored) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Which patches hold the place, and how far in metres from it their middles are."""
        bounds = shapely.bounds(patches)
        usable = np.flatnonzero(np.isfinite(bounds).all(axis=1))  # neither null nor empty
        patches = patches[usable]
        points = shapely.get_type_id(patches) == shapely.GeometryType.POINT
        if points.any():
            _check_size(spec)
        hit = np.zeros(len(patches), dtype=np.bool_)
        for x, y in self.way.places(self.lon, self.lat):
            hit |= shapely.covers(patches, shapely.Point(x, y))
        near = np.flatnonzero(hit | points)
        middles = shapely.centroid(patches[near])
        east, north = self.offsets(shapely.get_x(middles), shapely.get_y(middles))
        inside = ~points[near]
        if points.any() and spec.ground:
            height, width = spec.ground
            inside |= (np.abs(east) <= width / 2) & (np.abs(north) <= height / 2)
        distances = np.nan_to_num(np.hypot(east, north), nan=np.inf)
        return usable[near[inside]], distances[inside]

    def offsets(self, x: Stored, y: Stored) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """How far east and north in metres places in the file's CRS are, on the tangent plane here: patches are small,
        and only those around it count.
        """
        lon, lat = self.way.transformer.transform(x, y, direction="INVERSE")
        east = (((np.asarray(lon) - self.lon + 180) % 360) - 180) * _METRES * math.cos(math.radians(self.lat))
        return east, (np.asarray(lat) - self.lat) * _METRES


def _check_size(spec: AssetSpec) -> None:
    if spec.ground is None:
        msg = (
            f"{spec.href}: its geometries are points: which ground a vector describes is not in the file, and "
            "'emb:ground_size' does not state the size of a patch in metres"
        )
        raise RestoreError(msg)


def _found(spec: AssetSpec, stream: BinaryIO, lon: float, lat: float) -> tuple[int, int, int]:
    """Row group of the patch that holds a place, its row in it, and its row in the file."""
    file = open_parquet(stream, spec.href)
    try:
        column = geometry_column(file, spec.href)
    except SourceError as error:
        raise RestoreError(str(error)) from error
    if column.crs is None:
        msg = f"{spec.href}: the file says that the CRS of its footprints is not known (column '{column.name}')"
        raise RestoreError(msg)
    place = _Place(placer(column.crs), lon, lat)
    best: tuple[float, int, int, int] | None = None
    first = 0
    for group in range(file.metadata.num_row_groups):
        position = 0
        for _, batch in batches(stream, spec.href, [group], [column.name]):
            rows, distances = place.holding(spec, shapes(batch[column.name], column.encoding))
            for index, distance in zip(rows.tolist(), distances.tolist(), strict=True):
                if best is None or distance < best[0]:
                    best = (distance, group, position + index, first + position + index)
            position += batch.num_rows
        first += file.metadata.row_group(group).num_rows
    if best is None:
        msg = f"{lon}, {lat} lies in no patch of {spec.href}"
        raise RestoreError(msg)
    return best[1:]


def _vector(spec: AssetSpec, stream: BinaryIO, group: int, position: int, row: int) -> Block:
    """Stored numbers, scale and mask of one row."""
    names = open_parquet(stream, spec.href).schema_arrow.names
    layout = spec.layout
    spread = (layout.columns if layout else None) or []
    scale = spec.quantization.scale_column
    mask = layout.mask if layout and layout.mask and layout.mask.column else None
    vector = [*(spread or [str(layout.name if layout else None)])]
    columns = list(dict.fromkeys([*vector, *filter(None, (scale, mask.column if mask else None))]))
    if missing := [one for one in columns if one not in names]:
        msg = f"{spec.href}: the metadata name the column '{missing[0]}', the file has {', '.join(names)}"
        raise RestoreError(msg)
    table = _row(batches(stream, spec.href, [group], columns), position)
    masked = hits(_number(table, str(mask.column), spec, row), mask.sentinels) if mask else None
    stored = (
        np.stack([_number(table, name, spec, row) for name in spread]) if spread else _list(table, vector[0], spec, row)
    )
    return Block(stored, -1, _number(table, scale, spec, row) if scale else None, masked)


def _number(table: pa.RecordBatch, name: str, spec: AssetSpec, row: int) -> Stored:
    """The number of a row in a column, or the list of numbers where scales are one per component."""
    number = np.asarray(table[name][0].as_py())
    if number.dtype.kind not in "biuf":
        msg = f"{spec.href}: row {row + 1} has no number in the column '{name}'"
        raise RestoreError(msg)
    kind = table.schema.field(name).type
    return number.astype(kind.to_pandas_dtype()) if pa.types.is_integer(kind) or pa.types.is_floating(kind) else number


def _list(table: pa.RecordBatch, name: str, spec: AssetSpec, row: int) -> Stored:
    """The list of numbers in a row of a column."""
    vector = table[name]
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(known(vector.type) for known in lists):
        msg = f"{spec.href}: the column '{name}' holds {vector.type}, not vectors"
        raise RestoreError(msg)
    if vector.null_count:
        msg = f"{spec.href}: row {row + 1} has a footprint and no vector"
        raise RestoreError(msg)
    numbers = vector.flatten()
    if numbers.null_count:
        msg = f"{spec.href}: row {row + 1}: {numbers.null_count} numbers of its vector are missing"
        raise RestoreError(msg)
    return np.asarray(numbers.to_numpy(zero_copy_only=False))


def _row(found: Iterator[tuple[Any, pa.RecordBatch]], position: int) -> pa.RecordBatch:
    for _, batch in found:
        if position < batch.num_rows:
            return batch.slice(position, 1)
        position -= batch.num_rows
    raise IndexError(position)
