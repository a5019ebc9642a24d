"""`atlas down`: stop what `atlas up` started, even if that was killed."""

import click

from atlas.commands._running import stop_server
from atlas.settings import load_settings

__all__ = ["command"]


@click.command("down")
def command() -> None:
    """Stop the server and the private database.

    A database in use by another command, such as `atlas load`, stops when that command ends. The server of
    ATLAS_DATABASE_URL keeps running: the atlas did not start it.
    """
    from atlas.store.cluster.lifecycle import Cluster

    settings = load_settings()
    cluster = Cluster(settings.state_dir) if settings.database_url is None else None
    ran = cluster is not None and cluster.running()  # the last user stops it: often the server does
    pid = stop_server(settings.state_dir)
    click.echo("no server was running" if pid is None else f"stopped the server (process {pid})")
    if cluster is None:
        return
    if cluster.running() and cluster.dismiss():
        click.echo("the private database is in use by another command and stops with it")
    else:
        click.echo("stopped the private database" if ran else "the private database was not running")
