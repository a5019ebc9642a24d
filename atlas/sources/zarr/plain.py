"""Plain Zarr v3 stores: one Item per group and year, or per year where the store is one array.

Only metadata and the time axis are read. Groups come from the consolidated metadata, where the root has them, else
from the object store's listing of folders, which a plain HTTP host does not have.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, ClassVar

import zarr

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.faults import FetchError, Missing, TooLarge
from atlas.fetch.inputs import InputFile
from atlas.formats.access_store import AccessStore
from atlas.formats.zarr_documents import zarr_document
from atlas.records.distributions import MEDIA_TYPES
from atlas.sources.access import public_address
from atlas.sources.base import Batch, Reader, Shard, Source
from atlas.sources.naming import shard_id
from atlas.sources.zarr.groups import MOST_GROUPS, VECTOR_AXES, VECTORS, read_group

__all__ = ["READER", "ZarrStore"]

LARGEST_METADATA = 64 * 2**20
MOST_CHUNKS = 16
"""Chunks of one time axis that are asked for; one that is cut into more is read each time."""
TIME = "time"
_MOST_AXES = 32
"""Of an array; each that a store names is asked for."""
_PLAIN = re.compile(r"\w[\w.-]*")
_LARGEST = 16 * 2**20


class ZarrStore(Reader):
    """Reader of Zarr stores."""

    kind: ClassVar[str] = "zarr-store"

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per group.

        Raises:
            UnreadableInput: its metadata are not a Zarr document.
            SourceError: the href is not a Zarr v3 group, no group with vectors is found in it, or it is a local copy of
                a store that has no public address.
        """
        public_address(source)
        href = source.href.rstrip("/")
        consolidated = _root(href, access).get("consolidated_metadata")
        names = (path.partition("/")[0] for path in consolidated["metadata"]) if consolidated else _listed(href, access)
        members = set(names)
        if VECTORS in members:
            yield _shard(href, "", access)
            return
        groups = sorted(name for name in members if name and "/" not in name)
        if not groups:
            raise SourceError(f"{href}: no array 'embeddings' and no groups in this Zarr store")
        for name in groups:
            yield _shard(href, name, access)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per year of the group."""
        name = shard.arguments["group"]
        href = source.href.rstrip("/")
        store = AccessStore(access, f"{href}/{name}" if name else href)
        public = public_address(source).rstrip("/")
        opened = partial(zarr.open_group, store, mode="r", zarr_format=3, use_consolidated=False)
        yield read_group(opened, name, f"{public}/{name}" if name else public, source.product, name or href)

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The store of vectors."""
        return {"embeddings": {"title": "Zarr", "type": MEDIA_TYPES["zarr"], "roles": ["data", "embedding"]}}


def _root(href: str, access: Access) -> dict[str, Any]:
    place = f"{href}/zarr.json"
    root = zarr_document(place, access.read(place, limit=LARGEST_METADATA))
    if root["node_type"] != "group":
        raise SourceError(f"{place}: an array, not a group")
    return root


def _listed(href: str, access: Access) -> set[str]:
    found = set()
    for folder in access.folders(f"{href}/"):
        found.add(folder.rstrip("/").rpartition("/")[2])
        if len(found) > MOST_GROUPS:
            raise SourceError(f"{href}: more than {MOST_GROUPS:,} folders: no store of whole products")
    return found


def _shard(href: str, name: str, access: Access) -> Shard:
    base = f"{href}/{name}" if name else href
    inputs: list[InputFile] = []
    for path in _objects_of(base, access):
        if path is None:
            inputs.append(InputFile(base, "", name=name or "root"))
            continue
        try:
            file = access.stat(f"{base}/{path}")
        except Missing:
            continue  # a group without it is rejected when it is read, with the reason
        inputs.append(InputFile(file.href, file.fingerprint, file.size, f"{name}/{path}" if name else path))
    return Shard(shard_id(f"group_{name or 'root'}"), tuple(inputs), {"group": name})


def _objects_of(group: str, access: Access) -> Iterator[str | None]:
    """Paths, below a group, of the objects from which its Items come; some need not be there.

    A crawl reads a group again when one of them changes. Coordinates may be written anew under metadata that stay as
    they are, so their chunks count as well. Metadata that cannot be understood name no further object: the reader of
    the group reports what is wrong.

    Yields:
        A path; None for objects that are too many to be named.
    """
    own, vectors = (_document(f"{group}/{path}zarr.json", access) or {} for path in ("", f"{VECTORS}/"))
    yield from ("zarr.json", f"{VECTORS}/zarr.json")
    names = vectors.get("dimension_names")
    named = names if isinstance(names, list) and len(names) <= _MOST_AXES else []
    axes = [name for name in named if _is_plain(name) and name not in VECTOR_AXES]
    attributes = [found for one in (own, vectors) if isinstance(found := one.get("attributes"), dict)]
    mapping = [one["grid_mapping"] for one in attributes if "grid_mapping" in one]
    for name in dict.fromkeys(chain([TIME], axes, filter(_is_plain, mapping))):
        array = _document(f"{group}/{name}/zarr.json", access)
        if array is None:
            continue
        yield f"{name}/zarr.json"
        for chunk in _chunks(array, ends=name != TIME):
            yield chunk and f"{name}/{chunk}"


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and _PLAIN.fullmatch(name) is not None


def _document(place: str, access: Access) -> dict[str, Any] | None:
    try:
        return zarr_document(place, access.read(place, limit=_LARGEST))
    except Missing:
        return None
    except TooLarge:
        return {}
    except FetchError:  # it may be there the next time
        raise
    except UnreadableInput:
        return {}


def _chunks(array: Mapping[str, Any], *, ends: bool) -> Iterator[str | None]:
    """Keys of the chunks of an axis; of the first and the last only, where no more is read."""
    length = _single(array.get("shape"))
    size = _single(_configured(array, "chunk_grid").get("chunk_shape"))
    if not length or not size:
        return
    count = -(-length // size)
    old = isinstance(encoding := array.get("chunk_key_encoding"), dict) and encoding.get("name") == "v2"
    separator = _configured(array, "chunk_key_encoding").get("separator", "/")
    if separator not in ("/", "."):
        return
    if not ends and count > MOST_CHUNKS:
        yield None
        return
    for number in sorted({0, count - 1}) if ends else range(count):
        yield str(number) if old else f"c{separator}{number}"


def _single(stated: object) -> int | None:
    """The number of a list of one positive integer."""
    one = stated[0] if isinstance(stated, list) and len(stated) == 1 else None
    return one if type(one) is int and one > 0 else None


def _configured(array: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    stated = array.get(name)
    found = stated.get("configuration") if isinstance(stated, dict) else None
    return found if isinstance(found, dict) else {}


READER = ZarrStore()
