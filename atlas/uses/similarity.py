"""Similarity to a place, an area or examples of pixels, chunk by chunk."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.pixels import PixelGrid
from atlas.read.identity import Identity
from atlas.read.points import Places, shapes_of
from atlas.read.restore import normalized
from atlas.uses.blocks import Vectors, checked, each_pixel, metric_of

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr

_ROWS = 512
"""Vectors that are compared at a time: few enough to stay in the cache while products and lengths are computed."""

__all__ = ["Reference", "areas_of", "reference", "scores", "similar", "vectors_at_points"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Vectors to be compared with.

    Attributes:
        positive: shape (n, dimensions).
        negative: shape (m, dimensions); m may be 0.
        identity: of the vectors.
    """

    positive: Vectors
    negative: Vectors
    identity: Identity

    def query(self, metric: str) -> tuple[Vectors, Vectors | None]:
        """The means of the examples and of the counter-examples; for cosine, of unit vectors and scaled to length 1."""
        found = []
        for vectors in (self.positive, self.negative):
            mean = (normalized(vectors) if metric == "cosine" else vectors).mean(axis=0) if len(vectors) else None
            found.append(normalized(mean[np.newaxis])[0] if mean is not None and metric == "cosine" else mean)
        if found[0] is None:
            raise RestoreError("a reference needs at least one example")
        return found[0], found[1]


def reference(cube: "xr.DataArray", like: Places, unlike: Places = None, *, year: int | None = None) -> Reference:
    """Vectors of a cube at places.

    Args:
        cube: of `atlas.open`.
        like: one or several (longitude, latitude), shapely points or polygons in degrees, or a frame in any CRS; a
            polygon stands for every pixel with its centre inside.
        unlike: counter-examples, likewise.
        year: the time step that they are taken from; by default the last.

    Raises:
        RestoreError: a place has no vector.
        IdentityError: the cube does not state its identity.
    """
    identity = checked(cube)
    step = _step(cube, year)
    positive = _vectors_at(step, like)
    negative = _vectors_at(step, unlike) if unlike is not None else positive[:0]
    return Reference(positive, negative, identity)


def similar(
    cube: "xr.DataArray", to: Reference, *, metric: str | None = None, accept_licences: bool = False
) -> "xr.DataArray":
    """How similar every pixel is to a reference.

    The score of a pixel is its similarity to the mean of the examples minus that to the mean of the counter-examples;
    `euclidean` distances are negated, so that a higher score always means more similar.

    Args:
        cube: of `atlas.open`; processed chunk by chunk.
        to: a `reference` from this cube or from another in the same space.
        metric: `cosine`, `dot` or `euclidean`; by default the one that the producer recommends.
        accept_licences: see `atlas.open`.

    Returns:
        Shape (time, y, x) float32; NaN where there is no vector. Scores of one space may all be high or all low:
        look at their ranks.

    Raises:
        SpaceMismatch: the reference lies in another space.
        IdentityError: the cube does not state its identity, or licences are not compatible.
    """
    identity = checked(cube).with_others([to.identity], accept_licences=accept_licences)
    name, why = metric_of(identity, metric)
    score = each_pixel(cube, partial(scores, metric=name, query=to.query(name)), np.float32, "similarity")
    step = f"similarity to {len(to.positive)} examples and {len(to.negative)} counter-examples, {name} ({why})"
    score.attrs = identity.done(step).attributes()
    return score


def scores(vectors: Vectors, *, metric: str, query: tuple[Vectors, Vectors | None]) -> npt.NDArray[np.float32]:
    """How similar vectors are to a query of `Reference`: shape (n,), NaN where there is no vector."""
    total = np.empty(len(vectors), np.float32)
    for begin in range(0, len(vectors), _ROWS):
        rows = slice(begin, begin + _ROWS)
        total[rows] = _scores(vectors[rows], metric, query)
    return total


