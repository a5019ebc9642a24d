"""What crawl folders hold at a place: their parts are read a batch at a time, only where they may meet it."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import shapely

from atlas.answers.coverage import IndexState
from atlas.answers.holdings import Holding, Holdings
from atlas.answers.places import Place
from atlas.answers.shares import Tiles
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import NAMES, FinishedCrawl, finished_crawls, part_files, read_crawl
from atlas.formats.item_columns import boxes_meeting, years_of

__all__ = ["CrawlHoldings"]

_COLUMNS = ("geometry", "datetime", "start_datetime", "end_datetime", "deprecated")


class CrawlHoldings(Holdings):
    """Crawl folders below one folder, or one crawl folder."""

    def __init__(self, where: Path) -> None:
        """Find the crawls.

        Args:
            where: A crawl folder, or a folder of them.

        Raises:
            CrawlError: there is no finished crawl, or a report cannot be understood.
        """
        self._crawls = {crawl.product: crawl for crawl in map(read_crawl, finished_crawls(where))}
        if not self._crawls:
            raise CrawlError(f"{where}: no finished crawl here (no {NAMES.report})")

    def at(self, place: Place, products: Collection[str]) -> dict[str, Holding]:
        """What the parts hold at a place.

        Raises:
            CrawlError: a part cannot be read; the message names it.
        """
        asked = (self._crawls[product] for product in products if product in self._crawls)
        return {crawl.product: _holding(crawl, place) for crawl in asked}


def _holding(crawl: FinishedCrawl, place: Place) -> Holding:
    tiles = Tiles(place)
    for part in part_files(crawl.folder):
        try:
            _read(part, tiles, place)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise CrawlError(f"{part}: cannot be read as stac-geoparquet: {error}") from error
    return Holding(IndexState.WHOLE if crawl.whole else IndexState.PART, tiles.held())


def _read(part: Path, tiles: Tiles, place: Place) -> None:
    data = ds.dataset(part, format="parquet")
    columns = [c for c in _COLUMNS if c in data.schema.names]
    near = boxes_meeting(*shapely.bounds(place.geometry))
    for batch in data.to_batches(columns=columns, filter=near, batch_size=65_536):
        if batch.num_rows == 0:
            continue
        first, last = years_of(batch)
        footprints = np.array(batch.column("geometry").to_pylist(), dtype=object)
        kept = first > 0
        tiles.add(footprints[kept], first[kept], last[kept])
