"""What a load needs to know of a crawl's folder."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from atlas.errors import CrawlError, StoreError
from atlas.files import held
from atlas.formats.crawl_folder import NAMES, part_files, promised_parts, read_crawl
from atlas.stac.extents import united
from stac_emb.schema_cache import schema_cache
from stac_emb.validate import Validator

__all__ = ["Crawled", "by_collection", "common_document", "undisturbed"]

_MOST_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Crawled:
    """The output of one crawl."""

    folder: Path
    document: dict[str, Any]
    """The Collection."""
    source: str
    """The index that was read: loading another crawl of it replaces what this one put into the database."""
    parts: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path) -> "Crawled":
        """Read a folder.

        Raises:
            StoreError: it is not the output of a crawl, or its Collection is not valid.
        """
        path = folder / NAMES.collection
        try:
            document = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise StoreError(f"{path}: a crawl writes the Collection here, and it cannot be read: {why}") from error
        if not isinstance(document, dict) or not isinstance(document.get("id"), str) or not document["id"]:
            raise StoreError(f"{path}: is not a Collection with an id")
        _check(document, path)
        try:
            parts = tuple(part_files(folder, vanished=True))
        except CrawlError as error:
            raise StoreError(str(error)) from None
        return cls(folder, document, _source(folder), parts)

    def promised(self) -> dict[Path, str]:
        """SHA-256 of the parts as the crawl's manifest states it; to be asked while no crawl writes here.

        Raises:
            StoreError: a part is missing.
        """
        try:
            return promised_parts(self.folder, self.parts)
        except CrawlError as error:
            raise StoreError(str(error)) from None

    def labels(self, *, alone: bool) -> dict[Path, str]:
        """Names of the parts in reports: with the folder's name where there are several."""
        before = "" if alone else f"{self.folder.name}/"
        return {path: before + path.relative_to(self.folder).as_posix() for path in self.parts}


def _check(document: dict[str, Any], path: Path) -> None:
    """Refuse an invalid Collection, which would replace a valid one.

    Extensions whose schemas are not at hand are not checked.
    """
    faults = _validator().validate(document)
    if not faults and document["type"] != "Collection":
        raise StoreError(f"{path}: is a {document['type']}, not a Collection")
    if faults:
        shown = "; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults[:_MOST_FAULTS])
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise StoreError(f"{path}: is not a valid Collection: {shown}{more}")


@cache
def _validator() -> Validator:
    """One for the process: it keeps the schemas that it compiled."""
    return Validator(fetch=schema_cache())


def _source(folder: Path) -> str:
    """The index that the crawl's report names; the folder itself where another tool made it."""
    try:
        return read_crawl(folder).source or str(folder.resolve())
    except CrawlError:
        return str(folder.resolve())


def common_document(crawls: Sequence[Crawled]) -> dict[str, Any]:
    """The last crawl's Collection, with an extent that covers all of them.

    Raises:
        StoreError: they are of different Collections, or there are none.
    """
    if not crawls:
        raise StoreError("no folder to load")
    names = sorted({crawl.document["id"] for crawl in crawls})
    if len(names) > 1:
        raise StoreError(f"folders of different Collections cannot be loaded as one: {', '.join(names)}")
    document = crawls[-1].document
    for crawl in crawls[:-1]:
        document = {**document, "extent": united(document.get("extent") or {}, crawl.document.get("extent") or {})}
    return document


def by_collection(folders: Sequence[Path]) -> tuple[list[list[Path]], list[tuple[list[Path], StoreError]]]:
    """Folders grouped by Collection, in the order given; and those that are not crawls, with their errors."""
    groups: dict[str, list[Path]] = {}
    failed: list[tuple[list[Path], StoreError]] = []
    for folder in folders:
        try:
            groups.setdefault(Crawled.of(folder).document["id"], []).append(folder)
        except StoreError as error:
            failed.append(([folder], error))
    return list(groups.values()), failed


@contextlib.contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Keep crawls from writing into the folder while it is read; several loads may read it."""
    lock = folder / NAMES.lock
    if not lock.exists():
        yield  # the folder was copied from where it was crawled
        return
    message = f"{folder}: a crawl is writing here; load it when the crawl is done"
    with held(lock, lambda: StoreError(message), shared=True):
        yield
