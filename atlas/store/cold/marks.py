"""The rows of `atlas.cold`, called marks: where the parts of a cold Collection lie, and what is known of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from atlas.errors import StoreError
from atlas.files import sha256_of
from atlas.store.cold.facts import Part
from atlas.store.cold.ids import IdIndex
from atlas.store.cold.places import open_place
from atlas.store.load.parquet import readable
from atlas.store.queries import Connection, value

__all__ = [
    "FOLDERS",
    "MEMBERS_SEEN",
    "NOTICE",
    "Mark",
    "PartsFolder",
    "delete_mark",
    "faults_of",
    "mark_of",
    "marks",
    "write_mark",
]

MEMBERS_SEEN = """
SELECT DISTINCT c.id, m.key, jsonb_typeof(m.value)
FROM unnest($1::text[]) AS c(id)
CROSS JOIN LATERAL (
    (SELECT content->$2 AS member FROM pgstac.items WHERE collection = c.id LIMIT 500)
    UNION ALL SELECT pgstac.collection_base_item(c.id, NULL::int)->$2
) s
CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(member) WHEN 'object' THEN member ELSE '{}' END) m
UNION SELECT c.collection, m.key, k
FROM atlas.cold c, jsonb_each(c.seen->$2) m, jsonb_array_elements_text(m.value) k
WHERE c.is_cold AND c.collection = ANY ($1)
"""
"""Keys of a member (`$2`), and the JSON types of their values, in a sample of the Items of Collections (`$1`); of a
cold Collection, in the sample that was taken when it left."""
NOTICE = 3.0
"""Seconds between the announcement in the database that Items leave and their removal. A worker whose answer takes
longer than half of this looks again whether a Collection left meanwhile, see `atlas.api.cold`."""
_SAMPLED = ("properties", "assets")


@dataclass(frozen=True, slots=True)
class PartsFolder:
    """The parts of one crawl, and the address of their folder."""

    address: str
    parts: tuple[Part, ...]
    crawl: str = ""
    """The folder that crawls write into, if these parts were kept from it; else empty."""

    @property
    def items(self) -> int:
        """Items in all parts."""
        return sum(group.items for part in self.parts for group in part.groups)

    @property
    def origin(self) -> str:
        """The folder of the crawl."""
        return self.crawl or self.address


FOLDERS = TypeAdapter(tuple[PartsFolder, ...])
"""The folders of a mark, from JSON."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A Collection whose Items lie in parts, or are about to leave the database."""

    collection: str
    is_cold: bool
    folders: tuple[PartsFolder, ...]

    @property
    def items(self) -> int:
        """Items in all parts."""
        return sum(folder.items for folder in self.folders)

    def unlike(self, parts: Iterable[Path]) -> list[str]:
        """How these parts of a crawl differ from the parts that the Collection is read from.

        Raises:
            StoreError: a part cannot be read.
        """
        known = {part.sha256 for folder in self.folders for part in folder.parts}
        have: dict[str, Path] = {}
        for path in parts:
            with readable(path):
                have[sha256_of(path)] = path
        found = [f"{have[one].name}: the cold Collection does not have this part" for one in have.keys() - known]
        if gone := len(known - have.keys()):
            found.append(f"the cold Collection has {gone:,} parts that the crawl does not have")
        return sorted(found)


def marks(connection: Connection) -> list[Mark]:
    """All marks, by Collection."""
    rows: Any = connection.execute("SELECT collection, is_cold, folders FROM atlas.cold ORDER BY 1").fetchall()
    return [Mark(name, cold, FOLDERS.validate_python(folders)) for name, cold, folders in rows]


def mark_of(connection: Connection, collection: str) -> Mark | None:
    """The mark of a cold Collection; None of one whose Items are in the database."""
    return next((one for one in marks(connection) if one.collection == collection and one.is_cold), None)


def write_mark(connection: Connection, mark: Mark, ids: IdIndex, known: Mapping[str, Mapping[str, set[str]]]) -> None:
    """Record where the Items of a Collection lie, in its own or the caller's transaction.

    Args:
        connection: the database.
        mark: the Collection's.
        ids: of the Items in all parts.
        known: names of properties and assets with their JSON types, in addition to those of Items in the database and
            of an earlier mark.
    """
    seen: dict[str, dict[str, list[str]]] = {}
    with connection.transaction():
        for member in _SAMPLED:
            found: Any = psycopg.RawCursor(connection).execute(MEMBERS_SEEN, [[mark.collection], member]).fetchall()
            kinds = {(key, kind) for _, key, kind in found}
            kinds |= {(key, kind) for key, some in known.get(member, {}).items() for kind in some}
            for key, kind in sorted(kinds):
                seen.setdefault(member, {}).setdefault(key, []).append(kind)
        connection.execute(
            "INSERT INTO atlas.cold (collection, is_cold, folders, seen, id_buckets) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (collection) DO UPDATE SET is_cold = EXCLUDED.is_cold, folders = EXCLUDED.folders, "
            "seen = EXCLUDED.seen, id_buckets = EXCLUDED.id_buckets, changed_at = now()",
            [
                mark.collection,
                mark.is_cold,
                Jsonb([asdict(folder) for folder in mark.folders]),
                Jsonb({member: seen.get(member, {}) for member in _SAMPLED}),
                ids.buckets,
            ],
        )
        connection.execute("DELETE FROM atlas.cold_ids WHERE collection = %s", [mark.collection])
        with connection.cursor().copy("COPY atlas.cold_ids FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["text", "int4", "bytea"])
            for bucket, entries in ids.rows():
                copy.write_row((mark.collection, bucket, entries))


def delete_mark(connection: Connection, collection: str) -> None:
    """Delete the mark of a Collection whose Items are in the database."""
    connection.execute("DELETE FROM atlas.cold WHERE collection = %s", [collection])


def faults_of(connection: Connection, mark: Mark) -> Iterator[str]:
    """What is wrong with a marked Collection: Items in the database, parts that are missing or were replaced."""
    if not mark.is_cold:
        yield "was about to leave the database when 'atlas db cool' was interrupted: run that again, or 'atlas db warm'"
        return
    if there := value(connection, "SELECT count(*) FROM pgstac.items WHERE collection = %s", [mark.collection]):
        yield f"is cold, and the database holds {there:,} Items of it: 'atlas db warm' loads its parts in their place"
    for folder in mark.folders:
        try:
            place = open_place(folder.address)
        except StoreError as error:
            yield str(error)
            continue
        for part in folder.parts:
            try:
                place.part(part.path, part.size, part.footer).close()
            except (StoreError, OSError, pa.ArrowException) as error:
                yield f"{folder.address}/{part.path}: {error}"
