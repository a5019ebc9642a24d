"""The extent of a Collection whose Items come from more than one crawl."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from atlas.stac.extents import united
from atlas.store.queries import Connection, value

__all__ = ["learn_ranges", "widen_extent"]


def learn_ranges(connection: Connection, partitions: Iterable[str]) -> None:
    """Have pgstac compute the extents of partitions that it filled itself: it leaves them unknown."""
    for (name,) in connection.execute(
        "SELECT partition FROM pgstac.partition_stats WHERE partition = ANY (%s) "
        "AND (spatial IS NULL OR dtrange IS NULL) ORDER BY 1",
        [list(partitions)],
    ).fetchall():
        connection.execute("SELECT pgstac.update_partition_stats(%s, false, true)", [name])


def widen_extent(connection: Connection, collection: str, document: Mapping[str, Any]) -> None:
    """Make a Collection's extent that of its document together with that of all its partitions."""
    extent = value(connection, "SELECT pgstac.collection_extent(%s)", [collection])
    if extent is None:
        return
    connection.execute(
        "UPDATE pgstac.collections SET content = jsonb_set(content, '{extent}', %s) WHERE id = %s",
        [Jsonb(united(document.get("extent") or {}, extent)), collection],
    )
