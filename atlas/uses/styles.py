"""Styles that QGIS loads with a result: the colours of the picture and the names of classes."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atlas.uses.pictures import PALETTE, RAMP

__all__ = ["colour_table", "write_style"]


def colour_table(count: int) -> dict[int, Any]:
    """The colour table of a GeoTIFF: red, green, blue and opacity by class."""
    from PIL import ImageColor

    return {k: ImageColor.getcolor(PALETTE[k % len(PALETTE)], "RGBA") for k in range(count)}


def write_style(path: Path, how: Mapping[str, Any], *, classes: Sequence[str] = (), band: int = 1) -> None:
    """Write a `.qml` beside a result; QGIS applies it when the file of the same name is opened.

    Args:
        path: of the style.
        how: what `draw` returned: `low` and `high` for a map of numbers.
        classes: names, for a map of classes.
        band: which band is shown first, from 1.
    """
    root = ET.Element("qgis", version="3.28", styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    common = {"band": str(band), "opacity": "1", "alphaBand": "-1", "nodataColor": ""}
    if classes:
        shown = ET.SubElement(pipe, "rasterrenderer", common | {"type": "paletted"})
        entries = ET.SubElement(shown, "colorPalette")
        for k, name in enumerate(classes):
            colour = PALETTE[k % len(PALETTE)]
            ET.SubElement(entries, "paletteEntry", value=str(k), label=str(name), color=colour, alpha="255")
    else:
        low, high = str(how["low"]), str(how["high"])
        limits = {"classificationMin": low, "classificationMax": high}
        shown = ET.SubElement(pipe, "rasterrenderer", common | limits | {"type": "singlebandpseudocolor"})
        shader = ET.SubElement(
            ET.SubElement(shown, "rastershader"),
            "colorrampshader",
            colorRampType="INTERPOLATED",
            classificationMode="1",
            clip="0",
            minimumValue=low,
            maximumValue=high,
        )
        for value, rgb in zip(np.linspace(how["low"], how["high"], len(RAMP)), RAMP, strict=True):
            text = f"{value:.6g}"
            ET.SubElement(shader, "item", value=text, label=text, color=f"#{bytes(rgb).hex()}", alpha="255")
    ET.indent(root)
    path.write_text("<!DOCTYPE qgis>\n" + ET.tostring(root, "unicode") + "\n", "utf-8")
