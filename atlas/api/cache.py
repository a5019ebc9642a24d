"""What a worker remembers of the database, and how it knows that this is still true.

Once a second at most, a request asks PostgreSQL for a fingerprint: which rows of the small tables and which partitions
there are, and how many rows were ever written to them. While the fingerprint stays the same, everything that is
remembered is kept. Written rows are counted by PostgreSQL's statistics, which a busy writer may report ten seconds
late: a `numberMatched` may be that old; pages of Items are never remembered. A replica does not count what was written
on its primary: there, every commit clears the memory.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from atlas.answers.coverage import IndexState
from atlas.api.database import Database
from atlas.stac.crawl_summary import INDEX_READ

__all__ = ["WITH_ITEMS_SQL", "Memory", "State", "compact"]

T = TypeVar("T")
LEAST_SECONDS = 1.0
"""How long everything may be answered from memory without asking PostgreSQL for its fingerprint."""
_FINGERPRINT_SQL = """
SELECT concat_ws(':',
    (SELECT concat(count(*), '.', sum(xmin::text::bigint)) FROM collections),
    (SELECT concat(count(*), '.', sum(xmin::text::bigint)) FROM queryables),
    (SELECT concat(count(*), '.', sum(xmin::text::bigint)) FROM partition_stats),
    (SELECT concat(count(*), '.', sum(xmin::text::bigint)) FROM atlas.cold),
    (SELECT max(id) FROM atlas.counted),
    (SELECT concat(sum(relid::oid::bigint), '.', sum(pg_stat_get_tuples_inserted(relid)
        + pg_stat_get_tuples_updated(relid) + pg_stat_get_tuples_deleted(relid))) FROM pg_partition_tree('items')),
    CASE WHEN pg_is_in_recovery() THEN concat('replica ', pg_current_snapshot()) END)
"""
WITH_ITEMS_SQL = f"""
SELECT id, content->>'{INDEX_READ}' FROM collections c WHERE EXISTS (SELECT FROM items WHERE collection = c.id)
    OR EXISTS (SELECT FROM atlas.cold m WHERE m.collection = c.id AND m.is_cold)
"""  # noqa: S608 - constants


def compact(*parts: object) -> bytes:
    """A short key for values that clients send in any length: geometries, lists of names."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Memory:
    """A bounded map that forgets what was used longest ago, and everything when the data change.

    Attributes:
        generation: How often everything was forgotten. An answer of the database is remembered only if the generation
            is still that of the question: else a slow answer about older data would stay.
    """

    def __init__(self, size: int) -> None:
        self.generation = 0
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any | None:  # noqa: ANN401 - holds what was put
        """The value, or None."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Hashable, value: object, generation: int) -> None:
        """Remember a value, unless everything was forgotten since `generation`."""
        if generation != self.generation:
            return
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    async def remember(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """The value, made where it is not known."""
        found: T | None = self.get(key)
        if found is None:
            generation = self.generation
            found = await make()
            self.put(key, found, generation)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self.generation += 1
        self._values.clear()


@dataclass
class State:
    """The memory of one worker."""

    database: Database
    fingerprint: str | None = None
    checked: float = 0.0
    confirmed: float = 0.0
    """When PostgreSQL was last asked for the fingerprint that it then gave."""
    queryables: Memory = field(default_factory=lambda: Memory(2_000))
    counts: Memory = field(default_factory=lambda: Memory(10_000))
    bases: Memory = field(default_factory=lambda: Memory(1_000))
    documents: Memory = field(default_factory=lambda: Memory(500))
    pages: Memory = field(default_factory=lambda: Memory(8))

    @property
    def on_replica(self) -> bool:
        """Whether the database is a replica, where what was committed over minutes may appear at one moment."""
        return self.fingerprint is not None and "replica " in self.fingerprint

    def forget(self) -> None:
        """Forget everything: this worker has just written."""
        self.fingerprint = None
        self.checked = 0.0
        for memory in (self.queryables, self.counts, self.bases, self.documents, self.pages):
            memory.clear()

    async def refresh(self) -> None:
        """Compare fingerprints, unless that was done a moment ago, and forget where they differ."""
        now = time.monotonic()
        if self.fingerprint is not None and now - self.checked < LEAST_SECONDS:
            return
        # set before waiting, so that only one of many requests asks
        self.checked = now
        fingerprint = await self.database.value(_FINGERPRINT_SQL)
        self.confirmed = max(now, self.confirmed)
        if fingerprint != self.fingerprint:
            self.forget()
            self.fingerprint = fingerprint
            self.checked = now

    async def base_item(self, collection: str, tag: int | None) -> dict[str, Any]:
        """What pgstac took out of the Items of a Collection when it stored them."""

        async def read() -> dict[str, Any]:
            document = await self.database.document("SELECT collection_base_item($1, $2::int)", collection, tag)
            return {k: v for k, v in (document or {}).items() if v is not None}

        return await self.bases.remember((collection, tag), read)

    async def collection_ids(self) -> set[str]:
        """Ids of all Collections."""
        read = partial(self.database.rows, "SELECT id FROM collections")
        return {row[0] for row in await self.documents.remember("collection ids", read)}

    async def index_states(self) -> dict[str, IndexState]:
        """How much of its index the Items of each Collection are; Collections without Items are left out."""

        async def read() -> dict[str, IndexState]:
            rows = await self.database.rows(WITH_ITEMS_SQL)
            return {row[0]: IndexState.WHOLE if row[1] == "whole" else IndexState.PART for row in rows}

        await self.refresh()
        return await self.documents.remember("collections with items", read)
