"""The place and the time of a question."""

import datetime as dt
from collections.abc import Mapping

import shapely

from atlas.answers.places import Place, Span
from atlas.answers.shapes import both_sides, box_shape
from atlas.api.errors import BadRequestError
from atlas.api.geometries import check_geometry, parse_bbox
from atlas.api.parameters import parse_json
from atlas.api.times import Interval, parse_interval
from atlas.moments import TICK

__all__ = ["read_place", "read_span", "read_time", "span_of"]


def _number(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise BadRequestError("is needed beside " + ("lat" if name == "lon" else "lon"), parameter=name)
    return values[name]


def read_place(values: Mapping[str, str], *, needed: bool) -> Place | None:
    """The place: `lon` and `lat`, or `bbox`, or `intersects`.

    Raises:
        BadRequestError: none where one is needed, more than one, or not a place on the globe.
    """
    ways = [w for w in ("bbox", "intersects") if w in values]
    if "lon" in values or "lat" in values:
        ways.append("lon and lat")
    if len(ways) > 1:
        raise BadRequestError(f"cannot be combined with {ways[1]}", parameter=ways[0].partition(" ")[0])
    if not ways:
        if needed:
            raise BadRequestError("are needed, or bbox, or intersects", parameter="lon and lat")
        return None
    if "bbox" in values:
        box = parse_bbox(values["bbox"].split(","))
        point = box[:2] == box[2:]
        return Place(box_shape(box), {"bbox": list(box)}, is_point=point)
    if "intersects" in values:
        document = parse_json(values["intersects"], "intersects")
        shape = check_geometry(document, "intersects")
        return Place(both_sides(shape), {"intersects": document}, is_point=shape.geom_type == "Point")
    lon, lat = _number(values, "lon"), _number(values, "lat")
    west, south, _, _ = parse_bbox([lon, lat, lon, lat], "lon and lat")
    return Place(both_sides(shapely.Point(west, south)), {"lon": west, "lat": south}, is_point=True)


def read_time(values: Mapping[str, str]) -> Interval | None:
    """The value of `datetime`, where given: as in a search, or a year such as 2021, or years such as 2019/2021.

    Raises:
        BadRequestError: neither a year nor a date-time or interval.
    """
    text = values.get("datetime")
    if text is None:
        return None
    ends = text.split("/")
    if all(len(e) == 4 and e.isascii() and e.isdigit() for e in ends) and len(ends) <= 2:
        text = f"{ends[0]}-01-01T00:00:00Z/{ends[-1]}-12-31T23:59:59.999999Z"  # PostgreSQL's last moment of a year
    return parse_interval(text)


def span_of(interval: Interval | None) -> Span | None:
    """An interval, whose end belongs to it, as the time until before its end."""
    if interval is None:
        return None
    start, end = interval.start, interval.end
    return Span(start, end if end is None or end == start or end.year == dt.MAXYEAR else end + TICK)


def read_span(values: Mapping[str, str]) -> Span | None:
    """The value of `datetime` as a span, where given.

    Raises:
        BadRequestError: neither a year nor a date-time or interval.
    """
    return span_of(read_time(values))
