"""Loading Items: `atlas load` against pypgstac, into fresh databases of one private cluster.

Both get the same Items in the form that each reads, in their own processes, one after the other; both write
partitions by year. Target: at least four times pypgstac's rate on a million Items, and less than 1 GB of client memory.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

import orjson
import psycopg
from psycopg import sql
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods
from pypgstac.migrate import Migrate

from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import migrate
from atlas.store.load.pgstac import load_folder
from bench._figures import Figure
from bench._items import collection, item_count, write_folder
from bench._processes import called, peak_mb

__all__ = ["main"]

_COLLECTIONS = ("bench-a", "bench-b")
_CHECKSUM_UP_TO = 300_000


def _pypgstac(conninfo: str, folder: Path) -> None:
    client = PgstacDB(dsn=conninfo)
    loader = Loader(client)
    for name in _COLLECTIONS:
        loader.load_collections(iter([collection(name)]), Methods.upsert)
    client.connect().execute("UPDATE collections SET partition_trunc = 'year'")
    begin = time.perf_counter()
    for name in _COLLECTIONS:
        loader.load_items(str(folder / f"{name}.ndjson"), Methods.insert)
    _report(time.perf_counter() - begin)


def _atlas(conninfo: str, folder: Path) -> None:
    begin = time.perf_counter()
    for name in _COLLECTIONS:
        load_folder(conninfo, folder / name)
    _report(time.perf_counter() - begin)


def _report(seconds: float) -> None:
    print(orjson.dumps({"seconds": seconds, "memory_mb": peak_mb()}).decode())


def _run(kind: str, conninfo: str, folder: Path) -> dict[str, float]:
    result: dict[str, float] = called(
        f"from pathlib import Path; from bench.load import {kind}; {kind}({conninfo!r}, Path({str(folder)!r}))"
    )
    return result


def _database(cluster: Cluster, name: str, *, stock: bool) -> str:
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    conninfo = cluster.conninfo(name)
    if stock:
        client = PgstacDB(dsn=conninfo)
        Migrate(client).run_migration()
        client.disconnect()
    else:
        migrate(conninfo)
    return conninfo


def _keep_still(cluster: Cluster) -> None:
    """Switch autovacuum off: that of one load would run during the other."""
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


def _settle(cluster: Cluster) -> None:
    """Write out everything that earlier work left in memory, also in the kernel's."""
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    os.sync()


def _contents(conninfo: str, items: int) -> tuple[object, ...] | None:
    digest = "md5(string_agg(md5(i::text), '' ORDER BY collection, id))" if items <= _CHECKSUM_UP_TO else "''"
    with psycopg.connect(conninfo) as connection:
        return connection.execute(f"SELECT count(*), {digest} FROM pgstac.items i").fetchone()


def main() -> list[Figure]:
    """Generate the Items, load them twice, compare."""
    items = item_count(100_000)
    folder = Path(tempfile.mkdtemp(prefix="atlas-bench-"))
    folder.chmod(0o755)
    try:
        for name in _COLLECTIONS:
            write_folder(folder / name, name, items // len(_COLLECTIONS), ndjson=folder / f"{name}.ndjson")
        cluster = Cluster(folder)
        with cluster:
            theirs_in = _database(cluster, "theirs", stock=True)
            ours_in = _database(cluster, "ours", stock=False)
            _keep_still(cluster)
            _settle(cluster)
            theirs = _run("_pypgstac", theirs_in, folder)
            _settle(cluster)
            ours = _run("_atlas", ours_in, folder)
            assert _contents(theirs_in, items) == _contents(ours_in, items), "the two did not load the same rows"
            again = _run("_atlas", ours_in, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate, peer = items / ours["seconds"], items / theirs["seconds"]
    told, second, first = f"{items:,} Items", again["seconds"], ours["seconds"]
    return [
        Figure(told, "Items/s", rate, peer, "pypgstac", rate / peer, 4, at_least=True),
        Figure(f"{told}, peak memory of the client", "MB", ours["memory_mb"], theirs["memory_mb"], "pypgstac"),
        Figure(f"{told}, again without a change", "s", second, first, "the first", second / first),
    ]
