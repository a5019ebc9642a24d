"""NumPy files, of which only a window is read.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import tokenize
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from atlas.errors import UnreadableInput

__all__ = ["NpyFile"]

LARGEST_HEADER = 10_000


class NpyFile:
    """An array in a seekable stream, its header read."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Read the header.

        Raises:
            UnreadableInput: it is not an NPY file, holds Python objects, or is shorter or longer than its header says.
        """
        stream.seek(0)
        try:
            version = npy_format.read_magic(stream)
            reads = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
            if version not in reads:
                raise UnreadableInput(f"{name}: NPY format version {version} is not known")
            self.shape, self.by_columns, self.dtype = reads[version](stream, max_header_size=LARGEST_HEADER)
        except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, tokenize.TokenError) as error:
            raise UnreadableInput(f"{name}: cannot be read as NPY: {error}") from error
        self._start = stream.tell()
        size = stream.seek(0, 2)
        expected = self._start + math.prod(self.shape) * self.dtype.itemsize
        if self.dtype.hasobject or size != expected:
            why = "holds Python objects" if self.dtype.hasobject else f"has {size} bytes, its header says {expected}"
            raise UnreadableInput(f"{name}: {why}")
        self._stream, self._name = stream, name

    @staticmethod
    def matches(stream: BinaryIO) -> bool:
        """Whether a stream begins like an NPY file."""
        stream.seek(0)
        return stream.read(6) == npy_format.MAGIC_PREFIX

    def whole(self) -> npt.NDArray[Any]:
        """All of the array."""
        self._stream.seek(self._start)
        data = self._stream.read(math.prod(self.shape) * self.dtype.itemsize)
        return np.frombuffer(data, self.dtype).reshape(self.shape, order="F" if self.by_columns else "C")

    def window(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
        """A window of the rows and columns of an array of two axes or more, with all other axes; nothing else is read.

        Raises:
            UnreadableInput: the file ends before they do.
        """
        height, width = rows.stop - rows.start, columns.stop - columns.start
        rest = self.shape[2:]
        if self.by_columns:
            # A plane for each number of the vector, the columns of which lie one after the other.
            high, wide = self.shape[:2]
            planes = [
                self._numbers((plane * wide + columns.start) * high, width * high).reshape(width, high)[:, rows]
                for plane in range(math.prod(rest))
            ]
            return np.stack(planes).transpose(2, 1, 0).reshape(height, width, *rest, order="F")
        each = math.prod(rest)
        whole = width == self.shape[1]
        parts = [
            self._numbers((row * self.shape[1] + columns.start) * each, width * each * (height if whole else 1))
            for row in ((rows.start,) if whole else range(rows.start, rows.stop))
        ]
        return np.concatenate(parts).reshape(height, width, *rest)

    def _numbers(self, first: int, count: int) -> npt.NDArray[Any]:
        """Numbers that lie one after the other."""
        self._stream.seek(self._start + first * self.dtype.itemsize)
        data = self._stream.read(count * self.dtype.itemsize)
        if len(data) != count * self.dtype.itemsize:
            raise UnreadableInput(f"{self._name}: ends before its number {first + count}")
        return np.frombuffer(data, self.dtype)
