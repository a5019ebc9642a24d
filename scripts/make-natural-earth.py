"""Make the land and country outlines of the site from Natural Earth.

    python scripts/make-natural-earth.py ne_110m_countries.geojson site/content/natural-earth

Input: the 110 m admin-0 countries of Natural Earth 5.1 as GeoJSON with the property NAME.
Output: `land.json` (rings of the dissolved land, simplified to a quarter of a degree, for world maps) and
`countries.json` (rings per country, rounded to a hundredth of a degree, for regional maps).
"""

import json
import sys
from pathlib import Path

from shapely import Geometry, unary_union
from shapely.geometry import shape

__all__ = ["main"]

TOLERANCE = 0.25
"""Degrees: about one pixel on a world map 1,400 pixels wide."""
SMALLEST = 0.15
"""Square degrees: smaller islands would be a dot without a shape."""


def rings(geometry: Geometry, digits: int) -> list[list[list[float]]]:
    """Rings of a polygonal geometry, outer ones and holes alike (drawn with the even-odd rule)."""
    return [
        [[round(x, digits), round(y, digits)] for x, y in ring.coords]
        for polygon in getattr(geometry, "geoms", [geometry])
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def dump(path: Path, value: object) -> None:
    """Write compact JSON that ends with a line feed."""
    path.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")


def main(source: Path, target: Path) -> None:
    """Read the countries at `source`, write the two files into `target`."""
    features = json.loads(source.read_text("utf-8"))["features"]
    shapes = [(f["properties"], shape(f["geometry"]).buffer(0)) for f in features]
    land = unary_union([geometry for _, geometry in shapes]).simplify(TOLERANCE)
    kept = sorted((p for p in land.geoms if p.area >= SMALLEST), key=lambda p: p.bounds)
    dump(target / "land.json", [ring for polygon in kept for ring in rings(polygon, 2)])
    dump(
        target / "countries.json",
        [{"name": p["NAME"], "rings": rings(geometry.simplify(0.02), 2)} for p, geometry in shapes],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
