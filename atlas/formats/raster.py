"""GeoTIFF headers: what rasterio and rio-cogeo say of a file whose bytes come through a seekable stream.

GDAL gets the one stream and nothing else: no sidecar files, no other hosts, no driver but GTiff. So a text
named `.tif` that is a VRT pointing elsewhere is not opened. VRTs (GDAL's virtual rasters) are read with the GeoTIFFs
beside them, and nothing else is opened for one.
"""

import contextlib
import io
import itertools
import os
import re
import threading
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from atlas.errors import UnreadableInput

__all__ = ["SIGNATURES", "RasterHeader", "is_vrt", "open_raster", "open_vrt", "raster_header"]

SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
LARGEST_SIDE = 10_000_000
LARGEST_COUNT = 65_535
LARGEST_VRT, MOST_SOURCES = 4 * 2**20, 1000
NAMES = ("SourceFilename", "SourceDataset")
"""Elements of a VRT that name its sources."""
OWN_CODE = ("PixelFunctionCode", "PixelFunctionLanguage")
"""Elements that ask GDAL to run a program."""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """What a GeoTIFF says of itself; no pixel is read for it.

    Attributes:
        width, height: pixels.
        count: bands.
        dtype: data type of the bands, as in STAC; `mixed` where they differ.
        nodata: the value, None where it is not set.
        crs: `EPSG:32617`, or WKT where no authority knows it; None where the file has none.
        transform: a, b, c, d, e, f of x = a * col + b * row + c, y = d * col + e * row + f, as `proj:transform`.
        cog_faults: why it is not a valid Cloud Optimized GeoTIFF; none where it is, or was not asked.
    """

    width: int
    height: int
    count: int
    dtype: str
    nodata: float | None
    crs: str | None
    transform: tuple[float, ...]
    cog_faults: tuple[str, ...]


class _VirtualFiles:
    """Streams as the only files of a file system, in the form in which rasterio takes one (`path`, `fs.open`)."""

    def __init__(self, first: str, files: Mapping[str, BinaryIO]) -> None:
        """Args: the file that is opened, and all files by name."""
        # A number keeps the names of concurrent streams apart in GDAL's table of virtual files.
        self._folder = f"atlas-{os.getpid()}-{next(_numbers)}"
        self.path = f"{self._folder}/{first}"
        self.fs = self
        self._files = files

    def __fspath__(self) -> str:
        return self.path

    def open(self, path: str, mode: str = "rb") -> BinaryIO:
        """One of the files, from its beginning; GDAL cannot close it."""
        inside = path.rpartition(f"{self._folder}/")[2]
        if "w" in mode or "+" in mode or inside not in self._files:
            raise FileNotFoundError(path)
        self._files[inside].seek(0)
        return _Unclosed(self._files[inside])  # type: ignore[return-value] # the four methods that GDAL calls


class _Unclosed:
    """A stream that its borrower cannot close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __enter__(self) -> "_Unclosed":
        return self

    def __exit__(self, *exc: object) -> None:
        """Leave it open."""

    def close(self) -> None:
        """Leave it open."""

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._stream.seek(offset, whence)
        except (OSError, ValueError, OverflowError):  # GDAL cannot take an error here; at the end it reads nothing
            return self._stream.seek(0, 2)

    def tell(self) -> int:
        return self._stream.tell()


class _Quiet:
    """Without rasterio's warning of files that are not georeferenced, in any number of threads.

    The filters of `warnings` belong to the process: the first thread that enters sets the filter, the last that leaves
    restores what was there before.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._saved = warnings.catch_warnings()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._inside:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self._saved.__exit__(None, None, None)


_QUIET = _Quiet()


@contextlib.contextmanager
def open_raster(stream: BinaryIO, name: str, *, threads: bool = False) -> Iterator[Any]:
    """A rasterio dataset over a seekable stream, which stays open; with `threads` all cores unpack the blocks of one
    read.

    Raises:
        UnreadableInput: it is not a GeoTIFF, or a damaged or absurd one.
    """
    stream.seek(0)
    if stream.read(4) not in SIGNATURES:
        raise UnreadableInput(f"{name}: not a TIFF: it does not begin like one")
    options = {"num_threads": "all_cpus"} if threads else {}
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_environment())
            with _QUIET():  # reported as `crs` None
                dataset = stack.enter_context(rasterio.open(_one_file(stream), driver="GTiff", **options))
            if max(dataset.width, dataset.height) > LARGEST_SIDE or dataset.count > LARGEST_COUNT:
                msg = f"{name}: claims {dataset.width} x {dataset.height} pixels and {dataset.count} bands"
                raise UnreadableInput(msg)
            yield dataset
    except (RasterioError, UnicodeDecodeError) as error:  # names within a damaged file may be of any bytes
        # rasterio says "see previous exception" of what GDAL said
        raise UnreadableInput(f"{name}: cannot be read as GeoTIFF: {error.__cause__ or error}") from error


def raster_header(stream: BinaryIO, name: str, *, validate: bool = True) -> RasterHeader:
    """What the header and the directories of a GeoTIFF say; with `validate`, also why it is not a valid COG.

    Raises:
        UnreadableInput: it is not a GeoTIFF that can be read.
    """
    with _QUIET():  # reported as `crs` None
        with open_raster(stream, name) as dataset:
            types, crs = set(dataset.dtypes), dataset.crs
            authority = crs.to_authority() if crs else None
            found: dict[str, Any] = {
                "width": dataset.width,
                "height": dataset.height,
                "count": dataset.count,
                "dtype": types.pop() if len(types) == 1 else "mixed",
                "nodata": dataset.nodata,
                "crs": ":".join(authority) if authority else (crs.to_wkt() if crs else None),
                "transform": tuple(float(v) for v in dataset.transform[:6]),
            }
        faults: list[str] = []
        if validate:
            from rio_cogeo.cogeo import cog_validate  # brings grids of tiles, which no reader needs

            stream.seek(0)
            try:
                with _environment():
                    source: Any = _one_file(stream)  # rasterio takes it, cog_validate passes it on and names paths only
                    _, faults, _ = cog_validate(source, quiet=True)
            except (RasterioError, UnicodeDecodeError) as error:
                faults = [str(error)]
    return RasterHeader(**found, cog_faults=tuple(faults))


def _one_file(stream: BinaryIO) -> _VirtualFiles:
    return _VirtualFiles("it.tif", {"it.tif": stream})


def _environment() -> rasterio.Env:
    """GDAL settings with which it neither lists folders nor fetches anything by itself."""
    return rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="none")


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
    text = stream.read(LARGEST_VRT + 1)
    sources = _sources(text, name)
    with contextlib.ExitStack() as stack:
        files: dict[str, BinaryIO] = {"it.vrt": io.BytesIO(text)}
        for source in sources:
            files[source] = stack.enter_context(beside(source))
            files[source].seek(0)  # one that was kept may stand anywhere
            if files[source].read(4) not in SIGNATURES:
                raise UnreadableInput(f"{name}: its source '{source}' is not a TIFF")
        try:
            stack.enter_context(_environment())
            yield stack.enter_context(rasterio.open(_VirtualFiles("it.vrt", files), driver="VRT"))
        except RasterioError as error:
            raise UnreadableInput(f"{name}: cannot be read as VRT: {error}") from error


def _sources(text: bytes, name: str) -> list[str]:
    if len(text) > LARGEST_VRT or b"<!" in text.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise UnreadableInput(f"{name}: a VRT of more than {LARGEST_VRT} bytes, or with declarations")
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
