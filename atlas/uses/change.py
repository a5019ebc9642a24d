"""Change between two years in one vector space, compared with how the product varies without change."""

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from atlas.errors import RestoreError
from atlas.read.identity import Identity
from atlas.uses.blocks import checked, metric_of
from stac_emb.boxes import halves

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["change", "distance"]

SPREAD = 1.4826
"""Standard deviation of a normal distribution divided by its median absolute deviation."""


def change(
    cube: "xr.DataArray", first: int, second: int, *, metric: str | None = None, times: float = 3.0
) -> "xr.Dataset":
    """How far each pixel moved between two years.

    No product states which distance is a change. With three years or more, a pixel's noise is the median distance
    between its consecutive years, without the pair that is asked for; with two years, the noise is the median of all
    pixels, which assumes that most of the ground did not change. A pixel counts as changed where its distance exceeds
    the noise by `times` standard deviations, robustly estimated over all pixels (1.4826 times the median absolute
    deviation).

    Args:
        cube: of `atlas.open`.
        first: year.
        second: year.
        metric: `cosine` (one minus the cosine) or `euclidean`; by default the one that the producer recommends.
        times: see above.

    Returns:
        `distance`, `noise`, `changed` (0, 1; 255 where a year has no vector) and `artefact` (1 inside the box of a
        known issue whose place and years are stated), each of shape (y, x). All known issues are named in the
        attributes; a change inside an artefact may be due to it.

    Raises:
        RestoreError: the cube lacks a year, both years are the same, or no pixel has a vector in both.
        SpaceMismatch: the years lie in different spaces.
    """
    import xarray as xr

    identity = checked(cube)
    name, why = metric_of(identity, metric)
    if name == "dot":
        name, why = "cosine", f"for dot, {why}"
    if first == second:
        raise RestoreError(f"a change needs two different years, not {first} twice")
    years = cube.time.dt.year.values.tolist()
    if missing := [y for y in (first, second) if years.count(y) != 1]:
        msg = f"the cube has the year {missing[0]} {years.count(missing[0])} times; it has {', '.join(map(str, years))}"
        raise RestoreError(msg)
    step = {y: cube.isel(time=years.index(y), drop=True) for y in years}
    pairs = [(first, second), *(p for p in pairwise(sorted(step)) if set(p) != {first, second})]
    # Computed together: each block is read once, not once per pair of years. One number per pixel remains.
    of = xr.Dataset({f"{k}": distance(step[a], step[b], name) for k, (a, b) in enumerate(pairs)}).compute()
    moved, *others = of.data_vars.values()
    if not moved.notnull().any():
        raise RestoreError(f"no pixel has a vector in both {first} and {second}: there is nothing to compare")
    if len(others) > 1 or (others and len(step) > 2):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a pixel without any vector has no median
            noise = xr.concat(others, "pair", coords="minimal", compat="override").median("pair")
        how = f"each pixel's median over {len(others)} other pairs of years"
    else:
        noise = xr.full_like(moved, 1.0) * moved.median(skipna=True)
        how = "the median of all pixels: the cube has only two years"
    excess = moved - noise
    middle = float(excess.median(skipna=True))
    spread = SPREAD * float(abs(excess - middle).median(skipna=True))
    there = moved.notnull() & noise.notnull()
    changed = (excess > max(middle, 0) + times * spread).astype(np.uint8).where(there, 255).astype(np.uint8)
    found = xr.Dataset({"distance": moved.astype("float32"), "noise": noise.astype("float32"), "changed": changed})
    found["artefact"] = _artefacts(found["distance"], identity, {first, second})
    found.attrs = identity.done(
        f"{name} distance ({why}) between {first} and {second}; noise: {how}; changed: {times:g} deviations of "
        f"{spread:.3g} above it"
    ).attributes()
    for one in found.data_vars.values():
        one.attrs = dict(found.attrs)
    return found


def _artefacts(of: "xr.DataArray", identity: Identity, years: set[int]) -> "xr.DataArray":
    """1 at pixels with their centre in the box of a known issue that concerns one of the years."""
    import shapely
    from pyproj import Transformer
    from rasterio.features import rasterize
    from rasterio.warp import transform_bounds

    grid = of.odc.geobox
    bounds = transform_bounds(str(grid.crs), "OGC:CRS84", *grid.boundingbox.bbox)
    here = shapely.box(*bounds).buffer(0.1) if bounds[0] <= bounds[2] else shapely.box(-180, -90, 180, 90)
    way = Transformer.from_crs("OGC:CRS84", str(grid.crs), always_xy=True)
    places = []
    for _, box, concerned in identity.artefacts:
        if concerned and not years & set(concerned):
            continue
        for half in halves(box):
            part = shapely.box(*half) & here
            if part.area:
                fine = shapely.segmentize(part, 0.01)
                places.append(shapely.transform(fine, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1]))))
    mark = np.zeros(of.shape, np.uint8)
    if places:
        mark = rasterize(places, out_shape=of.shape, transform=grid.affine, default_value=1, dtype="uint8")
    return of.copy(data=mark).rename("artefact")


def distance(a: "xr.DataArray", b: "xr.DataArray", metric: str) -> "xr.DataArray":
    """Distance of vectors along `dim`: for cosine half the squared difference of unit vectors, which equals one minus
    the cosine without the cancellation of digits.
    """
    if metric == "euclidean":
        return ((a - b) ** 2).sum("dim", skipna=False) ** 0.5
    units = [v / (v**2).sum("dim", skipna=False) ** 0.5 for v in (a, b)]
    return ((units[0] - units[1]) ** 2).sum("dim", skipna=False) / 2
