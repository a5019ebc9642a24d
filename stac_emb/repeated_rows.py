"""Rows of one stac-geoparquet file with the same id."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from stac_emb.duplicate_ids import same_id
from stac_emb.faults import Fault
from stac_emb.inputs.parquet_items import open_items

__all__ = ["repeated_rows"]

_MOST_ROWS = 1000
"""Most repeated rows of one file that are reported."""


def repeated_rows(path: Path) -> Iterator[Fault]:
    """Rows of a stac-geoparquet file with the Collection and id of an earlier row.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    with open_items(path) as file:
        columns = [name for name in ("id", "collection") if name in file.schema_arrow.names]

        def keys() -> Iterator[tuple[Any, ...]]:
            for batch in file.iter_batches(columns=columns):
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)

        try:
            # Eight bytes a row, since files hold millions.
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
                yield same_id(str(key[0]), f"{path}:{first[key]}", f"{path}:{row}")
                told += 1
                if told == _MOST_ROWS:
                    return
        except (pa.ArrowException, OSError, ValueError):  # unreadable files are reported where the Items are read
            return
