"""Vectors as data sets of TorchGeo: pixels by place and time for its samplers, patches one by one."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.errors import RestoreError
from atlas.read.identity import Identity, identity_of
from atlas.read.opening import open_vectors
from atlas.read.patches import matrix, table_identity

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

__all__ = ["to_torchgeo"]


def to_torchgeo(
    items: object,
    *,
    time_series: bool = False,
    transforms: Any = None,  # noqa: ANN401 - a function of TorchGeo's samples
    **options: Any,  # noqa: ANN401 - those of atlas.open
) -> Any:  # noqa: ANN401 - TorchGeo ships its types only where it is installed
    """A data set of TorchGeo (0.10 or newer), read lazily through `atlas.open`: dequantised, masked, north up.

    Args:
        items: as for `atlas.open`; or what it returned.
        time_series: for pixels, whether a sample may hold several years, as an additional first dimension.
        transforms: applied to each sample.
        options: as for `atlas.open`; pixels in several CRS need `crs`.

    Returns:
        For pixels a `GeoDataset`: `dataset[x, y, t]` gives `image` (dimensions, y, x) float32, by nearest neighbour
        where another resolution is asked for, NaN where there is no vector; `valid` (y, x); `bounds`; `transform`. For
        patches a `NonGeoDataset`: `embedding`, `x`, `y` in degrees and `t` in seconds; rows without a vector are left
        out. Both have `identity`.

    Raises:
        RestoreError: TorchGeo is not installed, or as for `atlas.open`.
    """
    import pyarrow as pa
    import xarray as xr

    try:
        geo, torch = import_module("torchgeo.datasets"), import_module("torch")
    except ImportError as error:
        msg = f"to_torchgeo needs TorchGeo, which is not installed here ({error}): pip install torchgeo"
        raise RestoreError(msg) from None
    already = isinstance(items, xr.DataArray | xr.DataTree | pa.Table)
    opened = items if already else open_vectors(items, **options)
    if isinstance(opened, xr.DataTree):
        raise RestoreError(f"the tiles lie in {', '.join(opened.children)}: one data set has one CRS; pass crs=")
    if isinstance(opened, xr.DataArray):
        return _pixels(geo, torch, opened, transforms, time_series=time_series)
    return _patches(geo, torch, opened, transforms)


def _pixels(geo: Any, torch: Any, cube: "xr.DataArray", transforms: Any, *, time_series: bool) -> Any:  # noqa: ANN401
    import geopandas as gpd
    import pandas as pd
    import shapely
    from rasterio.transform import from_origin

    of = identity_of(cube)
    box = cube.odc.geobox
    begin = pd.DatetimeIndex(cube.time.values)
    # A step is taken to last one year: the cube does not keep the end that its Items state.
    end = begin + pd.DateOffset(years=1) - pd.Timedelta(seconds=1)
    spans = pd.IntervalIndex.from_arrays(begin, end, closed="both", name="datetime")

    class Vectors(geo.GeoDataset):  # type: ignore[misc] # TorchGeo's class
        """Pixels of one space."""

        identity: Identity = of

        def __init__(self) -> None:
            super().__init__()
            self.paths: list[str] = []
            shape = shapely.box(*box.boundingbox.bbox)
            self.index = gpd.GeoDataFrame(index=spans, geometry=[shape] * len(spans), crs=str(box.crs))
            self._res = (abs(box.resolution.x), abs(box.resolution.y))

        def __getitem__(self, index: Any) -> dict[str, Any]:  # noqa: ANN401 - slices
            x, y, t = self._disambiguate_slice(index)
            steps = np.flatnonzero((begin <= t.stop) & (end >= t.start))
            if not len(steps):
                msg = f"no step of time lies in {t.start} to {t.stop}; there are {', '.join(map(str, begin.date))}"
                raise IndexError(msg)
            if len(steps) > 1 and not time_series:
                raise IndexError(
                    f"{t.start} to {t.stop} holds {len(steps)} steps of time: ask for one, or open with "
                    "time_series=True"
                )
            part = cube.isel(time=steps if time_series else int(steps[0]))
            image = np.ascontiguousarray(_on_grid(part, x, y).values, np.float32)
            if not image.size:
                raise IndexError(f"{x.start} to {x.stop}, {y.start} to {y.stop} holds no pixel")
            sample = {
                "image": torch.from_numpy(image),
                "valid": torch.from_numpy(np.isfinite(image).all(axis=-3)),
                "bounds": self._slice_to_tensor(index),
                "transform": torch.tensor(from_origin(x.start, y.stop, x.step, y.step)),
            }
            return transforms(sample) if transforms is not None else sample

    return Vectors()


def _on_grid(part: "xr.DataArray", x: slice, y: slice) -> "xr.DataArray":
    """The nearest pixels on a grid with the given edges and steps; NaN outside the cube."""
    box = part.odc.geobox
    for name, span, own in (("x", x, abs(box.resolution.x)), ("y", y, abs(box.resolution.y))):
        middles = span.start + (np.arange(round((span.stop - span.start) / span.step)) + 0.5) * span.step
        if name == "y":
            middles = middles[::-1]
        near = np.flatnonzero((part[name] > span.start - own).values & (part[name] < span.stop + own).values)
        part = part.isel({name: slice(int(near[0]), int(near[-1]) + 1) if len(near) else slice(0, 0)})
        at = {name: middles}
        part = part.reindex(at, method="nearest", tolerance=own / 2 * (1 + 1e-9)) if len(near) else part.reindex(at)
    return part


def _patches(geo: Any, torch: Any, table: "pa.Table", transforms: Any) -> Any:  # noqa: ANN401
    import shapely

    of = table_identity(table)
    vectors = matrix(table)
    there = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    ground = shapely.centroid(shapely.from_wkb(table.column("geometry").to_numpy()))
    seconds = table.column("time").to_numpy().astype("datetime64[s]").astype(np.int64)

    class Vectors(geo.NonGeoDataset):  # type: ignore[misc] # TorchGeo's class
        """Patches of one space."""

        identity: Identity = of

        def __len__(self) -> int:
            return len(there)

        def __getitem__(self, index: int) -> dict[str, Any]:
            at = int(there[index])
            sample = {
                "embedding": torch.from_numpy(vectors[at].copy()),
                "x": torch.tensor(float(shapely.get_x(ground[at]))),
                "y": torch.tensor(float(shapely.get_y(ground[at]))),
                "t": torch.tensor(int(seconds[at])),
            }
            return transforms(sample) if transforms is not None else sample

    return Vectors()
