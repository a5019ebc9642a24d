"""Make the land and country outlines of the site from Natural Earth.

    npm pack world-atlas@2.0.2 && tar xf world-atlas-2.0.2.tgz
    python scripts/make-natural-earth.py ne_110m_countries.geojson package site/content/natural-earth

Input: the 110 m admin-0 countries of Natural Earth 5.1 as GeoJSON with the property NAME, and the npm package
`world-atlas`, which holds the finer scales of Natural Earth 4.1 as TopoJSON.
Output: `land.json` (rings of the dissolved land, simplified to a quarter of a degree, for world maps),
`countries.json` (rings per country, rounded to a hundredth of a degree, for regional maps), `countries-50m.json`
(the same at 50 m as polygons, exterior rings clockwise, for maps that zoom) and `land-cells.json` (cells of one
degree in which there is land at 10 m: south edge of a row to west edge and length of each run).
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
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


def arcs(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Positions of the arcs of a TopoJSON file, which holds them as differences of whole numbers."""
    (kx, ky), (x0, y0) = (topology["transform"][k] for k in ("scale", "translate"))
    steps = (np.cumsum(np.array(arc), axis=0) for arc in topology["arcs"])
    return [[(x * kx + x0, y * ky + y0) for x, y in one.tolist()] for one in steps]


def geometry_of(entry: dict[str, Any], lines: list[list[tuple[float, float]]]) -> Geometry:
    """A polygonal geometry of a TopoJSON file; an arc with a negative number is run backwards."""

    def joined(ring: list[int]) -> list[tuple[float, float]]:
        return [p for i in ring for p in (lines[i] if i >= 0 else lines[~i][::-1])]

    polygons = [entry["arcs"]] if entry["type"] == "Polygon" else entry["arcs"]
    parts = [shapely.Polygon(joined(outer), [joined(r) for r in inner]) for outer, *inner in polygons]
    return unary_union([shapely.make_valid(p) for p in parts])


def fine_countries(topology: dict[str, Any]) -> list[dict[str, Any]]:
    """Countries as lists of polygons, each a list of rings, to a hundredth of a degree."""
    lines, found = arcs(topology), []
    for entry in topology["objects"]["countries"]["geometries"]:
        if not entry.get("arcs"):
            continue
        # Rounded before they are oriented: a ring that rounding reverses would be all of the globe except its inside.
        shapes = shapely.get_parts(shapely.set_precision(geometry_of(entry, lines).simplify(0.02), 0.01))
        kept = [
            shapely.orient_polygons(p, exterior_cw=True) for p in shapes if p.geom_type == "Polygon" and not p.is_empty
        ]
        polygons = [
            [[[round(x, 2), round(y, 2)] for x, y in r.coords] for r in (p.exterior, *p.interiors)] for p in kept
        ]
        if polygons:  # an island may be smaller than the rounding
            found.append({"name": entry["properties"]["name"], "polygons": polygons})
    return sorted(found, key=lambda c: str(c["name"]))


def land_cells(topology: dict[str, Any]) -> dict[int, list[int]]:
    """Runs of cells of one degree with land."""
    lines = arcs(topology)
    parts = shapely.get_parts([geometry_of(e, lines) for e in topology["objects"]["land"]["geometries"]])
    west, south = (g.ravel() for g in np.meshgrid(np.arange(-180, 180), np.arange(-90, 90)))
    cells = shapely.box(west, south, west + 1, south + 1)
    has = np.zeros(len(cells), dtype=bool)
    has[np.unique(shapely.STRtree(cells).query(parts, predicate="intersects")[1])] = True
    found: dict[int, list[int]] = {}
    for row, line in enumerate(has.reshape(180, 360)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        runs = [int(n) for a, b in zip(edges[::2], edges[1::2], strict=True) for n in (a - 180, b - a)]
        if runs:
            found[row - 90] = runs
    return found


def dump(path: Path, value: object) -> None:
    """Write compact JSON that ends with a line feed."""
    path.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")


def main(source: Path, atlas: Path, target: Path) -> None:
    """Read the countries at `source` and the finer scales in `atlas`, write the files into `target`."""
    features = json.loads(source.read_text("utf-8"))["features"]
    shapes = [(f["properties"], shape(f["geometry"]).buffer(0)) for f in features]
    land = unary_union([geometry for _, geometry in shapes]).simplify(TOLERANCE)
    kept = sorted((p for p in land.geoms if p.area >= SMALLEST), key=lambda p: p.bounds)
    dump(target / "land.json", [ring for polygon in kept for ring in rings(polygon, 2)])
    dump(
        target / "countries.json",
        [{"name": p["NAME"], "rings": rings(geometry.simplify(0.02), 2)} for p, geometry in shapes],
    )
    fine = json.loads((atlas / "countries-50m.json").read_text("utf-8"))
    dump(target / "countries-50m.json", fine_countries(fine))
    dump(target / "land-cells.json", land_cells(json.loads((atlas / "land-10m.json").read_text("utf-8"))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
