"""Building the site as an operator does, with `atlas site`: from nothing, again, and after a change of one record.

200 products: those of the catalogue, and copies of their records. No peer builds these pages; later builds are measured
against the first one. A second part counts the cells of a crawl's Items, per second and in peak memory.
"""

import datetime as dt
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.resources import data_dir
from atlas.web.coverage import view_crawl
from bench._figures import Figure
from bench._items import item_count
from bench._processes import command_cost, peak_mb

__all__ = ["cells", "main"]

PRODUCTS = 200
_BATCH = 100_000


def _catalog(folder: Path) -> Path:
    """The records, repeated under other ids until there are `PRODUCTS`; returns the first one's file."""
    shutil.copytree(data_dir("catalog"), folder)
    records = sorted((folder / "products").glob("*.yaml"))
    for n in range(len(records), PRODUCTS):
        record = records[n % len(records)]
        text = re.sub(r"^id: (\S+)$", rf"id: \1-{n}", record.read_text("utf-8"), count=1, flags=re.MULTILINE)
        text = re.sub(r"^title: .*$", f"title: Copy {n}", text, count=1, flags=re.MULTILINE)
        (folder / "products" / f"{record.stem}-{n}.yaml").write_text(text, "utf-8")
    return records[0]


def _build(catalog: Path, out: Path) -> tuple[dict[str, int], float, float]:
    """The command's output, and its processor and elapsed seconds."""
    program = Path(sys.executable).with_name("atlas")
    (wall, used), printed = command_cost([program, "site", "--catalog", catalog, "--out", out, "--json"])
    return json.loads(printed), used, wall


def _crawl(folder: Path, items: int) -> Path:
    """Annual tiles of a tenth of a degree at random places, in the columns that the site reads."""
    (folder / "items").mkdir(parents=True)
    chosen = np.random.default_rng(7)
    path = folder / "items" / "one.parquet"
    writer = None
    for start in range(0, items, _BATCH):
        count = min(_BATCH, items - start)
        west, south = chosen.uniform(-179.9, 179.8, count), chosen.uniform(-60, 83, count)
        years = chosen.integers(2017, 2026, count)
        first = pa.array([dt.datetime(int(y), 1, 1, tzinfo=dt.UTC) for y in years], pa.timestamp("us", tz="UTC"))
        box = pa.StructArray.from_arrays(
            [pa.array(v) for v in (west, south, west + 0.1, south + 0.1)], ["xmin", "ymin", "xmax", "ymax"]
        )
        table = pa.table({"bbox": box, "start_datetime": first, "end_datetime": first})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    (folder / "report.json").write_text(json.dumps({"product": "made-up", "source": None, "items": items}), "utf-8")
    return folder


def main() -> list[Figure]:
    """The times."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_builds(Path(folder)), *cells(Path(folder))]


def _builds(folder: Path) -> Iterator[Figure]:
    catalog, out = folder / "catalog", folder / "site"
    record, base = _catalog(catalog), 0.0
    for name in ("from nothing", "without a change", "one record changed"):
        if name == "one record changed":
            text = record.read_text("utf-8")
            record.write_text(re.sub(r"^summary: ", "summary: Changed. ", text, flags=re.MULTILINE), "utf-8")
        report, used, wall = _build(catalog, out)
        told = f"{report['pages']:,} pages {name}"
        yield Figure(f"{told}, {report['written']:,} of {report['files']:,} files written", "s of the clock", wall)
        # Other work on the machine stretches elapsed time, not processor time.
        yield Figure(told, "s of the processor", used, *((base, "from nothing", used / base) if base else ()))
        base = base or used


def cells(folder: Path) -> list[Figure]:
    """Counting the cells of a crawl."""
    items = item_count(300_000)
    crawl = _crawl(folder / "crawl", items)
    before = peak_mb()
    start = time.perf_counter()
    view = view_crawl(crawl)
    seconds = time.perf_counter() - start
    assert view.items == items
    grown = peak_mb() - before
    told = f"cells of {items:,} Items"
    return [Figure(told, "Items/s", items / seconds), Figure(f"{told}, growth of the peak memory", "MB", grown)]
