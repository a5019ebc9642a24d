"""Where the parts of a cold Collection lie: a folder, a bucket of an object store, or a web address."""

import datetime as dt
import hashlib
import os
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from atlas.errors import StoreError
from atlas.formats.crawl_folder import NAMES, is_loaded
from atlas.store.cold.web import WebFiles

__all__ = ["Place", "footer_of", "open_place"]

_CONNECT_SECONDS, _REQUEST_SECONDS, _ATTEMPTS = 3.0, 10.0, 2
_TAIL = 65_536
"""Bytes that are read from the end of a part: its footer is rarely longer."""
_MAGIC = b"PAR1"
_MISSING = "a part is missing"


@dataclass(slots=True)
class _Listed:
    """Files of a file system that lists them, with the methods of `WebFiles`."""

    system: Any

    def open(self, name: str) -> tuple[Any, int, Hashable]:
        file = self.system.open_input_file(name)
        # S3 says what it opened: one request for each row group that is read instead of two
        if tag := file.metadata().get("ETag"):
            return file, file.size(), tag
        # asked for after opening: a file that is replaced in between is not taken for the one that was opened
        info = self.system.get_file_info(name)
        if info.type != fs.FileType.File:
            raise FileNotFoundError(name)
        return file, info.size, info.mtime_ns

    def names(self, root: str) -> list[str]:
        found = self.system.get_file_info(fs.FileSelector(root, recursive=True))
        names = (info.path.removeprefix(f"{root}/") for info in found if info.type == fs.FileType.File)
        return [name for name in names if is_loaded(name)]

    def copy(self, name: str, target: Path) -> None:
        fs.copy_files(name, str(target), self.system, fs.LocalFileSystem())


@dataclass(slots=True)
class Place:
    """A folder of parts, and the footers of those that were opened.

    Attributes:
        address: as the operator named it.
        files: how it is reached.
        root: its path there.
    """

    address: str
    files: _Listed | WebFiles
    root: str
    _footers: dict[str, tuple[object, pq.FileMetaData]] = field(default_factory=dict)

    def part(self, path: str, size: int, footer: str) -> pq.ParquetFile:
        """Open a part that has this size and this footer (SHA-256 in hexadecimal).

        Raises:
            StoreError: it is missing or was replaced. The message does not name the place, as it may reach the public.
            OSError: the place cannot be reached.
        """
        try:
            file, there, stamp = self.files.open(f"{self.root}/{path}")
        except FileNotFoundError as error:
            raise StoreError(_MISSING) from error
        known = self._footers.get(path)
        if known is None or known[0] != (there, stamp, footer):
            found, metadata = footer_of(file, there)
            if (there, found) != (size, footer):
                raise StoreError("a part was replaced after the Items left the database")
            known = self._footers[path] = ((there, stamp, footer), metadata)
        return pq.ParquetFile(file, metadata=known[1], pre_buffer=True, page_checksum_verification=True)

    def fetch(self, folder: Path) -> None:
        """Copy what a load reads to a folder on this machine.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            for name in self.files.names(self.root):
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    self.files.copy(f"{self.root}/{name}", target)
                except FileNotFoundError:
                    if name != str(NAMES.report):  # which other tools do not write
                        raise
                    target.unlink(missing_ok=True)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{self.address}: cannot be read: {error}") from error


def footer_of(file: Any, size: int) -> tuple[str, pq.FileMetaData]:  # noqa: ANN401 - a file of pyarrow, which has no types
    """SHA-256 of a part's footer, and its metadata.

    Raises:
        StoreError: the file does not end like Parquet.
    """
    tail = file.read_at(min(_TAIL, size), max(0, size - _TAIL))
    length = int.from_bytes(tail[-8:-4], "little") + 8
    if tail[-4:] != _MAGIC or length > size:
        raise StoreError("a part is not Parquet, or is truncated")
    if length > len(tail):
        tail = file.read_at(length, size - length)
    tail = tail[-length:]
    return hashlib.sha256(tail).hexdigest(), pq.read_metadata(pa.BufferReader(_MAGIC + tail))


def open_place(address: str) -> Place:
    """A folder by its path, `s3://bucket/prefix`, `gs://bucket/prefix` or `https://host/path`.

    Buckets are read with the credentials of the environment.

    Raises:
        StoreError: the address is of another kind.
    """
    kind, separator, rest = address.rstrip("/").partition("://")
    if not separator:
        return Place(address, _Listed(fs.LocalFileSystem()), str(Path(address).absolute()))
    if kind in ("s3", "gs"):
        return Place(address, _Listed(_bucket() if kind == "s3" else _google()), rest)
    if kind in ("http", "https"):
        return Place(address, WebFiles(address), address.rstrip("/"))
    msg = f"{address}: parts are read from a folder, s3://bucket/prefix, gs://bucket/prefix or https://host/path"
    raise StoreError(msg)


def _google() -> Any:  # noqa: ANN401 - pyarrow has no types
    """Google Cloud Storage, or what stands in for it (`STORAGE_EMULATOR_HOST`, as Google's own clients read it)."""
    scheme, _, host = os.environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/").rpartition("://")
    skip = os.environ.get("GOOGLE_SKIP_SIGNATURE", "").lower() in ("1", "true")
    return fs.GcsFileSystem(
        anonymous=bool(host) or skip,
        scheme=scheme or ("http" if host else "https"),
        endpoint_override=host or None,
        retry_time_limit=dt.timedelta(seconds=_REQUEST_SECONDS),
    )


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
