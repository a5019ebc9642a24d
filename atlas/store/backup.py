"""Back up and restore a whole catalogue: every row of Items and Collections, whoever wrote it.

Crawls can be repeated; what was written over the API cannot. A backup is PostgreSQL's own dump with a note of what it
holds. The note's checksums are of the same state of the database as the dump, and are compared after each restore.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg

from atlas.crawl.folder import sync_folder, write_json
from atlas.errors import StoreError
from atlas.files import held, sha256_of
from atlas.store.checksums import checksums, differences
from atlas.store.cluster.postgres import find_installations
from atlas.store.counts import count_missing
from atlas.store.database import PGSTAC_VERSION, connect, create_reader, explained, migrate, numbers_of, pgstac_version
from atlas.store.load.plan import untouched
from atlas.store.queries import Connection, named, value

__all__ = ["BackupReport", "backup", "restore"]

_DUMP, _NOTE, _LOCK = "catalogue.dump", "backup.json", ".lock"
_VERSION = 1
_SCHEMAS = ("pgstac", "atlas")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was backed up or restored."""

    folder: str
    bytes: int
    rows: dict[str, int]
    """Number of rows, by table and by Collection."""


def backup(conninfo: str, folder: Path, state_dir: Path | None = None) -> BackupReport:
    """Write the whole catalogue of a database to a folder; readers and loads go on meanwhile.

    Args:
        conninfo: the database.
        folder: a new folder; it gets its name when it is complete.
        state_dir: where PostgreSQL's programs may be unpacked.

    Raises:
        StoreError: the folder exists, no suitable pg_dump is installed, or the database cannot be read.
    """
    if folder.exists():
        raise StoreError(f"{folder} exists already: name a new folder for the backup")
    unfinished = folder.with_name(f".{folder.name}.tmp")
    with _begun(unfinished), explained("the database cannot be backed up"), connect(conninfo) as connection:
        version = pgstac_version(connection)
        if version is None:
            raise StoreError("the database holds no pgstac: there is nothing to back up")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = value(connection, "SELECT pg_export_snapshot()")
        dump = unfinished / _DUMP
        program = ["--format=custom", f"--file={dump}", f"--snapshot={snapshot}", *(f"-n{s}" for s in _SCHEMAS)]
        program.append("--exclude-table-data=atlas.counted*")  # they describe these very tables, not restored ones
        _run("pg_dump", conninfo, program, state_dir)
        # Partitions that are as `atlas load` wrote them: the next load leaves them alone, before and after a restore.
        rows = connection.execute("SELECT DISTINCT collection FROM atlas.loaded_partitions").fetchall()
        loaded = [str(name) for (name,) in rows]
        note = {
            "version": _VERSION,
            "pgstac": version,
            "sha256": sha256_of(dump),
            "checksums": checksums(connection),
            "untouched": sorted(have.partition for name in loaded for have in untouched(connection, name).values()),
        }
        write_json(unfinished / _NOTE, note)
        (unfinished / _LOCK).unlink()
        unfinished.rename(folder)
        sync_folder(folder.parent)
    return _report(folder, note)


@contextlib.contextmanager
def _begun(unfinished: Path) -> Iterator[None]:
    """Make a new folder for a backup, and remove those that interrupted backups left beside it."""
    for old in unfinished.parent.glob(".*.tmp"):
        if old == unfinished or (old / _LOCK).exists():
            with contextlib.suppress(BlockingIOError), held(old / _LOCK):
                shutil.rmtree(old)
    try:
        unfinished.mkdir(parents=True)
    except FileExistsError:
        msg = f"{unfinished} exists: another backup of this name is being written, or another program made it"
        raise StoreError(msg) from None
    with held(unfinished / _LOCK):
        try:
            yield
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)  # it may be what filled the disk
            raise


