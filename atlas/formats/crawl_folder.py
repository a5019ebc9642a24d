"""The folder of one product's crawl: the names of its files, and what a finished crawl left there for its readers.

items/<shard>.parquet            what a shard holds now
items/<shard>~vanished.parquet   what it held once: Items marked `deprecated`; no shard's name holds a `~`
set-aside/<shard>.ndjson         every rejected line, row or object, and why
state/<shard>.json               what was read and written: a shard whose state is there is done
manifest.json                    all shards and parts, without times: equal for equal inputs
report.json, report.txt          what the last run found
drift.json, drift.txt            where the record disagrees with the crawl
collection.json                  the Collection to load
damaged/                         parts that were found damaged, before they were made again
parts.json                       what the file system said of the parts when they were compared with their states
inputs.json                      what the file system said of local inputs when they were hashed
.lock                            held by the crawl that writes here, and shared by the loads that read

`atlas.crawl` writes it; nobody else names its files.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from atlas.errors import CrawlError
from atlas.moments import utc

__all__ = [
    "LOADED",
    "NAMES",
    "VANISHED",
    "CrawlFiles",
    "FinishedCrawl",
    "crawls_to_load",
    "finished_crawls",
    "is_loaded",
    "known_crawl",
    "part_files",
    "parts_of_manifest",
    "promised_parts",
    "read_crawl",
    "read_json",
    "unfinished_crawls",
]

VANISHED = "~vanished"
"""Ending of the names of parts that hold vanished Items."""
_ADVICE = "copy the folder again, or run the crawl again to make it whole"


class CrawlFiles:
    """Paths below one folder."""

    def __init__(self, root: Path) -> None:
        """Keep the root; nothing is read or made."""
        self.root = root
        self.items, self.rejected, self.state = root / "items", root / "set-aside", root / "state"
        self.damaged, self.lock = root / "damaged", root / ".lock"
        self.manifest, self.collection = root / "manifest.json", root / "collection.json"
        self.report, self.report_text = root / "report.json", root / "report.txt"
        self.drift, self.drift_text = root / "drift.json", root / "drift.txt"
        self.parts_memory, self.inputs_memory = root / "parts.json", root / "inputs.json"

    def part(self, shard: str) -> Path:
        """The shard's Items."""
        return self.items / f"{shard}.parquet"

    def vanished(self, shard: str) -> Path:
        """The Items that the shard held in an earlier run."""
        return self.part(f"{shard}{VANISHED}")

    def rejected_rows(self, shard: str) -> Path:
        """What the shard rejected, one JSON object per line."""
        return self.rejected / f"{shard}.ndjson"

    def shard_state(self, shard: str) -> Path:
        """The shard's state."""
        return self.state / f"{shard}.json"

    def shard_lock(self, shard: str) -> Path:
        """Held by the worker that changes the files of the shard."""
        return self.state / f".{shard}.lock"


NAMES = CrawlFiles(Path())
"""Names of the files in the folder."""
LOADED = tuple(map(str, (NAMES.collection, NAMES.manifest, NAMES.report)))
"""What a load reads beside the parts; other tools write no report."""


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
    if CrawlFiles(where).report.is_file():
        return [where]
    return sorted(path.parent for path in where.glob(f"*/{NAMES.report}"))


def unfinished_crawls(where: Path) -> list[Path]:
    """The folders directly below that hold parts and no report, by name: the first crawl runs, or it broke off."""
    folders = {path.parent.parent for path in where.glob(f"*/{NAMES.items}/*.parquet")}
    return sorted(folder for folder in folders if not CrawlFiles(folder).report.is_file())


def crawls_to_load(where: Path) -> list[Path]:
    """The folders below that hold a Collection, by name; a load tells what is wrong with those that are not whole."""
    return sorted(path.parent for path in where.glob(f"*/{NAMES.collection}"))


def known_crawl(folder: Path) -> FinishedCrawl:
    """The same as `read_crawl`, read again only once its files changed: reports may list thousands of rejected rows.

    Raises:
        CrawlError: as there.
    """
    files = CrawlFiles(folder)
    stats = [path.stat() for path in (files.report, files.drift) if path.exists()]
    return _known_crawl(folder, tuple((one.st_mtime_ns, one.st_size) for one in stats))


