"""Synthetic crawl folders in the real layout."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from atlas.answers.shapes import box_shape

BBOX = pa.struct([(n, pa.float64()) for n in ("xmin", "ymin", "xmax", "ymax")])
MOMENT = pa.timestamp("us", tz="UTC")


def write_crawl(
    folder: Path,
    product: str,
    items: list[tuple[int, float, float, float, float]],
    *,
    source: str,
    read: str = "whole",
    **report: object,
) -> Path:
    """A crawl folder with one stac-geoparquet part: (year, west, south, east, north) per Item."""
    (folder / "items").mkdir(parents=True)
    starts = [dt.datetime(y, 1, 1, tzinfo=dt.UTC) for y, *_ in items]
    ends = [dt.datetime(y, 12, 31, 23, 59, 59, tzinfo=dt.UTC) for y, *_ in items]
    table = pa.table(
        {
            "id": pa.array([f"item-{n}" for n in range(len(items))]),
            "bbox": pa.array(
                [dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)) for _, *box in items], BBOX
            ),
            "geometry": pa.array([shapely.to_wkb(box_shape(tuple(box))) for _, *box in items], pa.binary()),
            "datetime": pa.array([None] * len(items), MOMENT),
            "start_datetime": pa.array(starts, MOMENT),
            "end_datetime": pa.array(ends, MOMENT),
        }
    )
    pq.write_table(table, folder / "items" / "one.parquet")
    facts = {
        "product": product,
        "source": source,
        "index_read": read,
        "finished": "2026-11-19T10:00:00Z",
        "items": len(items),
        "set_aside_by_reason": {},
    }
    (folder / "report.json").write_text(json.dumps(facts | report), "utf-8")
    return folder
