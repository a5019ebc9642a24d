"""The place and the time of a question."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
import shapely

from atlas.api.errors import BadRequestError
from atlas.api.geometries import Box, both_sides, box_shape, check_geometry, parse_bbox, split_bbox
from atlas.api.times import Interval, parse_interval
from atlas.records.product import Extent

__all__ = ["PLACE_PARAMETERS", "Place", "extent_reason", "read_place", "read_time", "years_of"]

PLACE_PARAMETERS = frozenset({"bbox", "intersects", "lat", "lon"})


@dataclass(frozen=True, slots=True)
class Place:
    """A point, a box or a geometry, in WGS 84 longitude and latitude.

    Attributes:
        geometry: The shape; a box over the antimeridian has two parts, and what lies on it is given from both sides.
        asked: How it was asked for.
    """

    geometry: shapely.Geometry
    asked: dict[str, object]

    @property
    def is_point(self) -> bool:
        """Whether it is a single position."""
        return bool(self.geometry.geom_type == "Point" or "lon" in self.asked)


def _number(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        message = "is needed beside " + ("lat" if name == "lon" else "lon")
        raise BadRequestError(message, parameter=name)
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
        message = f"cannot be combined with {ways[1]}"
        raise BadRequestError(message, parameter=ways[0].partition(" ")[0])
    if not ways:
        if needed:
            message = "or bbox or intersects is needed: which place?"
            raise BadRequestError(message, parameter="lon and lat")
        return None
    if "bbox" in values:
        box = parse_bbox(values["bbox"].split(","))
        return Place(box_shape(box), {"bbox": list(box)})
    if "intersects" in values:
        try:
            document = orjson.loads(values["intersects"])
        except orjson.JSONDecodeError as error:
            message = f"is not JSON: {error}"
            raise BadRequestError(message, parameter="intersects") from None
        return Place(both_sides(check_geometry(document, "intersects")), {"intersects": document})
    lon, lat = _number(values, "lon"), _number(values, "lat")
    west, south, _, _ = parse_bbox([lon, lat, lon, lat], "lon and lat")
    return Place(both_sides(shapely.Point(west, south)), {"lon": west, "lat": south})


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


def years_of(interval: Interval | None) -> str:
    """An interval in words."""
    if interval is None:
        return "any time"
    start, end = (m.date().isoformat() if m else "..." for m in (interval.start, interval.end))
    return start if start == end else f"{start} to {end}"


def _parts(extent: Extent) -> list[Box]:
    boxes = extent.bbox[1:] or extent.bbox
    return [part for b in boxes for part in split_bbox((b[0], b[1], b[2], b[3]))]


def extent_reason(extent: Extent, place: Place | None, interval: Interval | None) -> str | None:
    """Why the extent that a record states does not include a place or a time; None where it does."""
    if place is not None and not any(shapely.box(*b).intersects(place.geometry) for b in _parts(extent)):
        return f"its extent ({extent.place}) does not include the place"
    if interval is None:
        return None
    start, end = interval.start, interval.end
    if extent.years:
        years = [y for y in extent.years if (not start or y >= start.year) and (not end or y <= end.year)]
        stated = f"{extent.years[0]} to {extent.years[-1]}" if len(extent.years) > 1 else f"{extent.years[0]}"
        return None if years else f"it has the years {stated}, none within {years_of(interval)}"
    for first, last in extent.interval[1:] or extent.interval:
        if (not end or not first or first <= end) and (not start or not last or last >= start):
            return None
    first, last = extent.interval[0]
    bounds = " to ".join(m.date().isoformat() if m else "..." for m in (first, last))
    return f"it covers {bounds}, nothing within {years_of(interval)}"
