"""Validation speed, against pystac's `validate_dict` on the same parsed Items, and a million Items of stac-geoparquet.

    python -m bench validate        (ITEMS=1000000 for the full size)

Prints Items per second of both, the ratio, and for the stac-geoparquet file time and memory. pystac gets what makes it
fast: schemas in its cache, one validator for the whole run.
"""

import copy
import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pystac.validation
import stac_geoparquet.arrow
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from atlas.resources import data_dir
from bench._figures import Figure
from bench._items import item_count
from stac_emb.identity import VERSION
from stac_emb.parquet_run import validate_parquet
from stac_emb.registry import load_schema, registry
from stac_emb.validate import Validator

__all__ = ["main", "make_file", "make_items"]

PARSED = 10_000
PYSTAC_SAMPLE = 500
"""pystac is timed on every twentieth Item: all of them would take minutes, and the rate is per Item."""
CHUNK = 50_000


def make_items(count: int) -> list[dict[str, Any]]:
    """Items like those of TESSERA: a tile-year each, with core and `emb` only."""
    example = data_dir("schemas") / "emb" / f"v{VERSION}" / "examples" / "pixel-npy-scales-item.json"
    base = json.loads(example.read_text(encoding="utf-8"))
    base["stac_extensions"] = base["stac_extensions"][:1]
    items = []
    for number in range(count):
        item = copy.deepcopy(base)
        west, south = -180 + (number % 3600) / 10, -60 + (number // 3600 % 1200) / 10
        east, north = west + 0.1, south + 0.1
        item["id"] = f"grid_{west:.2f}_{south:.2f}_{number}"
        item["bbox"] = [west, south, east, north]
        item["geometry"]["coordinates"] = [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
        items.append(item)
    return items


def make_file(path: Path, count: int) -> None:
    """Write Items as stac-geoparquet: a chunk is made once, ids and places differ in every copy."""
    reader = stac_geoparquet.arrow.parse_stac_items_to_arrow(make_items(CHUNK))
    table = reader.read_all().combine_chunks()
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            ids = pa.array([f"tile-{number}" for number in range(start, start + size)])
            part = table.slice(0, size).set_column(table.schema.get_field_index("id"), "id", ids)
            writer.write_table(part, row_group_size=CHUNK)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare() -> list[Figure]:
    """Both rates on parsed Items."""
    items = make_items(PARSED)
    ours = Validator()
    assert ours.is_valid(items[0])  # compiles the schemas, as pystac's cache is filled below
    seconds = min(_seconds(lambda: [ours.is_valid(item) for item in items]) for _ in range(3))
    assert all(ours.is_valid(item) for item in items)
    schema_only = Validator(semantic=False)
    assert schema_only.is_valid(items[0])
    bare = min(_seconds(lambda: [schema_only.is_valid(item) for item in items]) for _ in range(3))

    theirs = JsonSchemaSTACValidator()
    theirs.schema_cache.update({uri: load_schema(uri) for uri in registry()})
    sample = items[:: PARSED // PYSTAC_SAMPLE]

    def validate(item: dict[str, Any]) -> Sequence[str] | None:
        found: Sequence[str] | None = pystac.validation.validate_dict(item, validator=theirs)
        return found

    assert validate(sample[0])
    slow = _seconds(lambda: [validate(item) for item in sample])
    ours_rate, bare_rate, their_rate = PARSED / seconds, PARSED / bare, len(sample) / slow
    peer = "pystac validate_dict"
    return [
        Figure("schemas only", "Items/s", bare_rate, their_rate, peer, bare_rate / their_rate, 500, at_least=True),
        Figure("with semantics", "Items/s", ours_rate, their_rate, peer, ours_rate / their_rate),
    ]


def _memory(stop: threading.Event, seen: list[int]) -> None:
    """The resident memory of this process and its children, in MiB, while the work goes on."""
    page = resource.getpagesize()
    while not stop.wait(0.25):
        total = 0
        for folder in Path("/proc").iterdir():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split() if folder.name.isdigit() else []
                if fields and os.getpid() in (int(folder.name), int(fields[1])):
                    total += int((folder / "statm").read_text().split()[1]) * page
            except OSError:
                continue
        seen.append(total // 2**20)


def stream(count: int) -> list[Figure]:
    """Validate a stac-geoparquet file of `count` Items: rate and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.parquet"
        make_file(path, count)
        seen: list[int] = []
        stop = threading.Event()
        watcher = threading.Thread(target=_memory, args=(stop, seen), daemon=True)
        if Path("/proc/self/statm").exists():
            watcher.start()
        start = time.perf_counter()
        checked = invalid = 0
        for outcome in validate_parquet(path):
            checked, invalid = checked + outcome.checked, invalid + outcome.invalid
            assert outcome.problem is None, outcome.problem
        seconds = time.perf_counter() - start
        stop.set()
        assert (checked, invalid) == (count, 0), (checked, invalid)
    told = f"stac-geoparquet of {checked:,} Items"
    found = [Figure(told, "Items/s", checked / seconds)]
    if len(seen) > 3:
        third = len(seen) // 3
        midway, late = max(seen[third : 2 * third]), max(seen[2 * third :])
        found.append(
            Figure(f"{told}, memory of all processes at the end", "MiB", late, midway, "midway", late / midway)
        )
    return found


def main() -> list[Figure]:
    """Run both measurements; ITEMS in the environment is the size of the stac-geoparquet file."""
    return [*compare(), *stream(item_count(200_000))]
