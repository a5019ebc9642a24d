"""A file system in memory, for what tests write and drop."""

import os
import shutil
from pathlib import Path

__all__ = ["memory"]


def memory(room: int = 4_000_000_000) -> Path | None:
    """A file system in memory with so many bytes free, where there is one.

    What tests write is gone in a moment, and need not reach a disk, for which each file of a crawl would wait. A
    database has more than a thousand files, and ext4 passes over the inodes of all files that were deleted a moment ago
    before it gives a new file its own: copies of the template would take up to ten times as long.

    Args:
        room: two workers have a cluster each, with a template for each kind of contents.
    """
    place = Path("/dev/shm")  # noqa: S108 - pytest and mkdtemp make folders there that nobody else may enter
    return place if os.access(place, os.W_OK) and shutil.disk_usage(place).free > room else None
