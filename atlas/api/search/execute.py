"""Answer a search: one statement for the page, and a count where the page does not tell the number of matches."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from atlas.answers.coverage import IndexState
from atlas.api.cache import State, compact
from atlas.api.cold import Cold, ColdParts
from atlas.api.database import Database
from atlas.api.errors import blamed
from atlas.api.items import build_item
from atlas.api.search.cold import Asked, page_with_parts
from atlas.api.search.counts import kept_count
from atlas.api.search.matches import expected, horizon
from atlas.api.search.queryables import unknown_fields
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import COUNTED, Order, Where, build_order, build_where, count_sql, page_sql
from atlas.api.search.tokens import read_token, write_token
from atlas.api.types import Row

__all__ = ["Page", "Searcher"]

COUNT_SECONDS = 5.0
"""A count that takes longer is left out, and the answer says so; the page is never held up or estimated."""
_FEW = 200
"""Most matches that are read at once, wherever the page could be read from a part of them."""
_SORTED = 50_000
"""Most matches that are sorted for a page; more of them are read through an index in their order."""
_MISSING = {
    IndexState.NONE: "collections: no Items of {} are here",
    IndexState.PART: "collections: Items of {} may be missing here: the producer's index was not read as a whole",
}
"""What an answer without Items says of Collections, by how much of their index was read."""
_MOST_NAMED = 3
_COUNT_AT, _KEYS_AT = 4, 5
"""The number of matches and the first of the sort keys, among the columns of a page."""


@dataclass(slots=True)
class Page:
    """One page of Items.

    Attributes:
        items: As they are answered.
        matched: Items that match in all; None where counting took too long.
        next: Token of the page after this one.
        previous: Token of the page before this one.
        notices: What the answer has to say about how the request was understood.
    """

    items: list[dict[str, Any]]
    matched: int | None
    next: str | None
    previous: str | None
    notices: list[str]


class Searcher:
    """Searches of one worker.

    Attributes:
        parts: The parts of cold Collections.
    """

    def __init__(self, database: Database, state: State, local: Database | None = None) -> None:
        """Search with connections of two kinds, and in the parts of cold Collections.

        Args:
            database: Plans every statement for its values.
            state: What is remembered of the database.
            local: Keeps one plan for each statement, for searches of small places; without it, `database`.
        """
        self._database = database
        self._local = local or database
        self._state = state
        self.parts = ColdParts(database, state)
        self._counting: dict[object, asyncio.Task[int | None]] = {}

    async def page(self, request: SearchRequest, base: str) -> Page:
        """The page that a request asks for.

        Raises:
            RequestError: a name or token is wrong, or the database cannot answer.
        """
        await self._state.refresh()
        where = await build_where(self._state, request)
        order = await build_order(self._state, request)
        key = order.sql()
        token = read_token(request.token, key, len(order.keys)) if request.token is not None else None
        asked = Asked(request, where, order, token)

        async def both(cold: list[Cold]) -> tuple[list[Row], int | None]:
            rows, matched = await self._table(asked)
            if not cold:
                return rows, matched
            rows, beside = await page_with_parts(self._state, self.parts, asked, cold, rows, _KEYS_AT, COUNT_SECONDS)
            return rows, None if matched is None or beside is None else matched + beside

        rows, matched = await self.parts.answer(request.collections, both)
        more = len(rows) > request.limit
        rows = rows[: request.limit]
        if asked.backwards:
            rows.reverse()
        notices = list(request.notices)
        if request.fields:
            asked_for = [*request.fields.include, *request.fields.exclude]
            notices += await unknown_fields(self._state, asked_for, request.collections)
        if matched is None:
            notices.append(f"numberMatched: not counted within {COUNT_SECONDS:g} seconds")
        notices += await self._of_collections(request, rows, nothing=not rows and token is None)
        has_next = bool(rows) and (more or asked.backwards)
        has_previous = bool(rows) and token is not None and (more or not asked.backwards)
        return Page(
            items=[await build_item(self._state, row, base, request.fields) for row in rows],
            matched=matched,
            next=_token(rows[-1], order, key, backwards=False) if has_next else None,
            previous=_token(rows[0], order, key, backwards=True) if has_previous else None,
            notices=notices,
        )

    async def _table(self, asked: Asked) -> tuple[list[Row], int | None]:
        """The rows of the page and one more, of the table, and how many match there; None if not counted in time."""
        request, where, token = asked.request, asked.where, asked.token
        generation = self._state.counts.generation
        known: int | None = self._state.counts.get(_key(where))
        parts = await expected(self._state, where.boxes, request.collections) if where.boxes else []
        likely = sum(part.number for part in parts)
        enough = _FEW if where.local else COUNTED
        within = horizon(parts, asked.order, request.limit, token) if likely > enough else None
        # more than a page for all that is known, and not worth reading all of it for the sake of the count
        crowded = likely > COUNTED or within is not None
        counted = where.local and token is None and known is None and not crowded and request.limit < COUNTED
        # many matches without a bound are better read through an index in their order than sorted
        local = where.local and (within is not None or (likely if known is None else known) <= _SORTED)
        many = local and likely > COUNTED
        reading = self._rows(asked, local=local, counted=counted, within=within, many=many)
        if crowded and known is None:  # probably more than the page: count them meanwhile
            rows, known = await asyncio.gather(reading, self._matched(request, where))
        else:
            rows = await reading
        if within is not None and len(rows) <= request.limit:  # fewer than expected from the extents
            rows = await self._rows(asked, local=local, counted=False, many=many)
        if token is None and len(rows) <= request.limit:
            return rows, len(rows)
        if counted and rows[0][_COUNT_AT] < COUNTED:
            matched: int = rows[0][_COUNT_AT]
            self._state.counts.put(_key(where), matched, generation)
            return rows, matched
        return rows, known if crowded else await self._matched(request, where)

    async def _rows(self, asked: Asked, *, local: bool, **how: Any) -> list[Row]:  # noqa: ANN401 - as `page_sql`
        request, token = asked.request, asked.token
        sql, arguments = page_sql(asked.where, asked.order, request.limit, token, **how)
        suspect = "intersects" if request.intersects is not None else None
        if request.filter is not None:
            suspect = request.filter_parameter
        with blamed("token" if token is not None else suspect):
            return await (self._local if local else self._database).rows(sql, *arguments)

    async def _matched(self, request: SearchRequest, where: Where) -> int | None:
        key = _key(where)
        known: int | None = self._state.counts.get(key)
        if known is not None:
            return known
        generation = self._state.counts.generation
        task = self._counting.get((key, generation))
        if task is None:
            # equal searches that arrive together share one count, but not one that began on older data
            task = asyncio.create_task(self._count(request, where))
            self._counting[key, generation] = task
            task.add_done_callback(lambda _: self._counting.pop((key, generation), None))
        count = await asyncio.shield(task)
        if count is not None:
            self._state.counts.put(key, count, generation)
        return count

    async def _count(self, request: SearchRequest, where: Where) -> int | None:
        try:
            if (kept := await kept_count(self._state, request, where)) is not None:
                database = self._local if kept.local else self._database
                # a partition that was dropped a moment ago, or one that may only be read through the table of all Items
                with suppress(asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
                    rows = await database.rows(kept.sql, *kept.arguments, seconds=COUNT_SECONDS)
                    if rows[0][0] is not None:
                        return int(rows[0][0])
            sql, arguments = count_sql(where)
            database = self._local if where.local else self._database
            rows = await database.rows(sql, *arguments, seconds=COUNT_SECONDS)
            return int(rows[0][0])
        except TimeoutError:
            return None

    async def _of_collections(self, request: SearchRequest, rows: list[Row], *, nothing: bool) -> list[str]:
        """Notices of Collections that do not exist, and where nothing matches of those whose Items are not all here."""
        asked = set(request.collections or ()) - {row[0] for row in rows}
        if not asked and not nothing:
            return []
        known = await self._state.collection_ids()
        notices = [f"collections: there is no Collection {name!r} here" for name in sorted(asked - known)]
        if nothing:
            states = await self._state.index_states()
            searched = sorted(known if request.collections is None else known & asked)
            for state, notice in _MISSING.items():
                if names := [name for name in searched if states.get(name, IndexState.NONE) is state]:
                    shown = ", ".join(map(repr, names)) if len(names) <= _MOST_NAMED else f"{len(names)} Collections"
                    notices.append(notice.format(shown))
        return notices


def _key(where: Where) -> bytes:
    """A key that is equal for searches that match the same Items."""
    return compact(where.sql, where.arguments)


def _token(row: Row, order: Order, key: str, *, backwards: bool) -> str:
    values = [row[_KEYS_AT + n] for n in range(len(order.keys))]
    return write_token(key, values, backwards=backwards)
