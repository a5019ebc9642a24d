"""What crawls found, as one-degree cells by year, read from stac-geoparquet in batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from atlas.errors import CrawlError
from atlas.formats.crawl_folder import FinishedCrawl, part_files, read_crawl
from atlas.formats.item_columns import years_of

__all__ = ["CrawlView", "Grid", "runs", "view_crawl", "year_masks"]

Grid = NDArray[np.bool_]
"""180 rows from south to north by 360 columns from west to east, in cells of one degree."""
_FEW = 6
"""Cells per side up to which boxes are filled together; larger ones are filled one by one."""
_BATCH = 65_536


@dataclass
class CrawlView:
    """What one crawl found of one product.

    Attributes:
        crawl: its report.
        parts: the stac-geoparquet files.
        items: number of Items in them.
        years: number of Items by year; an Item over several years counts in each.
        cells: cells by year.
    """

    crawl: FinishedCrawl
    parts: tuple[Path, ...] = ()
    items: int = 0
    years: dict[int, int] = field(default_factory=dict)
    cells: dict[int, Grid] = field(default_factory=dict)

    @property
    def product(self) -> str:
        """Id of the product."""
        return self.crawl.product

    @property
    def any_year(self) -> Grid:
        """Cells in which there is an Item of any year."""
        grid = np.zeros((180, 360), dtype=bool)
        for one in self.cells.values():
            grid |= one
        return grid


def view_crawl(folder: Path) -> CrawlView:
    """Read a folder of `atlas crawl`.

    Raises:
        CrawlError: the folder is not a crawl, or a part cannot be read; the message names the file.
    """
    view = CrawlView(read_crawl(folder), tuple(part_files(folder)))
    for part in view.parts:
        try:
            for batch in _batches(part):
                _count(view, batch)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise CrawlError(f"{part}: cannot be read as stac-geoparquet: {error}") from error
    return view


def _batches(part: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(part, pre_buffer=False) as file:
        names = file.schema_arrow.names
        wanted = [n for n in ("bbox", "datetime", "start_datetime", "end_datetime") if n in names]
        if "bbox" not in wanted:
            raise KeyError("no column 'bbox'")
        yield from file.iter_batches(batch_size=_BATCH, columns=wanted)


def _count(view: CrawlView, batch: pa.RecordBatch) -> None:
    box = batch.column("bbox")
    west, south, east, north = (
        np.asarray(box.field(name).to_numpy(zero_copy_only=False), dtype=float)
        for name in ("xmin", "ymin", "xmax", "ymax")
    )
    first, last = years_of(batch)
    view.items += batch.num_rows
    for year in range(int(first[first > 0].min(initial=9999)), int(last.max(initial=0)) + 1):
        here = (first <= year) & (last >= year) & (first > 0)
        if not here.any():
            continue
        view.years[year] = view.years.get(year, 0) + int(here.sum())
        grid = view.cells.setdefault(year, np.zeros((180, 360), dtype=bool))
        _mark(grid, west[here], south[here], east[here], north[here])


def _mark(grid: Grid, west: Any, south: Any, east: Any, north: Any) -> None:  # noqa: ANN401 - float arrays
    """Set the cells that the boxes cover; a box with west > east crosses the antimeridian."""
    east = np.where(east < west, east + 360, east)
    left, low = np.floor(west).astype(int), np.clip(np.floor(south).astype(int), -90, 89)
    # A box that ends on a grid line does not cover the cell beyond it.
    wide = np.maximum(np.ceil(east).astype(int) - left, 1)
    high = np.maximum(np.minimum(np.ceil(north).astype(int), 90) - low, 1)
    small = (wide <= _FEW) & (high <= _FEW)
    for dx in range(int(wide[small].max(initial=0))):
        for dy in range(int(high[small].max(initial=0))):
            inside = small & (dx < wide) & (dy < high)
            grid[low[inside] + dy + 90, (left[inside] + dx + 180) % 360] = True
    for i in np.flatnonzero(~small):
        columns = (left[i] + np.arange(min(int(wide[i]), 360)) + 180) % 360
        grid[low[i] + 90 : low[i] + 90 + high[i], columns] = True


def runs(masks: NDArray[np.int64]) -> dict[int, list[tuple[int, int, int]]]:
    """Runs of equal cells by row.

    Args:
        masks: 180 by 360; 0 where there is nothing.

    Returns:
        By the south edge of a row in degrees, (west edge, length, value) of each run.
    """
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row, line in enumerate(masks):
        edges = np.flatnonzero(np.diff(line, prepend=line[0] - 1))
        ends = np.append(edges[1:], len(line))
        kept = [(int(a) - 180, int(b - a), int(line[a])) for a, b in zip(edges, ends, strict=True) if line[a]]
        if kept:
            found[row - 90] = kept
    return found


def year_masks(view: CrawlView) -> tuple[list[int], NDArray[np.int64]]:
    """Years, oldest first, and for each cell the sum of 2**i over the indices i of its years."""
    years = sorted(view.cells)
    masks = np.zeros((180, 360), dtype=np.int64)
    for i, year in enumerate(years):
        masks += view.cells[year].astype(np.int64) << i
    return years, masks
