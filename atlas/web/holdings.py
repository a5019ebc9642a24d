"""What the cell files of a built site hold: for whoever has a site, and neither its crawls nor an API."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import orjson
import shapely

from atlas.answers.coverage import Held, IndexState
from atlas.answers.holdings import Holding, Holdings
from atlas.answers.places import Place
from atlas.errors import CrawlError

__all__ = ["CellHoldings"]


class CellHoldings(Holdings):
    """The folder of a site; a cell of one degree tells that there are tiles in it, and not which."""

    def __init__(self, site: Path) -> None:
        """Keep the folder.

        Raises:
            CrawlError: no cells are there.
        """
        self._cells = site / "data" / "cells"
        if not self._cells.is_dir():
            raise CrawlError(f"{site}: not a site of the atlas with crawls: it has no folder data/cells")

    def at(self, place: Place, products: Collection[str]) -> dict[str, Holding]:
        """In which years there are tiles in a cell that meets the place.

        Raises:
            CrawlError: a file of cells cannot be read; the message names it.
        """
        paths = ((product, self._cells / f"{product}.json") for product in products)
        return {product: _holding(path, place) for product, path in paths if path.is_file()}


def _holding(path: Path, place: Place) -> Holding:
    try:
        document = orjson.loads(path.read_bytes())
        runs = [(int(s), *line[i : i + 3]) for s, line in document["rows"].items() for i in range(0, len(line), 3)]
        south, west, length, years = zip(*runs, strict=True) if runs else ((), (), (), ())
        met = shapely.intersects(place.inside, shapely.box(west, south, np.add(west, length), np.add(south, 1)))
        mask = int(np.bitwise_or.reduce(np.array(years, np.int64)[met]))
        found = {year: Held(None) for i, year in enumerate(document["years"]) if mask >> i & 1}
        return Holding(IndexState(document["index_read"]), found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        msg = f"{path}: not the cells of a product as this version writes them ({error!r}); build the site again"
        raise CrawlError(msg) from None
