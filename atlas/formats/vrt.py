"""GDAL's virtual rasters (VRT) whose sources are GeoTIFFs beside them; nothing else is opened for one."""

import contextlib
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import rasterio
from rasterio.errors import RasterioError

from atlas.errors import UnreadableInput
from atlas.formats.raster import SIGNATURES, VirtualFiles, environment

__all__ = ["is_vrt", "open_vrt"]

LARGEST, MOST_SOURCES = 4 * 2**20, 1000
NAMES = ("SourceFilename", "SourceDataset")
OWN_CODE = ("PixelFunctionCode", "PixelFunctionLanguage")
"""Elements that ask GDAL to run a program."""


def is_vrt(stream: BinaryIO) -> bool:
    """Whether a stream begins like a VRT."""
    stream.seek(0)
    return stream.read(256).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<VRTDataset", b"<?xml"))


@contextlib.contextmanager
def open_vrt(stream: BinaryIO, name: str, beside: Callable[[str], AbstractContextManager[BinaryIO]]) -> Iterator[Any]:
    """A rasterio dataset over a VRT and the GeoTIFFs that it names.

    `beside` opens a file by its name relative to the VRT.

    Raises:
        UnreadableInput: it cannot be read, or names something other than a GeoTIFF beside or below it.
    """
    stream.seek(0)
    text = stream.read(LARGEST + 1)
    sources = _sources(text, name)
    with contextlib.ExitStack() as stack:
        files: dict[str, BinaryIO] = {"it.vrt": io.BytesIO(text)}
        for source in sources:
            files[source] = stack.enter_context(beside(source))
            files[source].seek(0)  # one that was kept may stand anywhere
            if files[source].read(4) not in SIGNATURES:
                raise UnreadableInput(f"{name}: its source '{source}' is not a TIFF")
        try:
            stack.enter_context(environment())
            yield stack.enter_context(rasterio.open(VirtualFiles("it.vrt", files), driver="VRT"))
        except RasterioError as error:
            raise UnreadableInput(f"{name}: cannot be read as VRT: {error}") from error


def _sources(text: bytes, name: str) -> list[str]:
    if len(text) > LARGEST or b"<!" in text.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise UnreadableInput(f"{name}: a VRT of more than {LARGEST} bytes, or with declarations")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without declarations there are no entities to expand
    except ET.ParseError as error:
        raise UnreadableInput(f"{name}: cannot be read as VRT: {error}") from None
    if any(next(root.iter(tag), None) is not None for tag in OWN_CODE):
        raise UnreadableInput(f"{name}: the VRT holds a program, which is not run")
    found = list(dict.fromkeys(_name(one, name) for tag in NAMES for one in root.iter(tag)))
    if not found or len(found) > MOST_SOURCES:
        raise UnreadableInput(f"{name}: a VRT of {len(found)} sources; 1 to {MOST_SOURCES} are read")
    return found


def _name(element: ET.Element, name: str) -> str:
    source = (element.text or "").strip()
    relative = element.get("relativeToVRT", element.get("relativetoVRT")) == "1"
    outside = source.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", source) or ":" in source
    if not relative or outside or not source:
        msg = f"{name}: its source '{source[:200]}' does not lie beside or below it: name that file instead"
        raise UnreadableInput(msg)
    return source
