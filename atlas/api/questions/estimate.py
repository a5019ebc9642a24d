"""`/atlas/estimate`: files, bytes, vectors and requests of a place and time, and what the transfer costs."""

from typing import Any

import shapely
from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.areas import area_km2
from atlas.answers.coverage import IndexState
from atlas.answers.places import Place
from atlas.answers.stated import envelope_has, time_has
from atlas.answers.volume import Volume, vector_bytes, volume
from atlas.api.cold import boxes_of
from atlas.api.context import Services, parameters, services
from atlas.api.errors import BadRequestError
from atlas.api.guarded import ITEM_AREA
from atlas.api.questions.compare import read_products
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import read_place, read_time, span_of
from atlas.api.times import Interval
from atlas.records import Product
from atlas.store.cold.rows import Ask

__all__ = ["get_estimate"]

_COLUMNS = ("product", "title", "tiles", "files", "bytes", "bytes_basis", "vectors_at_most", "requests_at_least")
# Areas are measured as `area_km2` does it. PostGIS's own on the ellipsoid takes edges for great circles: for tiles that
# are wider than a few degrees that is another shape, and it fails on an edge of 180 degrees.
_SQL = f"""
SELECT count(*), coalesce(sum(a.files), 0)::bigint, coalesce(sum(a.sized), 0)::bigint,
    coalesce(sum(a.bytes), 0)::bigint,
    coalesce(sum({ITEM_AREA}), 0), coalesce(sum(ST_Area(geometry)), 0)
FROM items, LATERAL (
    SELECT count(*) AS files, count(value->'file:size') AS sized, sum((value->>'file:size')::bigint) AS bytes
    FROM jsonb_each(content->'assets') WHERE jsonb_typeof(value) = 'object'
) AS a
WHERE collection = $1
    AND ($2::bytea IS NULL OR ST_Intersects(geometry, ST_SetSRID(ST_GeomFromWKB($2), 4326)))
    AND ($3::timestamptz IS NULL OR datetime <= $3) AND ($4::timestamptz IS NULL OR end_datetime >= $4)
"""  # noqa: S608 - a constant


async def get_estimate(request: Request) -> Response:
    """GET /atlas/estimate."""
    parts, values = services(request), parameters(request)
    products = read_products(parts.catalog, values.get("product"), "product")
    if len(products) > 1:
        raise BadRequestError("names more than one product", parameter="product")
    product, place, interval = products[0], read_place(values, needed=False), read_time(values)
    document = await _estimate(parts, product, place, interval)
    document["asked"] = {k: v for k, v in values.items() if k != "f"}
    return answer(request, values, document, _COLUMNS, [document])


async def _estimate(
    parts: Services, product: Product, place: Place | None, interval: Interval | None
) -> dict[str, Any]:
    notes: list[str] = []
    # a tile that only shares an edge with the place holds nothing of it, as for coverage
    wkb = shapely.to_wkb(place.inside) if place else None
    end, start = (interval.end, interval.start) if interval else (None, None)
    ask = Ask(boxes=boxes_of(place.geometry) if place else None, names=None)
    rows = await parts.searcher.parts.both(parts.database, product.id, ask, _SQL, (product.id, wkb, end, start))
    tiles, files, sized, size, square_metres, square_degrees = (sum(column) for column in zip(*rows, strict=True))
    span = span_of(interval)
    outside = (envelope_has(product, place), time_has(product, span))
    notes += [f"By its record, {reason.text}." for reason in outside if reason is not None]
    asked = _asked(product, place, interval)
    # whole files are transferred: where they are known, their area counts, and not only the part that was asked for
    held = volume(product, square_metres / 1e6, area_deg2=square_degrees) if square_metres else asked
    notes += held.basis if held else ()
    vectors = product.counts.vectors if held is None or product.embedding.type == "location" else held.vectors
    document: dict[str, Any] = {"product": product.id, "title": product.title}
    document["tiles"] = tiles or None
    document["files"] = files or None
    document["vectors_at_most"] = vectors
    document["area"] = asked.as_json() if asked else None
    if sized:
        document["bytes"], document["bytes_basis"] = size, "sizes of the files"
        if sized < files:
            document["bytes_basis"] = f"sizes of {sized} of {files} files; the others state none"
    else:
        each = vector_bytes(product)
        document["bytes"] = vectors * each if vectors is not None and each is not None else None
        document["bytes_basis"] = "vectors times their stored size, before compression"
        if document["bytes"] is None:
            document["bytes_basis"] = "not stated"
    if tiles and (await parts.state.index_states()).get(product.id) is IndexState.PART:
        notes.append("Only a part of the producer's index was read: there may be more files, and more vectors, there.")
    if not tiles:
        notes.append(
            "No Item of the product in this catalogue lies there: the files are not indexed, or there are none."
        )
    document["requests_at_least"] = files or None
    document["notes"] = notes
    document["places"] = [_serving(d) for d in product.distributions if not d.retired]
    return document


def _asked(product: Product, place: Place | None, interval: Interval | None) -> Volume | None:
    """The size of the area that was asked for, in every year; None where no place was asked for."""
    if place is None:
        return None
    steps = max(1, _years(product, interval))
    return volume(product, area_km2(place.geometry), steps=steps, area_deg2=float(place.geometry.area))


def _years(product: Product, interval: Interval | None) -> int:
    years = (product.extent.years if product.extent else None) or []
    if not years:
        return 1
    if interval is None:
        return len(years)
    start, end = interval.start, interval.end
    return len([y for y in years if (not start or y >= start.year) and (not end or y <= end.year)])


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
        notes.append("Parts of a file can be read: an area needs less than its whole files.")
    return {
        "id": place.id,
        "title": place.title,
        "auth": place.auth,
        "requester_pays": place.requester_pays,
        "region": place.region,
        "range_reads": place.range_reads,
        "notes": notes + list(place.notes),
    }
