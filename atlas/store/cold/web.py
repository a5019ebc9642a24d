"""Parts at a web address: read by byte ranges, and named by the crawl's manifest, as a web server lists nothing."""

import contextlib
from collections.abc import Hashable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pyarrow as pa

from atlas.errors import StoreError
from atlas.fetch import FetchError, Missing, RangeFile, fetcher_for, policy_for
from atlas.fetch.guard import host_and_port

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
    """The files below a web address, as `atlas.store.cold.places.Files`."""

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
        try:
            manifest = orjson.loads(b"".join(self._pieces(f"{root}/manifest.json")))
            parts = [str(name) for shard in manifest["shards"].values() for name in shard["parts"]]
        except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            msg = f"{root}/manifest.json: names no parts ({error!r}), and a web server lists none"
            raise StoreError(msg) from error
        if wrong := next((one for one in parts if not one.startswith("items/") or ".." in one.split("/")), None):
            raise StoreError(f"{root}/manifest.json: {wrong!r} is not below items/")
        return ["collection.json", "manifest.json", "report.json", *parts]

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
