"""Columns that the index rows of several kinds of index have (see `atlas.sources.base`)."""

import pyarrow as pa

from atlas.sources.annual import TIMESTAMP

__all__ = ["EMBEDDINGS", "INTERVAL", "PIXELS"]

Columns = list[tuple[str, pa.DataType]]

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
