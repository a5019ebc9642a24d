"""Files on this machine: locked while a process uses them, and hashed."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["held", "sha256_of"]


@contextlib.contextmanager
def held(
    path: Path, busy: Callable[[], Exception] = BlockingIOError, *, shared: bool = False, wait: bool = False
) -> Iterator[int]:
    """Lock a folder or a file; the kernel frees the lock when the process ends, however it ends.

    Args:
        path: the folder or file; a file that is missing is made, unless `shared`, for this account alone: whoever may
            read it could hold it for ever.
        busy: makes the error for a lock that another process holds.
        shared: let others hold it who share it; the file need only be readable.
        wait: wait for it instead.

    Yields:
        The open file.
    """
    import fcntl  # not on Windows, where products are only read

    handle = os.open(path, os.O_RDONLY if shared or path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise busy() from None
        yield handle
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
