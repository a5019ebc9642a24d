"""The same statement for a table that has a row with a geometry which PostGIS cannot read.

Such a row, of which there should be none, makes PostGIS fail every statement that meets it. The functions of the schema
`atlas` cost more, so a statement uses them only once it has failed.
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
    """The statement with functions that fail on no geometry; itself where it has none that may fail."""
    return _PREDICATE.sub(r"atlas.\1(geometry,", sql.replace(ITEM_AREA, "atlas.area(geometry)"))
