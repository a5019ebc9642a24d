"""`atlas down`: stop what `atlas up` started, also where that was killed."""

import click

from atlas.commands._running import stop_server
from atlas.settings import load_settings

__all__ = ["command"]


@click.command("down")
def command() -> None:
    """Stop the server and the private database of the state folder.

    A server of ATLAS_DATABASE_URL is left alone: the atlas did not start it.
    """
    from atlas.store.cluster import Cluster

    settings = load_settings()
    pid = stop_server(settings.state_dir)
    click.echo("no server was running" if pid is None else f"stopped the server (process {pid})")
    if settings.database_url is None:
        stopped = Cluster(settings.state_dir).shut_down()
        click.echo("stopped the private database" if stopped else "the private database was not running")
