"""Which objects of a group of a Zarr store its Items come from: a crawl reads a group again when one of them changes.

Coordinates may be written anew under metadata that stay as they are, so their chunks count as well.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from atlas.errors import UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.faults import FetchError, Missing, TooLarge
from atlas.formats.zarr_documents import zarr_document
from atlas.sources.zarr.groups import VECTOR_AXES, VECTORS

__all__ = ["MOST_CHUNKS", "objects_of"]

MOST_CHUNKS = 16
"""Chunks of one time axis that are asked for; one that is cut into more is read each time."""
TIME = "time"
_MOST_AXES = 32
"""Of an array; each that a store names is asked for."""
_PLAIN = re.compile(r"\w[\w.-]*")
_LARGEST = 16 * 2**20


def objects_of(group: str, access: Access) -> Iterator[str | None]:
    """Paths, below a group, of the objects from which its Items come; some need not be there.

    Metadata that cannot be understood name no further object: the reader of the group reports what is wrong.

    Args:
        group: href of the group.
        access: reads the metadata.

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
