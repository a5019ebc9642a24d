"""GeoTIFF headers: what rasterio and rio-cogeo say of a file whose bytes come through a seekable stream.

GDAL gets the one stream and nothing else: no sidecar files, no other hosts, no driver but GTiff. So a text
named `.tif` that is a VRT pointing elsewhere is not opened.
"""

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from atlas.errors import UnreadableInput

__all__ = [
    "SIGNATURES",
    "RasterHeader",
    "environment",
    "next_number",
    "open_raster",
    "raster_header",
    "unclosed",
]

SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
LARGEST_SIDE = 10_000_000
LARGEST_COUNT = 65_535
# One number per process keeps the names of concurrent streams apart in GDAL's table of virtual files.
_number = iter(range(1, 2**62))
_lock = threading.Lock()


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
        bottom_up: whether the first row is the southern one.
        overviews: sizes of the overviews as factors, in the order of the file.
        block: height and width of a tile or strip.
        compression: as GDAL names it; None for none.
        interleave: `band` or `pixel`.
        bands: the names of the bands, empty where they have none.
        cog: whether it is a valid Cloud Optimized GeoTIFF.
        cog_faults: why it is not.
    """

    width: int
    height: int
    count: int
    dtype: str
    nodata: float | None
    crs: str | None
    transform: tuple[float, ...]
    bottom_up: bool
    overviews: tuple[int, ...]
    block: tuple[int, int]
    compression: str | None
    interleave: str | None
    bands: tuple[str, ...]
    cog: bool
    cog_faults: tuple[str, ...]


class _OneFile:
    """A stream as the only file of a file system, in the form in which rasterio takes one (`path`, `fs.open`)."""

    def __init__(self, stream: BinaryIO) -> None:
        self.path = f"atlas-{os.getpid()}-{next_number()}.tif"
        self.fs = self
        self._stream = stream

    def __fspath__(self) -> str:
        return self.path

    def open(self, path: str, mode: str = "rb") -> BinaryIO:
        if path.rpartition("/")[2] != self.path or "w" in mode or "+" in mode:
            raise FileNotFoundError(path)
        return unclosed(self._stream)


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


def next_number() -> int:
    """A number that no other virtual file of this process has."""
    with _lock:
        return next(_number)


def unclosed(stream: BinaryIO) -> BinaryIO:
    """A stream that GDAL reads from its beginning and cannot close."""
    stream.seek(0)
    return _Unclosed(stream)  # type: ignore[return-value] # the four methods that GDAL calls


class _Quiet:
    """Without rasterio's warning of files without a place, in however many threads at once.

    The filters of `warnings` belong to the process: where each thread put back what it found, one would take another's
    away. The first to come sets the filter, the last to go puts back what was there.
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
    """A rasterio dataset over a seekable stream.

    Args:
        stream: the GeoTIFF; stays open.
        name: for messages.
        threads: whether all cores unpack the blocks of one read.

    Raises:
        UnreadableInput: it is not a GeoTIFF, or a damaged or absurd one.
    """
    stream.seek(0)
    if stream.read(4) not in SIGNATURES:
        raise UnreadableInput(f"{name}: not a TIFF: it does not begin like one")
    options = {"num_threads": "all_cpus"} if threads else {}
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(environment())
            with _QUIET():  # told by `crs`; a mask lies where its file lies
                dataset = stack.enter_context(rasterio.open(_OneFile(stream), driver="GTiff", **options))
            if max(dataset.width, dataset.height) > LARGEST_SIDE or dataset.count > LARGEST_COUNT:
                msg = f"{name}: claims {dataset.width} x {dataset.height} pixels and {dataset.count} bands"
                raise UnreadableInput(msg)
            yield dataset
    except (RasterioError, UnicodeDecodeError) as error:  # names within a damaged file may be of any bytes
        # rasterio says "see previous exception" of what GDAL said
        raise UnreadableInput(f"{name}: cannot be read as GeoTIFF: {error.__cause__ or error}") from error


def raster_header(stream: BinaryIO, name: str, *, validate: bool = True) -> RasterHeader:
    """What a GeoTIFF says of itself.

    Args:
        stream: the file; only its header and directories are read.
        name: for messages.
        validate: ask rio-cogeo whether it is a valid COG.

    Raises:
        UnreadableInput: it is not a GeoTIFF that can be read.
    """
    with _QUIET():  # reported as `crs` None
        with open_raster(stream, name) as dataset:
            found = _describe(dataset)
        faults: list[str] = []
        if validate:
            from rio_cogeo.cogeo import cog_validate  # brings grids of tiles, which no reader needs

            stream.seek(0)
            try:
                with environment():
                    source: Any = _OneFile(stream)  # rasterio takes it, cog_validate passes it on and names paths only
                    _, faults, _ = cog_validate(source, quiet=True)
            except (RasterioError, UnicodeDecodeError) as error:
                faults = [str(error)]
    return RasterHeader(**found, cog=validate and not faults, cog_faults=tuple(faults))


def environment() -> rasterio.Env:
    """GDAL neither looks around nor fetches anything by itself."""
    return rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="none")


def _describe(dataset: Any) -> dict[str, Any]:  # noqa: ANN401 - rasterio ships no types
    types = set(dataset.dtypes)
    transform = dataset.transform
    crs = dataset.crs
    authority = crs.to_authority() if crs else None
    interleave = dataset.profile.get("interleave")
    return {
        "width": dataset.width,
        "height": dataset.height,
        "count": dataset.count,
        "dtype": types.pop() if len(types) == 1 else "mixed",
        "nodata": dataset.nodata,
        "crs": ":".join(authority) if authority else (crs.to_wkt() if crs else None),
        "transform": tuple(float(v) for v in transform[:6]),
        "bottom_up": transform.e > 0,
        "overviews": tuple(dataset.overviews(1)) if dataset.count else (),
        "block": tuple(dataset.block_shapes[0]) if dataset.count else (0, 0),
        "compression": dataset.compression.value if dataset.compression else None,
        "interleave": interleave,
        "bands": tuple(d for d in dataset.descriptions if d),
    }
