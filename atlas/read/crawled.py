"""A few Items of a crawl, found without reading the others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from atlas.errors import UnreadableInput
from atlas.formats.crawl_folder import part_files
from atlas.formats.item_columns import boxes_meeting

__all__ = ["crawled_items"]


def crawled_items(
    folder: Path, *, item: str | None = None, bbox: Sequence[float] | None = None, most: int = 16
) -> list[dict[str, Any]]:
    """Items of a crawl by id or by a box that they meet; without either, the first.

    Args:
        folder: output of `atlas crawl`.
        item: id.
        bbox: west, south, east, north in degrees; west may be greater than east.
        most: upper limit of their number.

    Raises:
        CrawlError: the folder is not the output of a crawl.
        UnreadableInput: there is no such Item.
    """
    from stac_geoparquet.arrow import stac_table_to_items

    wanted: Any = None
    if item is not None:
        wanted = ds.field("id") == item
    elif bbox is not None:
        west, south, east, north = bbox
        wanted = boxes_meeting(west, south, east, north)
    found: list[dict[str, Any]] = []
    for part in part_files(folder):
        table = ds.dataset(part, format="parquet").head(most - len(found) if wanted is not None else 1, filter=wanted)
        found += stac_table_to_items(table)
        if len(found) >= most or (found and wanted is None):
            break
    if not found:
        what = f"the id '{item}'" if item is not None else f"a box that meets {list(bbox or ())}"
        raise UnreadableInput(f"{folder}: no Item has {what}")
    return found
