"""Cold Collections: run any statement that reads `items` over the rows of their parts.

Candidate rows are selected from the parts by ids, boxes and times, converted as by a load, and sent to PostgreSQL,
where they replace the table for one statement. So filters, geometries and sorts mean what they mean for Items in the
database.
"""

import asyncio
import datetime as dt
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import structlog

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.errors import UnavailableError
from atlas.api.types import Row
from atlas.errors import StoreError
from atlas.stac.geoparquet import ROW_GROUP
from atlas.store.cold.facts import Group, Part
from atlas.store.cold.ids import bucket_of, groups_in
from atlas.store.cold.marks import FOLDERS, NOTICE
from atlas.store.cold.places import Place, open_place
from atlas.store.cold.rows import Ask, Columns, Gathered, Light, gather, picked
from stac_emb.boxes import Box

__all__ = ["Cold", "ColdParts", "Piece", "boxes_of", "names_read", "runs_of", "since_epoch"]

_VERSIONS = "SELECT collection, concat(xmin, ' ', is_cold) FROM atlas.cold"
_MARKS = """
SELECT m.collection, concat(m.xmin, ' ', m.is_cold), m.is_cold, m.folders, m.seen,
    collection_base_item(m.collection, NULL::int), m.id_buckets
FROM atlas.cold m
"""
_ENTRIES = """
SELECT n, entries FROM unnest($2::int[]) WITH ORDINALITY AS r(bucket, n) JOIN atlas.cold_ids i USING (bucket)
WHERE i.collection = $1
"""
_NEWEST = """
SELECT n FROM unnest($1::int[], $2::text[], $3::text[]) AS r(n, moment, id) ORDER BY moment::timestamptz DESC, id
"""
_THREADS = 2
"""Row groups that a worker reads at a time: each takes some tens of MB."""
_TRIES = 5
_MOST_IDS = 1_000
"""Most ids that are looked up; for more of them, every row group is read."""
_SURE = NOTICE / 2
"""Seconds after a question in which no Collection leaves that was not announced by then, see
`atlas.store.cold.marks.NOTICE`."""
_MOST_BOXES = 20
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PROPERTY = re.compile(r"content->'properties'->'((?:[^']|'')*)'")
_CONTENT = re.compile(r"\bcontent\b")
_TABLE = """
SELECT r.n, {}::text AS collection, r.id, ST_GeomFromEWKB(r.geometry) AS geometry, r.start::timestamptz AS datetime,
    r.finish::timestamptz AS end_datetime, r.content::jsonb AS content, r.private::jsonb AS private
FROM unnest({}::int[], {}::text[], {}::bytea[], {}::text[], {}::text[], {}::text[], {}::text[])
    AS r(n, id, geometry, start, finish, content, private)
"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """One row group of a part of a cold Collection."""

    place: Place
    part: Part
    number: int

    @property
    def group(self) -> Group:
        """What is known of it."""
        return self.part.groups[self.number]

    def file(self) -> pq.ParquetFile:
        """The part, opened."""
        return self.place.part(self.part.path, self.part.size, self.part.footer)


@dataclass(frozen=True, slots=True)
class Cold:
    """A Collection whose Items lie in parts."""

    collection: str
    version: str
    is_cold: bool
    pieces: tuple[Piece, ...]
    seen: dict[str, dict[str, list[str]]]
    base: dict[str, Any]
    id_buckets: int

    def near(self, ask: Ask) -> list[Piece]:
        """The row groups that may hold an answer, by their boxes and times."""
        boxes = None if ask.boxes is None else list(ask.boxes)
        return [one for one in self.pieces if one.group.may_hold(boxes, ask.start, ask.end)]


def runs_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Adjacent row groups of a part, grouped up to the usual size of a row group: each group is read at once."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        run = runs[-1] if runs else []
        if run and run[0].part is piece.part and sum(p.group.rows for p in run) + piece.group.rows <= ROW_GROUP:
            run.append(piece)
        else:
            runs.append([piece])
    return runs


def since_epoch(moment: dt.datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def boxes_of(shape: shapely.Geometry) -> tuple[Box, ...]:
    """The boxes of a shape's pieces, or of the whole where they are many."""
    pieces = shapely.get_parts(shape)
    return tuple(tuple(one.bounds) for one in (pieces if len(pieces) <= _MOST_BOXES else [shape]))


def names_read(*texts: str) -> frozenset[str] | None:
    """The properties that SQL reads of an Item; None where it reads other members too."""
    text = " ".join(texts)
    names = _PROPERTY.findall(text)
    if len(_CONTENT.findall(text)) != len(names):
        return None
    return frozenset(name.replace("''", "'") for name in names)


