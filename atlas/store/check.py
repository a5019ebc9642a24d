"""Find rows of a database that no write of the atlas would have accepted; nothing is changed."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from atlas.stac.ids import id_fault
from atlas.store.database import explained
from stac_emb.boxes import flat
from stac_emb.geometries import check_geometry

__all__ = ["CheckReport", "Problem", "check_rows", "problems_by_row"]

Connection = psycopg.Connection[tuple[object, ...]]
MOST_SHOWN = 1_000
"""Rows that a report names; all are counted."""
_FIRST_ROWS = 500
# Only what may be wrong leaves the server; an Item that was repaired when it was written is in order.
_SUSPECTS = """
SELECT collection, id, ST_AsGeoJSON(geometry, 20),
    NOT ST_IsEmpty(geometry) AND ST_XMin(geometry) >= -180 AND ST_XMax(geometry) <= 180
        AND ST_YMin(geometry) >= -90 AND ST_YMax(geometry) <= 90,
    end_datetime < datetime, isfinite(datetime) AND isfinite(end_datetime),
    jsonb_typeof(content) = 'object' AND jsonb_typeof(content->'properties') = 'object'
FROM pgstac.items
WHERE id !~ '^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,254}$' OR NOT ST_IsValid(geometry) OR ST_IsEmpty(geometry)
    OR ST_XMin(geometry) < -180 OR ST_XMax(geometry) > 180 OR ST_YMin(geometry) < -90 OR ST_YMax(geometry) > 90
    OR end_datetime < datetime OR NOT isfinite(datetime) OR NOT isfinite(end_datetime)
    OR jsonb_typeof(content) <> 'object' OR jsonb_typeof(content->'properties') IS DISTINCT FROM 'object'
ORDER BY collection, id
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one row; `id` is None where the row is a Collection."""

    collection: str
    id: str | None
    field: str
    reason: str
    level: str = "fault"
    """A fault keeps the row from being found or addressed; advice says that programs may read it differently."""

    def __str__(self) -> str:
        place = f"{self.collection!a}" + ("" if self.id is None else f", Item {self.id!a}")
        return f"{place} - {self.field} - {self.level} - {self.reason}"


@dataclass
class CheckReport:
    """What a check found."""

    collections: int = 0
    items: int = 0
    faults: int = 0
    """Rows with a fault."""
    advice: int = 0
    """Rows with advice alone."""
    by_reason: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    """The first thousand."""

    def as_dict(self) -> dict[str, object]:
        """The report as JSON."""
        return asdict(self)


def check_rows(connection: Connection) -> CheckReport:
    """Check every row of the Collections and Items.

    Raises:
        StoreError: the database cannot be read.
    """
    report, reasons = CheckReport(), Counter[str]()
    with explained("the database cannot be checked"), connection.transaction():
        row = connection.execute(
            "SELECT (SELECT count(*) FROM pgstac.items), (SELECT count(*) FROM pgstac.collections)"
        ).fetchone()
        report.items, report.collections = (int(str(n)) for n in row or (0, 0))
        for problems in problems_by_row(connection):
            report.faults += any(p.level == "fault" for p in problems)
            report.advice += bool(problems) and all(p.level == "advice" for p in problems)
            reasons.update(f"{p.field}: {p.reason.partition(', ')[0].partition(': ')[0]}" for p in problems)
            report.problems += problems[: max(0, MOST_SHOWN - len(report.problems))]
    report.by_reason = dict(reasons.most_common())
    return report


def problems_by_row(connection: Connection) -> Iterator[list[Problem]]:
    """What is wrong with each Collection, and with each Item that may not be in order; call it in a transaction."""
    for name, content in connection.execute("SELECT id, content FROM pgstac.collections ORDER BY id").fetchall():
        yield list(_collection_problems(str(name), content))
    with connection.cursor("suspects") as cursor:
        cursor.itersize = _FIRST_ROWS
        for suspect in cursor.execute(_SUSPECTS):
            yield list(_item_problems(*suspect))


def _collection_problems(name: str, content: Any) -> Iterator[Problem]:  # noqa: ANN401 - JSON is anything
    if fault := id_fault(name):
        yield Problem(name, None, "id", fault)
    extent = content.get("extent") if isinstance(content, dict) else None
    spatial = extent.get("spatial") if isinstance(extent, dict) else None
    boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
    if not isinstance(boxes, list) or not boxes or any(flat(box) is None for box in boxes):
        reason = "is not a list of boxes of four or six numbers: no search by place finds the Collection"
        yield Problem(name, None, "extent.spatial.bbox", reason)


def _item_problems(collection: Any, identity: Any, geometry: Any, *sound: Any) -> Iterator[Problem]:  # noqa: ANN401 - a row
    placed, reversed_, finite, readable = sound
    if fault := id_fault(identity):
        yield Problem(collection, identity, "id", fault)
    findings = check_geometry(json.loads(geometry))
    for finding in findings[:1]:
        yield Problem(collection, identity, "geometry", finding.message, finding.level)
    if not findings and not placed:
        yield Problem(collection, identity, "geometry", "lies outside -180 to 180 and -90 to 90 degrees")
    if reversed_:
        yield Problem(collection, identity, "end_datetime", "lies before the start")
    if not finite:
        yield Problem(collection, identity, "datetime", "is infinite")
    if not readable:
        yield Problem(collection, identity, "properties", "is not an object")
