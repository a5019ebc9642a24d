"""Work on cubes chunk by chunk: from the vectors of a chunk to one number per pixel."""

from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import Identity, identity_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["MISSING", "Vectors", "checked", "classes_of", "each_pixel", "metric_of", "sampled"]

Vectors = npt.NDArray[np.float32]
METRICS = ("cosine", "dot", "euclidean")
MISSING = 255
"""Class of a pixel or patch without a vector."""


def checked(cube: "xr.DataArray") -> Identity:
    """The identity of a cube.

    Raises:
        IdentityError: the cube does not state it.
        RestoreError: it is not a cube of whole vectors.
    """
    if hasattr(cube, "data_vars"):  # a Dataset, or a DataTree
        inner = list(getattr(cube, "children", ()))
        what = "a Dataset: pass its array, dataset['embedding']"
        if inner:
            what = f"a tree of {', '.join(inner)}: pass tree['{inner[0]}']['embedding'], or open all with crs="
        raise RestoreError(f"a cube is one array, this is {what}")
    if hasattr(cube, "column_names"):
        msg = "a cube is one array of pixels, this is a table of patches: similar_rows, cluster_rows and classify_rows"
        msg += " work on those"
        raise RestoreError(msg)
    identity = identity_of(cube)
    if "dim" not in cube.dims or not {"y", "x"} <= set(cube.dims):
        raise RestoreError(f"a cube has the dimensions time, dim, y and x, this one {', '.join(map(str, cube.dims))}")
    have = cube.sizes["dim"]
    if have != identity.dimensions and have not in identity.prefixes:
        raise RestoreError(
            f"{have} of the {identity.dimensions} numbers of a vector: in the space '{identity.space}' a part of a "
            "vector means nothing (no 'prefix_of' relation names its length"
            + (f"; it may be truncated to {', '.join(map(str, identity.prefixes))})" if identity.prefixes else ")")
        )
    return identity


def metric_of(identity: Identity, metric: str | None) -> tuple[str, str]:
    """The metric given, or the first one that the producer recommends; and where it comes from.

    Raises:
        RestoreError: the metric is unknown.
    """
    if metric is not None and metric not in METRICS:
        raise RestoreError(f"there is no metric '{metric}'; there are {', '.join(METRICS)}")
    stated = next((m for m in identity.similarity if m in METRICS), None)
    if metric is not None:
        return metric, "asked for"
    return (stated, "the producer's") if stated else ("cosine", "not stated by the producer")


def each_pixel(
    cube: "xr.DataArray", work: Callable[[Vectors], npt.NDArray[Any]], dtype: npt.DTypeLike, name: str
) -> "xr.DataArray":
    """Apply a function to the vectors of each chunk, shape (n, dimensions), rows with NaN among them.

    Returns:
        Lazy where the cube is; the dimensions of the cube without `dim`, and its attributes.
    """
    import dask.array as da
    import xarray as xr

    axis = cube.dims.index("dim")
    left = [d for d in cube.dims if d != "dim"]

    def on_block(values: Vectors) -> npt.NDArray[Any]:
        last = np.moveaxis(values, axis, -1)
        return np.asarray(work(last.reshape(-1, last.shape[-1])), dtype).reshape(last.shape[:-1])

    data: Any = cube.data
    if cube.chunks is not None:
        # apply_ufunc would copy each chunk once more to join the one chunk that a vector lies in.
        whole = data.rechunk({axis: -1})
        data = da.map_blocks(  # type: ignore[no-untyped-call] # Dask types little
            on_block, whole, drop_axis=axis, dtype=np.dtype(dtype), meta=np.empty((0,) * len(left), dtype)
        )
    else:
        data = on_block(data)
    coords = {k: v for k, v in cube.coords.items() if "dim" not in v.dims}
    return xr.DataArray(data, dims=left, coords=coords, name=name, attrs=dict(cube.attrs))


def classes_of(predict: Callable[[Vectors], npt.NDArray[Any]], vectors: Vectors) -> npt.NDArray[np.uint8]:
    """The class of each vector, `MISSING` where a number is missing."""
    found = np.full(len(vectors), MISSING, np.uint8)
    there = np.isfinite(vectors).all(axis=1)
    if there.any():
        found[there] = predict(vectors[there])
    return found


def sampled(cube: "xr.DataArray", count: int, seed: int) -> Vectors:
    """At most `count` vectors of a cube, chosen at random among those that exist, chunk by chunk."""
    random = np.random.default_rng(seed)
    parts = list(_chunks(cube))
    share = -(-count // max(1, len(parts)))
    kept = []
    for part in parts:
        values = part.transpose(..., "dim").values.reshape(-1, part.sizes["dim"])
        values = values[np.isfinite(values).all(axis=1)]
        if len(parts) > 1 and len(values) > share:
            values = values[np.sort(random.choice(len(values), share, replace=False))]
        kept.append(values)
    found = np.concatenate(kept) if kept else np.empty((0, cube.sizes["dim"]), np.float32)
    if len(found) > count:
        found = found[np.sort(random.choice(len(found), count, replace=False))]
    if not len(found):
        raise RestoreError("there is no vector in this cube: every pixel is missing")
    return np.ascontiguousarray(found)


def _chunks(cube: "xr.DataArray") -> "Iterator[xr.DataArray]":
    if cube.chunks is None:
        yield cube
        return
    for at in product(*(pairwise(np.cumsum([0, *sizes]).tolist()) for sizes in cube.chunks)):
        yield cube.isel({name: slice(*span) for name, span in zip(cube.dims, at, strict=True)})
