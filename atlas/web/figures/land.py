"""Land outlines, countries and graticules, projected. Source: Natural Earth, see `site/content/natural-earth`."""

import json
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon, box

from atlas.resources import data_dir
from atlas.web.figures.projection import WORLD, Canvas, line, ring

__all__ = [
    "antarctica",
    "country_shapes",
    "fine_countries",
    "graticule",
    "land_shape",
    "outline",
    "regional_countries",
    "warm_land",
    "world_land",
]

_SOUTHERNMOST = -60.0
"""Latitude south of which land is Antarctica, where no product is drawn."""


@cache
def _load(name: str) -> Any:  # noqa: ANN401 - what the JSON file holds
    return json.loads((data_dir("site") / "content" / "natural-earth" / f"{name}.json").read_text("utf-8"))


def _land(*, south: bool) -> str:
    rings = (np.asarray(r, dtype=float) for r in _load("land"))
    kept = (r for r in rings if (r[:, 1].max() < _SOUTHERNMOST) == south)
    return "".join(ring(*WORLD.project(r[:, 0], r[:, 1])) for r in kept)


@cache
def world_land() -> str:
    """Path data of the land on the world canvas, without Antarctica."""
    return _land(south=False)


@cache
def antarctica() -> str:
    """Path data of Antarctica on the world canvas."""
    return _land(south=True)


@cache
def country_shapes() -> dict[str, shapely.Geometry]:
    """Countries by name, in degrees."""
    return {
        c["name"]: shapely.union_all([shapely.make_valid(Polygon(points)) for points in c["rings"]])
        for c in _load("countries")
    }


@cache
def land_shape() -> shapely.Geometry:
    """All land, in degrees."""
    return shapely.union_all(list(country_shapes().values()))


@cache
def warm_land() -> shapely.Geometry:
    """All land except Antarctica, in degrees, simplified to a quarter of a degree."""
    return shapely.intersection(land_shape(), shapely.box(-180, _SOUTHERNMOST, 180, 90)).simplify(0.25)


def fine_countries() -> dict[str, Any]:
    """Countries at 1:50 million as a GeoJSON collection, with clockwise exterior rings as D3 expects."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": c["name"]},
            "geometry": {"type": "MultiPolygon", "coordinates": c["polygons"]},
        }
        for c in _load("countries-50m")
    ]
    return {"type": "FeatureCollection", "features": features}


@cache
def outline() -> str:
    """Path data of the edge of the world on the world canvas."""
    side = np.linspace(-90, 90, 61)
    lon = np.concatenate([np.full(61, -180.0), np.full(61, 180.0)])
    return ring(*WORLD.project(lon, np.concatenate([side, side[::-1]])))


@cache
def graticule() -> str:
    """Path data of meridians and parallels on the world canvas."""
    side = np.linspace(-90, 90, 61)
    meridians = [line(*WORLD.project(np.full(61, float(lon)), side)) for lon in range(-150, 180, 30)]
    ends = np.array([-180.0, 180.0])
    parallels = [line(*WORLD.project(ends, np.full(2, float(lat)))) for lat in range(-60, 90, 30)]
    return "".join(meridians + parallels)


def _window(canvas: Canvas, west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box in degrees that is large enough for everything that the canvas can show."""
    pad_lon, pad_lat = max(8.0, (east - west) * 1.6), max(6.0, (north - south) * 1.2)
    return box(west - pad_lon, max(-90, south - pad_lat), east + pad_lon, min(90, north + pad_lat))


@cache
def regional_countries(canvas: Canvas, west: float, south: float, east: float, north: float) -> str:
    """Path data of the countries around a box, on a regional canvas."""
    window = _window(canvas, west, south, east, north)
    frame = box(0, 0, canvas.width, canvas.height)
    data = []
    for country in _load("countries"):
        for points in country["rings"]:
            polygon = Polygon(points)
            if not polygon.intersects(window):
                continue
            # Long edges are divided, as they are curves in the projection.
            seen = shapely.segmentize(shapely.make_valid(polygon).intersection(window), 0.5)
            for part in getattr(seen, "geoms", [seen]):
                if part.geom_type != "Polygon":
                    continue
                lonlat = np.asarray(part.exterior.coords)
                x, y = canvas.project(lonlat[:, 0], lonlat[:, 1])
                drawn = shapely.make_valid(Polygon(np.column_stack([x, y]))).intersection(frame)
                data += [
                    ring(*np.asarray(p.exterior.coords).T[:2])
                    for p in getattr(drawn, "geoms", [drawn])
                    if p.geom_type == "Polygon"
                ]
    return "".join(data)
