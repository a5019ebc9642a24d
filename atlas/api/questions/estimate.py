"""`/atlas/estimate`: how many files, bytes, vectors and requests a place and time are, and what the transfer costs."""

import math
from typing import Any

import pyproj
import shapely
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.database import Database
from atlas.api.errors import BadRequestError
from atlas.api.guarded import ITEM_AREA
from atlas.api.parameters import read_parameters
from atlas.api.questions.compare import read_products
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import Place, extent_reason, read_place, read_time
from atlas.api.services import services
from atlas.api.times import Interval
from atlas.records import Product

__all__ = ["area_km2", "get_estimate"]

_COLUMNS = ("product", "title", "tiles", "files", "bytes", "bytes_basis", "vectors_at_most", "requests_at_least")
# Areas are measured as `area_km2` does it. PostGIS's own on the ellipsoid takes edges for great circles: for tiles that
# are wider than a few degrees that is another shape, and it fails on an edge of 180 degrees.
_SQL = f"""
SELECT count(*), coalesce(sum(a.files), 0)::bigint, coalesce(sum(a.sized), 0)::bigint,
    coalesce(sum(a.bytes), 0)::bigint,
    coalesce(sum({ITEM_AREA}), 0)
FROM items, LATERAL (
    SELECT count(*) AS files, count(value->'file:size') AS sized, sum((value->>'file:size')::bigint) AS bytes
    FROM jsonb_each(content->'assets') WHERE jsonb_typeof(value) = 'object'
) AS a
WHERE collection = $1
    AND ($2::bytea IS NULL OR ST_Intersects(geometry, ST_SetSRID(ST_GeomFromWKB($2), 4326)))
    AND ($3::timestamptz IS NULL OR datetime <= $3) AND ($4::timestamptz IS NULL OR end_datetime >= $4)
"""  # noqa: S608 - a constant
_BYTES = {"float64": 8, "float32": 4, "float16": 2, "int32": 4, "int16": 2, "uint16": 2, "int8": 1, "uint8": 1}
_PARTS = frozenset({"bbox", "datetime", "f", "intersects", "product"})
_EQUAL_AREA = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:6933", always_xy=True)
_LONGEST_EDGE = 1.0
"""Degrees: an edge that slants is curved on the map, and is cut into pieces of this length."""
_MOST_PIECES = 50_000


async def get_estimate(request: Request) -> Response:
    """GET /atlas/estimate."""
    parts = services(request)
    values = read_parameters(request.scope["query_string"], _PARTS)
    products = read_products(parts.catalog, values.get("product"), "product")
    if len(products) > 1:
        message = "names more than one product"
        raise BadRequestError(message, parameter="product")
    product, place, interval = products[0], read_place(values, needed=False), read_time(values)
    document = await _estimate(parts.database, product, place, interval)
    document["asked"] = {k: v for k, v in values.items() if k != "f"}
    return answer(request, values, document, _COLUMNS, [document])


async def _estimate(
    database: Database, product: Product, place: Place | None, interval: Interval | None
) -> dict[str, Any]:
    notes: list[str] = []
    wkb = shapely.to_wkb(place.geometry) if place else None
    end, start = (interval.end, interval.start) if interval else (None, None)
    tiles, files, sized, size, square_metres = (await database.rows(_SQL, product.id, wkb, end, start))[0]
    if product.extent is not None and (reason := extent_reason(product.extent, place, interval)):
        notes.append(f"By its record, {reason}.")
    vectors = _vectors(product, square_metres or _wanted_area(product, place, interval, notes), notes)
    document: dict[str, Any] = {"product": product.id, "title": product.title}
    document["tiles"] = tiles or None
    document["files"] = files or None
    document["vectors_at_most"] = vectors
    if sized:
        document["bytes"], document["bytes_basis"] = size, "sizes of the files"
        if sized < files:
            document["bytes_basis"] = f"sizes of {sized} of {files} files; the others state none"
    else:
        document["bytes"] = _stored_bytes(product, vectors)
        document["bytes_basis"] = "vectors times their stored size, before compression"
        if document["bytes"] is None:
            document["bytes_basis"] = "not stated"
    if not tiles:
        notes.append(
            "No Item of the product in this catalogue lies there: the files are not indexed, or there are none."
        )
    document["requests_at_least"] = files or None
    document["notes"] = notes
    document["places"] = [_serving(d) for d in product.distributions if not d.retired]
    return document


