"""Where a site is published: a folder or a bucket. Each file is written atomically."""

import contextlib
import gzip
import io
import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from atlas.errors import SiteError
from atlas.web.publish_lock import LOCK, bucket_held, folder_held

__all__ = ["CACHE", "Target", "headers_of", "open_target"]

CACHE = "public, max-age=300"
"""What nginx and `atlas serve` send with pages."""
_TYPES = {
    ".atom": "application/atom+xml",
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".js": "text/javascript",
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".md": "text/markdown",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
}
_TEXT = ("text/", "application/x-bibtex", "application/yaml", "image/svg+xml")
_COMPRESSED = (*_TEXT, "application/json", "application/geo+json", "application/atom+xml", "application/xml")
_GZIP = b"\x1f\x8b"
"""First bytes of gzip (RFC 1952, 2.3.1), with which no JSON begins."""
_LEAST = 1_000
"""Bytes below which compression saves nothing noticeable."""


class Target(Protocol):
    """A place with named files."""

    def held(self) -> AbstractContextManager[Callable[[], None]]:
        """Lock the target; the function that it yields is called before each write, and raises if the lock is lost."""

    def names(self) -> Iterator[str]:
        """Names of all files that are there."""

    def read(self, name: str) -> bytes | None:
        """Bytes of a file, or None."""

    def put(self, name: str, source: Path | bytes, *, cache: str = CACHE) -> None:
        """Write or replace a file."""

    def remove(self, name: str) -> None:
        """Remove a file, if it exists."""


def headers_of(name: str, size: int) -> tuple[str, bool]:
    """The media type of a file, and whether it is stored compressed."""
    path = PurePosixPath(name)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
    if path.name == "schema.json" and path.parts[0] == "emb":
        kind = "application/schema+json"
    elif path.name == "opensearch.xml":
        kind = "application/opensearchdescription+xml"
    kind = {"text/xml": "application/xml"}.get(kind, kind)
    compressed = size >= _LEAST and (kind.startswith(_COMPRESSED) or kind.endswith(("+json", "+xml")))
    return (f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind), compressed


def open_target(where: str) -> Target:
    """A folder, or `s3://bucket/prefix`, `gs://bucket/prefix` with the credentials of the environment.

    Raises:
        SiteError: the address is of another kind.
    """
    if "://" not in where:
        return _Folder(Path(where))
    if not where.startswith(("s3://", "gs://")):
        raise SiteError(f"{where}: publish to a folder, s3://bucket/prefix or gs://bucket/prefix")
    return _Bucket(where)


class _Folder:
    """A folder for GitHub Pages or any web server, which adds types and compresses."""

    def __init__(self, root: Path) -> None:
        self._root = root
        if root.exists() and not root.is_dir():
            raise SiteError(f"{root} is a file; name a folder")

    def held(self) -> AbstractContextManager[Callable[[], None]]:
        return folder_held(self._root)

    def names(self) -> Iterator[str]:
        for path in self._root.rglob("*"):
            if path.is_file() and ".git" not in path.relative_to(self._root).parts[:1]:
                yield path.relative_to(self._root).as_posix()

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, source: Path | bytes, *, cache: str = CACHE) -> None:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.tmp")
        with unfinished.open("wb") as file:
            with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as whole:
                shutil.copyfileobj(whole, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)

    def remove(self, name: str) -> None:
        path = self._root / name
        path.unlink(missing_ok=True)
        for folder in path.relative_to(self._root).parents:
            if folder != Path() and (self._root / folder).is_dir() and not any((self._root / folder).iterdir()):
                (self._root / folder).rmdir()


class _Bucket:
    """A bucket: media type, caching and compression are stored with each object."""

    def __init__(self, url: str) -> None:
        from obstore.store import from_url

        self._url = url
        self._store: Any = from_url(url.rstrip("/"))

    @contextlib.contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        with contextlib.ExitStack() as stack:
            held = bucket_held(self._store, self._url)
            still = self._told(stack.enter_context, held)
            yield lambda: self._told(still)

    def names(self) -> Iterator[str]:
        found = self._told(lambda: [str(one["path"]) for batch in self._store.list() for one in batch])
        yield from (name for name in found if name != LOCK)

    def read(self, name: str) -> bytes | None:
        try:
            data = bytes(self._store.get(name).bytes())
            # Some stores decompress such objects on download, others do not.
            return gzip.decompress(data) if data.startswith(_GZIP) else data
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._fault(error) from error

    def put(self, name: str, source: Path | bytes, *, cache: str = CACHE) -> None:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        kind, compressed = headers_of(name, size)
        attributes = {"Content-Type": kind, "Cache-Control": cache}
        content: Path | bytes = source
        if compressed:
            whole = source if isinstance(source, bytes) else source.read_bytes()
            content = gzip.compress(whole, 9, mtime=0)
            attributes["Content-Encoding"] = "gzip"
        self._told(self._store.put, name, content, attributes=attributes)

    def remove(self, name: str) -> None:
        self._told(self._store.delete, name)

    def _told(self, operation: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - what the library gives
        try:
            return operation(*arguments, **named)
        except FileNotFoundError:
            return None
        except SiteError:
            raise
        except Exception as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> SiteError:
        return SiteError(f"{self._url}: {type(error).__name__}: {str(error).splitlines()[0]}")
