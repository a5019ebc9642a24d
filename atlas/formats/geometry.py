"""The geometries of a Parquet file: which column, in which CRS, in any encoding that GeoParquet has.

Specification: https://geoparquet.org/releases/v1.1.0/ (the `geo` key); of files without it, the extension type or the
logical type of the column, as GeoArrow and Parquet's own geometry type have them.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from atlas.errors import SourceError
from stac_emb.inputs.wkb import ENDLESS, from_wkb, why_unreadable

__all__ = [
    "DEGREES",
    "GeometryColumn",
    "described",
    "first_unreadable",
    "geo_key",
    "geometry_column",
    "shapes",
    "stated_crs",
]

DEGREES = "OGC:CRS84"
"""What GeoParquet means where it states no CRS."""
LARGEST_KEY = 4 * 2**20
NAME = "geometry"
_ARCS = {"spherical", "vincenty", "thomas", "andoyer", "karney"}
# Lists around the coordinates, outermost first, by the encoding's name.
_NATIVE = {
    "point": (shapely.GeometryType.POINT, 0),
    "linestring": (shapely.GeometryType.LINESTRING, 1),
    "polygon": (shapely.GeometryType.POLYGON, 2),
    "multipoint": (shapely.GeometryType.MULTIPOINT, 1),
    "multilinestring": (shapely.GeometryType.MULTILINESTRING, 2),
    "multipolygon": (shapely.GeometryType.MULTIPOLYGON, 3),
}


@dataclass(frozen=True, slots=True)
class GeometryColumn:
    """The column of a file's geometries.

    Attributes:
        name: of the column.
        encoding: `wkb`, or the native encoding's name.
        crs: as pyproj takes it; None where the file says that it is not known.
        spherical: whether edges are arcs on the globe, and not straight in the CRS.
    """

    name: str
    encoding: str
    crs: str | None
    spherical: bool = False


def geo_key(keys: dict[bytes, bytes] | None, key: bytes, name: str) -> dict[str, Any] | None:
    """A JSON object in the metadata of a footer, or None.

    Raises:
        SourceError: it is not JSON, or absurdly long.
    """
    value = (keys or {}).get(key)
    if value is None:
        return None
    if len(value) > LARGEST_KEY:
        raise SourceError(f"{name}: the footer's '{key.decode()}' key has {len(value):,} bytes")
    try:
        found = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name}: the footer's '{key.decode()}' key is not JSON: {error}") from None
    return found if isinstance(found, dict) else None


def described(geo: dict[str, Any], name: str) -> dict[str, Any]:
    """What the `geo` key says of the primary column.

    Raises:
        SourceError: it does not describe it.
    """
    primary, columns = geo.get("primary_column"), geo.get("columns")
    column = columns.get(primary) if isinstance(columns, dict) and isinstance(primary, str) else None
    if not isinstance(column, dict):
        msg = f"{name}: the footer's 'geo' key names the primary column {primary!r} and does not describe it"
        raise SourceError(msg)
    return column


def stated_crs(column: dict[str, Any]) -> str | None:
    """The CRS of a `geo` column as text for pyproj; None where it is null, which means that it is not known."""
    stated = column.get("crs", DEGREES)
    return stated if stated is None or isinstance(stated, str) else json.dumps(stated)


def geometry_column(file: pq.ParquetFile, name: str) -> GeometryColumn:
    """Where the geometries of a file are.

    Raises:
        SourceError: there are none, or the footer does not describe them.
    """
    schema = file.schema_arrow
    geo = geo_key(schema.metadata, b"geo", name)
    primary = NAME if geo is None else geo.get("primary_column")
    if not isinstance(primary, str) or primary not in schema.names:
        raise SourceError(f"{name}: holds no footprints (column '{primary}')")
    if geo is None:
        return _without_key(file, schema.field(primary), name)
    column = described(geo, name)
    encoding = str(column.get("encoding", "WKB")).lower()
    return GeometryColumn(primary, encoding, stated_crs(column), _spherical(column.get("edges"), name))


def _spherical(edges: object, name: str) -> bool:
    """Whether edges are arcs on the globe; on the ellipsoid they differ from those on the sphere by metres."""
    if edges is None or edges == "planar":
        return False
    if isinstance(edges, str) and edges.lower() in _ARCS:
        return True
    msg = f"{name}: the edges of its geometries are {str(edges)[:50]!r}, not planar or {', '.join(sorted(_ARCS))}"
    raise SourceError(msg)


def _without_key(file: pq.ParquetFile, field: pa.Field, name: str) -> GeometryColumn:
    known = {key.decode(): value.decode("utf-8", "replace") for key, value in (field.metadata or {}).items()}
    extension = known.get("ARROW:extension:name", getattr(field.type, "extension_name", ""))
    more = known.get("ARROW:extension:metadata", "")
    if isinstance(field.type, pa.BaseExtensionType):
        more = field.type.__arrow_ext_serialize__().decode("utf-8", "replace")
    encoding = extension.removeprefix("geoarrow.") if extension.startswith("geoarrow.") else "wkb"
    try:
        stated = json.loads(more) if more else {}
    except ValueError:
        stated = {}
    stated = stated if isinstance(stated, dict) else {}
    spherical = _spherical(stated.get("edges"), name)
    if stated.get("crs") is not None:
        return GeometryColumn(field.name, encoding, stated_crs(stated), spherical)
    columns = (file.schema.column(i) for i in range(file.metadata.num_columns))
    column = next(one for one in columns if one.path.partition(".")[0] == field.name)
    logical = json.loads(column.logical_type.to_json())
    logical = logical if isinstance(logical, dict) else {}
    if logical.get("Type") == "Geography":
        spherical = _spherical(logical.get("algorithm") or "spherical", name)
    crs = logical.get("crs")
    return GeometryColumn(field.name, encoding, _of_logical_type(crs, file) if crs else DEGREES, spherical)


def _of_logical_type(crs: object, file: pq.ParquetFile) -> str | None:
    """The CRS of Parquet's geometry type; None for an identifier that only the writer's database can resolve."""
    if not isinstance(crs, str):
        return json.dumps(crs)
    scheme, _, rest = crs.partition(":")
    if scheme == "projjson":
        value = (file.schema_arrow.metadata or {}).get(rest.encode())
        return value.decode("utf-8", "replace") if value is not None else None
    return None if scheme == "srid" else crs


def shapes(column: pa.Array, encoding: str) -> npt.NDArray[Any]:
    """The geometries of a column; None where there is none, also where one row's cannot be built.

    Raises:
        ValueError: the column is not of the type that the encoding has, or the encoding is not known.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if encoding == "wkb":
        if not any(known(column.type) for known in _BINARY):
            raise ValueError(f"geometries are stated to be WKB, the column holds {column.type}")
        return _finite(from_wkb(column.cast(pa.large_binary()).to_numpy(zero_copy_only=False)))
    if encoding not in _NATIVE:
        raise ValueError(f"the encoding '{encoding}' of geometries is not known")
    kind, depth = _NATIVE[encoding]
    found = np.full(len(column), None, dtype=object)
    at = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    _coordinates(column, depth)  # the type, whatever the rows hold
    try:
        found[at] = _built(column.take(pa.array(at)), kind, depth)
    except _BROKEN:
        for row in at.tolist():  # one ring that is not closed must not cost the others
            try:
                found[row] = _built(column.slice(row, 1), kind, depth)[0]
            except _BROKEN:
                continue
    return _finite(found)


