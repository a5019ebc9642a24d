"""The stated extent of a product as a shape: all land, the countries that it names, or nothing to draw.

A box only says where a product is not, and would tint seas. So a box around the whole world is drawn as land where the
product is stated to be complete, and not at all where the covered parts of the world are not stated.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from atlas.answers.stated import completeness, envelope_parts
from atlas.answers.verdicts import Verdict
from atlas.records import Product
from atlas.records.delivery import is_encoder
from atlas.web.figures.land import country_shapes, land_shape
from atlas.web.figures.projection import Canvas, ring
from stac_emb.boxes import halves

__all__ = ["GLOBAL_SPAN", "StatedPlace", "shape_path", "stated_place"]

GLOBAL_SPAN = 350
"""Degrees of longitude from which a stated box counts as the whole world."""


@dataclass(frozen=True)
class StatedPlace:
    """A stated extent for drawing.

    Attributes:
        kind: `land` of the whole world, `region`, or `somewhere` where the covered parts are not stated.
        whole: whether it is stated to be complete there, in any year.
        shape: longitude and latitude in degrees; for `land` the boxes around it.
    """

    kind: str
    whole: bool
    shape: shapely.Geometry
    name: str


def stated_place(product: Product) -> StatedPlace | None:
    """How the stated extent of a product is drawn; None without an extent, and for location encoders."""
    extent = product.extent
    if extent is None or is_encoder(product):
        return None
    whole = completeness(product, None).verdict in (Verdict.YES, Verdict.PARTLY)
    boxes = shapely.union_all(envelope_parts(extent))
    stated = [(b[0], b[1], b[2], b[3]) for b in extent.bbox[1:] or extent.bbox]
    if any(sum(half[2] - half[0] for half in halves(b)) >= GLOBAL_SPAN for b in stated):
        return StatedPlace("land" if whole else "somewhere", whole, boxes, extent.place)
    named = [shape for name, shape in country_shapes().items() if _named(name, extent.place)]
    shape = shapely.intersection(shapely.union_all(named) if named else land_shape(), boxes)
    return StatedPlace("region", whole, boxes if shape.is_empty else shape, extent.place)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    short = name.split(" of ")[0]  # "United States" for the United States of America
    return re.compile(rf"(?<!\w)({re.escape(name)}|{re.escape(short)})(?!\w)")


def _named(country: str, place: str) -> bool:
    return _pattern(country).search(place) is not None


def shape_path(canvas: Canvas, shape: shapely.Geometry) -> str:
    """Path of the polygons of a shape in degrees; long edges are divided, as they are curves in the projection."""
    data = []
    for part in shapely.get_parts(shapely.segmentize(shape, 2.0)):
        if part.geom_type == "Polygon":
            for edge in (part.exterior, *part.interiors):
                lon, lat = np.asarray(edge.coords).T[:2]
                data.append(ring(*canvas.project(lon, lat)))
    return "".join(data)
