"""Keep the parts that a cold Collection is read from, so that the next crawl may replace its own.

A crawl replaces a part by a new file and never writes into the old one, so hard links keep parts without using space.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from atlas.crawl.folder import sync_folder
from atlas.errors import StoreError
from atlas.formats.crawl_folder import LOADED, CrawlFiles
from atlas.store.load.crawled import Crawled

__all__ = ["is_written_by_crawls", "keep_parts", "remove_kept"]

_KEPT = "cold"
_NUMBER = re.compile(r"\d{6}")


def is_written_by_crawls(folder: Path) -> bool:
    """Whether crawls write into a folder; a copy of such a folder has no lock file."""
    files = CrawlFiles(folder)
    return files.lock.exists() and files.report.exists()


def keep_parts(crawl: Crawled) -> Path:
    """Link the parts of a finished crawl, and the other files that a load reads, into a new folder below the crawl's.

    Raises:
        StoreError: the file system does not allow it.
    """
    parent = crawl.folder / _KEPT
    number = max((int(one.name) for one in _kept(parent)), default=0) + 1
    kept, unfinished = parent / f"{number:06d}", parent / ".tmp"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)  # of one that was interrupted
        for path in (*(crawl.folder / name for name in LOADED), *crawl.parts):
            if path.exists():
                _link(path, unfinished / path.relative_to(crawl.folder))
        unfinished.rename(kept)
        sync_folder(parent)
    except OSError as error:
        raise StoreError(
            f"{parent}: the parts cannot be kept there for the API ({error.strerror}): "
            "run this as an account that may write there, or name a copy of the folder"
        ) from error
    return kept


def remove_kept(folder: Path, needed: Callable[[Path], bool]) -> None:
    """Remove the kept parts of a crawl, except the folders that are needed."""
    for one in _kept(folder / _KEPT):
        if not needed(one):
            shutil.rmtree(one, ignore_errors=True)


def _kept(parent: Path) -> list[Path]:
    return [one for one in parent.glob("*") if _NUMBER.fullmatch(one.name)] if parent.is_dir() else []


def _link(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except OSError:  # a file system without links, or a file of another account
        shutil.copy2(path, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(target.parent)
