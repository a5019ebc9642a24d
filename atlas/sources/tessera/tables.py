"""TESSERA's tables: `manifest.parquet`, the older `registry.parquet`, and `landmasks.parquet`.

A manifest may hold several versions and variants, each a vector space of its own: the rows of the record's version and
variant are taken, the others are another product's. A tile may be listed more than once: the first row counts, later
ones are rejected.

Columns and formats: ucam-eo/geotessera docs/architecture.rst @ 0be62e5f, geotessera/registry.py @ ef4c8591.
"""

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.fetch.inputs import RejectedRow
from atlas.grids import tessera
from atlas.grids.bounds import Integers, Mask
from atlas.records.product import Product
from atlas.sources.base import Batch, Source
from atlas.sources.tables.values import Faults, numbers, true, wholes
from atlas.sources.tessera.landmasks import Landmasks
from atlas.sources.tessera.rows import EMBEDDINGS, FIRST_YEAR, LAST_YEAR, Tiles, tile_columns
from stac_emb.checksums import SHA256

__all__ = ["LANDMASK_COLUMNS", "OPTIONAL", "REQUIRED", "Wanted", "columns_of", "landmasks", "matches", "rows", "wanted"]

REQUIRED = ("lat", "lon", "year")
LANDMASK_COLUMNS = ("lat", "lon", "file_size")
OPTIONAL = (
    "version",
    "variant",
    "grid_size",
    "file_size",
    "scales_size",
    "hash",
    "scales_hash",
    "grid_path",
    "scales_path",
)


def matches(names: list[str]) -> bool:
    """Whether a table with these columns lists TESSERA tiles."""
    return set(REQUIRED) <= set(names) and bool({"grid_size", "file_size", "hash"} & set(names))


def columns_of(names: list[str]) -> list[str]:
    """The columns to read."""
    return [name for name in (*REQUIRED, *OPTIONAL) if name in names]


class Wanted(NamedTuple):
    """The version and variant that a record describes."""

    version: str | None = None
    variant: str | None = None

    def mask(self, batch: pa.RecordBatch) -> Mask:
        """Which rows belong to it; a table without the column holds one version or variant only."""
        keep = np.ones(batch.num_rows, dtype=np.bool_)
        for name, value in (("version", self.version), ("variant", self.variant)):
            if value is not None and name in batch.schema.names:
                text = pc.utf8_lower(pc.cast(batch[name], pa.string()))
                keep &= true(pc.equal(pc.replace_substring_regex(text, "^v", ""), value))
        return keep


def wanted(product: Product) -> Wanted:
    """Version and variant of a record: its `version`, and the variant in it or in the id.

    `1.0`, `v1.0` and `1.0 (vultr)` are version 1.0; the variant is the one of the known names that the record's
    version, id or title holds, and is left open where it holds none.
    """
    match = re.search(r"\d+\.\d+", product.version or "")
    text = f"{product.version or ''} {product.id} {product.title}".lower()
    known = ("vultr", "dclimate", "cambridge", "2b-l~beta1", "2b-l~beta2")
    plain = text.replace("-beta", "~beta")
    variant = next((name for name in known if name in plain), None)
    return Wanted(match[0] if match else None, variant)


def rows(
    batch: pa.RecordBatch,
    lines: Integers,
    file: str,
    source: Source,
    want: Wanted,
    seen: Tiles,
    year_only: int | None = None,
    masks: Landmasks | None = None,
) -> Batch:
    """Index rows of a batch.

    Args:
        batch: the columns of `columns_of`.
        lines: 1-based row of each.
        file: for the reports.
        source: the crawl's source.
        want: version and variant to take.
        seen: the tiles of the shard so far.
        year_only: take the rows of one year only; the others are another shard's.
        masks: the cells that have a land mask; without it every tile is taken to have one.
    """
    year_values = wholes(batch["year"])
    mine = want.mask(batch)
    if year_only is not None:
        mine &= year_values == year_only
    if not mine.all():
        batch, lines = batch.filter(pa.array(mine)), lines[mine]
    count = batch.num_rows
    if not count:
        return Batch(None)
    year, faults = wholes(batch["year"]), Faults(count)
    faults.add("year is missing or not a year of the product", "year", (year < FIRST_YEAR) | (year > LAST_YEAR))
    lon, lat = _centres(batch, faults)
    sizes = {}
    for key, names in (("embeddings", ("grid_size", "file_size")), ("scales", ("scales_size",))):
        column = next((n for n in names if n in batch.schema.names), None)
        if column is not None:
            sizes[key] = wholes(batch[column])
            faults.add(f"no {key} file", column, sizes[key] <= 0)
    digests = {}
    for key, column in (("embeddings", "hash"), ("scales", "scales_hash")):
        if column in batch.schema.names:
            text = pc.utf8_lower(pc.cast(batch[column], pa.string()))
            well = pc.match_substring_regex(text, "^[0-9a-f]{64}$")
            faults.add("checksum is not a SHA-256 in hexadecimal", column, true(pc.invert(well)))
            digests[key] = pc.binary_join_element_wise(pa.scalar(SHA256), text, "")
    good = ~faults.any
    cell = np.where(good, tessera.cell(lon, lat), 0)
    repeated = np.zeros(count, dtype=np.bool_)
    repeated[good] = ~seen.new(year[good], cell[good], np.full(int(good.sum()), EMBEDDINGS, dtype=np.uint8))
    faults.add("tile is listed before", "year", repeated)

    good = ~faults.any
    rejected = faults.report(file, lines, batch)
    if not good.any():
        return Batch(None, rejected)
    keep = pa.array(good)
    columns = tile_columns(source, year[good], lon[good], lat[good])
    columns["line"] = pa.array(lines[good])
    if masks is not None:
        masks.apply(columns, lon[good], lat[good])
    for key, size in sizes.items():
        columns[f"asset:{key}:file:size"] = pa.array(size[good])
    for key, digest in digests.items():
        columns[f"asset:{key}:file:checksum"] = digest.filter(keep)
    return Batch(pa.record_batch(columns), rejected)


def landmasks(batch: pa.RecordBatch, lines: Integers, file: str) -> tuple[Integers, tuple[RejectedRow, ...]]:
    """The cells of a list (`lat`, `lon`, `file_size`) that have a mask, and the rows of no cell."""
    faults = Faults(batch.num_rows)
    lon, lat = _centres(batch, faults)
    return tessera.cell(lon, lat)[~faults.any & (wholes(batch["file_size"]) > 0)], faults.report(file, lines, batch)


def _centres(batch: pa.RecordBatch, faults: Faults) -> tuple[Integers, Integers]:
    """Longitude and latitude of each row in hundredths of a degree; what is not the centre of a cell is a fault."""
    found = {}
    for name in ("lon", "lat"):
        degrees = numbers(batch[name])
        with np.errstate(invalid="ignore", over="ignore"):
            # what is no coordinate is neither on the grid nor in range
            found[name] = np.round(np.where(np.abs(degrees) < 1000, degrees, 1000.0) * 100).astype(np.int64)
            exact = np.abs(degrees * 100 - found[name]) < 0.01
        faults.add("coordinate is missing or not a cell's centre", name, ~(exact & tessera.on_grid(found[name])))
    faults.add("tile lies outside the globe", "lat", ~tessera.in_range(found["lon"], found["lat"]))
    return found["lon"], found["lat"]
