"""Building the site: 200 products from nothing, again without a change, and after a change of one record.

There is no peer that builds these pages; the build without a change is measured against the first one. A second part
counts the cells of a crawl's Items, per second and in peak memory.
"""

import datetime as dt
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.records import Catalog, load_catalog
from atlas.web.build import build_site
from atlas.web.coverage import view_crawl
from bench._figures import Figure
from bench._items import item_count

__all__ = ["main"]

PRODUCTS = 200
_BATCH = 100_000


def _catalog() -> Catalog:
    """The records, repeated under other ids until there are `PRODUCTS`."""
    catalog = load_catalog()
    records = list(catalog.products.values())
    catalog.products = {
        f"{p.id}-{n}": p.model_copy(update={"id": f"{p.id}-{n}", "title": f"{p.title} {n}"})
        for n, p in ((n, records[n % len(records)]) for n in range(PRODUCTS))
    }
    return catalog


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
    catalog = _catalog()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "site"
        times, found = {}, []
        for name in ("from nothing", "without a change", "one record changed"):
            if name == "one record changed":
                key = next(iter(catalog.products))
                catalog.products[key] = catalog.products[key].model_copy(update={"summary": "Changed."})
            start, used = time.perf_counter(), time.process_time()
            report = build_site(catalog, out)
            # Other work on the machine stretches the wall clock, not the processor's.
            times[name], wall = time.process_time() - used, time.perf_counter() - start
            told, used, base = f"{report.pages:,} pages {name}", times[name], times["from nothing"]
            found.append(
                Figure(f"{told}, {report.written:,} of {report.files:,} files written", "s of the clock", wall)
            )
            against = (base, "from nothing", used / base) if name != "from nothing" else ()
            found.append(Figure(told, "s of the processor", used, *against))
        items = item_count(300_000)
        crawl = _crawl(Path(folder) / "crawl", items)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        view = view_crawl(crawl)
        seconds = time.perf_counter() - start
        assert view.items == items
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        told = f"cells of {items:,} Items"
        rate = Figure(told, "Items/s", items / seconds)
        return [*found, rate, Figure(f"{told}, growth of the peak memory", "MB", grown)]
