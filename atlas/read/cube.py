"""Items of pixels as an xarray: (time, dim, y, x), lazy, dequantised, north up."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.pixels import PixelGrid, placer
from atlas.moments import from_rfc3339
from atlas.read.identity import SPACE, Identity
from atlas.read.left_out import LeftOut
from atlas.read.spec import AssetSpec
from atlas.read.tiles import Mosaic, Tile, bounds_in, placed, tile_of
from stac_emb.boxes import Box

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["cube_of", "moment_of"]

Gridded = Any
"""An array with `.odc.geobox`, or None."""
DIMS = ("time", "dim", "y", "x")
MOST_CHUNKS = 1_000_000
"""Most chunks of an array: Dask keeps a task for each."""
LEAST = 64
"""Least side of a chunk in pixels where blocks of several tiles overlap."""


def cube_of(
    found: Sequence[tuple[Mapping[str, Any], AssetSpec]],
    identity: Identity,
    *,
    bbox: Box | None,
    crs: str | None,
    resolution: float | None,
    like: Gridded,
    resampling: str,
    snap: bool,
    missing: str,
) -> "xr.DataArray | xr.DataTree":
    """See `atlas.read.opening.open`."""
    import xarray as xr

    groups: dict[str, dict[Any, list[Tile]]] = {}
    left_out = LeftOut(missing)

    def tried(one: tuple[Mapping[str, Any], AssetSpec]) -> Tile | None:
        with left_out.trying(*one):
            return tile_of(one[1])
        return None

    with ThreadPoolExecutor(8) as pool:  # headers: most of the time is waiting for hosts
        tiles = list(pool.map(tried, found))
    identity = left_out.told(identity)
    for (item, _), tile in zip(found, tiles, strict=True):
        if tile is None:
            continue
        groups.setdefault(placer(tile.grid.crs).crs, {}).setdefault(moment_of(item), []).append(tile)
    cubes = {}
    for name, steps in groups.items():
        cube = _of_one_crs(steps, identity, bbox, snap=snap)
        if cube is not None:
            cubes[name] = cube
    if not cubes:
        raise RestoreError(f"none of the {len(found)} Items has pixels in the box {list(bbox or ())}")
    if crs is not None or like is not None or resolution is not None:
        return _on_one_grid(list(cubes.values()), identity, crs, resolution, like, resampling)
    if len(cubes) == 1:
        return next(iter(cubes.values()))
    return xr.DataTree.from_dict({name.replace("/", "-"): cube.to_dataset() for name, cube in cubes.items()})


def moment_of(item: Mapping[str, Any]) -> np.datetime64:
    """The time step of an Item: the start of its interval, else its datetime; NaT where it has neither."""
    properties = item.get("properties") or {}
    moment = from_rfc3339(str(properties.get("start_datetime") or properties.get("datetime")))
    return np.datetime64("NaT", "s") if moment is None else np.datetime64(moment.replace(tzinfo=None), "s")


def _of_one_crs(
    steps: Mapping[Any, list[Tile]], identity: Identity, bbox: Box | None, *, snap: bool
) -> "xr.DataArray | None":
    """The cube of tiles in one CRS; None where the box holds no pixel of them."""
    import dask.array as da
    import xarray as xr
    from odc.geo.geobox import GeoBox
    from odc.geo.xr import xr_coords
    from rasterio.transform import Affine

    if bbox is not None:
        boxes = bounds_in(next(tile.grid.crs for of in steps.values() for tile in of), bbox)
        steps = {moment: [one for tile in of for one in tile.at_turns(boxes)] for moment, of in steps.items()}
    tiles, grid = placed(steps, snap=snap)
    rows, columns = _window(grid, bbox)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None
    moments = sorted(tiles, key=lambda m: (np.isnat(m), m))
    mosaic = Mosaic(
        tuple(tuple(_inside(tiles[m], rows, columns)) for m in moments),
        next(iter(tiles.values()))[0].axis,
        identity.dimensions,
    )
    edges = [
        _edges([tile.edges()[i] for of in mosaic.steps for tile in of], part) for i, part in enumerate((rows, columns))
    ]
    count = len(moments) * (len(edges[0]) - 1) * (len(edges[1]) - 1)
    if count > MOST_CHUNKS:
        raise RestoreError(
            f"{mosaic.steps[0][0].spec.href}: {rows.stop - rows.start} x {columns.stop - columns.start} pixels of "
            f"{len(moments)} steps of time are {count:,} chunks, more than the {MOST_CHUNKS:,} that one array takes: "
            "ask for a place with bbox="
        )
    y, x = (tuple(int(n) for n in np.diff(e)) for e in edges)
    order = DIMS if mosaic.axis == 0 else ("time", "y", "x", "dim")
    size = {"time": (1,) * len(moments), "dim": (identity.dimensions,), "y": y, "x": x}
    data = da.map_blocks(  # type: ignore[no-untyped-call] # Dask types little
        partial(_piece, mosaic, edges[0], edges[1], (order.index("y"), order.index("x"))),
        chunks=tuple(size[name] for name in order),
        dtype=np.float32,
        meta=np.empty((0,) * 4, np.float32),
    )
    a, _, c, _, e, f = grid.transform
    affine = Affine(a, 0, c + columns.start * a, 0, e, f + rows.start * e)
    box = GeoBox((sum(y), sum(x)), affine, _code(grid.crs))
    coordinates: dict[str, Any] = {
        **{str(name): one for name, one in xr_coords(box, always_yx=True).items()},
        "time": np.array(moments, "datetime64[s]"),
        SPACE: _space_along(identity, len(moments)),
    }
    cube = xr.DataArray(data, dims=order, coords=coordinates, name="embedding", attrs=identity.attributes())
    return cube.transpose(*DIMS)


def _space_along(identity: Identity, steps: int) -> tuple[str, npt.NDArray[np.object_]]:
    """The coordinate, as objects: xarray would make them fixed-length strings, a type that Zarr 3 lacks."""
    return "time", np.full(steps, str(identity.space), np.object_)


def _code(crs: str) -> str:
    name = placer(crs).crs
    return name if ":" in name else crs


def _piece(
    mosaic: Mosaic, rows: Sequence[int], columns: Sequence[int], places: Sequence[int], block_id: tuple[int, ...] = ()
) -> npt.NDArray[np.float32]:
    """One chunk, called by Dask."""
    i, j = (block_id[place] for place in places)
    return mosaic.piece(block_id[0], slice(rows[i], rows[i + 1]), slice(columns[j], columns[j + 1]))[np.newaxis]


def _inside(tiles: Iterable[Tile], rows: slice, columns: slice) -> list[Tile]:
    return [
        t
        for t in tiles
        if t.row < rows.stop
        and t.row + t.grid.height > rows.start
        and t.column < columns.stop
        and t.column + t.grid.width > columns.start
    ]


def _window(grid: PixelGrid, bbox: Box | None) -> tuple[slice, slice]:
    """Rows and columns that hold a box: every pixel that it touches."""
    if bbox is None:
        return slice(0, grid.height), slice(0, grid.width)
    a, _, c, _, e, f = grid.transform
    spans = []
    for left, bottom, right, top in bounds_in(grid.crs, bbox):
        # A place on an edge belongs to the pixel south-east of it; a box that ends there does not touch that pixel.
        rows = max(0, int(np.floor((top - f) / e + 1e-6))), min(grid.height, int(np.ceil((bottom - f) / e - 1e-6)))
        cols = max(0, int(np.floor((left - c) / a + 1e-6))), min(grid.width, int(np.ceil((right - c) / a - 1e-6)))
        if rows[0] < rows[1] and cols[0] < cols[1]:
            spans.append((rows, cols))
    if not spans:
        return slice(0, 0), slice(0, 0)
    (tops, bottoms), (lefts, rights) = (zip(*(s[k] for s in spans), strict=True) for k in (0, 1))
    return slice(min(tops), max(bottoms)), slice(min(lefts), max(rights))


def _edges(of_tiles: Iterable[Sequence[int]], part: slice) -> list[int]:
    """Where chunks begin and end: at the edges of the files' blocks."""
    wanted = sorted({n for edges in of_tiles for n in edges if part.start < n < part.stop})
    found = [part.start]
    for edge in wanted:
        if edge - found[-1] >= LEAST or len(wanted) < 4:
            found.append(edge)
    return [*found, part.stop]


