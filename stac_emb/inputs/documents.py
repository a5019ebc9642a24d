"""From what the user names (files, folders, globs, `-`, addresses) to parsed documents, one at a time."""

import glob
import io
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from stac_emb.errors import UnreadableInput
from stac_emb.inputs.hrefs import local_target
from stac_emb.inputs.meant import looks_like_stac, members
from stac_emb.inputs.sources import MAX_BYTES, NDJSON, PARQUET, Document, Source, Text, is_url, read_file
from stac_emb.inputs.strict_json import SeveralDocuments, parse

__all__ = ["Reader", "opens_one"]

SET_ASIDE = "set-aside"
"""Folder in which a crawl says which rows it rejected; these reports are no STAC objects."""
_JSON = (".json", ".geojson")
_KNOWN = (*_JSON, *NDJSON, *PARQUET)
_FOLLOWED = ("child", "item", "items")


def opens_one(line: bytes) -> bool:
    """Whether a first line shows that one document goes over several lines."""
    return line.strip() in {b"{", b"["}


def _unread(name: str, error: UnreadableInput | OSError) -> Document:
    """A document in the place of what could not be read: it says why."""
    return Document(name, problem=(error.strerror if isinstance(error, OSError) else None) or str(error))


@dataclass
class Reader:
    """Finds and reads documents.

    Args:
        fetch: how to get the bytes of an address; None where the network is not allowed.
        recursive: follow the `child` and `item` links of every Catalog and Collection read.
        passing_over: treat named files as files of a folder: what is not a STAC object is counted and passed over.
    """

    fetch: Callable[[str], bytes] | None = None
    recursive: bool = False
    passing_over: bool = False
    stdin: Callable[[], bytes] = field(default=lambda: sys.stdin.buffer.read(MAX_BYTES + 1))
    skipped: int = 0
    """Files of a folder that hold JSON but no STAC object."""
    set_aside: int = 0
    """Files of rejected rows, which were passed over."""
    _seen: set[str] = field(default_factory=set)
    _folders: dict[str, str] = field(default_factory=dict)
    """Where the folders of the files really are."""
    _pages: list["Source | Document"] = field(default_factory=list)

    def sources(self, names: Iterable[str]) -> Iterator["Source | Document"]:
        """The files behind the names; a Document with a problem for a name that leads nowhere."""
        for name in names:
            if name == "-" or is_url(name):
                yield Source(name, is_file=False)
                continue
            path = Path(name)
            if path.is_dir():
                yield from self._folder(path)
            elif path.exists():
                yield Source(name, found=self.passing_over)
            elif glob.has_magic(name):
                hits = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  # Path.glob takes no absolute patterns
                if not hits:
                    yield Document(name, problem="no file matches the pattern")
                yield from self.sources(hits)
            else:
                yield Document(name, problem="no such file or folder")

    def _folder(self, folder: Path) -> Iterator["Source | Document"]:
        empty = True
        waiting = [str(folder)]
        while waiting:
            root = waiting.pop()
            try:
                with os.scandir(root) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError as error:
                empty = False
                yield _unread(root, error)
                continue
            folders = []
            for entry in entries:
                name, plain = entry.name, entry.is_file(follow_symlinks=False)
                path = name if root == "." else entry.path  # as it is called from here, without a dot in front
                if not plain and os.path.isdir(path):  # noqa: PTH112  # the entry refuses a link to itself
                    if name == SET_ASIDE:
                        empty = False
                        try:
                            self.set_aside += sum(one.is_file() for one in Path(path).iterdir())
                        except OSError as error:
                            yield _unread(path, error)
                    elif not (name.startswith(".") or name == "node_modules" or entry.is_symlink()):
                        folders.append(path)
                elif name.lower().endswith(_KNOWN) and not name.startswith("."):
                    empty = False
                    yield Source(path, found=True, plain=plain)
            waiting += reversed(folders)
        if empty:
            yield Document(str(folder), problem="the folder holds no .json, .ndjson or .parquet file")

    def documents(self, source: Source) -> Iterator[Document]:
        """The documents of one source, and of what its links lead to."""
        queue: deque[Source | Document] = deque([source])
        while queue:
            current = queue.popleft()
            if isinstance(current, Document):
                yield current
                continue
            if not self.is_new(current):
                continue
            for document in self.read(current):
                yield document
                if self.recursive:
                    queue.extend(self._links(document, _FOLLOWED))
            queue.extend(self._pages)
            self._pages.clear()

    def is_new(self, source: Source) -> bool:
        """Whether a file or address was not met yet; it is from now on."""
        key = self._real(source) if source.is_file else source.name
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _real(self, source: Source) -> str:
        """The path without symbolic links; those of a folder are followed once for all its files."""
        folder, own = os.path.split(source.name)  # paths as objects take as long as reading the file
        doubtful = not source.plain and (own in {"", ".", ".."} or os.path.islink(source.name))  # noqa: PTH114  # as above
        if doubtful:
            return os.path.realpath(source.name)  # a path as an object refuses a link to itself
        if folder not in self._folders:
            self._folders[folder] = str(Path(folder).resolve())
        return f"{self._folders[folder]}{os.sep}{own}"

    def read(self, source: Source) -> Iterator[Document]:
        """The documents of one source."""
        for text in self.texts(source):
            yield from self.parsed(text)

    def texts(self, source: Source) -> Iterator[Text | Document]:
        """The texts of one source; a Document with a problem for what cannot be read."""
        try:
            if source.is_file and source.is_lines:
                yield from self._line_file(source)
                return
            data = self._bytes(source)
        except (UnreadableInput, OSError) as error:
            yield _unread(source.name, error)
        else:
            whole = Text(source.name, data, source)
            yield from self.lines(source.name, io.BytesIO(data)) if source.is_lines else [whole]

    def small(self, source: Source, most: int) -> Text | Document | None:
        """The text of a file that is one document, or why it cannot be read; None where it has more bytes than that."""
        try:
            data = read_file(source, most)
        except (UnreadableInput, OSError) as error:
            return _unread(source.name, error)
        return None if len(data) > most else Text(source.name, data, source)

    def parsed(self, text: Text | Document) -> Iterator[Document]:
        """The documents of a text."""
        if isinstance(text, Document):
            yield text
            return
        name, data, source = text
        try:
            value = parse(data)
        except UnreadableInput as error:
            if name == "-" and isinstance(error, SeveralDocuments):
                # Nothing but what comes in tells what standard input holds.
                for line in self.lines(name, io.BytesIO(data)):
                    yield from self.parsed(line)
                return
            yield Document(name, problem=str(error))
            return
        several = members(value) if source else None
        if several is None:
            if source and source.found and not looks_like_stac(value):
                self.skipped += 1
            else:
                yield Document(name, value)
            return
        # A page of an API's answer: each member is checked; its next page is a document of its own.
        listed, objects = several
        self._pages.extend(self._links(Document(name, value), ("next",)) if self.recursive else ())
        for place, member in enumerate(objects):
            yield Document(f"{name}:{listed}/{place}", member)

    def _bytes(self, source: Source) -> bytes:
        if source.is_file:
            data = read_file(source, MAX_BYTES)
        elif source.name == "-":
            data = self.stdin()
        elif self.fetch is None:
            raise UnreadableInput("an address is only read with --allow-network")
        else:
            try:
                data = self.fetch(source.name)
            except UnreadableInput as error:
                raise UnreadableInput(source.told(str(error).removeprefix(f"{source.name}: "))) from None
        if len(data) > MAX_BYTES:
            raise UnreadableInput(f"larger than {MAX_BYTES // 2**20} MiB: write the Items as ndjson or stac-geoparquet")
        return data

    def _line_file(self, source: Source) -> Iterator[Text | Document]:
        path = Path(source.name)
        if not path.is_file():
            raise UnreadableInput("not a regular file")
        with path.open("rb") as handle:
            yield from self.lines(source.name, handle)

    def lines(self, source: str, handle: BinaryIO, number: int = 0) -> Iterator[Text | Document]:
        """The texts of lines of a file, of which a `number` comes before these; a Document for what is none."""
        while line := handle.readline(MAX_BYTES + 1):
            number += 1
            name = f"{source}:{number}"
            if len(line) > MAX_BYTES:
                yield Document(name, problem=f"the line is longer than {MAX_BYTES // 2**20} MiB")
                return
            if number == 1 and opens_one(line):
                told = "one document over several lines, but .ndjson has one per line: name the file .json"
                yield Document(source, problem=told)
                return
            if line.strip():
                yield Text(name, line)
        if number == 0:
            yield Document(source, problem="the document is empty")

    def _links(self, document: Document, followed: tuple[str, ...]) -> Iterator["Source | Document"]:
        value = document.value
        links = value.get("links") if isinstance(value, dict) else None
        for link in links if isinstance(links, list) else ():
            href = link.get("href") if isinstance(link, dict) and link.get("rel") in followed else None
            if not isinstance(href, str):
                continue
            try:
                yield self._target(document.name, href)
            except ValueError as error:  # half an IPv6 address, a null byte
                yield Document(document.name, problem=f"a link leads nowhere: {href[:80]!r} ({error})")

    def _target(self, base: str, href: str) -> Source:
        if is_url(base) or is_url(href):
            address = urljoin(base, href) if is_url(base) else href
            if not is_url(address):
                raise ValueError("a document from the network may not refer to this machine")
            return Source(address, is_file=False, linked=base)
        target = local_target(Path(base), href)
        os.path.realpath(target)  # refuses what no file can be called
        return Source(str(target), linked=base)
