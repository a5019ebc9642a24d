"""Two objects with one id, where an id has to tell them apart."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from atlas.extension.faults import Fault
from atlas.extension.inputs.parquet_items import open_items

__all__ = ["Identities", "repeated_rows"]

_MOST = 2_000_000
"""Documents whose ids are kept in memory, some 300 MB; those after them are compared with these."""
_MOST_ROWS = 1000
"""Repeated rows of one file that are told."""
_MEMBER = re.compile(r"^(.+):(?:\d+|(?:features|collections)/\d+)$")
_SEE = "https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md#id"


def _fault(identifier: str, other: str, name: str) -> Fault:
    return Fault("/id", "duplicate-id", f"`{identifier}` is also the id of {other}", _SEE, identifier, name)


class Identities:
    """The ids of the documents of a run: unique among the Items of a Collection, and in one file."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, int]] = {}

    def see(self, name: str, obj: dict[str, Any]) -> Fault | None:
        """Take note of a document; a fault where another one has its id. A copy in another file is none."""
        identifier, collection = obj.get("id"), obj.get("collection")
        if not isinstance(identifier, str):
            return None
        member = _MEMBER.match(name)
        file = member[1] if member else name
        of_collection = obj.get("type") == "Feature" and isinstance(collection, str)
        if not of_collection and member is None:
            return None
        key = hash((obj.get("type"), collection if of_collection else None, identifier, "" if of_collection else file))
        content = hash(orjson.dumps(obj, option=orjson.OPT_SORT_KEYS))
        first = self._seen.get(key)
        if first is None:
            if len(self._seen) < _MOST:
                self._seen[key] = (name, content)
            return None
        other, same = first[0], first[1] == content
        if same and not (member and other.startswith(f"{file}:")):
            return None
        return _fault(identifier, other, name)


def repeated_rows(path: Path) -> Iterator[Fault]:
    """Rows of a stac-geoparquet file whose Collection and id a row before them has.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    with open_items(path) as file:
        columns = [name for name in ("id", "collection") if name in file.schema_arrow.names]

        def keys() -> Iterator[tuple[Any, ...]]:
            for batch in file.iter_batches(columns=columns):
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)

        try:
            # Eight bytes a row: files hold millions.
            hashes = np.fromiter((hash(key) for key in keys()), np.int64, file.metadata.num_rows)
            distinct, counts = np.unique(hashes, return_counts=True)
            twice = set(distinct[counts > 1].tolist())
            if not twice:
                return
            first: dict[tuple[Any, ...], int] = {}
            told = 0
            for row, key in enumerate(keys()):
                if key[0] is None or hash(key) not in twice or first.setdefault(key, row) == row:
                    continue
                yield _fault(str(key[0]), f"{path}:{first[key]}", f"{path}:{row}")
                told += 1
                if told == _MOST_ROWS:
                    return
        except (pa.ArrowException, OSError, ValueError):  # what cannot be read is told where the Items are read
            return
