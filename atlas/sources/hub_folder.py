"""Copies of a data set of the Hugging Face hub on disk: a git clone, a plain download, or the hub client's cache.

The cache of huggingface_hub holds `datasets--OWNER--NAME/snapshots/COMMIT/PATH`, links to `blobs/HASH` beside it; the
name of a blob is the SHA-256 of a large file, or git's hash of a small one
(https://huggingface.co/docs/huggingface_hub/guides/manage-cache). In a clone, large files that were not fetched are
short texts that name them (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.faults import Missing
from atlas.fetch.inputs import InputFile

__all__ = ["files_of_copy", "folder_of_copy"]

BOOKKEEPING = re.compile(r"^(\.git|\.cache|\.huggingface)/|(^|/)\.gitattributes$")
COMMIT = re.compile(r"^[0-9a-f]{40}$")
SHA256 = re.compile(r"^[0-9a-f]{64}$")
POINTER = b"version https://git-lfs.github.com/spec/"
LONGEST_POINTER = 1024
"""Bytes, by the specification."""


def folder_of_copy(href: str, access: Access) -> str:
    """The folder that holds a data set's files, of a clone, a download, a snapshot of the cache, or the cache itself.

    Args:
        href: such a folder; in the cache, the snapshot of `main` is taken.
        access: reads below it.

    Raises:
        SourceError: the cache does not say which snapshot is `main`.
    """
    try:
        commit = access.read(f"{href}/refs/main", limit=1000).decode("ascii", "replace").strip()
    except Missing:
        return href
    if not COMMIT.match(commit):
        raise SourceError(f"{href}: refs/main names no commit but {commit[:60]!r}")
    return f"{href}/snapshots/{commit}"


def files_of_copy(folder: str, access: Access) -> Iterator[InputFile]:
    """The files of a copy, named by their paths in the data set; those that cannot be opened have a reason."""
    for file in access.list(folder):
        if not BOOKKEEPING.search(file.name):
            yield _file(file, access)


def _file(file: InputFile, access: Access) -> InputFile:
    if file.rejected:
        return file
    path = Path(file.href)
    if path.is_symlink():
        blob = os.path.basename(os.readlink(path))  # noqa: PTH115, PTH119 - the name of the link's target, not its path
        if SHA256.match(blob) and path.resolve().parent.name == "blobs":
            return replace(file, fingerprint=f"sha256:{blob}")
    if file.size is not None and file.size <= LONGEST_POINTER and access.read(file.href).startswith(POINTER):
        return replace(file, rejected="git-lfs pointer: the file itself was not fetched")
    return file
