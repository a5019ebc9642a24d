"""Digests of local files that are remembered, so that an unchanged index need not be read to see that it is unchanged.

A shard's fingerprint holds the SHA-256 of its local inputs: a copied folder is unchanged, a touched file too. Hashing
a gigabyte takes a second, a look at the file's metadata microseconds. As long as size, times, inode and device are
those of the moment of hashing, so are the bytes.
"""

import time
from collections.abc import Callable
from os import stat_result
from pathlib import Path

from atlas.crawl.folder import update_json
from atlas.errors import CrawlError
from atlas.fetch.access import sha256_of
from atlas.formats.crawl_folder import read_json

__all__ = ["InputMemory"]

_RACY = 2_000_000_000
"""Nanoseconds. A file that changed shortly before it was hashed may change again within one tick of its file system's
clock (two seconds on FAT) and look the same: such a file is hashed again the next time."""
_VERSION = 1


class InputMemory:
    """Digests of local files by path, kept in a file of the crawl's folder."""

    def __init__(self, path: Path, *, now: Callable[[], int] = time.time_ns) -> None:
        """Read what an earlier run kept; a file of another form counts as none.

        Args:
            path: `inputs.json` of the crawl's folder.
            now: the clock, in nanoseconds.
        """
        self._path, self._now = path, now
        try:
            kept = read_json(path)
        except CrawlError:
            kept = None  # then all is hashed again
        known = kept.get("files") if isinstance(kept, dict) and kept.get("version") == _VERSION else None
        self._known: dict[str, list[int | str]] = known if isinstance(known, dict) else {}
        self._asked: set[str] = set()

    def digest(self, path: Path) -> str:
        """SHA-256 of a file in hexadecimal.

        Raises:
            UnreadableInput: the file cannot be read.
        """
        name = str(path.absolute())
        self._asked.add(name)
        before = _marks(path.stat())
        kept = self._known.get(name)
        if isinstance(kept, list) and kept[:-1] == before:
            return str(kept[-1])
        began = self._now()
        found = sha256_of(path)
        self._known.pop(name, None)
        settled = max(path.stat().st_mtime_ns, path.stat().st_ctime_ns) < began - _RACY
        if settled and _marks(path.stat()) == before:
            self._known[name] = [*before, found]
        return found

    def save(self) -> None:
        """Keep what is known of the files of this run, and of others that are still there (of another `--source`)."""
        files = {name: self._known[name] for name in sorted(self._known) if name in self._asked or Path(name).exists()}
        if files or self._path.exists():
            update_json(self._path, {"version": _VERSION, "files": files})


def _marks(stat: stat_result) -> list[int | str]:
    """All that changes when a file is written, replaced or moved here from elsewhere."""
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev]
