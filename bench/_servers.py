"""The servers that are compared, each on a free port, and the databases under them."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pypgstac
from psycopg import sql

from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import PGSTAC_VERSION, migrate
from atlas.store.metadata import load_queryables
from stac_emb.queryables import queryables

__all__ = ["get", "prepared", "published", "serve_ours", "serve_stock", "settled", "warm", "widen"]


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _server(command: list[str], environment: dict[str, str], port: int, folder: Path, path: str) -> Iterator[int]:
    log = (folder / f"server-{port}.log").open("w")
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log, cwd=folder)
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError(Path(log.name).read_text("utf-8")[-2000:])
            try:
                if get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), path)[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _dsn(conninfo: str) -> dict[str, str]:
    return {k: str(v) for k, v in psycopg.conninfo.conninfo_to_dict(conninfo).items()}


@contextmanager
def serve_ours(conninfo: str, root: Path) -> Iterator[int]:
    """Our server as `atlas serve` starts it, with a worker for each core; yields its port."""
    parts, port = _dsn(conninfo), _port()
    url = f"postgresql://{parts['user']}@{quote(parts['host'], safe='')}:{parts['port']}/{parts['dbname']}"
    environment = {"ATLAS_DATABASE_URL": url, "ATLAS_PORT": str(port), "ATLAS_WORKERS": "0"}
    environment["ATLAS_STATE_DIR"] = str(root / "serving")
    command = [str(Path(sys.executable).with_name("atlas")), "serve"]
    with _server(command, environment, port, root, "/stac") as running:
        yield running


@contextmanager
def serve_stock(conninfo: str, root: Path) -> Iterator[int]:
    """stac-fastapi-pgstac as it comes; yields its port."""
    parts, port = _dsn(conninfo), _port()
    environment = {
        "PGHOST": quote(parts["host"], safe=""),
        "PGPORT": parts["port"],
        "PGUSER": parts["user"],
        "PGPASSWORD": "unused",
        "PGDATABASE": parts["dbname"],
    }
    command = [sys.executable, "-m", "uvicorn", "stac_fastapi.pgstac.app:create_app", "--factory"]
    command += ["--port", str(port), "--log-level", "warning"]
    with _server(command, environment, port, root, "/") as running:
        yield running


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    """Status and body of the answer to a GET."""
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def published(conninfo: str) -> str:
    """Copy the database and take back what `atlas.store` added to pgstac; returns the copy's connection string.

    Nobody may be connected to the database meanwhile.
    """
    parts = _dsn(conninfo)
    copy = parts | {"dbname": "published"}
    with psycopg.connect(**(parts | {"dbname": "postgres"}), autocommit=True) as connection:  # type: ignore[arg-type]  # strings, all of them
        connection.execute("DROP DATABASE IF EXISTS published")
        template = sql.Identifier(parts["dbname"])
        connection.execute(sql.SQL("CREATE DATABASE published TEMPLATE {} STRATEGY file_copy").format(template))
    text = (Path(pypgstac.__file__).parent / "migrations" / f"pgstac.{PGSTAC_VERSION}.sql").read_text("utf-8")
    begin = text.index("CREATE OR REPLACE FUNCTION get_token_record(")
    ending = "LANGUAGE PLPGSQL STABLE STRICT"
    end = text.index(f"{ending};", begin)
    function = text[begin:end]
    address = " ".join(f"{k}={v}" for k, v in copy.items())
    with psycopg.connect(address, autocommit=True, options="-c search_path=pgstac,public") as connection:
        connection.execute(f"{function}{ending}".encode())
        connection.execute("SELECT atlas.index_in_order('{}')")  # none in order: those that there are go
        connection.execute("DROP INDEX items_annual_idx")
        connection.execute("DROP INDEX items_annual_template_idx")
        connection.execute("DROP SCHEMA atlas CASCADE")
        connection.execute("VACUUM ANALYZE items")
        row = connection.execute("SELECT prosrc FROM pg_proc WHERE oid = 'get_token_record'::regproc").fetchone()
        assert row is not None
        assert row[0] in function, "the paging function is not the published one"
        left = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%datetime DESC, collection DESC%'"
        ).fetchall()
        assert not left, f"an index of ours is left: {left}"
    return address


def prepared(conninfo: str) -> None:
    """Make a database ready for Items."""
    migrate(conninfo)
    load_queryables(conninfo, queryables())


def settled(conninfo: str) -> None:
    """Make the server do now what it would do later, VACUUM and ANALYZE."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE pgstac.items")


def widen(cluster: Cluster) -> str:
    """Give the private cluster a quarter of the machine's memory, as PostgreSQL's manual advises; returns its address.

    Otherwise a request for a new place measures the disk, which is the same for all servers.
    """
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4_194_304
    with psycopg.connect(cluster.start(), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{megabytes}MB'".encode())
    cluster.stop()
    return cluster.start()


def warm(*databases: str) -> None:
    """Read the Items of the databases and their indexes into PostgreSQL's memory."""
    for conninfo in databases:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            row = connection.execute(
                "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relnamespace = 'pgstac'::regnamespace "
                "AND relkind IN ('r', 'i') AND relname LIKE '%items%'"
            ).fetchone()
            assert row is not None
            print(f"{int(row[0]) * 8192 / 1e9:.1f} GB in PostgreSQL's memory", flush=True)
