"""Writing the folder of one product's crawl: atomically, and under the lock that keeps two crawls apart.

`atlas.formats.crawl_folder` names its files.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from atlas.errors import CrawlError
from atlas.files import held
from atlas.formats.crawl_folder import CrawlFiles

__all__ = ["CrawlFolder", "sync_folder", "temporary", "update_json", "update_text", "write_json", "write_text"]

_PATIENCE = 600.0
"""Seconds that a worker waits for another one to commit: comparing a shard of millions takes a few."""


class CrawlFolder(CrawlFiles):
    """A folder that is written."""

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            CrawlError: a folder cannot be made.
        """
        try:
            for folder in (self.items, self.rejected, self.state):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CrawlError(f"{error.filename or self.root}: {error.strerror}") from None

    @contextmanager
    def locked(self) -> Iterator[str]:
        """Lock the folder: the kernel frees the lock when the process ends, however it ends.

        Yields:
            A token of this run, by which its workers know that no other has begun: see `held_by`.

        Raises:
            CrawlError: another crawl holds it.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.lock.touch(0o644)  # whoever loads from the folder shares the lock
        except OSError as error:
            raise CrawlError(f"{error.filename or self.root}: {error.strerror}") from None
        with held(self.lock, self._busy) as handle:
            token = secrets.token_hex(8)
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()} {token}".encode())
            yield token

    def _busy(self) -> CrawlError:
        holder = self.lock.read_text(errors="replace").partition(" ")[0] or "unknown"
        return CrawlError(
            f"{self.root}: another crawl is writing here (process {holder}); wait for it or use another --out"
        )

    def held_by(self, token: str) -> bool:
        """Whether the run of that token was the last to hold the folder."""
        try:
            return self.lock.read_text(errors="replace").partition(" ")[2] == token
        except FileNotFoundError:
            return False

    @contextmanager
    def committing(self, shard: str) -> Iterator[None]:
        """Lock the files of a shard against all other workers, on any machine that shares the folder.

        A worker that was taken for lost may still run when another one has been given its shard.

        Raises:
            CrawlError: another worker does not finish.
        """
        path = self.shard_lock(shard)
        end = time.monotonic() + _PATIENCE
        while True:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_open(handle, path):
                    break
            except BlockingIOError:
                pass
            os.close(handle)
            if time.monotonic() > end:
                raise CrawlError(f"{path}: another worker has been writing this shard for {_PATIENCE:.0f} s")
            time.sleep(0.02)
        try:
            yield
        finally:
            if _is_open(handle, path):
                path.unlink(missing_ok=True)  # while it is held: whoever waits sees that the name is gone
            os.close(handle)


def _is_open(handle: int, path: Path) -> bool:
    """Whether the path still is the file that is open: its last holder took the name away."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401  # any JSON value
    """Write JSON, whole or not at all; keys keep their order."""
    write_text(path, _json(value))


def update_json(path: Path, value: Any) -> None:  # noqa: ANN401  # any JSON value
    """Write JSON unless the file holds just that: a write that must survive a loss of power takes milliseconds."""
    update_text(path, _json(value))


def update_text(path: Path, text: bytes) -> None:
    """Write a file, whole or not at all, unless it holds just that."""
    try:
        same = path.stat().st_size == len(text) and path.read_bytes() == text
    except FileNotFoundError:
        same = False
    if not same:
        write_text(path, text)


def write_text(path: Path, text: bytes) -> None:
    """Write a file, whole or not at all, so that it survives a loss of power."""
    unfinished = temporary(path)
    with unfinished.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder: a renamed file may be on the disk before its new name is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(value: Any) -> bytes:  # noqa: ANN401  # any JSON value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def temporary(path: Path, attempt: str = "") -> Path:
    """The name of a file until it is complete; `attempt` keeps apart those that may write it at the same time."""
    return path.with_name(f".{path.name}{attempt and f'.{attempt}'}.tmp")
