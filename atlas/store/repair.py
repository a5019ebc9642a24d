"""Repair what `check_rows` finds, where the row itself shows how; all else is left as it is, and reported."""

from collections import Counter
from dataclasses import asdict, dataclass, field

import psycopg
from psycopg import sql

from atlas.errors import StoreError
from atlas.store.check import CheckReport, Problem, check_rows, problems_by_row
from atlas.store.database import explained

__all__ = ["RepairReport", "repair_rows"]

Connection = psycopg.Connection[tuple[object, ...]]

# As a write does it: searched by its repaired form, answered as it was sent. What no GeoJSON may be is answered
# repaired too, and kept under a name of its own.
_GEOMETRY = sql.SQL("""
UPDATE pgstac.items i SET geometry = r.mended, private = coalesce(i.private, '{{}}') ||
    jsonb_build_object({kept}, coalesce(i.private->'geometry', ST_AsGeoJSON(i.geometry, 20)::jsonb))
FROM (SELECT id, collection, atlas.repaired(geometry) AS mended FROM pgstac.items
      WHERE collection = %(collection)s AND id = %(id)s OFFSET 0) AS r
WHERE i.collection = r.collection AND i.id = r.id AND ST_IsValid(r.mended) AND NOT ST_IsEmpty(r.mended)
    AND ST_XMin(r.mended) >= -180 AND ST_XMax(r.mended) <= 180
    AND ST_YMin(r.mended) >= -90 AND ST_YMax(r.mended) <= 90
""")
# What a search reads and the properties of the Item say the same thing: the properties were written by somebody.
_TIMES = sql.SQL("""
UPDATE pgstac.items SET datetime = pgstac.stac_datetime(content), end_datetime = pgstac.stac_end_datetime(content)
WHERE collection = %(collection)s AND id = %(id)s AND isfinite(pgstac.stac_datetime(content))
    AND isfinite(pgstac.stac_end_datetime(content))
""")
_EXTENT = sql.SQL("""
UPDATE pgstac.collections c SET content = c.content || jsonb_build_object('extent',
    CASE WHEN jsonb_typeof(c.content->'extent') = 'object' THEN c.content->'extent' ELSE '{{}}' END
    || jsonb_build_object('spatial', jsonb_build_object('bbox', jsonb_build_array(jsonb_build_array(
        ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box))))))
FROM (SELECT ST_Extent(geometry) AS box FROM pgstac.items WHERE collection = %(collection)s) AS e
WHERE c.id = %(collection)s AND e.box IS NOT NULL AND jsonb_typeof(c.content) = 'object'
""")


@dataclass
class RepairReport:
    """What was repaired, by field and number of rows, and what a check finds afterwards."""

    mended: dict[str, int]
    left: CheckReport = field(default_factory=CheckReport)

    def as_dict(self) -> dict[str, object]:
        """The report as JSON."""
        return asdict(self)


def repair_rows(connection: Connection) -> RepairReport:
    """Repair every row that can be repaired, each in a transaction of its own.

    Geometries are repaired as a write would have done, times are read again from the properties, and the box of a
    Collection from its Items. Ids, properties and geometries of which nothing is left need a person.

    Args:
        connection: in autocommit mode, of an account that may write.

    Raises:
        StoreError: the database cannot be read, or the account may not write.
    """
    mended: Counter[str] = Counter()
    with explained("the database cannot be checked"), connection.transaction():
        found = [problem for problems in problems_by_row(connection) for problem in problems]
    for problem in found:
        if (statement := _remedy(problem)) is None:
            continue
        try:
            with connection.transaction():
                done = connection.execute(statement, {"collection": problem.collection, "id": problem.id})
                mended[problem.field] += max(0, done.rowcount)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
            msg = f"the database user may not change rows ({str(error).strip()}): repair as the owner of the database"
            raise StoreError(msg) from error
        except psycopg.Error:
            continue  # it stays as it is, and the check below names it
    return RepairReport(dict(sorted((+mended).items())), check_rows(connection))


def _remedy(problem: Problem) -> sql.Composed | None:
    if problem.id is None:
        return _EXTENT.format() if problem.field == "extent.spatial.bbox" else None
    if problem.field == "geometry":
        return _GEOMETRY.format(kept=sql.Literal("geometry" if problem.level == "advice" else "unrepaired"))
    return _TIMES.format() if problem.field in {"datetime", "end_datetime"} else None
