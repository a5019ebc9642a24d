"""What a finished crawl left in its folder, for everybody who reads it: the report, the drift, the parts, the manifest.

`atlas.crawl` writes the folder (see `atlas.crawl.folder` for the names of its files); nobody else needs to know them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from atlas.errors import CrawlError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    import pyarrow.compute as pc

__all__ = [
    "FinishedCrawl",
    "boxes_meeting",
    "finished_crawls",
    "part_files",
    "promised_parts",
    "read_crawl",
    "read_json",
    "years_of",
]

_REPORT = "report.json"
_VANISHED = "~vanished"
_ADVICE = "copy the folder again, or run the crawl again to make it whole"


@dataclass(frozen=True, slots=True)
class FinishedCrawl:
    """One product's last crawl.

    Attributes:
        folder: where it lies.
        product: id of the product.
        source: path or URL of the index that was read; empty where the report does not say.
        finished: when it ended; None where the report does not say.
        whole: whether the record's own index was read without a fault; a sample or one file of it says nothing of the
            rest.
        items: number of Items that exist now.
        rejected: number of rejected rows, by reason.
        drift: where the record disagrees with the crawl, a sentence each.
        report: all that the crawl says of itself.
    """

    folder: Path
    product: str
    source: str
    finished: dt.datetime | None
    whole: bool
    items: int
    rejected: Mapping[str, int]
    drift: tuple[str, ...]
    report: Mapping[str, Any]

    @property
    def day(self) -> str:
        """Day of the crawl in UTC, ISO 8601; empty where the report does not say."""
        return self.finished.astimezone(dt.UTC).date().isoformat() if self.finished else ""


def finished_crawls(where: Path) -> list[Path]:
    """The folders of finished crawls: `where` itself if it is one, else those directly below it, by name."""
    if (where / _REPORT).is_file():
        return [where]
    return sorted(path.parent for path in where.glob(f"*/{_REPORT}"))


def read_crawl(folder: Path) -> FinishedCrawl:
    """What a crawl says of itself.

    Raises:
        CrawlError: no crawl was finished here, or what it left cannot be understood; the message names the file.
    """
    path = folder / _REPORT
    report = read_json(path)
    if report is None:
        raise CrawlError(f"{folder}: no {_REPORT}: no crawl was finished here")
    drift = read_json(folder / "drift.json")
    try:
        product, items, finished = report["product"], report["items"], report.get("finished")
        rejected, source = report.get("set_aside_by_reason") or {}, report.get("source") or ""
        if not (isinstance(product, str) and isinstance(source, str)):
            raise TypeError("'product' and 'source' must be text")
        moment = dt.datetime.fromisoformat(finished) if finished else None
        return FinishedCrawl(
            folder,
            product,
            source,
            moment.replace(tzinfo=dt.UTC) if moment and moment.tzinfo is None else moment,
            report.get("index_read") == "whole",
            int(items),
            {str(reason): int(count) for reason, count in rejected.items()},
            tuple(str(note["message"]) for note in drift["drift"]) if drift is not None else (),
            report,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CrawlError(f"{path}: not the report of a crawl ({error!r})") from None


def part_files(folder: Path, *, vanished: bool = False) -> list[Path]:
    """The parts, by name: stac-geoparquet of the Items that exist now and, if asked for, of those that existed once.

    Raises:
        CrawlError: the folder is not the output of a crawl.
    """
    items = folder / "items"
    if not items.is_dir():
        raise CrawlError(f"{folder} is not the output of a crawl: it has no folder 'items'")
    return sorted(path for path in items.rglob("*.parquet") if vanished or not path.stem.endswith(_VANISHED))


def promised_parts(folder: Path, parts: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each part as the manifest states it; empty where another tool made the folder without one.

    A part that was lost or cut short must not look like one that the producer withdrew.

    Args:
        folder: output of a crawl.
        parts: the parts that are there.

    Raises:
        CrawlError: the manifest cannot be read, or names other parts than are there.
    """
    path = folder / "manifest.json"
    try:
        document = orjson.loads(path.read_bytes())
        promised = {
            folder / name: str(part["sha256"])
            for shard in document["shards"].values()
            for name, part in shard["parts"].items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, orjson.JSONDecodeError) as error:
        raise CrawlError(f"{path}: cannot be read: {error}; {_ADVICE}") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise CrawlError(f"{path}: is not the manifest of a crawl: {error!r}; {_ADVICE}") from error
    have = set(parts)
    for strange, what in (
        (promised.keys() - have, "the manifest names this part, and it is not there"),
        (have - promised.keys(), "the manifest does not name this part"),
    ):
        if strange:
            more = f" (and {len(strange) - 1} more like it)" if len(strange) > 1 else ""
            raise CrawlError(f"{min(strange)}: {what}{more}; {_ADVICE}")
    return promised


def boxes_meeting(west: float, south: float, east: float, north: float) -> "pc.Expression":
    """Rows of a part whose `bbox` meets a box, in degrees; either may cross the antimeridian (west above east)."""
    import pyarrow.compute as pc

    box = {n: pc.field("bbox", n) for n in ("xmin", "ymin", "xmax", "ymax")}
    left, right = box["xmin"] <= east, box["xmax"] >= west
    crosses = box["xmin"] > box["xmax"]
    beside = (left & right) | (crosses & (left | right)) if west <= east else left | right | crosses
    return (box["ymin"] <= north) & (box["ymax"] >= south) & beside


def years_of(batch: "pa.RecordBatch") -> "tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]":
    """First and last calendar year of each Item of a part; 0 where it states no time.

    An interval that ends as a year begins belongs to the year before.
    """
    import numpy as np

    first = _years(batch, "start_datetime", "datetime")
    return first, np.maximum(first, _years(batch, "end_datetime", "datetime"))


def _years(batch: "pa.RecordBatch", *names: str) -> "npt.NDArray[np.int64]":
    """Calendar years of the first of the columns that has a value; 0 where none has."""
    import numpy as np
    import pyarrow as pa

    found = np.zeros(batch.num_rows, dtype=np.int64)
    for name in reversed([name for name in names if name in batch.schema.names]):
        values = batch.column(name).cast(pa.timestamp("us"), safe=False)
        valid = values.is_valid().to_numpy(zero_copy_only=False)
        stamps = values.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[us]")
        if name == "end_datetime":
            stamps = stamps - np.timedelta64(1, "us")
        found = np.where(valid, stamps.astype("datetime64[Y]").astype(np.int64) + 1970, found)
    return found


def read_json(path: Path) -> Any:  # noqa: ANN401  # any JSON value
    """Read JSON; None where there is no file.

    Raises:
        CrawlError: the file holds something else.
    """
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, OSError) as error:
        raise CrawlError(f"{path}: {error}; 'atlas check --repair' rebuilds it") from None
