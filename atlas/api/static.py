"""The built site and the schema of the extension, from the same server."""

import errno
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from atlas.api.errors import NotFoundError
from atlas.api.parameters import read_parameters
from atlas.api.responses import HTML, SCHEMA, error_response, tagged
from atlas.resources import data_dir

__all__ = ["SiteFiles", "get_docs", "get_icon", "get_schema"]

_LASTING = "public, max-age=300"


class SiteFiles(StaticFiles):
    """The folder of the site: `/about` is `about.html`, as at the web server of the compose file, and a missing page is
    answered with the site's own 404 page.

    A page has one address, at which its relative links are right: a file without a slash at its end, a folder's index
    with one; the other form redirects to it.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True)
        self._root = directory
        self._missing = directory / "404.html"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, or `index.html` of a folder."""
        try:
            flat = (self._root / f"{path}.html").is_file()
            slash = scope["path"].endswith("/")
            if path != "." and slash == flat and (flat or (self._root / path / "index.html").is_file()):
                return _beside(path, scope, "../{}" if flat else "{}/")
            if flat:
                path = f"{path}.html"
            response = await super().get_response(path, scope)
        except ValueError:
            return self._not_found()  # a NUL
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return self._not_found()
        except HTTPException as error:
            if error.status_code != 404:
                raise
            return self._not_found()
        response.headers.setdefault("Cache-Control", _LASTING)
        return response

    def _not_found(self) -> Response:
        if self._missing.is_file():
            return Response(self._missing.read_bytes(), 404, media_type=HTML)
        return error_response(NotFoundError("there is no such page"))


def _beside(path: str, scope: Scope, form: str) -> Response:
    """Redirect to the same name with or without its slash, relative so that proxies may add a prefix."""
    query = scope["query_string"].decode("latin-1")
    where = form.format(quote(path.rpartition("/")[2])) + (f"?{query}" if query else "")
    return Response(status_code=301, headers={"Location": where, "Cache-Control": _LASTING})


async def get_docs(request: Request) -> Response:
    """GET /docs: where many servers describe their API."""
    return Response(status_code=308, headers={"Location": "stac/api.html", "Cache-Control": _LASTING})


async def get_icon(request: Request) -> Response:
    """GET /favicon.ico, which browsers ask for where a page names no icon, as the API's does not."""
    return tagged(request, (data_dir("site") / "static" / "icon.svg").read_bytes(), "image/svg+xml", lasting=True)


async def get_schema(request: Request) -> Response:
    """GET /emb/{version}/schema.json."""
    read_parameters(request.scope["query_string"], frozenset())
    version = request.path_params["version"]
    versions = data_dir("schemas") / "emb"
    path = versions / version / "schema.json"
    if version not in {entry.name for entry in versions.iterdir()} or not path.is_file():
        raise NotFoundError(f"there is no version {version!r} of the extension")
    return tagged(request, path.read_bytes(), SCHEMA, lasting=True)
