"""`/health`: the process is alive. `/ready`: whether it can answer, and if not, why."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from atlas import __version__
from atlas.api.context import services
from atlas.api.errors import UnavailableError, as_problem
from atlas.store.database import PGSTAC_VERSION

__all__ = ["get_health", "get_ready"]

_SQL = "SELECT get_version(), (SELECT count(*) FROM collections), (SELECT count(*) FROM queryables)"


async def get_health(request: Request) -> Response:
    """GET /health."""
    return _answer({"status": "ok", "version": __version__}, 200)


async def get_ready(request: Request) -> Response:
    """GET /ready."""
    document: dict[str, Any] = {"status": "ready", "version": __version__, "pgstac_needed": PGSTAC_VERSION}
    faults: list[str] = []
    try:
        version, collections, queryables = (await services(request).database.rows(_SQL))[0]
    except Exception as error:
        problem = as_problem(error)
        if not isinstance(problem, UnavailableError):
            raise
        faults.append(str(problem))
    else:
        document |= {"pgstac": version, "collections": collections, "queryables": queryables}
        if version != PGSTAC_VERSION:
            faults.append(f"the database has pgstac {version}, this server needs {PGSTAC_VERSION}")
        if collections == 0:
            faults.append("the database holds no Collections: run 'atlas load'")
    if faults:
        return _answer({**document, "status": "not ready", "faults": faults}, 503)
    return _answer(document, 200)


def _answer(document: dict[str, Any], status: int) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status != 200 else {})
    return Response(orjson.dumps(document), status, headers, "application/json")
