"""The unmodified stac-fastapi-pgstac over the same database: nobody is locked in, and the API has a peer to be
compared with.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import psycopg
from fastapi import FastAPI
from stac_fastapi.pgstac.app import instantiate_api
from stac_fastapi.pgstac.config import PostgresSettings, Settings
from stac_fastapi.pgstac.db import close_db_connection, connect_to_db

__all__ = ["create_stock_app"]


def create_stock_app(conninfo: str) -> FastAPI:
    """The application in its default configuration over a migrated database, its landing page at `/`."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    postgres = PostgresSettings(
        _env_file=None,
        pguser=str(parts.get("user") or ""),
        pgpassword=str(parts.get("password") or "unused"),
        pghost=quote(str(parts.get("host") or "localhost"), safe=""),
        pgport=int(parts.get("port") or 5432),
        pgdatabase=str(parts.get("dbname") or ""),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await connect_to_db(app, postgres_settings=postgres)
        yield
        await close_db_connection(app)

    app: FastAPI = instantiate_api(settings=Settings(_env_file=None), lifespan=lifespan).app
    return app
