"""Columns that the index rows of several kinds of index have (see `atlas.sources.base`), and the values in them."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from atlas.moments import TICK

__all__ = ["EMBEDDINGS", "INTERVAL", "PIXELS", "TIMESTAMP", "year_interval"]

Columns = list[tuple[str, pa.DataType]]

TIMESTAMP = pa.timestamp("us", tz="UTC")
INTERVAL: Columns = [("start_datetime", TIMESTAMP), ("end_datetime", TIMESTAMP)]
EMBEDDINGS: Columns = [
    ("asset:embeddings:href", pa.string()),
    ("asset:embeddings:file:size", pa.int64()),
    ("asset:embeddings:file:checksum", pa.string()),
    ("asset:embeddings:data_type", pa.string()),
]
"""A file of vectors."""
PIXELS: Columns = [
    ("property:proj:code", pa.string()),
    ("property:proj:shape", pa.list_(pa.int64())),
    ("property:proj:transform", pa.list_(pa.float64())),
]
"""The grid of a raster."""


def year_interval(year: npt.NDArray[np.int64]) -> tuple[pa.Array, pa.Array]:
    """`start_datetime` and `end_datetime` of calendar years: both ends are inside (see `atlas.moments`).

    Args:
        year: shape (n,), 1 to 9999.
    """
    start = (year - 1970).astype("datetime64[Y]")
    end = (start + 1).astype("datetime64[us]") - np.timedelta64(TICK)
    return pa.array(start.astype("datetime64[us]"), TIMESTAMP), pa.array(end, TIMESTAMP)
