"""Items of a crawl folder read one by one, as a reference for the fast reader in `atlas.store`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import shapely

from atlas.formats.crawl_folder import part_files
from atlas.store.load.parquet import TOP_LEVEL, plain_json


def items_of_folder(folder: Path) -> Iterator[dict[str, Any]]:
    """Every Item of a crawl folder."""
    for path in part_files(folder, vanished=True):
        for row in pq.read_table(path, partitioning=None).to_pylist():
            yield plain_item(row)


def plain_item(row: dict[str, Any]) -> dict[str, Any]:
    """The Item of a row as pyarrow gives it."""
    item: dict[str, Any] = {"type": "Feature"}
    properties: dict[str, Any] = {"datetime": None}
    for key, value in row.items():
        if key == "geometry":
            item[key] = None if value is None else orjson.loads(shapely.to_geojson(shapely.from_wkb(value)))
        elif key == "bbox" and isinstance(value, dict):
            item[key] = [value[corner] for corner in value]
        elif value is not None:
            (item if key in TOP_LEVEL else properties)[key] = plain_json(value, key)
    item["properties"] = properties
    return item
