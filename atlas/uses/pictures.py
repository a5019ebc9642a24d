"""Maps as pictures, with a legend, a scale and the attribution."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xarray as xr
    from PIL import ImageDraw

__all__ = ["PALETTE", "RAMP", "draw"]

Pixels = npt.NDArray[np.uint8]
SIDE = 768
"""Most pixels of the longer side of the map."""
LEGEND, FOOT, EDGE = 190, 54, 12
PALETTE = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#000000",
    "#ee7733", "#0077bb", "#33bbee", "#ee3377", "#cc3311", "#009988", "#999933", "#882255",
)  # fmt: skip
"""Colours that people with any colour vision can tell apart: Paul Tol, https://personal.sron.nl/~pault/ (bright)."""
RAMP = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
GAP = (235, 235, 235)
"""Colour of pixels without a vector."""
STRIPE, DOUBTFUL = (238, 51, 119), "known artefact"


def draw(
    array: "xr.DataArray",
    path: Path,
    title: str,
    *,
    classes: Sequence[str] = (),
    rgb: bool = False,
    doubtful: "xr.DataArray | None" = None,
) -> dict[str, Any]:
    """Draw one map.

    Args:
        array: shape (y, x): numbers or, with `classes`, indices of them; with `rgb`, shape (3, y, x) from 0 to 1.
        path: of the PNG.
        title: above the legend.
        classes: names; 255 means no class.
        rgb: whether the array has colours.
        doubtful: shape (y, x), 1 where the product has a known artefact: striped in the picture.

    Returns:
        How it was coloured, for the description of the result.
    """
    from PIL import Image, ImageColor, ImageDraw

    stride = max(1, math.ceil(max(array.sizes["y"], array.sizes["x"]) / SIDE))
    small = array.isel(y=slice(None, None, stride), x=slice(None, None, stride)).compute()
    how: dict[str, Any] = {"every": stride}
    low = high = 0.0
    if rgb:
        values = small.transpose("rgb", "y", "x").values
        there = np.isfinite(values).all(axis=0)
        pixels = np.where(there, np.clip(np.nan_to_num(values), 0, 1) * 255, np.array(GAP)[:, None, None])
        image = np.moveaxis(pixels, 0, -1).astype(np.uint8)
    elif classes:
        table = np.tile(np.array(GAP, np.uint8), (256, 1))
        for k in range(len(classes)):
            table[k] = ImageColor.getrgb(PALETTE[k % len(PALETTE)])
        image = table[small.transpose("y", "x").values.astype(np.uint8)]
    else:
        values = small.transpose("y", "x").values.astype(np.float64)
        there = np.isfinite(values)
        if there.any():
            low, high = (float(v) for v in np.percentile(values[there], (2, 98)))
        how |= {"low": low, "high": high, "stretch": "2 to 98 %"}
        image = _ramp(np.where(there, (values - low) / max(high - low, 1e-12), np.nan))
    zoom = max(1, SIDE // (2 * max(image.shape[:2])))
    image = np.repeat(np.repeat(image, zoom, axis=0), zoom, axis=1)
    striped = _stripe(image, doubtful, stride, zoom)
    height, width = image.shape[:2]
    tall = max(height + 2 * EDGE + FOOT, 60 + 20 * (len(classes) + 2), 260 if striped else 0)
    sheet = Image.new("RGB", (max(width, 220) + 2 * EDGE + LEGEND, tall), "white")
    sheet.paste(Image.fromarray(image), (EDGE, EDGE))
    pen = ImageDraw.Draw(sheet)
    left = max(width, 220) + 2 * EDGE
    pen.text((left, EDGE), title[:28], fill="black")
    if classes:
        for k, name in enumerate(classes):
            top = EDGE + 24 + 20 * k
            pen.rectangle((left, top, left + 14, top + 14), fill=PALETTE[k % len(PALETTE)], outline="black")
            pen.text((left + 20, top + 1), str(name)[:24], fill="black")
    elif not rgb:
        for k in range(160):
            row = _ramp(np.array([[1 - k / 159]]))[0, 0]
            pen.line((left, EDGE + 24 + k, left + 16, EDGE + 24 + k), fill=tuple(int(v) for v in row))
        pen.text((left + 22, EDGE + 20), f"{high:.4g}", fill="black")
        pen.text((left + 22, EDGE + 176), f"{low:.4g}", fill="black")
    if striped:
        how["striped"] = DOUBTFUL
        top = EDGE + 24 + 160 + 30
        box = np.full((15, 15, 3), GAP, np.uint8)
        box[_stripes(15, 15)] = STRIPE
        sheet.paste(Image.fromarray(box), (left, top))
        pen.text((left + 22, top + 1), DOUBTFUL, fill="black")
    _scale(pen, array, stride / zoom, width, height)
    pen.text((EDGE, height + EDGE + 34), str(array.attrs.get("attribution", ""))[:140], fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return how


def _stripe(image: Pixels, doubtful: "xr.DataArray | None", stride: int, zoom: int) -> bool:
    """Draw stripes over the marked pixels; returns whether there are any."""
    if doubtful is None:
        return False
    marks = doubtful.transpose("y", "x").values
    # Where only every nth pixel is drawn, it counts as marked if any pixel that it stands for is.
    height, width = marks.shape
    padded = np.pad(marks == 1, ((0, -height % stride), (0, -width % stride)))
    small = padded.reshape(padded.shape[0] // stride, stride, -1, stride).any(axis=(1, 3))
    large = np.repeat(np.repeat(small, zoom, axis=0), zoom, axis=1)
    image[large & _stripes(*large.shape)] = STRIPE
    return bool(large.any())


def _stripes(height: int, width: int) -> npt.NDArray[np.bool_]:
    rows, columns = np.ogrid[:height, :width]
    return np.asarray((rows + columns) % 8 < 2)


def _scale(pen: "ImageDraw.ImageDraw", array: "xr.DataArray", step: float, width: int, height: int) -> None:
    """A bar of a round length, at most a third of the map."""
    box = array.odc.geobox
    metres = abs(box.resolution.x)
    if box.crs.geographic:
        metres *= 111_320 * math.cos(math.radians(float(array.y.mean())))
    longest = max(metres * step * max(width, 60) / 3, 1e-9)
    power = 10 ** math.floor(math.log10(longest))
    length = next(m * power for m in (5, 2, 1) if m * power <= longest)
    pixels = length / (metres * step)
    top = height + EDGE + 10
    pen.line((EDGE, top, EDGE + pixels, top), fill="black", width=3)
    pen.text((EDGE, top + 6), f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m", fill="black")


def _ramp(share: npt.NDArray[np.float64]) -> Pixels:
    places = np.linspace(0, 1, len(RAMP))
    clean = np.clip(np.nan_to_num(share), 0, 1)
    bands = [np.interp(clean, places, [c[k] for c in RAMP]) for k in range(3)]
    found = np.stack(bands, axis=-1)
    found[~np.isfinite(share)] = GAP
    return found.astype(np.uint8)
