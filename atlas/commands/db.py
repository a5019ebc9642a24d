"""`atlas db`: look after the database.

What reads Items takes longer to import than most of these commands run, so each imports what it needs.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atlas.commands._cold import cool_command, warm_command
from atlas.commands._options import FOLDER, NEW_FILE, json_option, print_either, print_json
from atlas.errors import SettingsError
from atlas.settings import Settings, load_settings
from atlas.store.additions import additions_due
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.database import PGSTAC_VERSION, READER, connect, create_reader, database, migrate, pgstac_version
from atlas.store.queries import Connection

if TYPE_CHECKING:
    from atlas.store.backup import BackupReport
    from atlas.store.check import CheckReport

__all__ = ["command"]


@click.group("db")
def command() -> None:
    """Start, stop, migrate and inspect the database.

    Without ATLAS_DATABASE_URL this is a private PostgreSQL in the state folder, which the other commands start when
    they need it.
    """


command.add_command(cool_command)
command.add_command(warm_command)


def _private(settings: Settings) -> Cluster:
    if settings.database_url is not None:
        raise SettingsError("ATLAS_DATABASE_URL names an existing server, which the atlas neither starts nor stops")
    return Cluster(settings.state_dir)


@command.command()
def start() -> None:
    """Start the private database and leave it running.

    Prints its connection string.
    """
    cluster = _private(load_settings())
    try:
        conninfo = cluster.start(keep=True)
        migrate(conninfo)
        create_reader(conninfo)
    finally:
        cluster.stop()  # this process lets go of it; the cluster keeps running
    click.echo(conninfo)


@command.command()
def stop() -> None:
    """Stop the private database."""
    click.echo("stopped" if _private(load_settings()).shut_down() else "it was not running")


@command.command()
@json_option
def status(as_json: bool) -> None:
    """Show what the database holds."""
    from atlas.store.cold.marks import marks

    settings = load_settings()
    cluster = Cluster(settings.state_dir) if settings.database_url is None else None
    if cluster is not None and not cluster.running():
        print_either({"running": False}, "the private database is not running", as_json=as_json)
        return
    with connect(str(settings.database_url) if cluster is None else cluster.conninfo()) as connection:
        server = connection.info.server_version // 10000
        version = pgstac_version(connection)
        counts, cold = [], []
        if version is not None:
            counts = connection.execute(
                "SELECT c.id, count(i.id) FROM pgstac.collections c LEFT JOIN pgstac.items i ON i.collection = c.id "
                "GROUP BY 1 ORDER BY 1"
            ).fetchall()
            cold = [mark for mark in marks(connection) if mark.is_cold] if not additions_due(connection) else []
    items = {str(name): count for name, count in counts}
    document: dict[str, object] = {"running": True, "postgresql": server, "pgstac": version, "items": items}
    document["cold"] = {
        one.collection: {"items": one.items, "folders": [folder.address for folder in one.folders]} for one in cold
    }
    if as_json:
        print_json(document)
        return
    click.echo(f"PostgreSQL {server}, pgstac {version or 'not installed'} (this atlas needs {PGSTAC_VERSION})")
    for name, count in counts:
        click.echo(f"  {name}: {count:,} items")
    for one in cold:
        click.echo(f"  {one.collection}: {one.items:,} items in {', '.join(f.address for f in one.folders)}")


@command.command()
@json_option
def check(as_json: bool) -> None:
    """Look for faults in the database without changing it.

    Faults are rows that a write would reject, extents that do not enclose their Items, and functions, indexes,
    constraints and lists of partitions that differ from what the atlas creates.

    Each finding is a line `Collection, Item - field - level - reason`. Exit code 0: no fault, though there may be
    advice; 1: faults found; 2: there is no pgstac to check.
    """
    from atlas.store.check import check_rows

    with database(load_settings()) as conninfo, connect(conninfo) as connection:
        _need_pgstac(connection)
        report = check_rows(connection)
    if as_json:
        print_json(asdict(report))
    else:
        _say_what_is_wrong(report)
    sys.exit(0 if report.sound else 1)


@command.command("repair")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done and what would be left.")
@click.option(
    "--set-aside",
    type=NEW_FILE,
    help="A new file (ndjson) for Items that cannot be repaired: they are written there whole and leave the database.",
)
@json_option
def repair_command(dry_run: bool, set_aside: Path | None, as_json: bool) -> None:
    """Repair what `atlas db check` finds.

    Only what can be repaired without loss is repaired; the rest is reported.

    Geometries are repaired as in a write, and still returned as they were sent; times are read again from the
    properties; a Collection's extent is widened to its Items; functions (including pgstac's, from its migration),
    views, triggers, indexes, constraints and lists of partitions are recreated. Items that cannot be repaired stay, or
    go to the file of --set-aside. Make a backup first.
    Exit code 0: no fault is left; 1: faults are left that this command cannot repair; 2: there is no pgstac to repair.
    """
    from atlas.store.repair import repair_rows

    with database(load_settings()) as conninfo, connect(conninfo, autocommit=True) as connection:
        _need_pgstac(connection)
        report = repair_rows(connection, dry_run=dry_run, aside=set_aside)
    if as_json:
        print_json(asdict(report))
    else:
        would = "would be " if dry_run else ""
        for field, count in report.mended.items():
            click.echo(f"{count:,} {would}repaired: {field}")
        for name, reason in report.refused.items():
            click.echo(f"{'would not be' if dry_run else 'not'} repaired: {name}: {reason}")
        if report.rest_unknown:
            click.echo("the rest was not checked, because checking needs these parts of pgstac: then run this again")
        if report.file is not None:
            click.echo(f"{report.set_aside:,} Items {would}set aside: {report.file}")
        _say_what_is_wrong(report.left)
    sys.exit(0 if report.left.sound else 1)


def _need_pgstac(connection: Connection) -> None:
    if pgstac_version(connection) is None:
        raise click.UsageError("the database holds no pgstac")


def _say_what_is_wrong(report: "CheckReport") -> None:
    for one in (*report.layout, *report.problems):
        click.echo(str(one))
    if (count := sum(report.by_reason.values())) > len(report.problems):
        click.echo(f"... and {count - len(report.problems):,} more")
    for reason, count in report.by_reason.items():
        click.echo(f"{count:,} x {reason}")
    click.echo(
        f"{report.items:,} Items of {report.collections:,} Collections: {report.faults:,} rows with a fault, "
        f"{report.advice:,} with advice" + (f"; {len(report.layout):,} faults beside the rows" if report.layout else "")
    )


@command.command("migrate")
@click.option("--dry-run", is_flag=True, help="Only print what would be done.")
def migrate_command(dry_run: bool) -> None:
    """Install or upgrade pgstac in the database.

    Collections and Items are compared before and after, row by row. Make a backup first: a migration that fails half
    way is not undone. Exit code 1: the migration failed, or rows differ.
    """
    from atlas.store.migration import migrate_compared, planned_steps

    with _existing(load_settings()) as conninfo:
        if dry_run:
            for step in planned_steps(conninfo) or ["nothing to do"]:
                click.echo(step)
            return
        rows = sum(migrate_compared(conninfo).values())
    click.echo(f"the database has pgstac {PGSTAC_VERSION}; {rows:,} rows are as they were")


@command.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
def backup_command(folder: Path) -> None:
    """Back up the database to a new FOLDER.

    It holds Collections, Items, what was written through the API, and queryables.

    Searches and loads continue meanwhile; the backup is a snapshot of one moment. The folder appears when complete.
    """
    from atlas.store.backup import backup

    settings = load_settings()
    with _existing(settings) as conninfo:
        _say(backup(conninfo, folder, settings.state_dir))


@command.command("restore")
@click.argument("folder", type=FOLDER)
def restore_command(folder: Path) -> None:
    """Restore a backup into a database without Collections.

    Every row is compared with the checksums of the backup.

    A dump that cannot be read to its end leaves an empty catalogue. Exit code 1: rows differ from the backup.
    """
    from atlas.store.backup import restore

    settings = load_settings()
    with _existing(settings) as conninfo:
        _say(restore(conninfo, folder, settings.state_dir))


def _say(report: "BackupReport") -> None:
    items = sum(rows for name, rows in report.rows.items() if name.startswith("Items of "))
    click.echo(
        f"{report.folder}: {report.rows['pgstac.collections']:,} Collections, {items:,} Items, {report.bytes:,} bytes"
    )


@contextlib.contextmanager
def _existing(settings: Settings) -> Iterator[str]:
    """The database in any version: the named server, or the private one, which is started."""
    if settings.database_url is not None:
        yield str(settings.database_url)
        return
    with Cluster(settings.state_dir) as conninfo:
        yield conninfo


@command.command()
def reader() -> None:
    """Create the read-only role of the API.

    Its password is read from ATLAS_READER_PASSWORD.
    """
    settings = load_settings()
    password = os.environ.get("ATLAS_READER_PASSWORD") or None
    if settings.database_url is None:
        with database(settings) as conninfo:
            create_reader(conninfo, password)
    elif password is None:
        raise SettingsError("ATLAS_READER_PASSWORD: set it to the password that the role is to have")
    else:
        create_reader(str(settings.database_url), password)
    click.echo(f"{READER} may read the catalogue")


@command.command()
@click.confirmation_option(prompt="Remove the private database with everything in it?")
def reset() -> None:
    """Remove the private database.

    Records and crawls stay and can be loaded again.
    """
    _private(load_settings()).erase()
    click.echo("removed")
