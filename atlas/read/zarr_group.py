"""The Zarr group of an Asset, in a plain store or in an Icechunk repository."""

import zarr
from zarr.abc.store import Store

from atlas.errors import UnreadableInput
from atlas.fetch.access import local_path
from atlas.fetch.address import is_remote
from atlas.formats.access_store import AccessStore
from atlas.formats.reference_store import ReferenceStore
from atlas.formats.zarr_place import quiet
from atlas.read.files import access_to
from atlas.read.spec import AssetSpec
from atlas.sources.zarr.icechunk import newest_store

__all__ = ["zarr_group"]


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
