"""Synthetic Items in the shape of a tiled annual product, as a crawl would write them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from atlas.store.load.dehydrate import content

__all__ = ["YEARS", "collection", "item_count", "write_folder"]

YEARS = range(2017, 2026)
_PART = 65_536


def item_count(default: int) -> int:
    """Number of Items: ITEMS in the environment, or the benchmark's default."""
    return int(os.environ.get("ITEMS") or default)


def collection(name: str) -> dict[str, Any]:
    """The Collection of the Items."""
    roles = {"embeddings": ["data"], "scales": ["data"], "landmask": ["data"]}
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": "Made up for a benchmark",
        "license": "CC-BY-4.0",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2017-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]},
        },
        "item_assets": {key: {"roles": value, "type": "application/x-npy"} for key, value in roles.items()},
    }


def write_folder(folder: Path, name: str, items: int, *, ndjson: Path | None = None) -> Path:
    """A crawl folder of one Collection with `items` Items, spread evenly over the years."""
    (folder / "items").mkdir(parents=True)
    (folder / "collection.json").write_bytes(orjson.dumps(collection(name)))
    for number, batch in enumerate(_batches(name, items)):
        pq.write_table(
            pa.Table.from_batches([batch]), folder / "items" / f"part-{number:05d}.parquet", compression="zstd"
        )
        if ndjson is not None:
            with ndjson.open("ab") as lines:
                lines.write(_lines(batch))
    return folder


def _batches(name: str, items: int) -> Iterator[pa.RecordBatch]:
    for number, year in enumerate(YEARS):
        of_year = items // len(YEARS) + (number < items % len(YEARS))
        for first in range(0, of_year, _PART):
            yield _batch(name, year, first, min(_PART, of_year - first))


def _batch(name: str, year: int, first: int, rows: int) -> pa.RecordBatch:
    rng = np.random.default_rng([year, first])
    west, south = (rng.integers(-1799, 1799, rows) / 10, rng.integers(-850, 849, rows) / 10)
    ids = np.array(
        [f"grid_{w:.2f}_{s:.2f}_{year}_{first + i}" for i, (w, s) in enumerate(zip(west, south, strict=True))]
    )
    checksums = pa.array([f"1220{a:016x}{b:016x}" * 2 for a, b in rng.integers(0, 2**62, (rows, 2)).tolist()])
    root = f"https://tiles.example.org/v1/global_0.1_degree_representation/{year}/"
    quantization = {
        "method": "per_vector_scale",
        "storage_type": "int8",
        "scale_asset": "scales",
        "restored": "float32",
    }
    # as crawled Items carry it: what opens an Asset stands on the Asset
    layout = {"axis": 2, "georeference_asset": "landmask"}
    stored = {"data_type": "int8", "emb:quantization": quantization, "emb:layout": layout}
    emb = {"file:checksum": checksums, "file:size": pa.array(rng.integers(10**7, 10**8, rows))}
    opened = {name: _same(value, rows) for name, value in stored.items()}
    assets = {
        "embeddings": _asset(root, ids, ".npy", emb | opened),
        "scales": _asset(root, ids, "_scales.npy", emb),
        "landmask": _asset("https://tiles.example.org/v1/landmasks/", ids, ".tiff", {}),
    }
    corners = {"xmin": west, "ymin": south, "xmax": west + 0.1, "ymax": south + 0.1}
    zone = np.floor((west + 180) / 6).astype(int) + 1
    columns = {
        "type": _same("Feature", rows),
        "stac_version": _same("1.1.0", rows),
        "stac_extensions": _same(
            [f"https://example.org/{e}/v1.0.0/schema.json" for e in ("emb", "file", "proj")], rows
        ),
        "id": pa.array(ids),
        "geometry": pa.array(shapely.to_wkb(shapely.box(west, south, west + 0.1, south + 0.1)), pa.binary()),
        "bbox": pa.StructArray.from_arrays([pa.array(v) for v in corners.values()], names=list(corners)),
        "links": _same([{"rel": "collection", "href": "../collection.json", "type": "application/json"}], rows),
        "collection": _same(name, rows),
        "assets": pa.StructArray.from_arrays(list(assets.values()), names=list(assets)),
        "datetime": pa.nulls(rows, pa.timestamp("us", tz="UTC")),
        "start_datetime": _time(f"{year}-01-01", rows),
        "end_datetime": _time(f"{year}-12-31T23:59:59", rows),
        "emb:type": _same("pixel", rows),
        "emb:dimensions": _same(128, rows),
        "emb:space": _same("tessera-v1", rows),
        "gsd": _same(10.0, rows),
        "proj:code": pa.array([f"EPSG:{32600 + z if s >= 0 else 32700 + z}" for z, s in zip(zone, south, strict=True)]),
        "proj:shape": pa.array(rng.integers(900, 1200, (rows, 2)).tolist()),
        "grid:code": pa.array([f"TESSERA-{i}" for i in ids]),
    }
    return pa.record_batch(columns)


def _asset(root: str, ids: npt.NDArray[np.str_], suffix: str, members: dict[str, pa.Array]) -> pa.StructArray:
    hrefs = pc.binary_join_element_wise(root, pa.array(ids), suffix, "")
    columns = {
        "href": hrefs,
        "type": _same("application/x-npy", len(ids)),
        "roles": _same(["data"], len(ids)),
        **members,
    }
    return pa.StructArray.from_arrays(list(columns.values()), names=list(columns))


def _same(value: object, rows: int) -> pa.Array:
    return pa.repeat(pa.array([value])[0], rows)


def _time(text: str, rows: int) -> pa.Array:
    return pa.array(np.full(rows, np.datetime64(text, "us")), pa.timestamp("us", tz="UTC"))


def _lines(batch: pa.RecordBatch) -> bytes:
    """The Items as newline-delimited JSON, which is what pypgstac reads."""
    shapes = shapely.to_geojson(shapely.from_wkb(batch["geometry"].to_pylist()))
    rest = content(batch, {}).to_pylist()
    head = zip(batch["id"].to_pylist(), batch["collection"].to_pylist(), shapes, rest, strict=True)
    return b"".join(
        b'{"id":%s,"collection":%s,"geometry":%s,%s\n' % (orjson.dumps(i), orjson.dumps(c), g.encode(), r[1:].encode())
        for i, c, g, r in head
    )
