"""Synthetic files of vectors for the benchmarks of reading and of uses, and a host on loopback that counts."""

import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import zarr
from zarr.codecs import ZstdCodec

__all__ = ["CRS", "LEFT", "TOP", "Counted", "counting_host", "item_of", "write_codes", "write_store"]

CRS, LEFT, TOP = "EPSG:32631", 500_000, 5_700_000


def write_codes(path: Path, side: int, block: int, *, bottom_up: bool = False, spread: int = 40) -> None:
    """A GeoTIFF of 64 bands of int8, one band after the other as AlphaEarth's lie; codes as it quantises.

    Args:
        path: of the file.
        side: pixels.
        block: likewise.
        bottom_up: whether the first row is the southern one.
        spread: codes are drawn from minus this to this; fewer of them are packed into fewer bytes.
    """
    random = np.random.default_rng(0)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 64, "dtype": "int8", "nodata": -128}
    tiled = {"tiled": True, "blockxsize": block, "blockysize": block, "compress": "zstd", "interleave": "band"}
    step = 10 if bottom_up else -10
    transform = rasterio.Affine(10, 0, LEFT, 0, step, TOP - 10 * side if bottom_up else TOP)
    with rasterio.open(path, "w", crs=CRS, transform=transform, BIGTIFF="IF_SAFER", **profile, **tiled) as file:
        for band in range(1, 65):
            for row in range(0, side, block):
                part = random.integers(-spread, spread + 1, (min(block, side - row), side), np.int8)
                file.write(part, band, window=((row, row + len(part)), (0, side)))


def write_store(path: Path, side: int, chunk: int, shard: int, *, spread: int = 40) -> None:
    """The same numbers in a Zarr array (time, band, y, x) of one year, in shards; see `write_codes`."""
    random = np.random.default_rng(0)
    group = zarr.open_group(str(path), mode="w", zarr_format=3)
    group.attrs.update({"proj:code": CRS, "spatial:transform": [10, 0, LEFT, 0, -10, TOP]})
    array = group.create_array(
        "embeddings",
        shape=(1, 64, side, side),
        dtype="int8",
        chunks=(1, 64, chunk, chunk),
        shards=(1, 64, shard, shard),
        compressors=ZstdCodec(level=3),
        dimension_names=("time", "band", "y", "x"),
    )
    for row in range(0, side, shard):
        for column in range(0, side, shard):
            codes = random.integers(-spread, spread + 1, (1, 64, shard, shard), np.int8)
            array[:, :, row : row + shard, column : column + shard] = codes
    group.create_array("time", shape=(1,), dtype="int64", dimension_names=("time",))[:] = [2024]


def item_of(href: str) -> dict[str, Any]:
    """The Item of such a file, or of such a store."""
    rule = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}
    stated: dict[str, Any] = {
        "emb:dimensions": 64,
        "emb:space": "a-space",
        "emb:quantization": rule,
        "emb:layout": {"kind": "bands"},
    }
    if href.endswith(".zarr"):
        stated["emb:layout"] = {"kind": "array", "name": "embeddings", "dimension": "band"}
    properties = {"datetime": "2024-01-01T00:00:00Z", "emb:similarity": ["dot"], **stated}
    kind = "application/vnd+zarr" if href.endswith(".zarr") else "image/tiff"
    asset = {"href": href, "roles": ["data"], "type": kind}
    return {"type": "Feature", "id": "x", "properties": properties, "assets": {"data": asset}}


class Counted:
    """Requests and bytes since they were last reset."""

    def __init__(self) -> None:
        """Counters that another process increments."""
        context = multiprocessing.get_context("spawn")
        self.numbers = context.Array("q", 2)

    @property
    def requests(self) -> int:
        """How many were answered."""
        return int(self.numbers[0])

    @property
    def sent(self) -> int:
        """Bytes of their bodies."""
        return int(self.numbers[1])

    def add(self, size: int) -> None:
        """One more, of so many bytes."""
        with self.numbers.get_lock():
            self.numbers[0] += 1
            self.numbers[1] += size

    def clear(self) -> None:
        """Count anew."""
        with self.numbers.get_lock():
            self.numbers[:] = [0, 0]


@contextmanager
def counting_host(folder: Path, delay: float = 0) -> Iterator[tuple[str, Counted]]:
    """A host of byte ranges over a folder; its address, and what it counts. Each answer comes `delay` seconds late.

    It is a separate process, as a real host is: within ours it would take turns with a reader written in Python, and
    none with GDAL.
    """
    counted, context = Counted(), multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(folder, counted, its, delay), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}", counted
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, counted: Counted, ready: Any, delay: float) -> None:  # noqa: ANN401 - the end of a pipe
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            time.sleep(delay)
            path = folder / self.path.partition("?")[0].lstrip("/")
            size = path.stat().st_size if path.is_file() else 0
            span = re.match(r"bytes=(\d*)-(\d*)$", self.headers.get("Range", ""))
            first, last = 0, size - 1
            if span and span[1]:
                first, last = int(span[1]), min(int(span[2] or size - 1), size - 1)
            elif span:
                first = max(0, size - int(span[2]))
            body = b""
            if path.is_file() and self.command == "GET":
                with path.open("rb") as file:
                    file.seek(first)
                    body = file.read(last - first + 1)
            counted.add(len(body))
            self.send_response(404 if not path.is_file() else 206 if span else 200)
            self.send_header("Content-Length", str(len(body) if self.command == "GET" else size))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", '"one"')
            if span and path.is_file():
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ready.send(server.server_port)
    server.serve_forever()
