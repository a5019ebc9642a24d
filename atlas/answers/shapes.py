"""Boxes and shapes in legal longitudes: what crosses or lies on the antimeridian appears on both sides of it."""

import shapely

from stac_emb.boxes import Box, halves

__all__ = ["both_sides", "box_shape", "other_edge", "other_side", "plain_box"]


def plain_box(box: Box) -> shapely.Geometry:
    """A box as a polygon; as a line or a point where it has no area, which a polygon must have."""
    west, south, east, north = box
    if west < east and south < north:
        return shapely.box(*box)
    return shapely.Point(west, south) if box[:2] == box[2:] else shapely.LineString([(west, south), (east, north)])


def other_edge(box: Box) -> shapely.Geometry | None:
    """The edge of a box on the antimeridian, at the longitude of the other side; None if neither or both lie there."""
    parts = halves(box)
    east, west = any(b[2] == 180 for b in parts), any(b[0] == -180 for b in parts)
    if east == west:
        return None
    longitude = -180.0 if east else 180.0
    return plain_box((longitude, box[1], longitude, box[3]))


def box_shape(box: Box) -> shapely.Geometry:
    """A box as a shape: its halves where it crosses the antimeridian, and the other side of an edge that lies on it."""
    parts = [plain_box(b) for b in halves(box)]
    if (other := other_edge(box)) is not None:
        parts.append(other)
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def other_side(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The part of a shape on the antimeridian, moved to the longitude of the other side; None if there is none.

    Longitudes 180 and -180 are one meridian, though they are far apart in the plane.
    """
    west, _, east, _ = shapely.bounds(shape)
    found = []
    for edge, touches in ((180.0, east == 180), (-180.0, west == -180)):
        if touches:
            part = shapely.intersection(shape, shapely.LineString([(edge, -90), (edge, 90)]))
            found.append(shapely.transform(part, lambda xy, edge=edge: xy - [2 * edge, 0]))
    missing = [p for p in found if not shapely.is_empty(p) and not shapely.covers(shape, p)]
    return shapely.union_all(missing) if missing else None


def both_sides(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape with its part on the antimeridian repeated at the longitude of the other side."""
    other = other_side(shape)
    return shape if other is None else shapely.GeometryCollection([shape, other])
