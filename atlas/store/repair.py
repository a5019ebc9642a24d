"""Repair what `check_rows` finds where nothing is lost by it; all else stays and is reported, or goes to a file."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.crawl.folder import sync_folder
from atlas.errors import StoreError
from atlas.stac.extents import united
from atlas.store.check import NO_BOXES, CheckReport, Problem, check_rows, collection_problems, item_problems
from atlas.store.counts import count_missing
from atlas.store.database import explained
from atlas.store.layout import FOUNDATIONS, KINDS, Flaw, Kind, hides_others
from atlas.store.queries import Connection

__all__ = ["RepairReport", "repair_rows"]

# As a write does it: the Item is searched by the repaired geometry and answered as it was sent. What is not valid as
# GeoJSON is answered repaired too, and the original kept under another name.
_GEOMETRY = sql.SQL("""
UPDATE pgstac.items i SET geometry = r.mended, private = coalesce(i.private, '{{}}') ||
    jsonb_build_object({kept}, coalesce(i.private->'geometry', ST_AsGeoJSON(i.geometry, 20)::jsonb))
FROM (SELECT id, collection, atlas.repaired(geometry) AS mended FROM pgstac.items
      WHERE collection = %(collection)s AND id = %(id)s OFFSET 0) AS r
WHERE i.collection = r.collection AND i.id = r.id AND ST_IsValid(r.mended) AND NOT ST_IsEmpty(r.mended)
    AND ST_XMin(r.mended) >= -180 AND ST_XMax(r.mended) <= 180
    AND ST_YMin(r.mended) >= -90 AND ST_YMax(r.mended) <= 90
""")
# The columns that a search reads are filled again from the properties, which are what was written.
_TIMES = """
UPDATE pgstac.items SET datetime = pgstac.stac_datetime(content), end_datetime = pgstac.stac_end_datetime(content)
WHERE collection = %(collection)s AND id = %(id)s
"""
_STATED = """
SELECT pgstac.stac_datetime(content), pgstac.stac_end_datetime(content) FROM pgstac.items
WHERE collection = %(collection)s AND id = %(id)s AND isfinite(pgstac.stac_datetime(content))
    AND isfinite(pgstac.stac_end_datetime(content))
