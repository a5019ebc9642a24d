"""How readers reach bytes: local paths below the source, and the hosts that the record names."""

import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote

from atlas import files
from atlas.errors import UnreadableInput
from atlas.fetch.address import http_url, is_remote, split
from atlas.fetch.client import fetcher_for
from atlas.fetch.faults import Changed, HttpStatus, Missing, TooLarge, UrlRefused
from atlas.fetch.guard import check_host, check_url
from atlas.fetch.inputs import InputFile
from atlas.fetch.listing import list_objects, list_prefixes
from atlas.fetch.policy import FetchPolicy
from atlas.fetch.ranges import RangeFile, read_last, read_range
from atlas.fetch.reply import Head, Reply
from stac_emb.inputs.hrefs import file_of

__all__ = ["Access", "fingerprint_of", "local_path", "sha256_of"]


def sha256_of(path: Path) -> str:
    """SHA-256 of a local file in hexadecimal.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    try:
        return files.sha256_of(path)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error


def fingerprint_of(head: Head) -> str:
    """A remote object's fingerprint: its ETag, else its size and date, else nothing."""
    if head.etag:
        return f"etag:{head.etag}"
    return f"size:{head.size};modified:{head.last_modified}" if head.last_modified else ""


class Access:
    """Reads local files below `root` and remote objects of the policy's hosts, with manners and limits.

    Every method raises `UnreadableInput`, with the href, when the object cannot be read, and `SourceError` when the
    host may not be asked.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        endpoints: dict[str, str] | None = None,
        root: Path | None = None,
        digest: Callable[[Path], str] = sha256_of,
    ) -> None:
        """Set what may be read; `root` None forbids local files, as for a remote index."""
        self.policy = policy
        self._endpoints = endpoints or {}
        self._root, self._digest = root, digest

    def url(self, href: str) -> str:
        """The https URL that serves an object-store address."""
        return http_url(href, self.policy.hosts, self._endpoints)

    def ask(self, href: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Reply:
        """A whole answer with its headers, for APIs that page with a Link header or take a query as JSON."""
        fetcher = fetcher_for(self.policy)
        if body is not None:
            return fetcher.post(self.url(href), body, headers=headers)
        return fetcher.get(self.url(href), headers=headers)

    def folders(self, prefix: str) -> Iterator[str]:
        """The hrefs of the folders directly below a prefix, in the order of their names, each ending in `/`."""
        if is_remote(prefix):
            yield from list_prefixes(fetcher_for(self.policy), self.url(prefix))
            return
        for path in sorted(p for p in self._path(prefix).iterdir() if p.is_dir()):
            yield f"{path}/"

    def admit(self, href: str) -> str:
        """The URL of an object after the checks of every request, for a library with its own client.

        Raises:
            UrlRefused: the record does not name the host.
            AddressRefused: its name leads to an internal address.
        """
        if not is_remote(href):
            return str(self._path(href))
        url = self.url(href)
        check_url(url, self.policy)
        check_host(url, self.policy)
        return url

    def stat(self, href: str) -> InputFile:
        """Fingerprint and size without reading the body (local files are hashed)."""
        if not is_remote(href):
            path = self._file(href)
            return InputFile(href, f"sha256:{self._digest(path)}", path.stat().st_size, self._name(path))
        url, fetcher = self.url(href), fetcher_for(self.policy)
        try:
            head = fetcher.head(url)
        except HttpStatus as error:
            if error.status not in {403, 405, 501}:  # some hosts sign or serve GET only
                raise
            head = read_range(fetcher, url, 0, 1)[0]
        return InputFile(href, fingerprint_of(head), head.size, unquote(split(url).path.rpartition("/")[2]))

    def read(self, href: str, *, limit: int = 64 * 2**20) -> bytes:
        """The whole object; more than `limit` bytes is an error."""
        if is_remote(href):
            return fetcher_for(self.policy).get(self.url(href), max_bytes=limit).content
        path = self._file(href)
        if path.stat().st_size > limit:
            raise TooLarge(f"{path}: {path.stat().st_size} bytes, the limit is {limit}")
        with _local(path) as file:
            return file.read()

    def part(self, href: str, start: int, end: int) -> bytes:
        """The bytes `start` to `end` (exclusive), or the last ones where `start` is negative: one request."""
        if is_remote(href):
            url, fetcher = self.url(href), fetcher_for(self.policy)
            if start < 0:
                return read_last(fetcher, url, -start)[1]
            return read_range(fetcher, url, start, end)[1]
        with _local(self._file(href)) as file:
            size = file.seek(0, io.SEEK_END)
            begin = max(0, size + start) if start < 0 else start
            file.seek(begin)
            return file.read(max(0, (size if start < 0 else min(end, size)) - begin))

    def stream(self, href: str) -> AbstractContextManager[BinaryIO]:
        """The object from its beginning, for reading once; a body that ends early is an error."""
        return self._streamed(self.url(href)) if is_remote(href) else _local(self._file(href))

    def random(self, href: str) -> AbstractContextManager[BinaryIO]:
        """The object as a seekable file that fetches ranges, for Parquet footers and row groups."""
        if is_remote(href):
            return cast("BinaryIO", RangeFile(fetcher_for(self.policy), self.url(href)))
        return _local(self._file(href))

    @contextlib.contextmanager
    def _streamed(self, url: str) -> Iterator[BinaryIO]:
        with fetcher_for(self.policy).stream(url) as (head, chunks):
            yield cast("BinaryIO", _RemoteStream(head, chunks))

    @contextlib.contextmanager
    def opened(self, file: InputFile, *, whole: bool = False) -> Iterator[BinaryIO]:
        """A shard's input as a seekable file, or as a stream where `whole`, if it is still the one that was planned.

        Raises:
            Changed: the object changed since.
        """
        with self.stream(file.href) if whole else self.random(file.href) as stream:
            head = getattr(stream, "head", None)
            # Listings may give hashes that no response has (git objects, SHA-256): only the next crawl compares those.
            if isinstance(head, Head) and file.fingerprint.startswith(("etag:", "size:")):
                now = fingerprint_of(head)
                if now != file.fingerprint:
                    raise Changed(
                        f"{file.href}: changed since the crawl was planned (was {file.fingerprint}, is {now})"
                    )
            yield stream

    def list(self, prefix: str) -> Iterator[InputFile]:
        """The objects below a folder or an object-store prefix, in the order of their names."""
        if is_remote(prefix):
            yield from list_objects(fetcher_for(self.policy), self.url(prefix))
            return
        folder = self._path(prefix)
        for path in sorted(p for p in folder.rglob("*") if p.is_symlink() or p.is_file()):
            name = path.relative_to(folder).as_posix()
            if rejected := self._unfollowed(path):
                yield InputFile(str(path), f"rejected:{rejected}", None, name, rejected)
                continue
            stat = path.stat()
            # Hashing whole data files would read terabytes; size and time tell a listing what it needs.
            yield InputFile(str(path), f"listed:{stat.st_size};modified:{stat.st_mtime_ns}", stat.st_size, name)

    def _unfollowed(self, path: Path) -> str:
        """Why a file of a listing is not opened; empty where it may be."""
        if not path.is_symlink():
            return ""
        try:
            if not self._path(str(path)).is_file():
                return "link to a folder, which is not followed"
        except UrlRefused:
            return "link leads out of the folder of the source"
        except (Missing, OSError, RuntimeError):  # RuntimeError: a circle of links
            return "link leads nowhere"
        return ""

    def _path(self, href: str) -> Path:
        path = local_path(href)
        if self._root is None:
            raise UrlRefused(f"{href}: an index on another host must not name local files")
        base = self._root if self._root.is_dir() else self._root.parent
        try:
            inside, there = path.resolve().is_relative_to(base.resolve()), path.exists()
        except (OSError, ValueError) as error:  # too long, NUL, half a character
            why = error.strerror if isinstance(error, OSError) else error
            raise Missing(f"{str(path)[:200]!r}: no such file: no file can have this name: {why}") from None
        if not inside:
            raise UrlRefused(f"{href}: outside the folder of the source ({base})")
        if not there:
            raise Missing(f"{path}: no such file")
        return path

    def _file(self, href: str) -> Path:
        path = self._path(href)
        if not path.is_file():  # a pipe may never end
            raise Missing(f"{path}: {'a folder' if path.is_dir() else 'a device or pipe'}, not a file")
        return path

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix() if self._root and self._root.is_dir() else path.name


@contextlib.contextmanager
def _local(path: Path) -> Iterator[BinaryIO]:
    """A local file; `UnreadableInput` where it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error
    with file:
        yield file


class _ChunkStream(io.RawIOBase):
    """Chunks of an answer as a raw stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed's Buffer is wider than what io passes
        if not self._rest:
            self._rest = next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class _RemoteStream(io.BufferedReader):
    """A remote object from its beginning, with the head of the answer."""

    def __init__(self, head: Head, chunks: Iterator[bytes]) -> None:
        super().__init__(_ChunkStream(chunks), buffer_size=1024 * 1024)
        self.head = head


def local_path(href: str) -> Path:
    """The file of a path or of a `file:` URI.

    Raises:
        UrlRefused: the URI names another machine, or is not a file.
    """
    parts = split(href)
    if parts.scheme == "file":
        try:
            return file_of(href)
        except ValueError as error:
            raise UrlRefused(f"{href}: {error}") from None
    if "://" in href:
        raise UrlRefused(f"{href}: the scheme '{parts.scheme}' is not one that a crawl reads")
    return Path(href)
