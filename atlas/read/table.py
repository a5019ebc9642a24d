"""One vector of a GeoParquet of patches: the row whose footprint holds a place."""

import json
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


def from_table(
    spec: AssetSpec, stream: BinaryIO, lon: float, lat: float
) -> tuple[npt.NDArray[Any], int, npt.NDArray[Any] | None]:
    """Stored numbers, row and scale of the patch that holds a place; of several the one whose centre is nearest.

    Only the column of footprints and the vectors of one row group are fetched.

    Raises:
        RestoreError: the layout is not stated, the file holds no footprints, or none holds the place.
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
            if len(shapes) and np.all(shapely.get_type_id(shapes) == 0):
                msg = f"{spec.href}: its geometries are points: which ground a vector describes is not in the file"
                raise RestoreError(msg)
            for index in np.flatnonzero(shapely.covers(shapes, point)):
                distance = float(shapely.distance(shapely.centroid(shapes[index]), point))
                if best is None or distance < best[0]:
                    best = (distance, group, position + int(index), first + position + int(index))
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
