"""The pages of a search over cold Collections: merged with those of the database, one order and one count."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.answers.shapes import other_edge, other_side
from atlas.api.cache import State, compact
from atlas.api.cold import Cold, ColdParts, Piece, boxes_of, names_read, runs_of, since_epoch
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.search.filters import texts_wanted
from atlas.api.search.parts_sql import merge_sql, parts_sql
from atlas.api.search.queryables import canonical
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import Order, Where
from atlas.api.search.tokens import Token, moment_of
from atlas.api.types import Row
from atlas.store.cold.rows import Ask, Gathered, Light
from stac_emb.boxes import Box, halves

__all__ = ["Asked", "page_with_parts"]

_BYTEWISE = """
SELECT datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8') AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c'
FROM pg_database d WHERE datname = current_database()
"""
_IN_ORDER = frozenset({"datetime", "end_datetime", "collection", "id"})
_FULL = f"SELECT n, collection, id, {ITEM_GEOMETRY}, content FROM items"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, as the database and the parts are asked."""

    request: SearchRequest
    where: Where
    order: Order
    token: Token | None

    @property
    def backwards(self) -> bool:
        """Whether the page lies before the token's row."""
        return self.token is not None and self.token.backwards


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of the page: its sort keys as text, and the row of the database, or where it lies in a part."""

    keys: tuple[str | None, ...]
    row: Row | None = None
    cold: Cold | None = None
    piece: Piece | None = None
    at: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Row group and row."""
        return (self.piece.number if self.piece is not None else 0), self.at


def _boxes_of_request(request: SearchRequest) -> tuple[Box, ...] | None:
    """The boxes that a footprint must meet one of; None where no place is asked for."""
    if request.intersects is not None:
        shape = shapely.from_wkb(request.intersects)
        other = other_side(shape)
        return boxes_of(shape) if other is None else (*boxes_of(shape), other.bounds)
    if request.bbox is not None:
        edge = other_edge(request.bbox)
        return tuple(halves(request.bbox)) if edge is None else (*halves(request.bbox), edge.bounds)
    return None


def _texts_of(request: SearchRequest, where: Where) -> dict[str, frozenset[str]]:
    """The texts that the filter wants a property to be one of, by property, where it compares texts."""
    wanted = {canonical(name).removeprefix("properties."): some for name, some in texts_wanted(request.filter).items()}
    reading = "to_text(content->'properties'->'{}')"
    return {name: some for name, some in wanted.items() if f"({reading.format(name)} = " in where.sql}


async def page_with_parts(
    state: State,
    parts: ColdParts,
    asked: Asked,
    cold: Sequence[Cold],
    rows: list[Row],
    keys_at: int,
    count_seconds: float,
) -> tuple[list[Row], int | None]:
    """The rows of the page and one more, of table and parts, and how many match in the parts; None if not counted.

    Args:
        state: Remembers counts.
        parts: Reads the parts.
        asked: The search.
        cold: The Collections that lie in parts.
        rows: What the database found, in order.
        keys_at: The first sort key among their columns.
        count_seconds: Counting ends after that time.

    Raises:
        UnavailableError: a part that the search needs cannot be read.
    """
    work = _Work(state, parts, asked)
    work.best = [_Found(tuple(row[keys_at + n] for n in range(len(asked.order.keys))), row) for row in rows]
    key = compact("cold", [(c.collection, c.version) for c in cold], asked.where.sql, asked.where.arguments)
    known: int | None = state.counts.get(key)
    generation = state.counts.generation
    total = await work.run(cold, 0.0 if known is not None else count_seconds)
    if known is not None:
        total = known
    elif total is not None:
        state.counts.put(key, total, generation)
    return await work.filled(keys_at), total


