"""What the database, and the parts of cold Collections, hold at a place."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from atlas.answers.coverage import Held
from atlas.answers.holdings import AwaitedHoldings, Holding
from atlas.answers.places import Place, Span
from atlas.answers.shares import Tiles, counted_years
from atlas.answers.words import grouped
from atlas.api.cold import boxes_of
from atlas.api.context import Services
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.types import Row
from atlas.store.cold.rows import Ask

__all__ = ["FOOTPRINTS", "MOST_FOOTPRINTS", "MOST_ITEMS", "DatabaseHoldings", "Spans", "There"]

MOST_ITEMS = 200
MOST_FOOTPRINTS = 100_000
"""Tiles of an area whose footprints are measured; of more, the answer counts the tiles and gives no share."""
# The end of a year that ends where the next begins belongs to the year before.
_LAST = "extract(year FROM greatest(datetime, end_datetime - interval '1 microsecond'))::int"
_YEAR = f"extract(year FROM datetime)::int, {_LAST}"
# The place is read once and not for every row, so that the kept plan of a statement is as quick as one for its values.
_PLACE = "ST_Intersects(geometry, (SELECT ST_SetSRID(ST_GeomFromWKB($1::bytea), 4326)))"
_IN_TIME = "($2::timestamptz IS NULL OR datetime <= $2) AND ($3::timestamptz IS NULL OR end_datetime >= $3)"
FOOTPRINTS = f"""
SELECT collection, {_YEAR}, ST_AsBinary(geometry), id, {_IN_TIME}, datetime::text AS moment
FROM items WHERE {_PLACE} ORDER BY datetime DESC, id LIMIT {MOST_FOOTPRINTS + 1}
"""  # noqa: S608 - constants of this module
_COUNTS = f"""
SELECT collection, {_YEAR}, count(*) FROM items WHERE {_PLACE} GROUP BY 1, 2, 3
"""  # noqa: S608 - constants of this module
_THERE = f"collection = $4 AND {_PLACE} AND {_IN_TIME}"
_MATCHED = f"SELECT count(*) FROM items WHERE {_THERE}"  # noqa: S608 - constants of this module
_FIRST = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR}, datetime::text AS moment
FROM items WHERE {_THERE} ORDER BY datetime DESC, id LIMIT {MOST_ITEMS}
"""  # noqa: S608 - constants of this module
_NAMED = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR}, datetime::text AS moment
FROM unnest($1::text[], $2::text[]) AS named(collection, id) JOIN items USING (collection, id)
ORDER BY datetime DESC, id
"""  # noqa: S608 - constants of this module

Spans = set[tuple[int, int]]


@dataclass(slots=True)
class There(Holding):
    """What one product has at the place, with its Items.

    Attributes:
        spans: First and last years of the Items.
        items: The newest in the time that was asked for, as rows.
        matched: Number of Items in that time.
    """

    spans: Spans = field(default_factory=set)
    items: list[Row] = field(default_factory=list)
    matched: int = 0


class DatabaseHoldings(AwaitedHoldings):
    """Asks the database once for all products.

    Attributes:
        notices: That of very many tiles no shares were measured.
    """

    def __init__(self, parts: Services, span: Span | None = None, limit: int = 0) -> None:
        """Ask nothing yet.

        Args:
            parts: What the API works with.
            span: The time of the Items that are given.
            limit: How many of them at most, of each product; where 0, their number is not counted either.
        """
        self._parts, self._limit = parts, limit
        self.notices: list[str] = []
        # as the statements take them: the last moment and the first
        self._bounds = (span.last_moment, span.start) if span else (None, None)

    async def at(self, place: Place, products: Collection[str]) -> dict[str, There]:
        """Tiles, shares and newest Items at a place."""
        states, wanted = await self._parts.state.index_states(), frozenset(products)
        found = {product: There(state) for product, state in states.items() if product in wanted}
        parts, inside = self._parts, place.inside
        cold, ask, wkb = parts.searcher.parts, Ask(boxes=boxes_of(inside)), shapely.to_wkb(inside)
        rows = await cold.newest(parts.local, None, ask, FOOTPRINTS, (wkb, *self._bounds))
        if len(rows) > MOST_FOOTPRINTS:
            self.notices = [
                f"More than {grouped(MOST_FOOTPRINTS)} tiles lie there: they are counted, shares are not given."
            ]
            await self._count(found, wanted, wkb, ask)
            return found
        by_product: dict[str, list[Row]] = {}
        for row in rows:
            if row[0] in wanted:
                by_product.setdefault(row[0], []).append(row)
        if not by_product:
            return found
        # The statement that gave the footprints gave the ids too: the place is not searched again.
        ids = {product: [row[4] for row in tiles if row[5]] for product, tiles in by_product.items()}
        named = [(product, name) for product, names in ids.items() for name in names[: self._limit]]
        columns = [product for product, _ in named], [name for _, name in named]
        waiting = asyncio.create_task(
            cold.newest(parts.local, None, Ask(ids=tuple(columns[1]), names=None), _NAMED, columns)
        )
        await asyncio.sleep(0)  # the database reads the Items while their footprints are measured
        for product, tiles in by_product.items():
            collected = Tiles(place)
            footprints = np.array([row[3] for row in tiles], dtype=object)
            collected.add(footprints, [row[1] for row in tiles], [row[2] for row in tiles])
            there = found.setdefault(product, There())
            there.years, there.spans, there.matched = collected.held(), collected.spans, len(ids[product])
        for row in await waiting:
            found[row[0]].items.append(row)
        return found

    async def _count(self, found: dict[str, There], wanted: frozenset[str], wkb: bytes, ask: Ask) -> None:
        """The same where the tiles are too many to be measured."""
        database, cold = self._parts.database, self._parts.searcher.parts
        for product, first, last, count in await cold.both(database, None, ask, _COUNTS, (wkb,)):
            if product not in wanted:
                continue
            there = found.setdefault(product, There())
            there.spans.add((first, last))
            years = there.years
            for year in counted_years(first, last):
                years[year] = Held(years[year].tiles + count if year in years else count)
        for product, there in found.items():
            if there.years and self._limit:
                arguments = (wkb, *self._bounds, product)
                rows = await cold.newest(database, product, replace(ask, names=None), _FIRST, arguments)
                there.items = rows[: self._limit]
                counts = await cold.both(database, product, ask, _MATCHED, arguments)
                there.matched = sum(count for (count,) in counts)