def first_unreadable(column: pa.Array, encoding: str, found: npt.NDArray[Any]) -> tuple[int, str] | None:
    """The first row that has a geometry which `shapes` could not build, and the rule that it breaks."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    at = np.flatnonzero(shapely.is_missing(found) & column.is_valid().to_numpy(zero_copy_only=False))
    if not len(at):
        return None
    row = int(at[0])
    if encoding == "wkb":
        return row, why_unreadable(column[row].as_py())
    try:
        _built(column.slice(row, 1), *_NATIVE[encoding])
    except _BROKEN as error:
        return row, f"not a {encoding}: {error}"
    return row, ENDLESS


def _finite(found: npt.NDArray[Any]) -> npt.NDArray[Any]:
    numbers, of = shapely.get_coordinates(found, return_index=True)
    found[of[~np.isfinite(numbers).all(axis=1)]] = None
    return found


_BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
_LISTS = (pa.types.is_list, pa.types.is_large_list)
_BROKEN = (shapely.errors.ShapelyError, ValueError, IndexError, TypeError)


def _built(column: pa.Array, kind: shapely.GeometryType, depth: int) -> npt.NDArray[Any]:
    points, offsets = _coordinates(column, depth)
    built: npt.NDArray[Any] = shapely.from_ragged_array(kind, points, tuple(reversed(offsets)) or None)
    return built


def _coordinates(column: pa.Array, depth: int) -> tuple[npt.NDArray[np.float64], list[npt.NDArray[np.int64]]]:
    """Coordinates, shape (n, 2), and the offsets into what follows of each list around them, outermost first."""
    offsets = []
    of = column.type
    for _ in range(depth):
        if not any(known(column.type) for known in _LISTS):
            msg = f"geometries have {depth} lists around their coordinates by their encoding, the column holds {of}"
            raise ValueError(msg)
        starts = column.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
        offsets.append(starts - starts[0])
        column = column.flatten()
    if pa.types.is_struct(column.type) and {"x", "y"} <= {field.name for field in column.type}:
        pairs = [pc.struct_field(column, axis).cast(pa.float64()).to_numpy(zero_copy_only=False) for axis in "xy"]
        return np.column_stack(pairs), offsets
    if pa.types.is_fixed_size_list(column.type) and column.type.list_size >= 2:
        values = column.flatten().cast(pa.float64()).to_numpy(zero_copy_only=False)
        return values.reshape(-1, column.type.list_size)[:, :2], offsets
    raise ValueError(f"coordinates are neither structs of x and y nor pairs, the column holds {of}")