def _on_one_grid(
    cubes: "Sequence[xr.DataArray]",
    identity: Identity,
    crs: str | None,
    resolution: float | None,
    like: Gridded,
    resampling: str,
) -> "xr.DataArray":
    """All cubes on one grid: codes are dequantised first, so that vectors are averaged."""
    import xarray as xr
    from odc.geo.xr import xr_reproject

    if resampling not in {"nearest", "average"}:
        raise RestoreError(
            f"resampling '{resampling}' blends neighbouring vectors into vectors that no model computed: use "
            "'nearest', or 'average' for coarser pixels"
        )
    target = like.odc.geobox if like is not None else _target([cube.odc.geobox for cube in cubes], crs, resolution)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # odc-geo calls what shapely will drop
        moved = [
            # The coordinate of the space would bring the old CRS back: it is added again below.
            xr_reproject(cube.drop_vars(SPACE), target, resampling=resampling, dst_nodata=np.nan, always_yx=True)
            for cube in cubes
        ]
    joined = moved[0]
    for other in moved[1:]:
        joined, other = xr.align(joined, other, join="outer", exclude=("y", "x"))
        joined = joined.fillna(other)
    step = f"{resampling} on {placer(str(target.crs)).crs}, pixels of {abs(target.resolution.x):g}"
    if resampling == "average" and identity.normalization == "unit":
        length = (joined**2).sum("dim", skipna=False) ** 0.5
        joined = joined / length.where(length > 0)
        step += ", scaled to length 1 again"
    joined = joined.assign_coords({SPACE: _space_along(identity, joined.sizes["time"])})
    joined.attrs = identity.done(step).attributes()
    return joined.rename("embedding").transpose(*DIMS)


