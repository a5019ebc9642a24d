"""What crawl folders hold at a place: their parts are read a batch at a time, only where they may meet it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import shapely

from atlas.answers.coverage import Held, IndexState
from atlas.answers.places import Place
from atlas.answers.shares import Tiles
from atlas.crawl.folder import CrawlFolder, read_json
from atlas.errors import CrawlError

__all__ = ["CrawlHoldings"]

_COLUMNS = ("geometry", "datetime", "start_datetime", "end_datetime", "deprecated")


class CrawlHoldings:
    """Crawl folders below one folder, or one crawl folder."""

    def __init__(self, where: Path) -> None:
        """Find the crawls.

        Args:
            where: A crawl folder, or a folder of them.

        Raises:
            CrawlError: there is no finished crawl, or a report cannot be understood.
        """
        self._folders: dict[str, Path] = {}
        self._states: dict[str, IndexState] = {}
        reports = [where / "report.json"] if (where / "report.json").is_file() else sorted(where.glob("*/report.json"))
        for path in reports:
            report = read_json(path)
            product = report.get("product") if isinstance(report, dict) else None
            if not isinstance(report, dict) or not isinstance(product, str):
                msg = f"{path}: not the report of a crawl (no 'product')"
                raise CrawlError(msg)
            self._folders[product] = path.parent
            whole = report.get("index_read") == "whole"
            self._states[product] = IndexState.WHOLE if whole else IndexState.PART
        if not self._folders:
            msg = f"{where}: no finished crawl here (no report.json)"
            raise CrawlError(msg)

    def state(self, product: str) -> IndexState:
        """How much of the producer's index was read."""
        return self._states.get(product, IndexState.NONE)

    def held(self, product: str, place: Place) -> dict[int, Held]:
        """What the parts hold at a place, by calendar year.

        Raises:
            CrawlError: a part cannot be read; the message names it.
        """
        folder = self._folders.get(product)
        if folder is None:
            return {}
        tiles = Tiles(place)
        for part in sorted(CrawlFolder(folder).items.glob("*.parquet")):
            if part.stem.endswith("~vanished"):
                continue
            try:
                _read(part, tiles, place)
            except (OSError, pa.ArrowException, KeyError) as error:
                msg = f"{part}: cannot be read as stac-geoparquet: {error}"
                raise CrawlError(msg) from error
        return tiles.held()


def _read(part: Path, tiles: Tiles, place: Place) -> None:
    data = ds.dataset(part, format="parquet")
    columns = [c for c in _COLUMNS if c in data.schema.names]
    for batch in data.to_batches(columns=columns, filter=_near(place), batch_size=65_536):
        if batch.num_rows == 0:
            continue
        first = _years(batch, "start_datetime", "datetime")
        last = np.maximum(first, _years(batch, "end_datetime", "datetime"))
        footprints = np.array(batch.column("geometry").to_pylist(), dtype=object)
        kept = first > 0
        tiles.add(footprints[kept], first[kept], last[kept])


def _near(place: Place) -> pc.Expression:
    """Rows whose box may meet the place; a box that crosses the antimeridian has its west edge east of its east one."""
    west, south, east, north = shapely.bounds(place.geometry)
    box = {n: pc.field("bbox", n) for n in ("xmin", "ymin", "xmax", "ymax")}
    beside = (box["xmin"] <= east) & (box["xmax"] >= west)
    return (box["ymin"] <= north) & (box["ymax"] >= south) & (beside | (box["xmin"] > box["xmax"]))


def _years(batch: pa.RecordBatch, *names: str) -> npt.NDArray[np.int64]:
    """Calendar years of the first of the columns that has a value; 0 where none has.

    The end of a year that ends where the next begins belongs to the year before.
    """
    found = np.zeros(batch.num_rows, dtype=np.int64)
    for name in reversed(names):
        if name not in batch.schema.names:
            continue
        values = batch.column(name).cast(pa.timestamp("us"), safe=False)
        valid = values.is_valid().to_numpy(zero_copy_only=False)
        stamps = values.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[us]")
        if name == "end_datetime":
            stamps = stamps - np.timedelta64(1, "us")
        years = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
        found = np.where(valid, years, found)
    return found
