"""`atlas serve`: the API and the site."""

from pathlib import Path

import click

from atlas.api.server import serve
from atlas.commands._options import FOLDER
from atlas.commands._running import running_server
from atlas.settings import load_settings
from atlas.store.database import database

__all__ = ["command"]


@click.command("serve")
@click.option(
    "--site", type=FOLDER, help="The built site; by default the folder 'site' in the state folder, if there is one."
)
@click.option("--host", help="Address to listen on; overrides ATLAS_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; overrides ATLAS_PORT; 0 takes any.")
@click.option("--workers", type=click.IntRange(0, 64), help="Processes; overrides ATLAS_WORKERS; 0 takes one per core.")
@click.option(
    "--stock",
    is_flag=True,
    help="Serve the same database with the unmodified stac-fastapi-pgstac, its landing page at /, without the site.",
)
def command(site: Path | None, host: str | None, port: int | None, workers: int | None, *, stock: bool) -> None:
    """Serve the STAC API and the site.

    The API is at /stac; the command runs until interrupted.

    The database is the one of ATLAS_DATABASE_URL, or the private one in the state folder, which runs as long as the
    server does.
    """
    given = {"host": host, "port": port, "workers": workers}
    settings = load_settings().model_copy(update={k: v for k, v in given.items() if v is not None})
    if site is None and (settings.state_dir / "site" / "index.html").is_file():
        site = settings.state_dir / "site"
    with running_server(settings.state_dir), database(settings) as conninfo:
        serve(
            settings,
            conninfo,
            site,
            started=lambda url: click.echo(f"serving {url}" if stock else f"serving {url} and {url}stac", err=True),
            stock=stock,
        )