"""
_EXTENT = """
SELECT c.content, ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box),
    to_char(e.first AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    to_char(e.last AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM pgstac.collections c, (SELECT ST_Extent(geometry) AS box, min(datetime) AS first, max(end_datetime) AS last
    FROM pgstac.items WHERE collection = %(collection)s AND geometry @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)
        AND end_datetime >= datetime AND isfinite(datetime) AND isfinite(end_datetime)) AS e
WHERE c.id = %(collection)s AND e.box IS NOT NULL AND jsonb_typeof(c.content) = 'object'
"""
# Every column in PostgreSQL's text form, which it reads back without loss.
_WHOLE = """
SELECT jsonb_build_object('id', id, 'collection', collection, 'geometry', geometry::text, 'datetime', datetime::text,
    'end_datetime', end_datetime::text, 'content', content, 'private', private)
FROM pgstac.items WHERE collection = %s AND id = %s FOR UPDATE
"""
_TAKE = "DELETE FROM pgstac.items WHERE collection = %s AND id = %s"


@dataclass
class RepairReport:
    """What was repaired, and what a check finds afterwards."""

    mended: dict[str, int] = field(default_factory=dict)
    """Number of rows by field, and of tables, indexes and functions by kind."""
    dry_run: bool = False
    """Nothing was changed: this is what a repair would do and leave."""
    set_aside: int = 0
    """Items that left the database."""
    file: str | None = None
    """The file that they were written to first."""
    refused: dict[str, str] = field(default_factory=dict)
    """The database's message for each object that it refused to repair, by name."""
    rest_unknown: bool = False
    """Functions of pgstac that find the other faults are missing: nothing else was looked at."""
    left: CheckReport = field(default_factory=CheckReport)


def repair_rows(connection: Connection, *, dry_run: bool = False, aside: Path | None = None) -> RepairReport:
    """Repair everything that can be repaired, each fault in its own transaction.

    Geometries are repaired as a write would have done, times are read again from the properties, a Collection's extent
    is widened to its Items; functions, indexes, constraints and lists of partitions are recreated. Ids, properties and
    geometries that cannot be repaired need a person; or their Items are moved to a file, without loss.

    Args:
        connection: in autocommit mode, of an account that may write.
        dry_run: change nothing; damage to tables, indexes and functions is then taken to be repairable.
        aside: a new file for Items that cannot be repaired, one per line; they leave the database once it is on disk.

    Raises:
        StoreError: the database cannot be read, the account may not write, or the file cannot be written.
    """
    report, mended = RepairReport(dry_run=dry_run), Counter[str]()
    rest, unmade = list[list[Problem]](), list[Flaw]()

    def layout(kinds: Iterable[Kind]) -> bool:
        """Repair these kinds; returns whether the next ones can be found."""
        hidden = False
        for kind in kinds:
            there = kind.flaws(connection)
            left = (_would_be_left if dry_run else _left)(connection, kind, there, report.refused)
            mended[kind.name] += len(set(there) - set(left))
            unmade.extend(left)
            hidden |= hides_others(there if dry_run else left)
        return not hidden

    def rows(found: Iterator[list[Problem]]) -> None:
        with connection.transaction():
            lists = [problems for problems in found if problems]
        for problems in lists:
            rest.append([p for p in problems if not _mended(connection, p, dry_run=dry_run)])
            mended.update(p.field for p in problems if p not in rest[-1])

    with explained("the database cannot be repaired"):
        report.rest_unknown = not layout(FOUNDATIONS)
        if not report.rest_unknown:
            rows(item_problems(connection))
            if aside is not None:
                lost = [problems for problems in rest if any(p.level == "fault" for p in problems)]
                report.set_aside = len(lost) if dry_run else _set_aside(connection, lost, aside)
                report.file = str(aside) if lost else None
                rest = [problems for problems in rest if problems not in lost]
            layout(KINDS)
            rows(collection_problems(connection))
            if not dry_run:
                count_missing(connection)
    report.mended = dict(sorted((+mended).items()))
    report.left = check_rows(connection)
    if dry_run:
        report.left = CheckReport(report.left.collections, report.left.items, layout=unmade)
        report.left.add(rest)
    return report


def _left(connection: Connection, kind: Kind, there: list[Flaw], refused: dict[str, str]) -> list[Flaw]:
    """Repair what is damaged; returns what still is."""
    for flaw in there:
        with _attempt(connection, refused=(refused, flaw.name)):
            kind.mend(connection, flaw.name)
    return kind.flaws(connection) if there else []


def _would_be_left(connection: Connection, kind: Kind, there: list[Flaw], refused: dict[str, str]) -> list[Flaw]:
    """The same for a dry run."""
    left = there if kind.tried else []
    if left:  # repairing the first repairs all of its kind
        with _attempt(connection, refused=(refused, left[0].name), dry_run=True):
            kind.mend(connection, left[0].name)
            left = kind.flaws(connection)
    return left


@contextmanager
def _attempt(
    connection: Connection, *, refused: tuple[dict[str, str], str] | None = None, dry_run: bool = False
) -> Iterator[None]:
    """A transaction; what the database refuses, or has locked, stays unchanged, and the next check reports it.

    Args:
        connection: in autocommit mode.
        refused: where to note the database's message, and under which name.
        dry_run: roll back.

    Raises:
        StoreError: the account may not write.
    """
    try:
        with connection.transaction(force_rollback=dry_run):
            connection.execute("SET LOCAL lock_timeout = '10s'")
            yield
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise StoreError(_who_may(connection, str(error).strip())) from error
    except psycopg.Error as error:
        if refused is not None:
            refused[0][refused[1]] = str(error).strip().replace("\n", " ")


def _who_may(connection: Connection, refusal: str) -> str:
    row: Any = connection.execute(
        "SELECT current_user, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    user, owner = row
    who = "a superuser" if user == owner else f"{owner!r}, who owns the database"
    return f"the database user {user!r} may not change this ({refusal}): run the command again as {who}"


def _mended(connection: Connection, problem: Problem, *, dry_run: bool) -> bool:
    done = False
    if (remedy := _remedy(problem)) is not None:
        with _attempt(connection, dry_run=dry_run):
            done = remedy(connection, problem)
    return done


def _remedy(problem: Problem) -> Callable[[Connection, Problem], bool] | None:
    if problem.id is None:
        return _widen if problem.field.startswith("extent.") else None
    return {"geometry": _repair_geometry, "datetime": _read_times, "end_datetime": _read_times}.get(problem.field)


def _named(problem: Problem) -> dict[str, object]:
    return {"collection": problem.collection, "id": problem.id}


def _repair_geometry(connection: Connection, problem: Problem) -> bool:
    kept = sql.Literal("geometry" if problem.level == "advice" else "unrepaired")
    return connection.execute(_GEOMETRY.format(kept=kept), _named(problem)).rowcount > 0


def _read_times(connection: Connection, problem: Problem) -> bool:
    row = connection.execute(_STATED, _named(problem)).fetchone()
    if row is None:
        return False
    # The partition's constraint holds the times that were there before; where there is no partition, it is made.
    connection.execute(
        "SELECT pgstac.check_partition(%s, tstzrange(%s, %s, '[]'), tstzrange(%s, %s, '[]'))",
        [problem.collection, row[0], row[0], row[1], row[1]],
    )
    return connection.execute(_TIMES, _named(problem)).rowcount > 0


def _widen(connection: Connection, problem: Problem) -> bool:
    row: Any = connection.execute(_EXTENT, _named(problem)).fetchone()
    if row is None:
        return False
    content, *box, first, last = row
    found = {"spatial": {"bbox": [box]}, "temporal": {"interval": [[first, last]]}}
    stated = content["extent"] if isinstance(content.get("extent"), dict) else {}
    if problem.reason == NO_BOXES:
        stated = {name: value for name, value in stated.items() if name != "spatial"}
    content["extent"] = united(stated, found)
    changed = "UPDATE pgstac.collections SET content = %s WHERE id = %s"
    return connection.execute(changed, [Jsonb(content), problem.collection]).rowcount > 0


def _set_aside(connection: Connection, lost: list[list[Problem]], aside: Path) -> int:
    """Write Items to a new file, then take them out of the database; returns how many.

    Raises:
        StoreError: the file is there already or cannot be written; then nothing was taken out.
    """
    if not lost:
        return 0
    try:
        with connection.transaction(), aside.open("xb") as file:
            for problems in lost:
                name = [problems[0].collection, problems[0].id]
                for (row,) in connection.execute(_WHOLE, name).fetchall():
                    file.write(orjson.dumps({"problems": [asdict(p) for p in problems], "row": row}) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            sync_folder(aside.parent)
            count = sum(connection.execute(_TAKE, [p[0].collection, p[0].id]).rowcount for p in lost)
    except FileExistsError:
        raise StoreError(f"{aside} exists already: name a new file") from None
    except OSError as error:
        raise StoreError(f"{aside}: cannot be written ({error.strerror}): nothing was set aside") from error
    return count