@lru_cache(maxsize=256)
def _known_crawl(folder: Path, _stamps: tuple[tuple[int, int], ...]) -> FinishedCrawl:
    return read_crawl(folder)


def read_crawl(folder: Path) -> FinishedCrawl:
    """What a crawl says of itself.

    Raises:
        CrawlError: no crawl was finished here, or what it left cannot be understood; the message names the file.
    """
    files = CrawlFiles(folder)
    report = read_json(files.report)
    if report is None:
        raise CrawlError(f"{folder}: no {NAMES.report}: no crawl was finished here")
    try:
        product, items, finished = report["product"], report["items"], report.get("finished")
        rejected, source = report.get("set_aside_by_reason") or {}, report.get("source") or ""
        if not (isinstance(product, str) and isinstance(source, str)):
            raise TypeError("'product' and 'source' must be text")
        return FinishedCrawl(
            folder,
            product,
            source,
            utc(dt.datetime.fromisoformat(finished)) if finished else None,
            report.get("index_read") == "whole",
            int(items),
            {str(reason): int(count) for reason, count in rejected.items()},
            _drift(files.drift),
            report,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CrawlError(f"{files.report}: not the report of a crawl ({error!r})") from None


def _drift(path: Path) -> tuple[str, ...]:
    document = read_json(path)
    try:
        return tuple(str(note["message"]) for note in document["drift"]) if document is not None else ()
    except (KeyError, TypeError) as error:
        raise CrawlError(f"{path}: not the drift of a crawl ({error!r})") from None


def part_files(folder: Path, *, vanished: bool = False) -> list[Path]:
    """The parts, by name: stac-geoparquet of the Items that exist now and, if asked for, of those that existed once.

    Raises:
        CrawlError: the folder is not the output of a crawl.
    """
    items = CrawlFiles(folder).items
    if not items.is_dir():
        raise CrawlError(f"{folder} is not the output of a crawl: it has no folder '{NAMES.items}'")
    return sorted(path for path in items.rglob("*.parquet") if vanished or not path.stem.endswith(VANISHED))


def is_loaded(name: str) -> bool:
    """Whether a load reads a file of the folder, by its name there."""
    return name in LOADED or name.startswith(f"{NAMES.items}/")


def parts_of_manifest(text: bytes) -> dict[str, str]:
    """Names of the parts in the folder, and the SHA-256 of each.

    Raises:
        CrawlError: the text is not the manifest of a crawl; the caller names the file.
    """
    try:
        shards = orjson.loads(text)["shards"].values()
        parts = {name: str(part["sha256"]) for shard in shards for name, part in shard["parts"].items()}
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise CrawlError(f"is not the manifest of a crawl: {error!r}") from error
    for name in parts:
        if not is_loaded(name) or ".." in PurePosixPath(name).parts:
            raise CrawlError(f"is not the manifest of a crawl: '{name}' is not below {NAMES.items}/")
    return parts


def promised_parts(folder: Path, parts: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each part as the manifest states it; empty where another tool made the folder without one.

    A part that was lost or cut short must not look like one that the producer withdrew.

    Raises:
        CrawlError: the manifest cannot be read, or names other parts than are there.
    """
    path = CrawlFiles(folder).manifest
    try:
        promised = {folder / name: digest for name, digest in parts_of_manifest(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CrawlError(f"{path}: cannot be read: {error}; {_ADVICE}") from error
    except CrawlError as error:
        raise CrawlError(f"{path}: {error}; {_ADVICE}") from error
    have = set(parts)
    for strange, what in (
        (promised.keys() - have, "the manifest names this part, and it is not there"),
        (have - promised.keys(), "the manifest does not name this part"),
    ):
        if strange:
            more = f" (and {len(strange) - 1} more like it)" if len(strange) > 1 else ""
            raise CrawlError(f"{min(strange)}: {what}{more}; {_ADVICE}")
    return promised


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
