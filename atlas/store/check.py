"""Find what is wrong in a database, without changing it.

It reports rows that no write of the atlas would have accepted, Collections whose extent leaves out Items, and damaged
tables, indexes and functions.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from atlas.stac.ids import id_fault
from atlas.store.cold.marks import faults_of, marks
from atlas.store.database import explained
from atlas.store.layout import Flaw, layout_flaws
from atlas.store.queries import Connection, value
from stac_emb.boxes import flat
from stac_emb.geometries import check_geometry

__all__ = ["NO_BOXES", "CheckReport", "Problem", "check_rows", "collection_problems", "item_problems"]

MOST_SHOWN = 1_000
"""Most rows that a report names; all are counted."""
NO_BOXES = "is not a list of boxes of four or six numbers: no search by place finds the Collection"
_FIRST_ROWS = 500
# Only suspicious rows leave the server; an Item that was repaired when it was written is valid. The length of an id is
# tested beside the pattern: as a part of it ({0,254}) it takes PostgreSQL fifty times as long.
_SUSPECTS = """
SELECT collection, id, ST_AsGeoJSON(geometry, 20),
    NOT ST_IsEmpty(geometry) AND ST_XMin(geometry) >= -180 AND ST_XMax(geometry) <= 180
        AND ST_YMin(geometry) >= -90 AND ST_YMax(geometry) <= 90,
    end_datetime < datetime, isfinite(datetime) AND isfinite(end_datetime),
    jsonb_typeof(content) = 'object' AND jsonb_typeof(content->'properties') = 'object'
FROM pgstac.items
WHERE id !~ '^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$' OR length(id) > 255 OR NOT ST_IsValid(geometry) OR ST_IsEmpty(geometry)
    OR ST_SRID(geometry) <> 4326
    OR ST_XMin(geometry) < -180 OR ST_XMax(geometry) > 180 OR ST_YMin(geometry) < -90 OR ST_YMax(geometry) > 90
    OR end_datetime < datetime OR NOT isfinite(datetime) OR NOT isfinite(end_datetime)
    OR jsonb_typeof(content) <> 'object' OR jsonb_typeof(content->'properties') IS DISTINCT FROM 'object'
ORDER BY collection, id
"""

# The extents by which Collections are found, compared with their Items: by bounding boxes alone, so that a Collection
# on both sides of the antimeridian, or one with several boxes, is never reported for an Item that lies between them.
_EXTENTS = """
SELECT c.id, coalesce(i.box @ ST_Expand(c.geometry, 1e-6), true),
    i.first >= c.datetime - interval '1 second' AND i.last <= c.end_datetime + interval '1 second'
FROM pgstac.collections AS c JOIN (
    SELECT collection, ST_SetSRID(ST_Extent(geometry)::geometry, 4326) AS box, min(datetime) AS first,
        max(end_datetime) AS last
    FROM pgstac.items
    WHERE ST_XMin(geometry) >= -180 AND ST_XMax(geometry) <= 180 AND ST_YMin(geometry) >= -90
        AND ST_YMax(geometry) <= 90 AND end_datetime >= datetime
        AND isfinite(datetime) AND isfinite(end_datetime)
    GROUP BY 1) AS i ON i.collection = c.id
WHERE jsonb_typeof(c.content) = 'object' ORDER BY 1
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
    layout: list[Flaw] = field(default_factory=list)
    """Damaged tables, indexes and functions; each is a fault."""
    by_reason: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    """The first thousand."""

    @property
    def sound(self) -> bool:
        """Whether there is no fault."""
        return not self.faults and not self.layout

    def add(self, rows: Iterable[list[Problem]]) -> None:
        """Add the problems of some rows."""
        reasons = Counter[str](self.by_reason)
        for problems in rows:
            self.faults += any(p.level == "fault" for p in problems)
            self.advice += bool(problems) and all(p.level == "advice" for p in problems)
            reasons.update(f"{p.field}: {p.reason.partition(', ')[0].partition(': ')[0]}" for p in problems)
            self.problems += problems[: max(0, MOST_SHOWN - len(self.problems))]
        self.by_reason = dict(reasons.most_common())


def check_rows(connection: Connection) -> CheckReport:
    """Check every row of the Collections and Items, and the tables, indexes and functions.

    Raises:
        StoreError: the database cannot be read.
    """
    report = CheckReport()
    with explained("the database cannot be checked"), connection.transaction():
        report.items = value(connection, "SELECT count(*) FROM pgstac.items")
        report.collections = value(connection, "SELECT count(*) FROM pgstac.collections")
        report.layout = layout_flaws(connection)
        # the parts of cold Collections are opened, not read to the end
        cold = (
            [Problem(m.collection, None, "parts", why) for why in faults_of(connection, m)] for m in marks(connection)
        )
        report.add(chain(collection_problems(connection), cold, item_problems(connection)))
    return report


def collection_problems(connection: Connection) -> Iterator[list[Problem]]:
    """The problems of each Collection; call it in a transaction."""
    extents = {str(name): sound for name, *sound in connection.execute(_EXTENTS).fetchall()}
    for name, content in connection.execute("SELECT id, content FROM pgstac.collections ORDER BY id").fetchall():
        yield list(_collection_problems(str(name), content, *extents.get(str(name), (True, True))))


def item_problems(connection: Connection) -> Iterator[list[Problem]]:
    """The faults of each suspicious Item; call it in a transaction."""
    with connection.cursor("suspects") as cursor:
        cursor.itersize = _FIRST_ROWS
        for suspect in cursor.execute(_SUSPECTS):
            yield list(_item_problems(*suspect))


def _collection_problems(name: str, content: Any, placed: object, timed: object) -> Iterator[Problem]:  # noqa: ANN401 - JSON
    if fault := id_fault(name):
        yield Problem(name, None, "id", fault)
    extent = content.get("extent") if isinstance(content, dict) else None
    spatial = extent.get("spatial") if isinstance(extent, dict) else None
    boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
    if not isinstance(boxes, list) or not boxes or any(flat(box) is None for box in boxes):
        yield Problem(name, None, "extent.spatial.bbox", NO_BOXES)
    elif not placed:
        reason = "does not cover the footprints of all Items: a search by place misses the Collection there"
        yield Problem(name, None, "extent.spatial.bbox", reason)
    if not timed:
        reason = "does not cover the times of all Items: a search by time misses the Collection there"
        yield Problem(name, None, "extent.temporal.interval", reason)


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
