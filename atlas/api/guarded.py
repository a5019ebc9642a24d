"""Rewrite a statement so that it passes over geometries that PostGIS cannot read.

No row should have one; a row that does makes PostGIS fail every statement that reads it. The functions of the schema
`atlas` cost more, so a statement uses them only after it has failed.
"""

import re

__all__ = ["ITEM_AREA", "ITEM_GEOMETRY", "guarded"]

ITEM_AREA = "ST_Area(ST_Transform(ST_Segmentize(geometry, 1), 6933))"
"""Square metres of an Item's geometry: edges are straight in longitude and latitude."""
ITEM_GEOMETRY = "coalesce(private->>'geometry', ST_AsGeoJSON(geometry, 20))"
"""An Item's geometry as it was sent, GeoJSON."""
_PREDICATE = re.compile(
    r"\b(st_(?:contains|crosses|disjoint|equals|intersects|overlaps|touches|within))\(geometry,", re.IGNORECASE
)


def guarded(sql: str) -> str:
    """The statement with functions that never fail on a geometry; unchanged where it calls none that may."""
    return _PREDICATE.sub(r"atlas.\1(geometry,", sql.replace(ITEM_AREA, "atlas.area(geometry)"))
