"""Pixels of a Zarr group, in a plain store or in an Icechunk repository.

The array has dimensions of time, vector, rows and columns, in any order.
"""

from typing import Any

import numpy as np
import zarr
from zarr.abc.store import Store

from atlas.errors import RestoreError, UnreadableInput
from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote
from atlas.formats.access_store import AccessStore
from atlas.formats.reference_store import ReferenceStore
from atlas.formats.zarr_place import agreed_grid, dimension_names, quiet, rows_and_columns, stated_places
from atlas.formats.zarr_times import axis_years
from atlas.read.block import Block
from atlas.read.files import access_to
from atlas.read.kernels import marked
from atlas.read.nodata import fill_values, hits
from atlas.read.scaling import refuse_scaling
from atlas.read.spec import AssetSpec
from atlas.sources.zarr.icechunk import newest_store

__all__ = ["ZarrPixels", "zarr_group"]

BY_COMPONENT = {"none", "linear", "signed_power", "per_vector_scale", "per_component_scale"}
"""Methods that store one number per component. Chunks that were never written are read as the array's fill value, often
0: a vector of fill values only was not written. For codes it may be a valid vector."""


def zarr_group(spec: AssetSpec) -> zarr.Group:
    """The group that `emb:layout` names, or the root of the store.

    Raises:
        UnreadableInput: it is not a Zarr group.
    """
    access = access_to(spec.href)
    icechunk = "icechunk" in (spec.media_type or "")
    store: Store
    if icechunk:
        store = newest_store(spec.href, access)
    elif spec.holds_references:
        local = not is_remote(spec.href)  # a local file may only refer to files in its folder
        store = ReferenceStore(access_to(str(local_path(spec.href).parent)) if local else access, spec.href)
    else:
        store = AccessStore(access, spec.href)
    path = (spec.layout.group if spec.layout else None) or ""
    try:
        with quiet():
            if spec.holds_references:
                return zarr.open_group(store, path=path, mode="r", use_consolidated=False)
            try:
                return zarr.open_group(store, path=path, mode="r", zarr_format=3, use_consolidated=False)
            except FileNotFoundError:  # version 2 is tried last: most stores are of version 3, and each try costs
                if icechunk:
                    raise
                return zarr.open_group(store, path=path, mode="r", zarr_format=2, use_consolidated=False)
    except FileNotFoundError as error:  # zarr's own message names an object in memory
        msg = f"{spec.href}: cannot be read as a Zarr group: there is none{f' at {path!r}' if path else ''}"
        raise UnreadableInput(msg) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # a document may be any JSON
        raise UnreadableInput(f"{spec.href}: cannot be read as a Zarr group: {error}") from error


