"""NumPy files, of which only the numbers at one place are read.

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
                msg = f"{name}: NPY format version {version} is not known"
                raise UnreadableInput(msg)
            self.shape, fortran, self.dtype = reads[version](stream, max_header_size=LARGEST_HEADER)
        except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, tokenize.TokenError) as error:
            msg = f"{name}: cannot be read as NPY: {error}"
            raise UnreadableInput(msg) from error
        self._start = stream.tell()
        size = stream.seek(0, 2)
        expected = self._start + math.prod(self.shape) * self.dtype.itemsize
        if self.dtype.hasobject or fortran or size != expected:
            why = "holds Python objects" if self.dtype.hasobject else f"has {size} bytes, its header says {expected}"
            msg = f"{name}: {'is stored by columns' if fortran else why}"
            raise UnreadableInput(msg)
        self._stream, self._name = stream, name

    @staticmethod
    def matches(stream: BinaryIO) -> bool:
        """Whether a stream begins like an NPY file."""
        stream.seek(0)
        return stream.read(6) == npy_format.MAGIC_PREFIX

    def at(self, *index: int) -> npt.NDArray[Any]:
        """The part of the array at the first indices: of shape (H, W, D), `at(row, column)` has shape (D,)."""
        if any(not 0 <= i < n for i, n in zip(index, self.shape, strict=False)):
            msg = f"{index} lies outside an array of shape {self.shape}"
            raise IndexError(msg)
        rest = self.shape[len(index) :]
        count = math.prod(rest)
        position = 0
        for i, n in zip(index, self.shape, strict=False):
            position = position * n + i
        self._stream.seek(self._start + position * count * self.dtype.itemsize)
        data = self._stream.read(count * self.dtype.itemsize)
        return np.frombuffer(data, self.dtype).reshape(rest)

    def window(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
        """Some rows and columns of an array of at least two axes, all of the others; only they are read.

        Raises:
            UnreadableInput: the file ends before they do.
        """
        height, width = rows.stop - rows.start, columns.stop - columns.start
        rest = self.shape[2:]
        size = math.prod(rest) * self.dtype.itemsize
        parts = []
        whole = width == self.shape[1]
        for row in (rows.start,) if whole else range(rows.start, rows.stop):
            self._stream.seek(self._start + (row * self.shape[1] + columns.start) * size)
            parts.append(self._stream.read(width * size * (height if whole else 1)))
        data = b"".join(parts)
        if len(data) != height * width * size:
            msg = f"{self._name}: ends before row {rows.stop}"
            raise UnreadableInput(msg)
        return np.frombuffer(data, self.dtype).reshape(height, width, *rest)
