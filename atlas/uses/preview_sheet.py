"""A preview on one sheet: colours, histograms, location, one vector in numbers, and the attribution."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from atlas.resources import data_dir

__all__ = ["draw_sheet"]

WIDTH, EDGE, LEFT, COLUMN = 1020, 20, 480, 480
INK, SOFT, BAR, LAND, SEA, GAP, MARK = "#15222c", "#4b5a66", "#0072b2", "#c9cec2", "#e3edf2", "#e6e6e6", "#c35200"


def draw_sheet(picture: Image.Image, story: Mapping[str, Any], title: str, path: Path) -> None:
    """Draw it.

    Args:
        picture: the colours.
        story: of the preview: `values` and `lengths` (counts and edges), `example`, `bbox`, `attribution`, `licences`.
        title: of the product, or another title.
        path: of the PNG.
    """
    credit = textwrap.wrap(_credit(story), 120, break_on_hyphens=False)
    height = max(EDGE + 40 + picture.height + 40, 770) + 20 * len(credit) + EDGE
    sheet = Image.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((EDGE, EDGE), title, fill=INK, font=_font(20))
    top, right = EDGE + 40, EDGE + LEFT + EDGE
    pen.rectangle((EDGE, top, EDGE + picture.width - 1, top + picture.height - 1), fill=GAP)
    sheet.paste(picture, (EDGE, top), picture)
    caption = f"Three components as red, green and blue; fitted to {story['components']['sample']} vectors"
    pen.text((EDGE, top + picture.height + 8), caption, fill=SOFT, font=_font(14))
    _bars(pen, right, top, "Values", story["values"])
    _bars(pen, right, top + 150, "Lengths of the vectors", story["lengths"])
    _vector(pen, right, top + 300, story["example"])
    _place(sheet, right, top + 420, story["bbox"])
    for k, line in enumerate(credit):
        pen.text((EDGE, height - EDGE - 20 * (len(credit) - k)), line, fill=SOFT, font=_font(14))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)


def _credit(story: Mapping[str, Any]) -> str:
    parts = [*story["products"], *story["attribution"], *story["licences"]]
    return ". ".join(part.rstrip(".") for part in dict.fromkeys(parts)) + "."


def _font(size: int) -> Any:  # noqa: ANN401 - Pillow's two kinds of fonts
    return ImageFont.load_default(size)


def _bars(pen: ImageDraw.ImageDraw, left: int, top: int, title: str, histogram: Mapping[str, Any]) -> None:
    counts, edges, tall = histogram["counts"], histogram["edges"], 90
    pen.text((left, top - 4), title, fill=INK, font=_font(14))
    most, step = max(1, *counts), COLUMN / len(counts)
    for k, count in enumerate(counts):
        if count:
            x = left + k * step
            pen.rectangle((x, top + 20 + tall - max(1, tall * count / most), x + step - 1, top + 20 + tall), fill=BAR)
    pen.line((left, top + 21 + tall, left + COLUMN, top + 21 + tall), fill=SOFT)
    pen.text((left, top + 24 + tall), f"{edges[0]:.4g}", fill=SOFT, font=_font(13))
    pen.text((left + COLUMN, top + 24 + tall), f"{edges[-1]:.4g}", fill=SOFT, font=_font(13), anchor="ra")


def _vector(pen: ImageDraw.ImageDraw, left: int, top: int, numbers: Sequence[float]) -> None:
    pen.text((left, top - 4), f"One vector: {len(numbers)} numbers", fill=INK, font=_font(14))
    middle, step, most = top + 50, COLUMN / len(numbers), max(1e-12, *map(abs, numbers))
    for k, number in enumerate(numbers):
        x, y = left + k * step, middle - 30 * number / most
        pen.rectangle((x, min(middle, y), max(x, x + step - 1), max(middle, y)), fill=BAR if number >= 0 else MARK)
    shown = ", ".join(f"{n:.3g}" for n in numbers[:8])
    pen.text((left, top + 84), f"{shown}{', …' if len(numbers) > 8 else ''}", fill=SOFT, font=_font(13))


def _place(sheet: Image.Image, left: int, top: int, bbox: Sequence[float]) -> None:
    """The footprint on a map of the world in longitude and latitude."""
    pen, tall = ImageDraw.Draw(sheet), COLUMN // 2

    def at(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon + 180) / 360 * COLUMN, top + (90 - lat) / 180 * tall

    pen.rectangle((left, top, left + COLUMN, top + tall), fill=SEA)
    for ring in json.loads((data_dir("site") / "content" / "natural-earth" / "land.json").read_text("utf-8")):
        pen.polygon([at(lon, lat) for lon, lat in ring], fill=LAND)
    west, south, east, north = bbox
    east += 360 * (east < west)
    x, y = at((west + east) / 2, (south + north) / 2)
    wide, high = max(4, (east - west) / 720 * COLUMN), max(4, (north - south) / 360 * tall)
    pen.rectangle((x - wide, y - high, x + wide, y + high), outline=MARK, width=3)
    pen.text((left, top + tall + 4), f"{(south + north) / 2:.2f}, {(west + east) / 2:.2f}", fill=SOFT, font=_font(13))
