"""dClimate's registry of TESSERA v1.1: `zone=<ZONE>/year=<YEAR>/<run_id>.parquet`, one row per 2048-pixel tile.

A zone and year may have been run more than once: of each tile the row with the newest `assembled_at` counts. Zone and
year stand in the path only, as in hive partitions. At the antimeridian `bbox_west` is greater than
`bbox_east`.

Columns: dClimate/tessera-embeddings docs/global-store.md @ 49541734; not all 23 are named there, so only those that are
named are read, and the tile's label is found by its form, `chunk_<row>_<column>`.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError
from atlas.fetch.inputs import InputFile
from atlas.grids.bounds import Integers, rectangles
from atlas.sources.base import Batch, Source
from atlas.sources.columns import year_interval
from atlas.sources.naming import legal_ids
from atlas.sources.tables.values import Faults, numbers, true, wholes

__all__ = ["BOUNDS", "constants", "matches", "newest", "partition", "rows"]

BOUNDS = ("bbox_west", "bbox_south", "bbox_east", "bbox_north")
OPTIONAL = ("embedded", "refused_px", "run_id")
LABELS = ("tile", "tile_id", "tile_label", "label", "chunk", "chunk_id")
PARTITION = re.compile(r"(?:^|/)zone=(?P<zone>\d{2}[NS])/year=(?P<year>\d{4})/[^/]+\.parquet$")
LABEL = r"^chunk_\d+_\d+$"


def partition(file: InputFile) -> tuple[str, int] | None:
    """Zone and year of a part, from its path; None where the path is not a part's."""
    match = PARTITION.search(unquote(file.href))
    return (match["zone"], int(match["year"])) if match else None


def matches(names: list[str]) -> bool:
    """Whether a table with these columns is a part of the registry."""
    return {*BOUNDS, "assembled_at"} <= set(names) and label_column(names) is not None


def label_column(names: list[str]) -> str | None:
    """The column that holds the tile's label."""
    return next((name for name in LABELS if name in names), None)


def columns_of(names: list[str]) -> list[str]:
    """The columns to read.

    Raises:
        SourceError: the table is not part of the registry.
    """
    label = label_column(names)
    if label is None or not matches(names):
        raise SourceError(f"not a part of the registry: it has the columns {', '.join(names)}")
    return [label, *BOUNDS, "assembled_at", *(n for n in OPTIONAL if n in names)]


def newest(parts: list[tuple[str, Integers, pa.RecordBatch]]) -> list[tuple[str, Integers, pa.RecordBatch]]:
    """Of each tile the row with the newest `assembled_at`, over all parts of one zone and year.

    Returns:
        The same parts without the rows that a newer run replaced.
    """
    when = [_when(batch["assembled_at"]) for _, _, batch in parts]
    label = [batch[label_column(batch.schema.names)] for _, _, batch in parts]
    best: dict[str, tuple[int, int, int]] = {}
    for index, (times, names) in enumerate(zip(when, label, strict=True)):
        for row, name in enumerate(names.to_pylist()):
            key = str(name)
            candidate = (int(times[row]), index, row)
            if key not in best or candidate > best[key]:
                best[key] = candidate
    kept = []
    for index, (name, lines, batch) in enumerate(parts):
        chosen = np.array(sorted(row for _, i, row in best.values() if i == index), dtype=np.int64)
        if len(chosen):
            kept.append((name, lines[chosen], batch.take(pa.array(chosen))))
    return kept


def rows(batch: pa.RecordBatch, lines: Integers, file: str, source: Source, zone: str, year: int) -> Batch:
    """Index rows of the tiles of one zone and year; tiles without any vector are rejected."""
    label = batch[label_column(batch.schema.names)]
    west, south, east, north = (numbers(batch[n]) for n in BOUNDS)
    faults = Faults(batch.num_rows)
    faults.add(
        "tile has no label of the form chunk_<row>_<column>", "tile", ~true(pc.match_substring_regex(label, LABEL))
    )
    with np.errstate(invalid="ignore"):
        legal = (np.abs(west) <= 180) & (np.abs(east) <= 180) & (np.abs(south) <= 90) & (np.abs(north) <= 90)
        legal &= (north > south) & (west != east)
        # Only the first and the last zone touch the antimeridian: elsewhere the bounds are the wrong way round.
        crossing = west > east
        touches = zone[:2] in {"01", "60"}
    faults.add("bounds are missing or outside the legal ranges", "bbox_west", ~legal)
    faults.add("bbox_west is greater than bbox_east far from the antimeridian", "bbox_west", crossing & (not touches))
    if "embedded" in batch.schema.names:
        column = batch["embedded"]
        nothing = ~true(column) if pa.types.is_boolean(column.type) else wholes(column) <= 0
        faults.add("tile holds no vectors", "embedded", nothing)
    start, end = year_interval(np.full(batch.num_rows, year))
    ids = pc.binary_join_element_wise(pa.scalar(zone), pa.scalar(str(year)), pc.cast(label, pa.string()), "_")
    faults.add("id is not legal", "tile", ~true(legal_ids(ids)))
    good = ~faults.any
    rejected = faults.report(file, lines, batch)
    if not good.any():
        return Batch(None, rejected)
    keep = pa.array(good)
    hemisphere = 32600 if zone.endswith("N") else 32700
    columns = {
        "id": ids.filter(keep),
        "line": pa.array(lines[good]),
        "geometry": rectangles(west[good], south[good], east[good], north[good]),
        "start_datetime": start.filter(keep),
        "end_datetime": end.filter(keep),
        "property:proj:code": pa.array([f"EPSG:{hemisphere + int(zone[:2])}"] * int(good.sum())),
        "property:tessera:zone": pa.array([zone] * int(good.sum())),
    }
    if href := store_of(source):
        columns["asset:embeddings:href"] = pa.array([href] * int(good.sum()))
    if "refused_px" in batch.schema.names:
        columns["property:tessera:refused_pixels"] = pa.array(wholes(batch["refused_px"])[good])
    return Batch(pa.record_batch(columns), rejected)


def store_of(source: Source) -> str | None:
    """The Icechunk store of the record, which holds the vectors of all tiles."""
    return next((d.href for d in source.product.distributions if d.protocol == "icechunk" and d.href), None)


def constants(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """What all tiles share of the store; the group is the tile's zone."""
    if store_of(source) is None:
        return {}
    return {
        "embeddings": {
            "title": "Icechunk store of all zones; the group is the tile's zone",
            "type": "application/vnd.zarr+icechunk",
            "roles": ["data"],
            "data_type": "int8",
        }
    }


def _when(values: pa.Array) -> Integers:
    if pa.types.is_timestamp(values.type):
        return np.asarray(pc.fill_null(pc.cast(pc.cast(values, pa.timestamp("us")), pa.int64()), -1).to_numpy())
    if pa.types.is_string(values.type):
        return _when(pc.cast(values, pa.timestamp("us", tz="UTC")))
    return wholes(values)
