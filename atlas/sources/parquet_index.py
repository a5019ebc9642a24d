"""Tile indexes as a table: Parquet, CSV, or a tree of Parquet parts. The layout is recognised by its columns.

| layout | recognised by | shards |
|---|---|---|
| AlphaEarth `aef_index` | native and WGS84 bounds, `path`, `utm_zone` | runs of row groups; one for a CSV |
| TESSERA `manifest`, `registry` | `lat`, `lon`, `year`, a size or hash | one per year, if row groups keep years apart |
| dClimate registry | `bbox_*`, `assembled_at`, a tile label; `zone=/year=` in the path | one per zone and year |
"""

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.faults import FetchError, Missing
from atlas.fetch.inputs import InputFile, RejectedRow
from atlas.formats.csv import csv_batches
from atlas.formats.endings import is_table
from atlas.formats.parquet import batches, open_parquet, row_group_runs
from atlas.sources.base import Batch, Reader, Shard, Source, links_rejected, links_shard
from atlas.sources.naming import shard_id
from atlas.sources.tables import aef, dclimate
from atlas.sources.tessera import tables as tessera
from atlas.sources.tessera.landmasks import Landmasks
from atlas.sources.tessera.rows import FIRST_YEAR, LAST_YEAR, Tiles, asset_constants

__all__ = ["READER", "ParquetIndex"]

LARGEST_PART = 64 * 2**20
"""Bytes of one part of a registry; the known ones have some 150 kB."""


class ParquetIndex(Reader):
    """Reader of tabular indexes."""

    kind: ClassVar[str] = "parquet-index"

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """Shards by row groups, by year, or by zone and year.

        Raises:
            SourceError: the columns are those of no known index.
        """
        if _path(source.href).endswith(".csv"):
            yield Shard("csv", (access.stat(source.href),), {"layout": "aef-csv"})
            return
        if not is_table(_path(source.href)):
            yield from _plan_parts(source, access)
            return
        file = access.stat(source.href)
        with access.opened(file) as stream:
            table = open_parquet(stream, file.label)
            names = table.schema_arrow.names
            if aef.matches(names):
                for first, last, count in row_group_runs(table):
                    groups = {"layout": "aef", "groups": f"{first}-{last}"}
                    yield Shard(f"rows_{first:05d}-{last:05d}", (file,), groups, count)
            elif tessera.matches(names):
                yield from _plan_years((file, *_landmasks(source.href, access)), table)
            else:
                msg = f"{file.label}: the columns are those of no known index: {', '.join(names)[:500]}"
                raise SourceError(msg)

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """The rows of one shard."""
        layout = shard.arguments["layout"]
        if layout == "links":
            yield Batch(None, links_rejected(shard))
            return
        if layout == "dclimate":
            yield from _read_parts(shard, source, access)
            return
        file = shard.inputs[0]
        name = file.label
        if layout == "aef-csv":
            with access.opened(file, whole=True) as stream:
                for lines, batch, broken in csv_batches(stream, name, aef.COLUMNS, aef.POSITIONS):
                    found = aef.rows(batch, lines, name, source)
                    yield Batch(found.rows, tuple(sorted((*broken, *found.rejected), key=lambda one: one.line or 0)))
            return
        with access.opened(file) as stream:
            names = open_parquet(stream, name).schema_arrow.names
            if layout == "aef":
                first, _, last = shard.arguments["groups"].partition("-")
                column = aef.geometry_column(names)
                columns = [*aef.COLUMNS, *([column] if column else [])]
                for lines, batch in batches(stream, name, range(int(first), int(last)), columns):
                    yield aef.rows(batch, lines, name, source)
                return
            want, seen = tessera.wanted(source.product), Tiles()
            masks, rejected = _masks(shard, access)
            yield Batch(None, rejected)
            groups = [int(group) for group in shard.arguments["groups"].split(",")]
            year = int(shard.arguments["year"]) if "year" in shard.arguments else None
            for lines, batch in batches(stream, name, groups, tessera.columns_of(names)):
                yield tessera.rows(batch, lines, name, source, want, seen, year, masks)

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """What all tiles share of their assets, for the layout that the record's distributions speak of."""
        templates = [d.url_template or "" for d in source.product.distributions]
        if any("{image_id}" in template for template in templates):
            return aef.constants(source)
        if any(template.endswith(".npy") for template in templates):
            return asset_constants(source)
        return dclimate.constants(source)

    def facts(self, source: Source, access: Access) -> Mapping[str, Any]:
        """The columns of a Parquet index; a CSV or a tree of parts states none at once."""
        if not is_table(_path(source.href)):
            return {}
        with access.random(source.href) as stream:
            return {"columns": list(open_parquet(stream, source.href).schema_arrow.names)}


def _path(href: str) -> str:
    return (href.partition("?")[0] if "://" in href else href).lower()


