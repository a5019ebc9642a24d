"""What crawls found, as one-degree cells by year: read from the parts of stac-geoparquet, a batch at a time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from atlas.errors import SiteError

__all__ = ["CrawlView", "Grid", "drift_text", "read_crawl", "runs", "year_masks"]

Grid = NDArray[np.bool_]
"""180 rows from south to north by 360 columns from west to east, one cell a degree."""
_FEW = 6
"""Cells per side up to which Items are counted together; larger ones are filled one by one."""
_BATCH = 65_536


@dataclass
class CrawlView:
    """What one crawl found of one product.

    Attributes:
        product: id of the product.
        folder: where the crawl lies.
        items: number of Items.
        years: number of Items by year; an Item over several years counts in each.
        cells: cells by year.
        report: the crawl's own report.
        drift: where the record disagrees with the crawl; empty where it does not, or was not compared.
        parts: the stac-geoparquet files.
        whole: whether the producer's whole index was read; a sample or a single file of it says nothing of the rest.
    """

    product: str
    folder: Path
    items: int = 0
    years: dict[int, int] = field(default_factory=dict)
    cells: dict[int, Grid] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    drift: list[dict[str, Any]] = field(default_factory=list)
    parts: tuple[Path, ...] = ()
    whole: bool = False

    @property
    def any_year(self) -> Grid:
        """Cells in which there is an Item of any year."""
        grid = np.zeros((180, 360), dtype=bool)
        for one in self.cells.values():
            grid |= one
        return grid

    @property
    def finished(self) -> str:
        """Day of the crawl, ISO 8601; empty where the report does not say."""
        for key in ("finished", "ended", "finished_at", "date", "started"):
            if isinstance(value := self.report.get(key), str):
                return value[:10]
        return ""


def drift_text(note: dict[str, Any]) -> str:
    """A note of drift in one line."""
    for key in ("message", "text", "title"):
        if isinstance(value := note.get(key), str):
            return value
    return ", ".join(f"{key}: {value}" for key, value in sorted(note.items()))


def _json(path: Path) -> Any:  # noqa: ANN401 - what the file holds
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise SiteError(msg) from error


def read_crawl(folder: Path) -> CrawlView:
    """Read a folder of `atlas crawl`.

    Args:
        folder: holds `report.json` and `items/*.parquet`.

    Raises:
        SiteError: the folder is no crawl, or a part cannot be read; the message names the file.
    """
    report = _json(folder / "report.json")
    if not isinstance(report, dict) or not isinstance(report.get("product"), str):
        msg = f"{folder / 'report.json'}: not the report of a crawl (no 'product')"
        raise SiteError(msg)
    drift = _json(folder / "drift.json")
    notes = drift.get("notes", drift.get("drift", [])) if isinstance(drift, dict) else drift
    parts = sorted(p for p in (folder / "items").glob("*.parquet") if not p.name.endswith("~vanished.parquet"))
    view = CrawlView(
        report["product"],
        folder,
        report=report,
        drift=[n for n in notes if isinstance(n, dict)] if isinstance(notes, list) else [],
        parts=tuple(parts),
        whole=report.get("index_read") == "whole",
    )
    for part in parts:
        try:
            for batch in _batches(part):
                _count(view, batch)
        except (OSError, pa.ArrowException, KeyError) as error:
            msg = f"{part}: cannot be read as stac-geoparquet: {error}"
            raise SiteError(msg) from error
    return view


def _batches(part: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(part) as file:
        names = file.schema_arrow.names
        wanted = [n for n in ("bbox", "datetime", "start_datetime", "end_datetime") if n in names]
        if "bbox" not in wanted:
            msg = "no column 'bbox'"
            raise KeyError(msg)
        yield from file.iter_batches(batch_size=_BATCH, columns=wanted)


def _years(batch: pa.RecordBatch, *names: str) -> NDArray[np.int64]:
    """Calendar years of the first of the columns that has a value; 0 where none has."""
    found = np.zeros(batch.num_rows, dtype=np.int64)
    for name in reversed(names):
        if name not in batch.schema.names:
            continue
        values = batch.column(name).cast(pa.timestamp("us"), safe=False)
        valid = values.is_valid().to_numpy(zero_copy_only=False)
        stamps = values.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[Y]").astype(int) + 1970
        found = np.where(valid, stamps, found)
    return found


def _count(view: CrawlView, batch: pa.RecordBatch) -> None:
    box = batch.column("bbox")
    west, south, east, north = (
        np.asarray(box.field(name).to_numpy(zero_copy_only=False), dtype=float)
        for name in ("xmin", "ymin", "xmax", "ymax")
    )
    first = _years(batch, "start_datetime", "datetime")
    last = np.maximum(first, _years(batch, "end_datetime", "datetime"))
    view.items += batch.num_rows
    for year in range(int(first[first > 0].min(initial=9999)), int(last.max(initial=0)) + 1):
        here = (first <= year) & (last >= year) & (first > 0)
        if not here.any():
            continue
        view.years[year] = view.years.get(year, 0) + int(here.sum())
        grid = view.cells.setdefault(year, np.zeros((180, 360), dtype=bool))
        _mark(grid, west[here], south[here], east[here], north[here])


def _mark(grid: Grid, west: Any, south: Any, east: Any, north: Any) -> None:  # noqa: ANN401 - float arrays
    """Set the cells that the boxes touch; a box with west > east crosses the antimeridian."""
    east = np.where(east < west, east + 360, east)
    left, low = np.floor(west).astype(int), np.clip(np.floor(south).astype(int), -90, 89)
    # A box that ends on a line of the grid does not touch the cell beyond it.
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
        South edge of the row in degrees to (west edge, length, value) of each run.
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
    """Years, oldest first, and per cell the sum of 2**i over the years i that it has."""
    years = sorted(view.cells)
    masks = np.zeros((180, 360), dtype=np.int64)
    for i, year in enumerate(years):
        masks += view.cells[year].astype(np.int64) << i
    return years, masks
