"""One vector of a GeoParquet of patches: the row whose footprint holds a place.

A file of points says where the middle of a patch lies, and `emb:footprint` how large one is; both together hold a place
or do not. Without a stated size in metres the ground of a point is not known, and nothing is guessed.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from atlas.errors import RestoreError
from atlas.read.spec import AssetSpec
from atlas.sources.tables.parquet import batches, open_parquet

__all__ = ["from_table"]

_METRES = 6378137 * math.pi / 180
"""Of one degree of a great circle."""


def from_table(
    spec: AssetSpec, stream: BinaryIO, lon: float, lat: float
) -> tuple[npt.NDArray[Any], int, npt.NDArray[Any] | None]:
    """Stored numbers, row and scale of the patch that holds a place; of several the one whose centre is nearest.

    Points are the middles of patches of the size that `emb:footprint` states, with sides to the north and east.

    Only the column of footprints and the vectors of one row group are fetched.

    Raises:
        RestoreError: the layout is not stated, the file holds no footprints, or points without a stated size of the
            patches, or none holds the place.
    """
    if spec.layout is None or not isinstance(spec.layout.name, str):
        msg = f"{spec.href}: 'emb:layout' does not name the column of vectors"
        raise RestoreError(msg)
    file = open_parquet(stream, spec.href)
    geometry = _geometry_column(file, spec.href)
    point = shapely.Point(lon, lat)
    best: tuple[float, int, int, int] | None = None
    first = 0
    for group in range(file.metadata.num_row_groups):
        position = 0
        for _, batch in batches(stream, spec.href, [group], [geometry]):
            shapes = shapely.from_wkb(batch[geometry].to_numpy(zero_copy_only=False), on_invalid="ignore")
            if len(shapes) and np.all(shapely.get_type_id(shapes) == shapely.GeometryType.POINT):
                holding, distances = _points(spec, shapes, lon, lat)
            else:
                holding = np.flatnonzero(shapely.covers(shapes, point))
                distances = shapely.distance(shapely.centroid(shapes[holding]), point)
            for index, distance in zip(holding.tolist(), distances.tolist(), strict=True):
                if best is None or distance < best[0]:
                    best = (distance, group, position + index, first + position + index)
            position += batch.num_rows
        first += file.metadata.row_group(group).num_rows
    if best is None:
        msg = f"{lon}, {lat} lies in no patch of {spec.href}"
        raise RestoreError(msg)
    _, group, position, row = best
    columns = [spec.layout.name, *([spec.quantization.scale_column] if spec.quantization.scale_column else [])]
    if missing := [name for name in columns if name not in file.schema_arrow.names]:
        there = ", ".join(file.schema_arrow.names)
        msg = f"{spec.href}: the metadata name the column '{missing[0]}', the file has {there}"
        raise RestoreError(msg)
    table = _row(batches(stream, spec.href, [group], columns), position)
    vector = table[spec.layout.name]
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(known(vector.type) for known in lists):
        msg = f"{spec.href}: the column '{spec.layout.name}' holds {vector.type}, not vectors"
        raise RestoreError(msg)
    if vector.null_count:
        msg = f"{spec.href}: row {row + 1} has a footprint and no vector"
        raise RestoreError(msg)
    scale = np.asarray(table[columns[1]][0].as_py()) if spec.quantization.scale_column else None
    return np.asarray(vector.flatten().to_numpy(zero_copy_only=False)), row, scale


def _points(
    spec: AssetSpec, points: npt.NDArray[Any], lon: float, lat: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Which patches around their middles hold a place, and how far in metres their middles are."""
    footprint = spec.footprint
    if footprint is None or footprint.size is None or footprint.unit != "m":
        msg = (
            f"{spec.href}: its geometries are points: which ground a vector describes is not in the file, and "
            "'emb:footprint' does not state the size of a patch in metres"
        )
        raise RestoreError(msg)
    height, width = footprint.size
    # On the tangent plane at the place: patches are small, and only those around it count.
    x, y = shapely.get_x(points), shapely.get_y(points)
    east = (((x - lon + 180) % 360) - 180) * _METRES * math.cos(math.radians(lat))
    north = (y - lat) * _METRES
    holding = np.flatnonzero((np.abs(east) <= width / 2) & (np.abs(north) <= height / 2))
    return holding, np.hypot(east[holding], north[holding])


def _row(found: Iterator[tuple[Any, pa.RecordBatch]], position: int) -> pa.RecordBatch:
    for _, batch in found:
        if position < batch.num_rows:
            return batch.slice(position, 1)
        position -= batch.num_rows
    raise IndexError(position)


def _geometry_column(file: Any, href: str) -> str:  # noqa: ANN401 - pyarrow ships no types
    keys = file.schema_arrow.metadata or {}
    try:
        name = json.loads(keys[b"geo"])["primary_column"] if b"geo" in keys else "geometry"
    except (ValueError, KeyError, TypeError):
        name = "geometry"
    if name not in file.schema_arrow.names:
        msg = f"{href}: holds no footprints (column '{name}')"
        raise RestoreError(msg)
    return str(name)
