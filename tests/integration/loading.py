"""Synthetic crawl folders for the tests of loading, and helpers that inspect the database."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from atlas.store.database import connect
from tests.integration.plain_items import items_of_folder

COLLECTION = "synthetic"

ITEM_ASSETS = {
    "embeddings": {"title": "Embeddings", "type": "application/x-npy", "roles": ["data"]},
    "scales": {"title": "Other scales", "type": "application/x-npy", "roles": ["data"], "gone": 1},
    "extra": {"title": "On no Item", "roles": ["metadata"]},
}


def collection_document(name: str = COLLECTION, **changes: Any) -> dict[str, Any]:
    """A valid Collection."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": "Made up",
        "license": "CC0-1.0",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2017-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]},
        },
        "item_assets": ITEM_ASSETS,
        **changes,
    }


def batch(year: int, rows: int, *, name: str = COLLECTION, first: int = 0) -> pa.RecordBatch:
    """Varied Items of one year: missing assets, quotes, whole floats, nested lists."""
    rng = np.random.default_rng(year + first)
    west = rng.integers(-1799, 1799, rows) / 10
    south = rng.integers(-800, 800, rows) / 10
    ids = [f"tile-{year}-{number:06d}" for number in range(first, first + rows)]
    geometry = shapely.to_wkb(shapely.box(west, south, west + 0.1, south + 0.1))

    def same(value: Any) -> pa.Array:
        return pa.repeat(pa.array([value])[0], rows)

    def when(text: str) -> pa.Array:
        return pa.array(np.full(rows, np.datetime64(text, "us")), pa.timestamp("us", tz="UTC"))

    def asset(suffix: str, **constant: Any) -> dict[str, pa.Array]:
        hrefs = pa.array([f"https://tiles.example.org/{year}/{one}{suffix}" for one in ids])
        return {"href": hrefs, **{key: same(value) for key, value in constant.items()}}

    def struct(members: dict[str, pa.Array], absent: np.ndarray | None = None) -> pa.StructArray:
        mask = None if absent is None else pa.array(absent)
        return pa.StructArray.from_arrays(list(members.values()), names=list(members), mask=mask)

    checksums = pa.array([f"1220{value:064x}" for value in rng.integers(0, 2**62, rows)])
    assets = {
        "embeddings": struct(
            {**asset(".npy", type="application/x-npy", title="Embeddings", roles=["data"]), "file:checksum": checksums}
        ),
        "scales": struct(asset("_scales.npy", type="application/x-npy", title="Scales", roles=["data"])),
        "landmask": struct(asset(".tif", type="image/tiff", roles=["data", "mask"]), rng.random(rows) < 0.2),
    }
    corners = {"xmin": west, "ymin": south, "xmax": west + 0.1, "ymax": south + 0.1}
    return pa.record_batch(
        {
            "type": same("Feature"),
            "stac_version": same("1.1.0"),
            "stac_extensions": same(["https://example.org/a/schema.json"]),
            "id": pa.array(ids),
            "geometry": pa.array(geometry, pa.binary()),
            "bbox": struct({key: pa.array(value) for key, value in corners.items()}),
            "links": same([{"rel": "collection", "href": "../collection.json", "type": "application/json"}]),
            "collection": same(name),
            "assets": struct(assets),
            "datetime": pa.nulls(rows, pa.timestamp("us", tz="UTC")),
            "start_datetime": when(f"{year}-01-01"),
            "end_datetime": when(f"{year}-12-31T23:59:59"),
            "emb:dimensions": same(128),
            "emb:quantization": same({"method": "per_vector_scale", "scale_asset": "scales"}),
            "gsd": same(10.0),
            "proj:code": pa.array([f"EPSG:326{1 + i % 60:02d}" for i in range(rows)]),
            "proj:shape": pa.array([[int(a), int(b)] for a, b in rng.integers(800, 1200, (rows, 2))]),
            "note": pa.array([None if i % 3 else 'a "quoted" back\\slash\nand é' for i in range(rows)]),
        }
    )


def write_crawl(
    folder: Path,
    *,
    years: Sequence[int] = (2021,),
    rows: int = 50,
    batches: Iterable[pa.RecordBatch] | None = None,
    document: dict[str, Any] | None = None,
    name: str = COLLECTION,
) -> Path:
    """A crawl folder with one part per year, or per batch given."""
    items = folder / "items"
    items.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(batches or [batch(year, rows, name=name) for year in years]):
        pq.write_table(pa.Table.from_batches([one]), items / f"part-{number:04d}.parquet")
    (folder / "collection.json").write_bytes(orjson.dumps(document or collection_document(name)))
    return folder


def write_manifest(folder: Path) -> None:
    """The manifest of a folder, as a crawl writes it."""
    shards = {
        path.stem: {"parts": {f"items/{path.name}": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}}}
        for path in sorted((folder / "items").iterdir())
    }
    (folder / "manifest.json").write_bytes(orjson.dumps({"version": 1, "product": COLLECTION, "shards": shards}))


def load_with_pypgstac(conninfo: str, document: dict[str, Any], items: Iterable[dict[str, Any]]) -> None:
    """Load with pypgstac, into partitions by year."""
    client = PgstacDB(dsn=conninfo)
    try:
        loader = Loader(client)
        loader.load_collections(iter([document]), Methods.upsert)
        client.connect().execute("UPDATE collections SET partition_trunc = 'year' WHERE id = %s", [document["id"]])
        loader.load_items(iter(items), Methods.insert)
    finally:
        pool = client.pool
        client.disconnect()
        if pool is not None:
            pool.close()


def checksum(conninfo: str, name: str = COLLECTION) -> tuple[int, str]:
    """Number of a Collection's rows and a checksum over every column of them, as text."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute(
            "SELECT count(*), md5(string_agg(md5(i::text), '' ORDER BY id, datetime)) "
            "FROM pgstac.items i WHERE collection = %s",
            [name],
        ).fetchone()


def url(conninfo):
    """A database address as users write it; libpq takes the socket from the query and ignores the host."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(parts["host"]).replace("/", "%2F")
    return f"postgresql://{parts['user']}@localhost/{parts['dbname']}?host={host}&port={parts['port']}"


def one(conninfo, query, *parameters):
    """First row of a query."""
    with connect(conninfo) as connection:
        return connection.execute(query, parameters).fetchone()


def column(conninfo, query, *parameters):
    """First column of a query."""
    with connect(conninfo) as connection:
        return [row[0] for row in connection.execute(query, parameters).fetchall()]


def partitions(conninfo):
    """Table oid of each partition of the Collection: a rewritten one has a new oid."""
    with connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT partition, partition::regclass::oid FROM partitions_view WHERE collection = %s", [COLLECTION]
        )
        return dict(rows.fetchall())


def assert_items_come_back(conninfo, folder):
    """pgstac returns the Items of the crawl."""
    with connect(conninfo) as connection:
        for item in items_of_folder(folder):
            found = connection.execute("SELECT get_item(%s, %s)", [item["id"], COLLECTION]).fetchone()
            assert found == (item,)


def years(conninfo):
    """Years of the partitions."""
    return sorted(int(name[-4:]) for name in partitions(conninfo))