def restore(conninfo: str, folder: Path, state_dir: Path | None = None) -> BackupReport:
    """Restore a backup into a database without Collections, and compare the rows with the checksums of its note.

    Args:
        conninfo: the database, as its owner.
        folder: what `backup` wrote.
        state_dir: where PostgreSQL's programs may be unpacked.

    Raises:
        StoreError: the backup is incomplete, damaged or of a newer release, the database is not empty, or its rows
            differ afterwards. Where the dump cannot be read to its end, the database stays empty.
    """
    note = _note(folder)
    migrate(conninfo, upgrade=False)
    create_reader(conninfo)  # roles belong to the server and are in no dump
    with explained("the database cannot be restored"), connect(conninfo, autocommit=True) as connection:
        if there := value(connection, "SELECT count(*) FROM pgstac.collections"):
            raise StoreError(f"the database holds {there} Collections: restore into an empty one")
        with connection.transaction():
            for schema in _SCHEMAS:
                connection.execute(named("DROP SCHEMA {} CASCADE", schema))
        try:
            program = ["--single-transaction", "--exit-on-error", str(folder / _DUMP)]
            _run("pg_restore", conninfo, program, state_dir)
        except StoreError:
            migrate(conninfo)
            raise
        _take_over(connection, note["untouched"])
        connection.execute("ANALYZE")
    with connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        odd = differences(note["checksums"], checksums(connection))
    if odd:
        raise StoreError(f"{folder}: the database does not hold what was backed up: {'; '.join(odd)}")
    migrate(conninfo)  # the backup may be of an earlier release
    create_reader(conninfo)
    with explained("the Items cannot be counted"), connect(conninfo, autocommit=True) as connection:
        count_missing(connection)
    return _report(folder, note)


def _note(folder: Path) -> dict[str, Any]:
    """The note of a backup, once the backup is known to be complete."""
    path = folder / _NOTE
    try:
        note: Any = orjson.loads(path.read_bytes())
        digest, version = note["sha256"], str(note["pgstac"])
        if note["version"] != _VERSION or not isinstance(note["checksums"], dict):
            raise KeyError("version")
    except FileNotFoundError:
        raise StoreError(f"{folder} is not a backup: it has no {_NOTE}") from None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: not the note of a backup ({error!r}): use another backup") from None
    if not (folder / _DUMP).is_file() or sha256_of(folder / _DUMP) != digest:
        msg = f"{folder / _DUMP}: missing or damaged: its bytes are not those that were written; use another backup"
        raise StoreError(msg)
    if numbers_of(version) > numbers_of(PGSTAC_VERSION):
        raise StoreError(f"{folder}: written with pgstac {version}, newer than the {PGSTAC_VERSION} of this atlas")
    return dict(note)


def _take_over(connection: Connection, partitions: Iterable[str]) -> None:
    """Record that the restore wrote the rows of these partitions, so that the next load leaves them alone."""
    for name in partitions:
        update = named(
            "UPDATE atlas.loaded_partitions SET written_by = (SELECT xmin FROM pgstac.{} LIMIT 1) "
            "WHERE partition = %s AND row_count > 0",
            name,
        )
        connection.execute(update, [name])


def _run(program: str, conninfo: str, arguments: list[str], state_dir: Path | None) -> None:
    """Run one of PostgreSQL's programs: the newest on this machine, as it reads older servers too.

    Raises:
        StoreError: the program is missing or fails; the message ends with its first error.
    """
    there = [one for one in find_installations(state_dir) if (one.bin_dir / program).exists()]
    path = str(there[0].bin_dir / program) if there else shutil.which(program)
    if path is None:
        raise StoreError(f"{program} is not installed (Debian: postgresql-client)")
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    password = parts.pop("password", None)  # not on the command line, which everybody on the machine can read
    environment = {**os.environ, **(there[0].environment if there else {})}
    if password:
        environment["PGPASSWORD"] = str(password)
    dbname = psycopg.conninfo.make_conninfo("", **parts)
    done = subprocess.run(
        [path, f"--dbname={dbname}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        errors = [line for line in lines if "error" in line.lower()] or lines
        raise StoreError(f"{program}: {errors[0].removeprefix(f'{program}: ')}")


def _report(folder: Path, note: dict[str, Any]) -> BackupReport:
    size = (folder / _DUMP).stat().st_size
    return BackupReport(str(folder), size, {name: int(rows) for name, (rows, _) in note["checksums"].items()})
