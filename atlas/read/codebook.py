"""The table that codes point into, as `emb:quantization` says where it is and how it is laid out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.npy import NpyFile
from atlas.read.files import opened
from atlas.read.spec import AssetSpec
from stac_emb.models import CodeBook

__all__ = ["code_book"]

_LARGEST = 1 << 28
"""Bytes of a code book: those of real methods are a thousand times smaller."""


def code_book(spec: AssetSpec) -> npt.NDArray[Any] | None:
    """The table in its stated shape, with `codes` as one of its axes; None where the method has none.

    Raises:
        RestoreError: it is not where the metadata say, or has another size.
        UnreadableInput: the file cannot be read.
    """
    book = spec.quantization.codebook
    if book is None:
        return None
    if book.array is not None:
        return _from_store(spec, book, book.array)
    href = book.href if book.asset is None else spec.sibling(book.asset, "code book is")
    if href is None:
        raise RestoreError(f"asset '{spec.key}': the metadata do not say where its code book is")
    return _read(href, book)


def _from_store(spec: AssetSpec, book: CodeBook, name: str) -> npt.NDArray[Any]:
    import zarr  # slow to import, and few code books need it

    from atlas.formats.zarr_place import quiet
    from atlas.read.zarr_pixels import zarr_group

    group = zarr_group(spec)
    with quiet():
        array = group.get(name)
    if not isinstance(array, zarr.Array):
        raise RestoreError(f"{spec.href}: the group has no array '{name}', which is said to hold the code book")
    _check_shape(f"{spec.href}: the code book '{name}'", array.shape, book)
    _check_size(spec.href, math.prod(array.shape) * array.dtype.itemsize)
    return np.asarray(array[...])


def _check_shape(what: str, shape: Sequence[int], book: CodeBook) -> None:
    if list(shape) != list(book.shape):
        raise RestoreError(f"{what} has the shape {list(shape)}, the metadata say {book.shape}")


def _check_size(href: str, size: int) -> None:
    if size > _LARGEST:
        raise RestoreError(f"{href}: a code book of {size} bytes is too large to read")


def _read(href: str, book: CodeBook) -> npt.NDArray[Any]:
    with opened(href) as stream:
        if NpyFile.matches(stream):
            array = NpyFile(stream, href)
            _check_shape(f"{href}: the code book", array.shape, book)
            return array.whole()
        dtype = _dtype(href, book)
        size = math.prod(book.shape) * dtype.itemsize
        _check_size(href, size)
        stream.seek(0)
        data = stream.read(size + 1)
    if len(data) != size:
        has = "more" if len(data) > size else len(data)
        raise UnreadableInput(f"{href}: the code book of shape {book.shape} has {size} bytes, the file {has}")
    return np.frombuffer(data, dtype=dtype).reshape(book.shape)


def _dtype(href: str, book: CodeBook) -> np.dtype[Any]:
    """Type of the numbers in a file without a header."""
    try:
        dtype = np.dtype(book.data_type) if book.data_type is not None else None
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind not in "biuf" or (dtype.itemsize > 1 and book.byte_order is None):
        raise RestoreError(f"{href}: bare numbers need the 'data_type' and the 'byte_order' of the code book")
    return dtype.newbyteorder(">" if book.byte_order == "big" else "<")