class _Work:
    """The search of the parts for one request."""

    def __init__(self, state: State, parts: ColdParts, asked: Asked) -> None:
        self._state, self._parts, self._asked = state, parts, asked
        request, interval = asked.request, asked.request.interval
        self._ask = Ask(
            ids=request.ids,
            boxes=_boxes_of_request(request),
            start=None if interval is None or interval.start is None else since_epoch(interval.start),
            end=None if interval is None or interval.end is None else since_epoch(interval.end),
            names=names_read(asked.where.sql, asked.order.sql()),
            texts=_texts_of(request, asked.where),
        )
        self._plain = request.ids is None and request.filter is None and self._ask.boxes is None
        first, down = asked.order.keys[0]
        self._by_time = first.expression == "datetime"
        self._down = down != asked.backwards
        self._sql, self._arguments = parts_sql(asked.where, asked.order, asked.request.limit + 1, asked.token)
        self.best: list[_Found] = []

    async def run(self, cold: Sequence[Cold], count_seconds: float) -> int | None:
        """Read every row group that the page or the count needs; returns how many Items match, if that was counted."""
        total: int | None = 0 if count_seconds else None
        bytewise = self._plain and await self._is_bytewise()
        begin = time.monotonic()
        for one, run in await self._runs(cold):
            if total is not None and time.monotonic() - begin > count_seconds:
                total = None
            known = [piece for piece in run if self._plain and self._in_time(piece)]
            if total is not None:
                total += sum(piece.group.items for piece in known)
            needed = [p for p in run if self._may_add(p) or (total is not None and p not in known)]
            if not needed:
                continue
            cut = partial(self._first, one) if bytewise else None
            gathered = await self._parts.gather(one, needed, self._ask, cut)
            found = await self._match(one, needed, gathered)
            if total is not None and self._plain:
                total += sum(n for p, n in zip(needed, gathered.counts, strict=True) if p not in known)
            elif total is not None:
                total += found
        await self._cut()
        return total

    async def _runs(self, cold: Sequence[Cold]) -> list[tuple[Cold, list[Piece]]]:
        """The row groups that may have matches, in the order of the page where that is sorted by time."""
        runs = [(one, run) for one in cold for run in runs_of(await self._parts.near(one, self._ask))]
        if self._by_time and self._down:
            runs.sort(key=lambda r: -max(piece.group.latest for piece in r[1]))
        elif self._by_time:
            runs.sort(key=lambda r: min(piece.group.first for piece in r[1]))
        return runs

    def _in_time(self, piece: Piece) -> bool:
        """Whether every Item of a row group lies in the time that is asked for."""
        group, ask = piece.group, self._ask
        return (ask.end is None or group.latest <= ask.end) and (ask.start is None or group.end_first >= ask.start)

    def _may_add(self, piece: Piece) -> bool:
        """Whether a row group may have rows of the page: not where its times lie beyond the rows found so far."""
        if not self._by_time:
            return True
        group, token = piece.group, self._asked.token
        bounds = [_micros(self.best[-1].keys[0])] if len(self.best) > self._asked.request.limit else []
        if any(b is not None and (group.latest < b if self._down else group.first > b) for b in bounds):
            return False
        begin = None if token is None else _micros(token.values[0])
        return begin is None or (group.first <= begin if self._down else group.latest >= begin)

    async def _match(self, cold: Cold, run: Sequence[Piece], gathered: Gathered) -> int:
        """Let PostgreSQL say which rows match, and how many; those that may be on the page are kept."""
        total = begin = 0
        pieces = {piece.number: piece for piece in run}
        for columns in gathered.slices:
            rows = await self._parts.over(cold, columns, self._sql, self._arguments)
            total += rows[0][0]
            for _, position, *keys in rows:
                if position is not None:
                    number, row = gathered.places[begin + position]
                    self.best.append(_Found(tuple(keys), None, cold, pieces[number], row))
            begin += len(columns)
            if len(self.best) > self._asked.request.limit:
                await self._cut()
        return total

    async def _cut(self) -> None:
        """Sort the rows that were found, and keep those that the page needs."""
        asked = self._asked
        sql, most = merge_sql(asked.order, backwards=asked.backwards), asked.request.limit + 1
        columns = [[one.keys[n] for one in self.best] for n in range(len(asked.order.keys))]
        rows = await self._state.database.rows(sql, list(range(len(self.best))), *columns, most)
        self.best = [self.best[row[0]] for row in rows]

    async def filled(self, keys_at: int) -> list[Row]:
        """The rows of the page, in order: those of the parts with all columns, as the table would have them."""
        wanted: dict[tuple[str, int], list[int]] = {}
        for position, found in enumerate(self.best):
            if found.piece is not None and found.cold is not None:
                wanted.setdefault((found.cold.collection, id(found.piece.part)), []).append(position)
        page: list[Row] = [found.row for found in self.best]
        for positions in wanted.values():
            positions.sort(key=lambda p: self.best[p].place)
            rows: dict[int, list[int]] = {}
            for number, row in (self.best[p].place for p in positions):
                rows.setdefault(number, []).append(row)
            first = self.best[positions[0]]
            assert first.cold is not None  # noqa: S101 - asked for above
            assert first.piece is not None  # noqa: S101 - asked for above
            begin = 0
            for columns in await self._parts.whole(first.cold, first.piece, rows):
                for number, *made in await self._parts.over(first.cold, columns, _FULL, ()):
                    position = positions[begin + number]
                    page[position] = (*made, *([0] * (keys_at - len(made))), *self.best[position].keys)
                begin += len(columns)
        return page

    async def _is_bytewise(self) -> bool:
        """Whether the database sorts texts by their bytes and the page is sorted by columns: then Arrow sorts alike."""
        if not all(q.expression in _IN_ORDER for q, _ in self._asked.order.keys):
            return False
        found = await self._state.documents.remember("bytewise", lambda: self._state.database.value(_BYTEWISE))
        return bool(found)

    def _first(self, cold: Cold, light: Light) -> Light:
        """The first rows after the token, in the order of the page and one more than it holds."""
        asked = self._asked
        assert light.ids is not None  # noqa: S101 - read where rows are cut
        columns = {
            "datetime": pa.array(light.starts),
            "end_datetime": pa.array(light.ends),
            "collection": pa.repeat(pa.scalar(cold.collection.encode()), len(light.rows)),
            "id": light.ids.cast(pa.binary()),
        }
        keys = [(q.expression, down != asked.backwards) for q, down in asked.order.keys]
        if asked.token is not None:
            keep = _behind([(columns[name], down) for name, down in keys], asked.token)
            if keep is None:
                return light
            light = light.chosen(keep)
            columns = {name: column.filter(pa.array(keep)) for name, column in columns.items()}
        most = asked.request.limit + 1
        if len(light.rows) <= most:
            return light
        sorting = [(name, "descending" if down else "ascending") for name, down in keys]
        chosen = pc.select_k_unstable(pa.table(columns), most, sorting)
        return light.chosen(chosen.to_numpy(zero_copy_only=False).astype(np.int64))


def _behind(keys: list[tuple[pa.Array, bool]], token: Token) -> npt.NDArray[np.bool_] | None:
    """Which rows come after the token's row; None where the token holds a time that Python cannot represent."""
    count = len(keys[0][0])
    after, equal = np.zeros(count, np.bool_), np.ones(count, np.bool_)
    for (column, down), text in zip(keys, token.values, strict=True):
        value = _micros(text) if pa.types.is_integer(column.type) else (text or "").encode()
        if value is None:
            return None
        beyond = (pc.less if down else pc.greater)(column, pa.scalar(value, column.type))
        after |= equal & beyond.to_numpy(zero_copy_only=False)
        equal &= pc.equal(column, pa.scalar(value, column.type)).to_numpy(zero_copy_only=False)
    return after


def _micros(text: str | None) -> int | None:
    found = moment_of(text)
    return None if found is None else since_epoch(found)