class ZarrPixels:
    """See `atlas.read.windows.Pixels`: the pixels of the Item's year."""

    def __init__(self, spec: AssetSpec) -> None:
        """From the metadata of the group.

        Raises:
            RestoreError: group and metadata do not fit together, or the year lies outside.
            UnreadableInput: it is not a Zarr group.
        """
        group = zarr_group(spec)
        try:
            with quiet():
                array = group[(spec.layout.name if spec.layout else None) or "embeddings"]
                hidden = spec.layout.mask if spec.layout else None
                mask = group[hidden.array] if hidden and hidden.array else None
                scales = group[spec.quantization.scale_array] if spec.quantization.scale_array else None
                axis = group.get("time")
        except (KeyError, ValueError, TypeError, AttributeError, FileNotFoundError) as error:
            msg = f"{spec.href}: cannot be read as a Zarr group with the arrays that its metadata name: {error}"
            raise UnreadableInput(msg) from error
        if not isinstance(array, zarr.Array):
            raise UnreadableInput(f"{spec.href}: 'embeddings' is not an array")
        own = array.attrs.asdict()
        refuse_scaling(spec.quantization, spec.href, [own.get("scale_factor")], [own.get("add_offset")])
        names = dimension_names(array, spec.href)
        size, chunks = (dict(zip(names, lengths, strict=True)) for lengths in (array.shape, array.chunks))
        self._rows, self._columns = rows, columns = rows_and_columns(names, spec.href)
        stated, crs = stated_places(spec.href, group, array)
        if spec.transform is not None:
            stated.insert(0, ("'proj:transform' of the Item", spec.transform))
        crs = spec.crs or crs
        if not stated or not isinstance(crs, str):
            raise RestoreError(f"{spec.href}: neither Item nor group say where its pixels lie")
        self.grid = agreed_grid(spec.href, group, stated, crs, (rows, size[rows]), (columns, size[columns]))
        self.block = (chunks[rows], chunks[columns])
        self._spec, self._array, self._scales, self._mask, self._hidden = spec, array, scales, mask, hidden
        self._at = {"time": _year(axis, spec, array.shape[names.index("time")])} if "time" in names else {}
        along = [name for name in names if name not in {self._rows, self._columns, *self._at}]
        if len(along) != 1:
            raise RestoreError(f"{spec.href}: dimensions {names} leave {len(along)} for the vector")
        named = spec.layout.dimension if spec.layout else None
        if named is not None and named != along[0]:
            raise RestoreError(f"{spec.href}: the vector lies along '{along[0]}', the metadata say '{named}'")
        self._along = along[0]
        for other in (scales, mask):
            if isinstance(other, zarr.Array):
                for name, length in zip(dimension_names(other, spec.href), other.shape, strict=True):
                    if length != size.get(name, length):
                        msg = f"{spec.href}: '{other.name}' has {length} along '{name}', the vectors {size[name]}"
                        raise RestoreError(msg)
        order = [names.index(self._rows), names.index(self._columns)]
        self.axis = -1 if names.index(self._along) > max(order) else 0

    def read(self, rows: slice, columns: slice) -> Block:
        """The stored numbers of a window, its scales and its mask."""
        stored, names = self._part(self._array, rows, columns)
        masked = None
        if isinstance(self._mask, zarr.Array) and self._hidden is not None:
            masked = hits(self._part(self._mask, rows, columns)[0], self._hidden.sentinels)
        scales = self._part(self._scales, rows, columns)[0] if isinstance(self._scales, zarr.Array) else None
        axis = names.index(self._along)
        if self._spec.quantization.method in BY_COMPONENT:
            empty = marked(stored, _fill(self._array), "all", axis)
            if scales is not None and scales.shape == empty.shape and _fill(self._scales) == 0:
                empty |= scales == 0
            masked = empty if masked is None else masked | empty
        nodata = fill_values(self._array.attrs.asdict())
        return Block(stored, axis, scales, masked, nodata)

    def _part(self, array: Any, rows: slice, columns: slice) -> tuple[Any, list[str]]:  # noqa: ANN401 - zarr's arrays are generic in their metadata
        """A window of an array, rows before columns, and the names of its dimensions."""
        place = {self._rows: rows, self._columns: columns, **self._at}
        names = dimension_names(array, self._spec.href)
        try:
            part = np.asarray(array[tuple(place.get(name, slice(None)) for name in names)])
        except (RuntimeError, ValueError) as error:  # of codecs
            raise UnreadableInput(f"{self._spec.href}: a chunk of '{array.name}' cannot be decoded: {error}") from error
        left = [name for name in names if name not in self._at]
        if self._rows in left and self._columns in left and left.index(self._rows) > left.index(self._columns):
            i, j = left.index(self._rows), left.index(self._columns)
            left[i], left[j] = left[j], left[i]
            part = part.swapaxes(i, j)
        return part, left


def _fill(array: Any) -> float:  # noqa: ANN401 - zarr's arrays are generic in their metadata
    """The fill value for chunks that are not stored; NaN where there is none or it is not a real number."""
    value = array.fill_value
    return float(value) if isinstance(value, int | float | np.integer | np.floating | np.bool_) else float("nan")


def _year(axis: object, spec: AssetSpec, count: int) -> int:
    """Position of the Item's year on the time axis."""
    if not isinstance(axis, zarr.Array) or axis.shape != (count,):
        raise RestoreError(f"{spec.href}: the group has no axis 'time' of length {count}")
    try:
        years = axis_years(axis)
    except ValueError as error:
        raise RestoreError(f"{spec.href}: its time axis cannot be read: {error}") from None
    if years.count(spec.year or 0) != 1:
        several = f"{years.count(spec.year or 0)} times" if spec.year in years else "not"
        msg = f"{spec.href}: the year {spec.year} of the Item is {several} on the time axis ({years[:20]})"
        raise RestoreError(msg)
    return years.index(spec.year or 0)
