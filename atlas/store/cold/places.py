"""Where the parts of a cold Collection lie: a folder, or a bucket of an S3 object store."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from atlas.errors import StoreError

__all__ = ["Place", "footer_of", "open_place"]

_CONNECT_SECONDS, _REQUEST_SECONDS, _ATTEMPTS = 3.0, 10.0, 2
_TAIL = 65_536
"""Bytes that are read from the end of a part: its footer is rarely longer."""
_MAGIC = b"PAR1"


@dataclass(slots=True)
class Place:
    """A folder of parts, and the footers of those that were opened.

    Attributes:
        address: as the operator named it.
        files: how it is reached.
        root: its path there.
    """

    address: str
    files: Any
    root: str
    _footers: dict[str, tuple[object, pq.FileMetaData]] = field(default_factory=dict)

    def part(self, path: str, size: int, footer: str) -> pq.ParquetFile:
        """Open a part that has this size and this footer (SHA-256 in hexadecimal).

        Raises:
            StoreError: it is another part, or none. The message does not say where: it may reach the public.
            OSError: the place cannot be reached.
        """
        name = f"{self.root}/{path}"
        info = self.files.get_file_info(name)
        if info.type != fs.FileType.File:
            msg = "a part is missing"
            raise StoreError(msg)
        stamp = (info.size, info.mtime_ns, footer)
        known = self._footers.get(path)
        if known is not None and known[0] == stamp:
            return pq.ParquetFile(self.files.open_input_file(name), metadata=known[1], pre_buffer=True)
        file = self.files.open_input_file(name)
        found, metadata = footer_of(file, info.size)
        if (info.size, found) != (size, footer):
            msg = "a part is not the one that left the database"
            raise StoreError(msg)
        self._footers[path] = (stamp, metadata)
        return pq.ParquetFile(file, metadata=metadata, pre_buffer=True)


def footer_of(file: Any, size: int) -> tuple[str, pq.FileMetaData]:  # noqa: ANN401 - a file of pyarrow, which has no types
    """SHA-256 of a part's footer, and what it says.

    Raises:
        StoreError: the file does not end as Parquet does.
    """
    tail = file.read_at(min(_TAIL, size), max(0, size - _TAIL))
    length = int.from_bytes(tail[-8:-4], "little") + 8
    if tail[-4:] != _MAGIC or length > size:
        msg = "a part is not Parquet, or cut short"
        raise StoreError(msg)
    if length > len(tail):
        tail = file.read_at(length, size - length)
    tail = tail[-length:]
    return hashlib.sha256(tail).hexdigest(), pq.read_metadata(pa.BufferReader(_MAGIC + tail))


def open_place(address: str) -> Place:
    """A folder by its path, or `s3://bucket/prefix` with the credentials of the environment.

    Raises:
        StoreError: the address is of another kind.
    """
    if "://" not in address:
        return Place(address, fs.LocalFileSystem(), str(Path(address).absolute()))
    if not address.startswith("s3://"):
        msg = f"{address}: parts are read from a folder or from s3://bucket/prefix"
        raise StoreError(msg)
    return Place(address, _bucket(), address.removeprefix("s3://").rstrip("/"))


def _bucket() -> Any:  # noqa: ANN401 - pyarrow has no types
    """The object store that the environment names, as for `atlas publish`."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return fs.S3FileSystem(
        endpoint_override=endpoint,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        anonymous=os.environ.get("AWS_SKIP_SIGNATURE", "").lower() in ("1", "true"),
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_REQUEST_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