def _scores(vectors: Vectors, metric: str, query: tuple[Vectors, Vectors | None]) -> npt.NDArray[np.float32]:
    total = np.zeros(len(vectors), np.float32)
    for sign, one in zip((1, -1), query, strict=True):
        if one is None:
            continue
        if metric == "euclidean":
            total -= sign * np.linalg.norm(vectors - one, axis=1)
        else:
            total += sign * (vectors @ one)
    if metric == "cosine":
        length = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
        total = np.divide(total, length, out=np.full_like(total, np.nan), where=length > 0)
    return np.asarray(total)


def areas_of(places: Places) -> "gpd.GeoSeries":
    """Points and areas with a CRS, from one or several pairs of longitude and latitude, shapely geometries in degrees,
    or a frame in any CRS.

    Raises:
        RestoreError: they have no CRS, or are not geometries.
    """
    import geopandas as gpd

    if not isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
        places = gpd.GeoSeries(shapes_of(places), crs="OGC:CRS84")
    if places.crs is None:
        raise RestoreError("the places have no CRS: set one with set_crs")
    return places.geometry


def _vectors_at(step: "xr.DataArray", places: Places) -> Vectors:
    places = areas_of(places)
    box = step.odc.geobox
    rows: list[int] = []
    columns: list[int] = []
    points = places[places.geom_type == "Point"].to_crs("OGC:CRS84")
    if len(points):
        r, col, inside = _grid(step).locate(points.x.to_numpy(), points.y.to_numpy())
        if not inside.all():
            lost = points[~inside].iloc[0]
            raise RestoreError(f"{lost.x}, {lost.y} lies outside the cube")
        rows, columns = r.tolist(), col.tolist()
    areas = places[places.geom_type != "Point"].to_crs(str(box.crs))
    if len(areas):
        from rasterio.features import rasterize

        mask = rasterize([(g, 1) for g in areas], out_shape=(box.height, box.width), transform=box.affine, fill=0)
        r, col = np.nonzero(mask)
        rows, columns = rows + r.tolist(), columns + col.tolist()
    if not rows:
        raise RestoreError("no pixel of the cube has its centre in these places")
    vectors = _picked(step, rows, columns)
    usable = np.isfinite(vectors).all(axis=1)
    if not usable.any():
        raise RestoreError("there is no vector at these places: their pixels are missing")
    return vectors[usable]


def vectors_at_points(
    cube: "xr.DataArray", points: "gpd.GeoDataFrame", year: int | None = None
) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    """Vectors of the pixels that hold points in degrees, shape (n, dimensions), and which points have one."""
    step = _step(cube, year)
    rows, columns, inside = _grid(step).locate(points.geometry.x.to_numpy(), points.geometry.y.to_numpy())
    vectors = _picked(step, np.where(inside, rows, 0).tolist(), np.where(inside, columns, 0).tolist())
    return vectors, np.asarray(inside & np.isfinite(vectors).all(axis=1))


def _step(cube: "xr.DataArray", year: int | None) -> "xr.DataArray":
    """One step of time, by default the last."""
    if "time" not in cube.dims:
        return cube
    if year is None:
        return cube.isel(time=-1)
    at = np.flatnonzero(cube.time.dt.year.values == year)
    if not len(at):
        raise RestoreError(f"the cube has no year {year}; it has {', '.join(map(str, cube.time.dt.year.values))}")
    return cube.isel(time=int(at[0]))


def _grid(step: "xr.DataArray") -> PixelGrid:
    box = step.odc.geobox
    a, b, c, d, e, f = (float(v) for v in list(box.affine)[:6])
    return PixelGrid(str(box.crs), (a, b, c, d, e, f), box.height, box.width)


def _picked(step: "xr.DataArray", rows: list[int], columns: list[int]) -> Vectors:
    import xarray as xr

    picked = step.isel(y=xr.DataArray(rows, dims="place"), x=xr.DataArray(columns, dims="place"))
    vectors: Vectors = picked.transpose("place", "dim").values
    return vectors