def _target(boxes: Sequence[Any], crs: str | None, resolution: float | None) -> Any:  # noqa: ANN401 - odc's GeoBox
    """A grid that holds all the others, in a CRS; CRS and pixel size are by default those of the first."""
    from odc.geo.geobox import GeoBox
    from rasterio.warp import calculate_default_transform, transform_bounds

    if crs is not None:
        placer(crs)  # raises where there is no such CRS
    if resolution is not None and not (isfinite(resolution) and resolution > 0):
        msg = f"resolution is the size of a pixel in units of the CRS, more than 0, not {resolution!r:.80}"
        raise RestoreError(msg)
    wanted = str(crs or boxes[0].crs)
    ground = [transform_bounds(str(box.crs), wanted, *box.boundingbox.bbox) for box in boxes]
    size = resolution
    if size is None:
        first = boxes[0]
        same = str(first.crs) == wanted
        size = abs(
            first.resolution.x
            if same
            else calculate_default_transform(
                str(first.crs), wanted, first.width, first.height, *first.boundingbox.bbox
            )[0].a
        )
    left, bottom, right, top = (
        pick(values) for pick, values in zip((min, min, max, max), zip(*ground, strict=True), strict=True)
    )
    if (right - left) * (top - bottom) / size**2 > MOST_CHUNKS * LEAST**2:
        raise RestoreError(
            f"{(right - left) / size:,.0f} x {(top - bottom) / size:,.0f} pixels of {size:g} are more than the "
            f"{MOST_CHUNKS * LEAST**2:,} of one array: ask for a place with bbox=, or for a larger resolution"
        )
    return GeoBox.from_bbox((left, bottom, right, top), wanted, resolution=size, tight=True)
