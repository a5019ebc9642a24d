"""Areas of map classes, estimated from a reference sample and not by counting pixels alone."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Areas", "estimated", "patch_areas", "pixel_areas", "stratified_areas"]

Floats = npt.NDArray[np.float64]
OVERLAP = 0.01
"""Share of the footprints' area that may be covered twice, as corners of tiles in neighbouring zones are."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of classes, in the unit of the mapped areas.

    Attributes:
        mapped: as the map has them.
        estimated: corrected by the sample.
        error: standard error of the estimate.
        low, high: 95 % confidence interval.
        overall: overall accuracy, the share of the ground that is mapped correctly.
        users: user's accuracy of each class, the share of what is mapped as the class that is the class.
        producers: producer's accuracy of each class, the share of the class that is mapped as the class.
    """

    mapped: Floats
    estimated: Floats
    error: Floats
    low: Floats
    high: Floats
    overall: float
    users: Floats
    producers: Floats


def stratified_areas(counts: npt.ArrayLike, mapped: npt.ArrayLike) -> Areas:
    """Stratified estimator of areas and accuracies.

    Olofsson et al. 2014, https://doi.org/10.1016/j.rse.2014.02.015, equations 1 to 3 (accuracies) and 9 to 11 (areas):
    the strata are the classes of the map.

    Args:
        counts: shape (classes, classes): sampled places by mapped class (row) and true class (column).
        mapped: area of each class in the map.

    Raises:
        RestoreError: a class of the map has fewer than two sampled places.
    """
    n = np.asarray(counts, np.float64)
    area = np.asarray(mapped, np.float64)
    per_row = n.sum(axis=1)
    if n.shape != (len(area), len(area)) or ((per_row < 2) & (area > 0)).any():
        thin = np.flatnonzero((per_row < 2) & (area > 0)).tolist() if n.shape == (len(area), len(area)) else []
        raise RestoreError(
            f"class {thin[0] + 1} of the map has {int(per_row[thin[0]])} sampled places, at least 2 are needed"
            if thin
            else f"counts of shape {n.shape} for {len(area)} classes"
        )
    total = area.sum()
    weight = area / total
    rows = np.where(per_row > 0, per_row, 1)
    share = weight[:, np.newaxis] * n / rows[:, np.newaxis]
    proportion = share.sum(axis=0)
    spread = np.where(per_row > 1, per_row - 1, 1)[:, np.newaxis]
    inner = weight[:, np.newaxis] * share - share**2
    error = np.sqrt(np.maximum(inner, 0) / spread).astype(np.float64)
    standard = np.sqrt((error**2).sum(axis=0)) * total
    estimated = proportion * total
    with np.errstate(invalid="ignore", divide="ignore"):
        users, producers = np.diag(n) / per_row, np.diag(share) / proportion
    return Areas(
        area,
        estimated,
        standard,
        estimated - 1.96 * standard,
        estimated + 1.96 * standard,
        float(np.trace(share)),
        users,
        producers,
    )


def estimated(mapped: Floats, counts: npt.ArrayLike) -> tuple[Areas | None, str]:
    """The areas of `stratified_areas`, or None and why there are none."""
    try:
        return stratified_areas(counts, mapped), ""
    except RestoreError as error:
        return None, str(error)


def pixel_areas(mapped: "xr.DataArray", count: int) -> Floats:
    """Square metres of each class of a map, in its last time step."""
    last = mapped.isel(time=-1) if "time" in mapped.dims else mapped
    of = np.zeros(count)
    values = last.transpose("y", "x").data
    size = _pixel_area(mapped)
    edges = np.cumsum([0, *(last.transpose("y", "x").chunks or ((last.sizes["y"],),))[0]])
    for top, bottom in pairwise(edges):
        part = np.asarray(values[top:bottom])
        for k in range(count):
            of[k] += float(((part == k).sum(axis=1) * size[top:bottom]).sum())
    return of


def patch_areas(ground: npt.NDArray[Any], classes: npt.NDArray[np.uint8], count: int) -> Floats | str:
    """Square metres of the footprints of each class, on the ellipsoid; or why there are none.

    Args:
        ground: footprints in degrees.
        classes: index of the class of each.
        count: number of classes.
    """
    import shapely
    from pyproj import Geod

    if (shapely.get_dimensions(ground) < 2).all():
        return "the patches are points without footprints, so the table does not state their area"
    tree = shapely.STRtree(ground)
    one, other = tree.query(ground, predicate="intersects")
    pairs = one < other
    total = float(np.nansum(shapely.area(ground)))
    twice = float(np.nansum(shapely.area(shapely.intersection(ground[one[pairs]], ground[other[pairs]]))))
    if twice > OVERLAP * total:
        return f"the footprints overlap ({twice / total:.0%} of their area): their ground would be counted twice"
    geod = Geod(ellps="WGS84")
    of = np.zeros(count)
    for k in range(count):
        for place in ground[classes == k]:
            of[k] += abs(geod.geometry_area_perimeter(place)[0])
    return of


def _pixel_area(mapped: "xr.DataArray") -> npt.NDArray[np.float64]:
    """Square metres of the pixels of each row."""
    box = mapped.odc.geobox
    wide, high = abs(box.resolution.x), abs(box.resolution.y)
    if not box.crs.geographic:
        unit = 1.0 if box.crs.units[0] in {"metre", "m", "meter"} else 0.3048
        return np.full(box.height, wide * high * unit**2)
    from pyproj import Geod

    middles = mapped.y.values
    geod = Geod(ellps="WGS84")
    found = [
        abs(
            geod.polygon_area_perimeter([0, wide, wide, 0], [y - high / 2, y - high / 2, y + high / 2, y + high / 2])[0]
        )
        for y in middles
    ]
    return np.array(found)
