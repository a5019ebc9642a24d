"""Whether an Item and its file agree on where the pixels lie."""

from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.formats.agreement import HALF, PART, apart, corners, differ, short
from atlas.formats.pixels import Floats, PixelGrid, placer
from atlas.read.spec import AssetSpec

__all__ = ["refuse_other_place"]


def refuse_other_place(spec: AssetSpec, grid: PixelGrid, *, own: bool) -> None:
    """Compare `proj:code`, `proj:transform`, `proj:shape` and `proj:bbox` with the grid by which a file is read.

    Args:
        spec: of the asset.
        grid: by which its file is read.
        own: the file states its place and the order of its rows itself (GeoTIFF), and the file is followed: the Item
            may then describe the same pixels with rows or columns in the other direction.

    Raises:
        RestoreError: they differ; the message says what each states.
    """
    own_corners = corners(grid)
    said = f"the file has {grid.height} x {grid.width} pixels, geotransform {short(grid.transform)}"
    said += f" in {placer(grid.crs).crs}"
    known = _into(grid.crs, spec.crs, own_corners) if spec.crs is not None else own_corners
    if known is None:  # an unknown code cannot be compared
        return
    mixed = known is not own_corners
    there = spec.crs if mixed and spec.crs is not None else grid.crs
    if spec.transform is not None:
        sizes = [spec.shape or (grid.height, grid.width)]
        if own:  # a GeoTIFF states its size: an Item that swaps rows and columns still names the same place
            sizes.append((grid.height, grid.width))
        grids = [PixelGrid(there, spec.transform, int(height), int(width)) for height, width in sizes]
        slack = HALF if own or mixed else PART
        if all(apart(corners(stated), known, stated, slack, order=not own) for stated in grids):
            size = "" if spec.shape is None else f" with 'proj:shape' {short(spec.shape)}"
            code = f" in {spec.crs}" if spec.crs is not None else ""
            differ(spec.href, f"'proj:transform' of the Item is {short(spec.transform)}{size}{code}", said)
    elif not own and spec.shape is not None and spec.shape != (grid.height, grid.width):
        differ(spec.href, f"'proj:shape' of the Item is {short(spec.shape)}", said)
    if spec.extent is not None:
        west, south, east, north = spec.extent
        six = ((east - west) / grid.width, 0.0, west, 0.0, (south - north) / grid.height, north)
        stated = PixelGrid(there, six, grid.height, grid.width)
        if apart(corners(stated), known, stated, HALF, order=False):
            differ(spec.href, f"'proj:bbox' of the Item is {short(spec.extent)}", said)
    elif spec.transform is None and mixed and apart(known, own_corners, grid, HALF):
        differ(spec.href, f"'proj:code' of the Item is {spec.crs}", said)


@lru_cache(maxsize=256)
def _way(crs: str, code: str) -> Transformer | None:
    """From one CRS into another; None where they are the same.

    Raises:
        CRSError: one of them is not known.
        ProjError: there is no transformation between them.
    """
    first, second = CRS.from_user_input(crs), CRS.from_user_input(code)
    same = first.equals(second, ignore_axis_order=True)
    return None if same else Transformer.from_crs(first, second, always_xy=True)


def _into(crs: str, code: str, places: Floats) -> Floats | None:
    """Corners in another CRS: unchanged where both are the same, None where it is not known."""
    try:
        way = _way(crs, code)
        if way is None:
            return places
        return np.stack(way.transform(places[:, 0], places[:, 1]), axis=1)
    except (CRSError, ProjError):
        return None
