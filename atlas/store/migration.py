"""Bring a database to the release of this atlas: first what would be done, then doing it and comparing every row."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pypgstac

from atlas.errors import StoreError
from atlas.store.additions import additions_due
from atlas.store.checksums import checksums, differences
from atlas.store.counts import count_missing
from atlas.store.database import PGSTAC_VERSION, connect, explained, migrate, pgstac_version

__all__ = ["migrate_compared", "planned_steps"]

# What a migration must not change; settings and queryables may get what is new.
_KEPT = ("pgstac.collections", "Items of ")


def planned_steps(conninfo: str) -> list[str]:
    """What `migrate` would do, step by step; empty where there is nothing to do.

    Raises:
        StoreError: the database cannot be reached, or there is no migration from its version to ours.
    """
    from pypgstac.migrate import MigrationPath  # brings boto3 with it

    with explained("the database cannot be read"), connect(conninfo) as connection:
        found = pgstac_version(connection)
        due = additions_due(connection)
    steps = []
    if found is None:
        steps.append(f"install pgstac {PGSTAC_VERSION}")
    elif found != PGSTAC_VERSION:
        way = MigrationPath(str(Path(pypgstac.__file__).parent / "migrations"), found, PGSTAC_VERSION).build_path()
        if way is None:
            msg = f"no migration leads from pgstac {found} to {PGSTAC_VERSION}: bring it to a release of 0.9 first"
            raise StoreError(msg)
        steps += [f"pgstac {one} to {next_}" for one, next_ in pairwise(way)]
    return [*steps, "the atlas's own additions"] if due or steps else steps


def migrate_compared(conninfo: str) -> dict[str, int]:
    """Migrate, and compare Collections and Items from before with those after it.

    Returns:
        Number of rows that were compared, by Collection.

    Raises:
        StoreError: the migration failed, or rows differ afterwards; then restore the backup that was made before.
    """
    before = _kept(conninfo)
    migrate(conninfo)
    with explained("the Items cannot be counted"), connect(conninfo, autocommit=True) as connection:
        count_missing(connection)
    after = _kept(conninfo)
    if before and (odd := differences(before, after)):
        raise StoreError(f"the migration changed what it must not ({'; '.join(odd)}): restore the backup from before")
    return {name: int(rows) for name, (rows, _) in after.items()}


def _kept(conninfo: str) -> dict[str, list[Any]]:
    """Checksums of what a migration must keep; none of a database without pgstac."""
    with explained("the database cannot be read"), connect(conninfo) as connection:
        found = {} if pgstac_version(connection) is None else checksums(connection)
    return {name: value for name, value in found.items() if name.startswith(_KEPT)}
