"""Vectors as a picture: the pixels of a cube or the footprints of patches, transparent where there is no vector."""

import io
import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageDraw

from atlas.errors import RestoreError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["patches_picture", "pixels_picture", "png_bytes"]

SIDE = 480
"""Pixels of the longer side."""


def pixels_picture(colours: "xr.DataArray") -> Image.Image:
    """Colours of shape (rgb, y, x), 0 to 1, as pixels; transparent where there is no vector.

    Args:
        colours: from `Components.colours`. Large cubes are thinned out, small ones drawn with larger pixels.
    """
    stride = max(1, math.ceil(max(colours.sizes["y"], colours.sizes["x"]) / SIDE))
    small = colours.isel(y=slice(None, None, stride), x=slice(None, None, stride)).transpose("y", "x", "rgb")
    image = Image.fromarray(_rgba(small.values), "RGBA")
    zoom = max(1, SIDE // max(image.size))
    return image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST)


def patches_picture(places: npt.NDArray[np.object_], colours: npt.NDArray[np.float32]) -> Image.Image:
    """Footprints in longitude and latitude, each filled with its colour, in an equirectangular projection with its
    true scale at the middle latitude.

    Args:
        places: shapely geometries; points are drawn as squares.
        colours: shape (n, 3), 0 to 1; NaN where there is no vector.

    Raises:
        RestoreError: no footprint has a colour.
    """
    drawn = np.isfinite(colours).all(axis=1) & ~(shapely.is_missing(places) | shapely.is_empty(places))
    if not drawn.any():
        raise RestoreError("no patch has a footprint and a vector")
    west, south, east, north = shapely.total_bounds(places[drawn])
    narrow = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = (SIDE - 8) / max(wide, high)
    large = 2  # drawn larger and reduced: edges stay fine
    image = Image.new("RGBA", (round(wide * scale + 8) * large, round(high * scale + 8) * large), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for place, fill in zip(places[drawn], _rgba(colours[drawn][np.newaxis])[0], strict=True):
        for part in shapely.get_parts(place):
            xy = shapely.get_coordinates(part if part.geom_type == "Point" else shapely.get_exterior_ring(part))
            x = ((xy[:, 0] - west) * narrow * scale + 4) * large
            y = ((north - xy[:, 1]) * scale + 4) * large
            if len(xy) == 1:
                pen.rectangle((x[0] - 3, y[0] - 3, x[0] + 3, y[0] + 3), fill=tuple(map(int, fill)))
            else:
                pen.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=tuple(map(int, fill)))
    return image.resize((image.width // large, image.height // large), Image.Resampling.BOX)


def png_bytes(image: Image.Image) -> bytes:
    """A PNG without a date; with a palette where that makes it smaller and no colour is lost."""
    plain, reduced = io.BytesIO(), io.BytesIO()
    image.save(plain, "PNG", optimize=True)
    if image.getcolors(256) is not None:
        image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(reduced, "PNG", optimize=True)
        same = np.array_equal(np.asarray(Image.open(reduced).convert("RGBA")), np.asarray(image))
        if same and reduced.tell() < plain.tell():
            return reduced.getvalue()
    return plain.getvalue()


def _rgba(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    there = np.isfinite(colours).all(axis=-1)
    out = np.zeros((*there.shape, 4), np.uint8)
    out[..., :3] = np.round(np.clip(np.nan_to_num(colours), 0, 1) * 255)
    out[..., 3] = there * 255
    out[~there] = 0
    return out
