"""What the footer of a Parquet or GeoParquet file says; nothing beyond the footer is read.

Besides the schema and the number of rows: the `geo` key (GeoParquet), the `emb` key (Earth Index puts the metadata of
the tile there), and the least and greatest values that the footer keeps of coordinates and times.
"""

import contextlib
import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from atlas.errors import SourceError
from atlas.formats.geometry import described, geo_key, stated_crs
from atlas.formats.parquet import open_parquet
from atlas.moments import end_of_day

__all__ = ["Footer", "moment_of", "read_footer"]

VECTOR_COLUMNS = ("embedding", "embeddings", "vector", "aef")
TIME_COLUMNS = ("datetime", "date", "timestamp")
CENTRES = (("centre_lon", "centre_lat"), ("center_lon", "center_lat"), ("lon", "lat"), ("longitude", "latitude"))
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Footer:
    """A Parquet footer.

    Attributes:
        rows: as stated.
        columns: their names.
        vector: the column of vectors, None where none has a known name.
        dtype: element type of the vectors, as in STAC.
        dimensions: where the type states it (a list of fixed size), else where the number of stored values is the same
            multiple of the rows in every row group, else by the `emb` key.
        bounds: west, south, east, north of the geometries in degrees.
        centres: bounds of the centres, where there are no others.
        crs: PROJJSON or code of the geometry column; None for longitude and latitude.
        start, end: of the times.
    """

    rows: int
    columns: tuple[str, ...]
    vector: str | None = None
    dtype: str | None = None
    dimensions: int | None = None
    bounds: Bounds | None = None
    centres: Bounds | None = None
    crs: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def read_footer(stream: BinaryIO, name: str) -> Footer:
    """Read a footer.

    Raises:
        SourceError: the file is not Parquet, or a key of its footer is not what it should be.
    """
    file = open_parquet(stream, name)
    schema, meta = file.schema_arrow, file.metadata
    keys = schema.metadata or {}
    geo, emb = geo_key(keys, b"geo", name), geo_key(keys, b"emb", name)
    extremes = _Extremes(meta)
    vector = next((column for column in VECTOR_COLUMNS if column in schema.names), None)
    dtype, dimensions = _vector_type(schema.field(vector).type) if vector else (None, None)
    bounds, crs = _geometry(geo, extremes, name)
    centres = next((b for pair in CENTRES if (b := _outer([extremes.of(one) for one in pair * 2]))), None)
    times = [t for t in (extremes.times(c) for c in TIME_COLUMNS) if t is not None]
    start, end = times[0] if times else _emb_times(emb)
    return Footer(
        rows=meta.num_rows,
        columns=tuple(schema.names),
        vector=vector,
        dtype=dtype,
        dimensions=dimensions or (_counted(meta, vector) if vector else None) or _emb_dimensions(emb),
        bounds=bounds,
        centres=centres,
        crs=crs,
        start=start,
        end=end,
    )


class _Extremes:
    """Least and greatest values that a footer keeps, over all row groups."""

    def __init__(self, meta: Any) -> None:  # noqa: ANN401 - pyarrow ships no types
        self._meta = meta
        self._index = {meta.schema.column(i).path: i for i in range(meta.num_columns)}

    def of(self, path: str) -> tuple[Any, Any] | None:
        """Least and greatest value of a column, None unless every row group that has values states them."""
        if path not in self._index:
            return None
        low: list[Any] = []
        high: list[Any] = []
        for group in range(self._meta.num_row_groups):
            statistics = self._meta.row_group(group).column(self._index[path]).statistics
            if statistics is None or not statistics.has_min_max:
                if statistics is not None and statistics.null_count == self._meta.row_group(group).num_rows:
                    continue
                return None
            low.append(statistics.min)
            high.append(statistics.max)
        return (min(low), max(high)) if low else None

    def times(self, column: str) -> tuple[dt.datetime, dt.datetime] | None:
        found = self.of(column)
        if found is None:
            return None
        first, last = moment_of(found[0], last=False), moment_of(found[1], last=True)
        return (first, last) if first and last else None


