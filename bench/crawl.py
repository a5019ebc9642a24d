"""Crawling an index into stac-geoparquet, against building the same Items with pystac one by one.

Both read the same index, TESSERA's text registry and AlphaEarth's Parquet index in turn, each in its own process
on one core; rates are per second of processor time, as other work on the machine must not count. The crawl checks,
pairs, writes, compresses and hashes; the peer does neither check nor hash. It is measured as it builds Items, and as it
builds them and writes them with stac-geoparquet, which is what the crawl does. Targets: at least 20 times the peer, at
least 100,000 tiles/s per core, a second crawl with nothing changed in under 5 % of the first's time, and memory that
does not grow with the number of tiles.
"""

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pystac
import shapely
import stac_geoparquet.arrow

from atlas.crawl.engine import Crawl
from atlas.crawl.folder import CrawlFolder
from atlas.grids import alphaearth
from atlas.records import load_catalog
from atlas.sources.base import Source
from atlas.stac.item_template import ItemTemplate, item_template
from bench._figures import Figure
from bench._items import item_count
from bench._processes import called, peak_mb

__all__ = ["by_hand", "crawl", "main", "source_of", "write_index"]

_PRODUCTS = {"tessera": "tessera-v1", "alphaearth": "aef-v1-annual"}
_BY_HAND = 4_000
"""Items that pystac builds: enough for a steady rate."""
_AGAIN = 5
"""Crawls with nothing changed: they take milliseconds, so the median of several is reported."""
_SETTLED = 2.5
"""Seconds until an index counts as settled: a crawl reads one twice that was written while it looked."""
_EXTENSIONS = ("emb", "file", "projection")


