"""Load the output of crawls into pgstac."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from atlas.errors import StoreError
from atlas.store.metadata import load_collections, load_queryables
from atlas.store.parquet import items_of_folder

__all__ = ["LoadReport", "load_collections", "load_folder", "load_queryables"]


@dataclass
class LoadReport:
    """What a load did to one Collection."""

    collection: str
    items: int = 0
    """Items of the Collection in the database afterwards."""
    loaded: int = 0
    unchanged: int = 0
    removed: int = 0
    set_aside: list[dict[str, object]] = field(default_factory=list)
    set_aside_count: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The report as JSON."""
        return asdict(self)


def load_folder(
    conninfo: str, folder: Path, *, workers: int = 2, progress: Callable[[int, int], None] | None = None
) -> LoadReport:
    """Load one crawl folder."""
    try:
        collection = orjson.loads((folder / "collection.json").read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        msg = f"{folder} is not the output of a crawl: collection.json: {error}"
        raise StoreError(msg) from error
    load_collections(conninfo, [collection])
    client = PgstacDB(dsn=conninfo)
    try:
        Loader(client).load_items(items_of_folder(folder), Methods.upsert)
        row: Any = client.query_one("SELECT count(*) FROM items WHERE collection = %s", [collection["id"]])
    finally:
        pool = client.pool
        client.disconnect()
        if pool is not None:
            pool.close()
    return LoadReport(collection["id"], items=row, loaded=row)
