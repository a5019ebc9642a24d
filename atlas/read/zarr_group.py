"""The Zarr group of an Asset, in a plain store or in an Icechunk repository."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import zarr
from zarr.errors import ZarrUserWarning

from atlas.errors import UnreadableInput
from atlas.formats.access_store import AccessStore
from atlas.read.files import access_to
from atlas.read.spec import AssetSpec
from atlas.sources.zarr.icechunk import newest_store

__all__ = ["quiet", "zarr_group"]


@contextmanager
def quiet() -> Iterator[None]:
    """That a codec is not in the specification is the publisher's affair; numbers are read with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZarrUserWarning)
        yield


def zarr_group(spec: AssetSpec) -> zarr.Group:
    """The group that `emb:layout` names, or the root of the store.

    Raises:
        UnreadableInput: it is no Zarr group.
    """
    access = access_to(spec.href)
    icechunk = "icechunk" in (spec.media_type or "")
    store = newest_store(spec.href, access) if icechunk else AccessStore(access, spec.href)
    path = (spec.layout.group if spec.layout else None) or ""
    try:
        with quiet():
            return zarr.open_group(store, path=path, mode="r", zarr_format=3, use_consolidated=False)
    except (KeyError, ValueError, TypeError, FileNotFoundError) as error:
        msg = f"{spec.href}: cannot be read as a Zarr group: {error}"
        raise UnreadableInput(msg) from error
