"""Assemble the application: stac-fastapi-pgstac declares the STAC API, the modules here answer it."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from brotli_asgi import BrotliMiddleware
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.cache import State
from atlas.api.conformance import conformance_classes
from atlas.api.context import Services
from atlas.api.database import Database, connection_arguments, pool_size
from atlas.api.errors import MethodError, NotFoundError
from atlas.api.metrics import Metrics
from atlas.api.middleware import RequestMiddleware
from atlas.api.openapi import build_openapi
from atlas.api.proxies import ForwardedMiddleware
from atlas.api.responses import NOTICE_HEADER, error_response
from atlas.api.routes import routes
from atlas.api.search.execute import Searcher
from atlas.api.static import SiteFiles
from atlas.api.transactions import NOT_CHECKED
from atlas.records import load_catalog
from atlas.settings import Settings
from atlas.store.cluster.lifecycle import SUPERUSER
from atlas.store.database import reader_conninfo

__all__ = ["create_app"]

_BROTLI_QUALITY = 3
_LEAST_COMPRESSED = 1_000


def create_app(settings: Settings, conninfo: str, site_dir: Path | None = None) -> Starlette:
    """The application of one worker: STAC API under `/stac`, atlas endpoints under `/stac/atlas`, site at `/`.

    Args:
        settings: From the environment.
        conninfo: libpq connection string of a migrated database. Nothing is connected before the first request, so
            the application starts and answers 503 while the database is away. Where it is the private cluster's
            superuser, searches log in as its reader.
        site_dir: The built site; without it `/` answers 404.

    Raises:
        SettingsError: the connection string is not valid.
        RecordError: a catalogue record is broken.
    """
    app = Starlette(lifespan=_lifespan)
    writing = bool(settings.writers)
    catalog = load_catalog()
    size = pool_size(settings.workers)
    reading = _reading(settings, conninfo)
    database = Database(settings, reading, size=size)
    local = Database(settings, reading, size=size, planned=False)
    state = State(database)
    app.state.services = Services(
        settings=settings,
        database=database,
        local=local,
        writer=Database(settings, conninfo, size=2, writable=True) if writing else None,
        state=state,
        searcher=Searcher(database, state, local),
        catalog=catalog,
        site_dir=site_dir,
    )
    app.state.metrics = Metrics()
    app.state.conformance = functools.cache(functools.partial(conformance_classes, writing=writing))
    app.state.openapi = functools.cache(lambda: orjson.dumps(build_openapi(catalog, writing=writing)))
    app.router.redirect_slashes = False
    app.router.routes[:0] = routes(writing=writing)
    if site_dir is not None:
        app.mount("/", SiteFiles(site_dir), name="site")
    app.add_exception_handler(404, _on_missing)
    app.add_exception_handler(405, _on_method)
    app.add_middleware(BrotliMiddleware, quality=_BROTLI_QUALITY, minimum_size=_LEAST_COMPRESSED)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "OPTIONS", *(("PUT", "PATCH", "DELETE") if writing else ())],
        allow_headers=[
            "Accept",
            "Content-Type",
            "If-Modified-Since",
            "If-None-Match",
            "X-Request-ID",
            *(("Authorization",) if writing else ()),
        ],
        expose_headers=[
            NOT_CHECKED,
            "ETag",
            "Last-Modified",
            "Link",
            "Location",
            NOTICE_HEADER,
            "Retry-After",
            "X-Request-ID",
        ],
        max_age=600,
    )
    app.add_middleware(RequestMiddleware, metrics=app.state.metrics)
    app.add_middleware(ForwardedMiddleware, trusted=settings.trusted_proxies, base_path=settings.base_path)
    return app


def _reading(settings: Settings, conninfo: str) -> str:
    """The connection string of searches: on the private cluster the reader's, as a superuser could leave any role.

    An operator's own database is opened as the user that ATLAS_DATABASE_URL names.
    """
    if settings.database_url is None and connection_arguments(conninfo).get("user") == SUPERUSER:
        return reader_conninfo(conninfo)
    return conninfo


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    parts: Services = app.state.services
    parts.searcher.parts.close()
    for database in (parts.database, parts.local, parts.writer):
        if database is not None:
            await database.close()


async def _on_missing(request: Request, _error: Exception) -> Response:
    return error_response(NotFoundError(f"there is nothing at {request.url.path}"))


async def _on_method(request: Request, error: Exception) -> Response:
    headers = getattr(error, "headers", None)
    return error_response(MethodError(f"{request.url.path} does not take {request.method}", headers=headers))