def _geometry(geo: dict[str, Any] | None, extremes: _Extremes, name: str) -> tuple[Bounds | None, str | None]:
    if geo is None:
        return _outer([extremes.of(path) for path in _covering({})]), None
    column = described(geo, name)
    if (stated := stated_crs(column)) is None:
        return None, None  # the producer does not know where its coordinates lie
    crs = _crs(stated, name)
    box = column.get("bbox")
    if isinstance(box, list) and len(box) in {4, 6} and all(map(_is_number, box)):
        half = len(box) // 2
        return (float(box[0]), float(box[1]), float(box[half]), float(box[half + 1])), crs
    return _outer([extremes.of(path) for path in _covering(column)]), crs


def _outer(found: list[tuple[Any, Any] | None]) -> Bounds | None:
    """Bounds from the extremes of xmin, ymin, xmax and ymax."""
    xmin, ymin, xmax, ymax = found
    if xmin is None or ymin is None or xmax is None or ymax is None:
        return None
    values = (xmin[0], ymin[0], xmax[1], ymax[1])
    return tuple(map(float, values)) if all(map(_is_number, values)) else None  # type: ignore[return-value] # four of them


def _covering(column: dict[str, Any]) -> list[str]:
    """Paths of the columns that hold each geometry's bounds: GeoParquet 1.1 names them, before it `bbox` was usual."""
    sides = ("xmin", "ymin", "xmax", "ymax")
    covering = column.get("covering")
    named = covering.get("bbox") if isinstance(covering, dict) else None
    if isinstance(named, dict) and all(
        isinstance(named.get(s), list) and all(isinstance(p, str) for p in named[s]) for s in sides
    ):
        return [".".join(named[side]) for side in sides]
    return [f"bbox.{side}" for side in sides]


def _crs(stated: str, name: str) -> str | None:
    """The CRS as text for pyproj; None for longitude and latitude."""
    try:
        system = CRS.from_user_input(stated)
    except CRSError as error:
        raise SourceError(f"{name}: the CRS in the footer's 'geo' key cannot be read: {error}") from None
    if system.is_geographic:
        return None
    authority = system.to_authority()
    return ":".join(authority) if authority else system.to_wkt()


def _vector_type(kind: pa.DataType) -> tuple[str | None, int | None]:
    if pa.types.is_fixed_size_list(kind):
        return _number_type(kind.value_type), int(kind.list_size)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _number_type(kind.value_type), None
    return None, None


def _counted(meta: Any, vector: str) -> int | None:  # noqa: ANN401 - pyarrow ships no types
    """Length of the vectors in a column of lists of any size, if it is the same in every row group and none is null."""
    leaves = [i for i in range(meta.num_columns) if meta.schema.column(i).path.startswith(f"{vector}.")]
    found: set[int] = set()
    for group in range(meta.num_row_groups if len(leaves) == 1 else 0):
        chunk, rows = meta.row_group(group).column(leaves[0]), meta.row_group(group).num_rows
        statistics = chunk.statistics
        holes = statistics is None or not statistics.has_null_count or statistics.null_count > 0
        if holes or rows == 0 or chunk.num_values % rows:
            return None
        found.add(chunk.num_values // rows)
    return found.pop() if len(found) == 1 else None


def _number_type(kind: pa.DataType) -> str | None:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return np.dtype(kind.to_pandas_dtype()).name if number else None


def moment_of(value: object, *, last: bool) -> dt.datetime | None:
    """A time of a footer, the first or last moment of a day; None where it is not a time."""
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    if isinstance(value, dt.date):
        return end_of_day(value) if last else dt.datetime.combine(value, dt.time.min, dt.UTC)
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        return None
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):  # a date alone is a whole day
        with contextlib.suppress(ValueError):
            return moment_of(read(text), last=last)
    return None


def _emb_times(emb: dict[str, Any] | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    if not emb:
        return None, None
    start = moment_of(emb.get("start_datetime") or emb.get("datetime"), last=False)
    end = moment_of(emb.get("end_datetime") or emb.get("datetime"), last=True)
    return (start, end) if start and end and start <= end else (None, None)


def _emb_dimensions(emb: dict[str, Any] | None) -> int | None:
    found = emb.get("embedding") if emb else None
    value = found.get("dim") if isinstance(found, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
