"""One array of an NPZ archive: a ZIP file of NPY files."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.npy import NpyFile

__all__ = ["npz_member"]


class _Sized:
    """A member that knows its size: seeking to its end would decompress all of it."""

    def __init__(self, member: IO[bytes], size: int) -> None:
        """At the beginning."""
        self._member, self._size, self._ended = member, size, False

    def read(self, count: int = -1) -> bytes:
        return b"" if self._ended else self._member.read(count)

    def tell(self) -> int:
        return self._size if self._ended else self._member.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        self._ended = (offset, whence) == (0, 2)
        return self._size if self._ended else self._member.seek(offset, whence)


@contextlib.contextmanager
def npz_member(stream: BinaryIO, name: str, wanted: object = None) -> Iterator[NpyFile]:
    """The array with the name that a layout states; without a name the only one.

    The array is decompressed as a stream, so memory stays flat; the part before the numbers that are read is
    decompressed, and for a remote archive fetched, too.

    Raises:
        RestoreError: the archive holds several arrays and none is named, or not the named one.
        UnreadableInput: the archive is damaged, or a member is not an NPY file.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            there = [entry.removesuffix(".npy") for entry in archive.namelist() if entry.endswith(".npy")]
            if wanted is None and len(there) == 1:
                wanted = there[0]
            if not isinstance(wanted, str) or wanted not in there:
                which = f"not '{wanted}'" if isinstance(wanted, str) else "and 'emb:layout' names none"
                msg = f"{name}: the archive holds the arrays {', '.join(sorted(there)) or 'none'}, {which}"
                raise RestoreError(msg)
            with archive.open(f"{wanted}.npy") as member:
                sized = _Sized(member, archive.getinfo(f"{wanted}.npy").file_size)
                yield NpyFile(cast("BinaryIO", sized), f"{name}/{wanted}.npy")
    # zipfile: NotImplementedError for a compression that it does not know, RuntimeError for an encrypted member.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise UnreadableInput(f"{name}: cannot be read as NPZ: {error}") from error