def main() -> list[Figure]:
    """Rates, ratios and memory."""
    items = item_count(200_000)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for shape in _PRODUCTS:
            small, large = (write_index(root, shape, count) for count in (items // 4, items))
            little = _measure("crawl", shape, small, root / f"{shape}-small")
            time.sleep(_SETTLED)
            first = _measure("crawl", shape, large, root / shape)
            again = [_measure("crawl", shape, large, root / shape) for _ in range(_AGAIN)]
            second = sorted(again, key=lambda one: one["wall"])[_AGAIN // 2]
            peer = _measure("by_hand", shape, large, root / shape)
            assert first["items"] == second["unchanged"] == items
            rate, built = items / first["cpu"], peer["items"] / peer["build"]
            written = peer["items"] / peer["cpu"]
            told = f"{shape}, {items:,} tiles"
            of_both, builds = "pystac and stac-geoparquet", "pystac, which only builds"
            wall, whole = second["wall"], first["wall"]
            found += [
                Figure(f"{told}, one core", "tiles/s", rate, target=100_000, at_least=True),
                Figure(told, "tiles/s by the clock", items / whole),
                Figure(
                    f"{told}, built and written", "tiles/s", rate, written, of_both, rate / written, 20, at_least=True
                ),
                Figure(f"{told}, built", "tiles/s", rate, built, builds, rate / built),
                Figure(
                    f"{told}, again without a change", "s by the clock", wall, whole, "the first", wall / whole, 0.05
                ),
                Figure(f"{told}, peak memory", "MB", first["peak"], little["peak"], "a quarter of the tiles"),
            ]
    return found


def _measure(what: str, shape: str, index: Path, out: Path) -> dict[str, float]:
    found: dict[str, float] = called(f"from bench.crawl import {what}; {what}(*{[shape, str(index), str(out)]})")
    return found


def source_of(shape: str, index: str) -> tuple[Source, Any]:
    """What is crawled, and the catalogue."""
    catalog = load_catalog()
    return Source(catalog.products[_PRODUCTS[shape]], index), catalog


def _timed(work: Callable[[], dict[str, float]]) -> None:
    """Run on one core; print what the work returns, its times and the peak of the process's memory."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    found |= {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps(found | {"peak": peak_mb()}))


def crawl(shape: str, index: str, out: str) -> None:
    """Ours, in a separate process."""
    source, catalog = source_of(shape, index)
    work = Crawl(source, catalog, Path(out))

    def run() -> dict[str, float]:
        report = work.run()
        assert not report.faults, report.faults
        assert not report.rejected, report.rejected
        return {"items": report.items, "unchanged": report.changes.unchanged}

    _timed(run)


def by_hand(shape: str, index: str, out: str) -> None:
    """The peer, in a separate process; checks that its Items are those of our crawl in `out`."""
    source, _ = source_of(shape, index)
    from atlas.sources.base import reader

    kind = source.product.index
    assert kind is not None
    template = item_template(source.product, reader(kind.kind, index).assets(source))
    build = _tessera_by_hand if shape == "tessera" else _alphaearth_by_hand
    built: list[pystac.Item] = []

    def run() -> dict[str, float]:
        begin = time.process_time()
        for item in build(index, template):
            built.append(item)
            if len(built) == _BY_HAND:
                break
        seconds = time.process_time() - begin
        with tempfile.TemporaryDirectory() as folder:
            table = stac_geoparquet.arrow.parse_stac_items_to_arrow(built)
            stac_geoparquet.arrow.to_parquet(table, Path(folder) / "items.parquet", compression="zstd")
        return {"items": len(built), "build": seconds}

    _timed(run)
    _check_same(built, out)


def _check_same(built: list[pystac.Item], out: str) -> None:
    part = min(CrawlFolder(Path(out)).items.glob("*.parquet"))
    ours = {item["id"]: item for item in stac_geoparquet.arrow.stac_table_to_items(pq.read_table(part).slice(0, 200))}
    for item in built[:200]:
        by_hand, mine = item.to_dict(transform_hrefs=False), ours[item.id]
        for member in ("geometry", "bbox", "assets", "collection"):
            assert json.dumps(by_hand[member], sort_keys=True) == json.dumps(mine[member], sort_keys=True), (
                by_hand[member],
                mine[member],
            )


def _item(
    template: ItemTemplate, name: str, box: list[float], year: int, properties: dict[str, Any], hrefs: dict[str, Any]
) -> pystac.Item:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = pystac.Item(
        id=name,
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=box,
        datetime=None,
        start_datetime=datetime(year, 1, 1, tzinfo=UTC),
        end_datetime=datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC),
        properties={**template.properties, **properties},
        collection=template.collection,
        stac_extensions=[f"https://example.org/{name}/schema.json" for name in _EXTENSIONS],
    )
    item.add_link(pystac.Link("collection", "../collection.json", media_type="application/json"))
    for key, fields in hrefs.items():
        item.add_asset(key, pystac.Asset.from_dict({**template.assets[key], **fields}))
    return item


def _tessera_by_hand(index: str, template: ItemTemplate) -> Iterator[pystac.Item]:
    line = re.compile(r"^(\d{4})/grid_(-?[\d.]+)_(-?[\d.]+)/grid_[-\d.]+_[-\d.]+?(_scales)?\.npy ([0-9a-f]{64})$")
    root = "https://data.source.coop/tessera/tessera"
    waiting: dict[tuple[str, str, str], str] = {}
    with Path(index).open() as lines:
        for text in lines:
            match = line.match(text)
            assert match is not None
            year, lon, lat, scales, sha256 = match.groups()
            if scales is None:
                waiting[year, lon, lat] = sha256
                continue
            first = waiting.pop((year, lon, lat))
            x, y = round(float(lon) * 100), round(float(lat) * 100)
            name = f"grid_{lon}_{lat}"
            zone = int((x / 100 + 180) // 6) + 1
            base = f"{root}/npy/v1/{year}/{name}/{name}"
            yield _item(
                template,
                f"{name}_{year}",
                [(x - 5) / 100, (y - 5) / 100, (x + 5) / 100, (y + 5) / 100],
                int(year),
                {"proj:code": f"EPSG:{(32600 if y >= 0 else 32700) + zone}"},
                {
                    "embeddings": {"href": f"{base}.npy", "file:checksum": f"1220{first}"},
                    "scales": {"href": f"{base}_scales.npy", "file:checksum": f"1220{sha256}"},
                    "landmask": {"href": f"{root}/landmasks/v1/{name}.tiff"},
                },
            )


def _alphaearth_by_hand(index: str, template: ItemTemplate) -> Iterator[pystac.Item]:
    replace = "https://data.source.coop/tge-labs/aef/", "gs://alphaearth_foundations/satellite_embedding/"
    for batch in pq.ParquetFile(index).iter_batches(1_000):
        for row in batch.to_pylist():
            path = row["path"].split("tge-labs/aef/")[1]
            year, zone, file = path.split("/")[-3:]
            x, y = row["utm_west"], row["utm_south"]
            up, down = [10.0, 0.0, x, 0.0, 10.0, y], [10.0, 0.0, x, 0.0, -10.0, y + 81920.0]
            hrefs = {
                "embeddings": {"href": replace[0] + path, "proj:transform": up},
                "embeddings-gcs": {"href": replace[1] + path, "proj:transform": up},
                "vrt": {"href": replace[0] + path.removesuffix(".tiff") + ".vrt", "proj:transform": down},
            }
            yield _item(
                template,
                f"{year}-{zone}-{file.removesuffix('.tiff')}",
                [row["wgs84_west"], row["wgs84_south"], row["wgs84_east"], row["wgs84_north"]],
                row["year"],
                {"proj:code": row["crs"], "proj:shape": [8192, 8192], "proj:bbox": [x, y, x + 81920.0, y + 81920.0]},
                {key: fields for key, fields in hrefs.items() if key in template.assets},
            )


def write_index(root: Path, shape: str, count: int) -> Path:
    """An index of so many tiles."""
    return (_write_registry if shape == "tessera" else _write_table)(root, count)


def _write_registry(root: Path, count: int) -> Path:
    """A text registry with random hashes: `count` tiles, 500,000 to a year."""
    path = root / f"registry-{count}.txt"
    random = np.random.default_rng(7)
    with path.open("w") as file:
        for begin in range(0, count, 10_000):
            size = min(10_000, count - begin)
            digests = random.bytes(64 * size).hex()
            for n in range(size):
                year, cell = divmod(begin + n, 500_000)
                lat, lon = divmod(cell, 3600)
                name = f"grid_{lon / 10 - 179.95:.2f}_{lat / 10 - 55.95:.2f}"
                stem = f"{2017 + year}/{name}/{name}"
                file.write(f"{stem}.npy {digests[128 * n : 128 * n + 64]}\n")
                file.write(f"{stem}_scales.npy {digests[128 * n + 64 : 128 * n + 128]}\n")
    return path


def _write_table(root: Path, count: int) -> Path:
    """AlphaEarth's index with made-up names: `count` files on the grid of the northern zones."""
    path = root / f"aef_index-{count}.parquet"
    n = np.arange(count)
    zone, year = n % 60 + 1, 2017 + n // 60 % 9
    i, j = n // 540 % 4 - 2, n // 2160 % 50
    nothing, north = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    west, south = alphaearth.corners(i, j, nothing, nothing, north)
    lon, lat = zone * 6.0 - 183.0 + i, j * 1.4 + 0.5
    zones = pc.binary_join_element_wise(pc.cast(pa.array(zone), pa.string()), pa.scalar("N"), "")
    years = pc.cast(pa.array(year), pa.string())
    names = pa.array([f"x{k:016x}-0000000000-0000000000.tiff" for k in range(count)])
    prefix = "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual"
    table = pa.table(
        {
            "fid": n,
            "geom": shapely.to_wkb(_boxes(lon, lat)),
            "crs": pc.binary_join_element_wise(pa.scalar("EPSG"), pc.cast(pa.array(32600 + zone), pa.string()), ":"),
            "year": year,
            "utm_zone": zones,
            "utm_west": west,
            "utm_south": south,
            "utm_east": west + alphaearth.FILE,
            "utm_north": south + alphaearth.FILE,
            "wgs84_west": lon,
            "wgs84_south": lat,
            "wgs84_east": lon + 0.9,
            "wgs84_north": lat + 0.7,
            "path": pc.binary_join_element_wise(pa.scalar(prefix), years, zones, names, "/"),
        }
    )
    pq.write_table(table, path, row_group_size=50_000)
    return path


def _boxes(lon: Any, lat: Any) -> Any:  # noqa: ANN401 - arrays of floats and of geometries
    corners = [(0, 0), (0.9, 0), (0.9, 0.7), (0, 0.7), (0, 0)]
    return shapely.polygons(np.stack([np.stack([lon + x, lat + y], axis=-1) for x, y in corners], axis=1))