def _landmasks(href: str, access: Access) -> Iterator[InputFile]:
    """The list of land masks that belongs to a manifest, where there is one.

    `{root}/npy/{dataset}/manifest.parquet` and `{root}/landmasks/{dataset}/landmasks.parquet`: ucam-eo/geotessera
    docs/architecture.rst @ 0be62e5f.
    """
    match = re.fullmatch(r"(.*)/npy/([^/]+)/manifest\.parquet", href)
    if match:
        with contextlib.suppress(Missing):
            yield access.stat(f"{match[1]}/landmasks/{match[2]}/landmasks.parquet")


def _masks(shard: Shard, access: Access) -> tuple[Landmasks | None, tuple[RejectedRow, ...]]:
    """The cells that have a land mask, None where there is no list, and its rejected rows."""
    if len(shard.inputs) < 2:
        return None, ()
    file = shard.inputs[1]
    name = file.label
    with access.opened(file) as stream:
        groups = range(open_parquet(stream, name).metadata.num_row_groups)
        found = [tessera.landmasks(b, n, name) for n, b in batches(stream, name, groups, tessera.LANDMASK_COLUMNS)]
    cells = np.concatenate([np.empty(0, dtype=np.int64), *(one for one, _ in found)])
    return Landmasks(np.unique(cells)), tuple(row for _, rows in found for row in rows)


def _plan_years(files: tuple[InputFile, ...], table: Any) -> Iterator[Shard]:  # noqa: ANN401 - pyarrow ships no types
    """One shard per year if the row groups' statistics keep the years apart, else one for the whole table.

    Tiles that are listed twice are found within a shard, so all rows of one year must be in the same one.
    """
    meta = table.metadata
    column = next(i for i in range(meta.num_columns) if meta.schema.column(i).path == "year")
    found = [meta.row_group(group).column(column).statistics for group in range(meta.num_row_groups)]
    spans = [(int(s.min), int(s.max)) for s in found if s is not None and s.has_min_max]
    # Impossible years are rejected row by row instead.
    known = len(spans) == len(found) and all(high - low <= LAST_YEAR - FIRST_YEAR for low, high in spans)
    years: dict[int, list[int]] = defaultdict(list)
    for group, (low, high) in enumerate(spans if known else ()):
        for year in range(low, high + 1):
            years[year].append(group)
    if len(years) > 1 and sum(map(len, years.values())) <= 2 * meta.num_row_groups:
        for year, groups in sorted(years.items()):
            arguments = {"layout": "tessera", "year": str(year), "groups": ",".join(map(str, groups))}
            rows = sum(meta.row_group(g).num_rows for g in groups)
            yield Shard(f"year_{year}", files, arguments, rows)
    elif meta.num_row_groups:
        everything = {"layout": "tessera", "groups": ",".join(map(str, range(meta.num_row_groups)))}
        yield Shard("all", files, everything, meta.num_rows)


def _plan_parts(source: Source, access: Access) -> Iterator[Shard]:
    found: dict[tuple[str, int], list[InputFile]] = defaultdict(list)
    rejected: list[InputFile] = []
    for file in access.list(source.href):
        if place := dclimate.partition(file):
            found[place].append(file)
        elif file.rejected:
            rejected.append(file)
    if not (found or rejected):
        raise SourceError(f"{source.href}: no part zone=<ZONE>/year=<YEAR>/<run>.parquet below it")
    for (zone, year), files in sorted(found.items()):
        inputs = tuple(sorted(files, key=lambda one: one.href))
        yield Shard(
            shard_id(f"zone={zone}_year={year}"), inputs, {"layout": "dclimate", "zone": zone, "year": str(year)}
        )
    yield from links_shard(rejected)


def _read_parts(shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
    zone, year = shard.arguments["zone"], int(shard.arguments["year"])
    parts = []
    for file in shard.inputs:
        name = file.label
        if file.rejected:
            yield Batch(None, (RejectedRow(name, None, file.rejected),))
            continue
        if file.size is not None and file.size > LARGEST_PART:
            yield Batch(None, (RejectedRow(name, None, "part is too large for a registry", detail=str(file.size)),))
            continue
        try:
            with access.opened(file) as stream:
                table = open_parquet(stream, name)
                columns = dclimate.columns_of(table.schema_arrow.names)
                groups = range(table.metadata.num_row_groups)
                parts += [(name, lines, batch) for lines, batch in batches(stream, name, groups, columns)]
        except SourceError as error:
            if isinstance(error, FetchError):  # the host, not the part, is at fault: the shard must run again
                raise
            yield Batch(None, (RejectedRow(name, None, "part cannot be read", detail=str(error)[:200]),))
    for name, lines, batch in dclimate.newest(parts):
        yield dclimate.rows(batch, lines, name, source, zone, year)


READER = ParquetIndex()
