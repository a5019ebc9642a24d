"""Results as files: a COG or GeoParquet, and a JSON that says how it was made."""

import json
import tempfile
from collections.abc import Mapping
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas import __version__
from atlas.errors import RestoreError
from atlas.formats.endings import RASTERS, TABLES
from atlas.read.identity import ATTRIBUTE, Identity
from atlas.uses.styles import colour_table

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

__all__ = ["beside", "write_raster", "write_story", "write_table"]


def beside(path: Path, ending: str) -> Path:
    """A file of the same result with another extension."""
    return path.with_suffix(ending)


def _refuse_ending(path: Path, endings: tuple[str, ...], what: str) -> None:
    if path.suffix.lower() not in endings:
        raise RestoreError(f"{path.name}: {what}: give a file name that ends in {' or '.join(endings)}")


def write_table(table: "pa.Table", path: Path) -> None:
    """Write a table of patches as GeoParquet.

    Raises:
        RestoreError: the file name has the extension of another format.
    """
    import pyarrow.parquet as pq

    _refuse_ending(path, TABLES, "the result is a table of patches")
    pq.write_table(table, path, row_group_size=2000)


def write_raster(
    array: "xr.DataArray", path: Path, *, nodata: float, overviews: str = "nearest", classes: int = 0
) -> None:
    """Write a map or a cube as a Cloud Optimized GeoTIFF, with one chunk in memory at a time.

    Args:
        array: dimensions y and x, and at most one before them, whose steps become bands.
        path: of the file; it appears when it is complete.
        nodata: value of pixels without data.
        overviews: resampling of overviews: `nearest`, `average`, or `none` for no overviews.
        classes: number of classes; a map of one step then gets a colour table.

    Raises:
        RestoreError: the array has other dimensions or no georeference, or the file name has the extension of another
            format.
    """
    import rasterio
    from rasterio.shutil import copy

    _refuse_ending(path, RASTERS, "the result is a map of pixels")
    first = [d for d in array.dims if d not in {"y", "x"}]
    if len(first) > 1 or "spatial_ref" not in array.coords:
        msg = f"an array of {', '.join(map(str, array.dims))} does not become one GeoTIFF: choose one year"
        raise RestoreError(msg)
    of = array.transpose(*first, "y", "x") if first else array.transpose("y", "x").expand_dims("band")
    box = array.odc.geobox
    profile = {
        "driver": "GTiff",
        "width": box.width,
        "height": box.height,
        "count": of.shape[0],
        "dtype": np.dtype(of.dtype).name,
        "crs": str(box.crs),
        "transform": box.affine,
        "nodata": nodata,
        "tiled": True,
        "compress": "deflate",
        "BIGTIFF": "IF_SAFER",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        plain, whole = Path(folder) / "plain.tif", Path(folder) / "whole.tif"
        with rasterio.open(plain, "w", **profile) as file:
            spans = of.chunks[1:] if of.chunks is not None else ((of.shape[1],), (of.shape[2],))
            for rows, columns in product(*(pairwise(np.cumsum([0, *sizes]).tolist()) for sizes in spans)):
                file.write(of[:, slice(*rows), slice(*columns)].values, window=(rows, columns))
            tags = {k: str(v) for k, v in array.attrs.items() if k in {ATTRIBUTE, "license", "attribution", "citation"}}
            file.update_tags(**tags)
            if classes and of.shape[0] == 1:
                file.write_colormap(1, colour_table(classes))
            for k, name in enumerate(_band_names(of), 1):
                file.set_band_description(k, name)
        more = {"overviews": "NONE"} if overviews == "none" else {"overview_resampling": overviews}
        if overviews != "none" and not classes:
            more["statistics"] = "YES"  # from which a GIS takes its colour stretch
        copy(plain, whole, driver="COG", compress="deflate", **more)
        whole.replace(path)


def _band_names(array: "xr.DataArray") -> list[str]:
    """The description of each band: its date, its dimension of the vector from 0, or its content."""
    first = str(array.dims[0])
    if first == "time":
        return [str(moment)[:10] for moment in array.time.values]
    if first == "dim":
        return [f"dimension {k}" for k in range(array.shape[0])]
    return [str(name) for name in array[first].values] if first in array.coords else [str(array.name or "value")]


def write_story(path: Path, identity: Identity, use: str, parameters: Mapping[str, Any], **more: Any) -> None:  # noqa: ANN401 - JSON
    """Write how a result was made.

    Args:
        path: of the JSON.
        identity: of the vectors that it was made from, with the steps.
        use: the command.
        parameters: of the command, as given.
        more: `items` (their ids, without those that were left out), figures.
    """
    gone = {name for name, _, _ in identity.left_out}
    if "items" in more:
        more["items"] = [name for name in more["items"] if name not in gone]
    if gone:
        more["left_out"] = [dict(zip(("item", "href", "reason"), one, strict=True)) for one in identity.left_out]
    story = {
        "made_with": f"earth-embedding-atlas {__version__}",
        "use": use,
        "parameters": {k: str(v) if isinstance(v, Path) else v for k, v in parameters.items() if v is not None},
        "space": identity.space,
        "products": list(identity.products),
        "versions": list(identity.versions),
        "licences": list(identity.licences),
        "attribution": list(identity.attribution),
        "citation": list(identity.citation),
        "known_issues": list(identity.issues),
        "steps": list(identity.steps),
        **more,
    }
    path.write_text(json.dumps(story, indent=2, ensure_ascii=False) + "\n", "utf-8")
