"""The extent of a Collection whose Items come from more than one crawl."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

__all__ = ["united", "widen_extent"]

Connection = psycopg.Connection[tuple[object, ...]]


def widen_extent(connection: Connection, collection: str, document: Mapping[str, Any]) -> None:
    """Make a Collection's extent that of its document together with that of all its partitions."""
    # pgstac leaves the ranges of partitions that it filled itself unknown.
    for (name,) in connection.execute(
        "SELECT partition FROM pgstac.partition_stats WHERE collection = %s AND (spatial IS NULL OR dtrange IS NULL) "
        "ORDER BY 1",
        [collection],
    ).fetchall():
        connection.execute("SELECT pgstac.update_partition_stats(%s, false, true)", [name])
    row = connection.execute("SELECT pgstac.collection_extent(%s)", [collection]).fetchone()
    if row is None or row[0] is None:
        return
    extent: Any = row[0]
    connection.execute(
        "UPDATE pgstac.collections SET content = jsonb_set(content, '{extent}', %s) WHERE id = %s",
        [Jsonb(united(document.get("extent") or {}, extent)), collection],
    )


def united(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The extent that covers two; of each the first box and interval count, which STAC gives the whole."""
    boxes = [extent["spatial"]["bbox"][0] for extent in (one, other) if extent.get("spatial", {}).get("bbox")]
    intervals = [e["temporal"]["interval"][0] for e in (one, other) if e.get("temporal", {}).get("interval")]
    whole = dict(one)
    if boxes:
        flat = [[*box[:2], *box[len(box) // 2 : len(box) // 2 + 2]] for box in boxes]
        west, east = min(box[0] for box in flat), max(box[2] for box in flat)
        crossing = [box[0] > box[2] for box in flat]
        if any(crossing) and not all(crossing):
            # One crosses the antimeridian and the other does not: what covers both goes round the globe.
            west, east = -180.0, 180.0
        whole["spatial"] = {"bbox": [[west, min(box[1] for box in flat), east, max(box[3] for box in flat)]]}
    if intervals:
        starts, ends = [i[0] for i in intervals], [i[1] for i in intervals]
        start = None if None in starts else min(starts, key=_moment)
        end = None if None in ends else max(ends, key=_moment)
        whole["temporal"] = {"interval": [[start, end]]}
    return whole


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