class ColdParts:
    """The parts of cold Collections, as one worker reads them."""

    def __init__(self, database: Database, state: State) -> None:
        """Read in separate threads, so that a host that does not answer holds up nothing else."""
        self._database = database
        self._state = state
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="parts")
        self._places: dict[str, Place] = {}
        self._log = structlog.get_logger("atlas.api.cold")

    async def answer(self, collections: Sequence[str] | None, read: Callable[[list[Cold]], Awaitable[T]]) -> T:
        """The result of `read`, which is given the cold ones of these Collections (of all where None).

        Where a Collection leaves the database or comes back meanwhile, `read` runs again: an answer is never partial.

        Raises:
            UnavailableError: Collections keep being moved.
        """
        for _ in range(_TRIES):
            await self._state.refresh()
            asked = self._state.confirmed
            wanted = await self.marked(collections)
            known = {one.collection: one.version for one in wanted}
            told = not wanted and not self._state.on_replica  # early enough, should one be about to leave
            if told or await self._versions(collections) == known:
                try:
                    found = await read([one for one in wanted if one.is_cold])
                except UnavailableError:  # perhaps the parts were replaced meanwhile
                    if await self._versions(collections) == known:
                        raise
                else:
                    in_time = told and time.monotonic() - asked < _SURE
                    if in_time or await self._versions(collections) == known:
                        return found
            self._state.forget()
        raise UnavailableError("Collections are being moved; try again")

    async def marked(self, collections: Sequence[str] | None = None) -> list[Cold]:
        """The cold ones of these Collections, and those that are about to be."""

        async def read() -> dict[str, Cold]:
            return {row[0]: self._cold(row) for row in await self._database.rows(_MARKS)}

        await self._state.refresh()
        known = await self._state.documents.remember("cold", read)
        return [one for name, one in known.items() if collections is None or name in collections]

    def _cold(self, row: Row) -> Cold:
        pieces = []
        for folder in FOLDERS.validate_json(row[3]):
            if folder.address not in self._places:
                self._places[folder.address] = open_place(folder.address)
            place = self._places[folder.address]
            pieces += [Piece(place, part, n) for part in folder.parts for n in range(len(part.groups))]
        base = orjson.loads(row[5] or b"{}")
        return Cold(row[0], row[1], row[2], tuple(pieces), orjson.loads(row[4]), base, row[6])

    async def near(self, cold: Cold, ask: Ask) -> list[Piece]:
        """The row groups that may hold an answer; for ids they are looked up."""
        near = cold.near(ask)
        if ask.ids is None or not cold.id_buckets or len(ask.ids) > _MOST_IDS:
            return near
        buckets = [bucket_of(one, cold.id_buckets) for one in ask.ids]
        rows = await self._database.rows(_ENTRIES, cold.collection, buckets)
        groups = {group for n, entries in rows for group in groups_in(entries, ask.ids[n - 1])}
        wanted = {id(piece) for number, piece in enumerate(cold.pieces) if number in groups}
        return [piece for piece in near if id(piece) in wanted]

    async def _versions(self, collections: Sequence[str] | None) -> dict[str, str]:
        rows = await self._database.rows(_VERSIONS)
        return {row[0]: row[1] for row in rows if collections is None or row[0] in collections}

    async def gather(
        self, cold: Cold, run: Sequence[Piece], ask: Ask, cut: Callable[[Light], Light] | None = None
    ) -> Gathered:
        """The candidates of some row groups of one part, see `atlas.store.cold.rows.gather`."""
        groups = {piece.number: piece.group for piece in run}
        return await self._read(cold, run[0], lambda f: gather(f, groups, ask, cut, cold.collection, cold.base))

    async def whole(self, cold: Cold, piece: Piece, rows: dict[int, list[int]]) -> list[Columns]:
        """Whole rows of a part, by row group."""
        return await self._read(cold, piece, lambda file: picked(file, rows, cold.collection, cold.base))

    async def over(self, cold: Cold, columns: Columns, sql: str, arguments: Sequence[object]) -> list[Row]:
        """The result of a statement that reads `items`, over these rows instead of the table; `n` is a row's number."""
        given = [cold.collection, list(range(len(columns))), columns.ids, columns.geometry, columns.starts]
        given += [columns.ends, columns.content, columns.private]
        marks = (f"${len(arguments) + n}" for n in range(1, len(given) + 1))
        table = f"WITH items AS MATERIALIZED ({_TABLE.format(*marks)})"
        text = f"{table}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"{table} {sql}"
        return await self._database.rows(text, *arguments, *given)

    async def both(
        self, database: Database, collection: str | None, ask: Ask, sql: str, arguments: Sequence[object]
    ) -> list[Row]:
        """The result of a statement over the table, and over the candidates in parts, batch by batch.

        Args:
            database: runs the statement over the table.
            collection: the only Collection asked for; all where None.
            ask: what the statement asks for, to select candidates.
            sql: reads `items`.
            arguments: of the statement.
        """

        async def read(cold: list[Cold]) -> list[Row]:
            found = list(await database.rows(sql, *arguments))
            for one in cold:
                for run in runs_of(await self.near(one, ask)):
                    for columns in (await self.gather(one, run, ask)).slices:
                        found += await self.over(one, columns, sql, arguments)
            return found

        return await self.answer(None if collection is None else [collection], read)

    async def newest(
        self, database: Database, collection: str | None, ask: Ask, sql: str, arguments: Sequence[object]
    ) -> list[Row]:
        """The same, sorted by the statement's columns `moment`, newest first, and `id`."""
        found = await self.both(database, collection, ask, sql, arguments)
        if not await self.marked(None if collection is None else [collection]):
            return found
        columns = [[row[name] for row in found] for name in ("moment", "id")]
        order = await self._database.rows(_NEWEST, list(range(len(found))), *columns)
        return [found[row[0]] for row in order]

    async def _read(self, cold: Cold, piece: Piece, read: Callable[[pq.ParquetFile], T]) -> T:
        """Read a part in a thread; where it lies is in the log alone."""

        def work() -> T:
            with piece.file() as file:
                return read(file)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except (OSError, pa.ArrowException, StoreError) as error:
            self._log.warning(
                "parts_unavailable",
                collection=cold.collection,
                part=f"{piece.place.address}/{piece.part.path}",
                error=type(error).__name__,
                detail=str(error),
            )
            reason = str(error) if isinstance(error, StoreError) else "their storage does not answer"
            message = (
                f"the Items of the Collection {cold.collection!r} lie in files beside the database, which cannot be "
                f"read now: {reason}; searches of other Collections are answered"
            )
            raise UnavailableError(message, retry_after=30) from error

    def close(self) -> None:
        """End the threads; one that waits for a host ends at its own time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)
