"""Values at points and patches as a map, to be drawn like those of pixels."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from atlas.errors import RestoreError
from atlas.formats.geometry import DEGREES
from atlas.uses.blocks import MISSING
from atlas.uses.pictures import draw

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["draw_presence", "map_of_places"]

SIDE = 700
"""Pixels of the longer side."""
DOT = 5.0
"""Radius of a point, and of a patch that is smaller, in pixels."""
AROUND = 500.0
"""Metres to each side of a single point."""
WIDEST = 12.0
"""Degrees of longitude that are drawn in metres of one UTM zone; wider maps are drawn in degrees."""


def map_of_places(
    ground: npt.NDArray[Any], values: npt.NDArray[Any], attrs: Mapping[str, Any], *, missing: float = np.nan
) -> "xr.DataArray":
    """Draw values where they lie, the last on top.

    Args:
        ground: points or footprints in degrees.
        values: one number each.
        attrs: of the map, for the attribution.
        missing: value elsewhere.

    Returns:
        Shape (y, x), georeferenced, for `atlas.uses.pictures.draw`.

    Raises:
        RestoreError: there is nothing to draw.
    """
    import geopandas as gpd
    import xarray as xr
    from odc.geo.geobox import GeoBox
    from odc.geo.xr import xr_coords
    from rasterio.features import rasterize

    there = ~(shapely.is_missing(ground) | shapely.is_empty(ground))
    places = gpd.GeoSeries(ground[there], crs=DEGREES)
    if places.empty:
        raise RestoreError("there is no place to draw")
    west, _, east, _ = places.total_bounds
    if east - west <= WIDEST:
        places = places.to_crs(places.estimate_utm_crs())
    left, bottom, right, top = places.total_bounds
    size = max(right - left, top - bottom, 1e-9) / SIDE
    edge = 2 * DOT * size
    if size < 1e-6:  # a single point
        size, edge = 2 * AROUND / SIDE, AROUND
    box = GeoBox.from_bbox((left - edge, bottom - edge, right + edge, top + edge), str(places.crs), resolution=size)
    small = shapely.area(places.array) < (2 * DOT * size) ** 2
    shapes = np.where(small, shapely.buffer(shapely.centroid(places.to_numpy()), DOT * size, quad_segs=4), places)
    image = rasterize(
        zip(shapes, values[there].astype(np.float64), strict=True),
        out_shape=box.shape,
        transform=box.affine,
        fill=missing,
        dtype="float64",
    )
    # For a map in degrees odc-geo would name the dimensions latitude and longitude.
    coords = {str(k): v for k, v in xr_coords(box, always_yx=True).items()}
    return xr.DataArray(image, dims=("y", "x"), coords=coords, attrs=dict(attrs))


def draw_presence(
    ground: npt.NDArray[Any], there: npt.NDArray[np.bool_], attrs: Mapping[str, Any], path: Path, title: str
) -> dict[str, Any] | None:
    """Draw which places have a vector; None where there is no place."""
    if not len(ground):
        return None
    order = np.argsort(there, kind="stable")  # places with a vector on top
    drawn = map_of_places(ground[order], (~there[order]).astype(np.float64), attrs, missing=MISSING)
    return draw(drawn, path, title, classes=["with a vector", "without"])