def area_km2(geometry: shapely.Geometry) -> float:
    """Area on the WGS 84 ellipsoid, in square kilometres, of a shape in longitude and latitude.

    Edges are what GeoJSON (RFC 7946, section 3.1.1) says: straight in longitude and latitude, never great circles, so
    that the edge of a box is its parallel. Measured on EPSG:6933, whose areas are those of the ellipsoid.
    """
    pieces = shapely.segmentize(geometry, max(_LONGEST_EDGE, shapely.length(geometry) / _MOST_PIECES))
    return float(shapely.area(shapely.transform(pieces, _EQUAL_AREA.transform, interleaved=False))) / 1e6


def _wanted_area(product: Product, place: Place | None, interval: Interval | None, notes: list[str]) -> float | None:
    """Area of the place in square metres, once for every year; None where no place was asked for."""
    if place is None:
        return None
    years = _years(product, interval)
    notes.append(f"Counted over the area that was asked for, times {years} year{'s' * (years != 1)}.")
    return area_km2(place.geometry) * 1e6 * years


def _vectors(product: Product, square_metres: float | None, notes: list[str]) -> int | None:
    """Most vectors that an area can hold, by the distance from vector to vector."""
    footprint = product.embedding.footprint or {}
    if square_metres is None or product.embedding.type == "location":
        return product.counts.vectors
    pixels, spacing = footprint.get("size_px"), footprint.get("size")
    stride = footprint.get("stride_px")
    if not spacing or footprint.get("unit") != "m":
        notes.append("The spacing of its vectors in metres is not stated, so their number cannot be estimated.")
        return None
    step = [float(s) for s in spacing]
    if product.embedding.type == "patch":
        if not (pixels and stride):
            notes.append("The distance from patch to patch is not stated: patches side by side are assumed.")
        else:
            step = [s * t / p for s, t, p in zip(step, stride, pixels, strict=True)]
    notes.append("The number of vectors is an upper bound: water and gaps are not taken off.")
    return math.ceil(square_metres / (step[0] * step[1]))


def _years(product: Product, interval: Interval | None) -> int:
    years = (product.extent.years if product.extent else None) or []
    if not years:
        return 1
    if interval is None:
        return len(years)
    start, end = interval.start, interval.end
    return len([y for y in years if (not start or y >= start.year) and (not end or y <= end.year)])


def _stored_bytes(product: Product, vectors: int | None) -> int | None:
    kind = (product.embedding.quantization or {}).get("stored_data_type")
    width = _BYTES.get(str(kind))
    if vectors is None or width is None or product.embedding.dimensions is None:
        return None
    return vectors * product.embedding.dimensions * width


def _serving(place: Any) -> dict[str, Any]:  # noqa: ANN401 - a Distribution
    """What reading from one place costs and needs."""
    notes = []
    if place.requester_pays:
        notes.append("The reader pays for requests and transfer.")
    elif place.requester_pays is None:
        notes.append("Who pays for the transfer is not stated.")
    if place.region:
        notes.append(f"Reading is cheapest and fastest from {place.region}.")
    if place.range_reads:
        notes.append("Parts of a file can be read: a place costs less than its files.")
    return {
        "id": place.id,
        "title": place.title,
        "auth": place.auth,
        "requester_pays": place.requester_pays,
        "region": place.region,
        "range_reads": place.range_reads,
        "notes": notes + list(place.notes),
    }
