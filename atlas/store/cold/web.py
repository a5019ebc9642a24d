"""Parts at a web address: read by byte ranges, and named by the crawl's manifest, as a web server lists nothing."""

import contextlib
from collections.abc import Hashable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from atlas.errors import CrawlError, StoreError
from atlas.fetch.client import fetcher_for
from atlas.fetch.faults import FetchError, Missing
from atlas.fetch.guard import host_and_port
from atlas.fetch.policy import policy_for
from atlas.fetch.ranges import RangeFile
from atlas.formats.crawl_folder import LOADED, NAMES, parts_of_manifest

__all__ = ["WebFiles"]

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3.0, 10.0, 2
_RATE, _CONCURRENCY = 1_000.0, 16
"""Requests per second, and at a time: the host is the operator's own choice."""
_PIECE = 16 * 2**20


class _File(RangeFile):
    """A remote file whose errors are `OSError`, as libraries expect."""

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        with _as_of_files():
            return super().read(size)


class WebFiles:
    """The files below a web address, by their full names."""

    def __init__(self, address: str) -> None:
        """Send no request yet."""
        parts = urlsplit(address)
        policy = policy_for([parts.netloc.rpartition("@")[2]], trusted=(host_and_port(parts),))
        self._policy = replace(
            policy,
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            attempts=_ATTEMPTS,
            rate=_RATE,
            concurrency=_CONCURRENCY,
        )

    def open(self, url: str) -> tuple[Any, int, Hashable]:
        """A file, its size, and a stamp that changes when the file is replaced.

        Raises:
            OSError: it cannot be read; FileNotFoundError where there is none.
        """
        with _as_of_files():
            file = _File(fetcher_for(self._policy), url)
        return pa.PythonFile(file, "r"), file.size, file.head.stamp

    def names(self, root: str) -> list[str]:
        """Names of the files that a load reads.

        Raises:
            StoreError: no manifest names the parts.
            OSError: it cannot be read.
        """
        manifest = f"{root}/{NAMES.manifest}"
        try:
            return [*LOADED, *parts_of_manifest(b"".join(self._pieces(manifest)))]
        except (FileNotFoundError, CrawlError) as error:
            msg = f"{manifest}: names no parts ({error}), and a web server lists none"
            raise StoreError(msg) from error

    def copy(self, url: str, target: Path) -> None:
        """Copy a whole file.

        Raises:
            OSError: it cannot be read or written; FileNotFoundError where there is none.
        """
        pieces = self._pieces(url)
        with target.open("wb") as file:
            file.writelines(pieces)

    def _pieces(self, url: str) -> Iterator[bytes]:
        with _as_of_files(), _File(fetcher_for(self._policy), url) as file:
            while piece := file.read(_PIECE):
                yield piece


@contextlib.contextmanager
def _as_of_files() -> Iterator[None]:
    try:
        yield
    except Missing as error:
        raise FileNotFoundError(str(error)) from error
    except FetchError as error:
        raise OSError(str(error)) from error
