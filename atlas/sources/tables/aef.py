"""The index of AlphaEarth's files (`aef_index.parquet` and `.csv`): rows to index rows.

Columns are taken by name; a CSV without a usable header by position (0 WKT, 1 crs, 2 path, 3 year, 4 zone, 5-8 native
bounds, 9-12 longitude-latitude bounds), as two versions of the file have it (allenai/rslearn @ 15abe58, its test).

Where a file lies follows from the tiling scheme (`atlas.grids.alphaearth`) and is checked. Native bounds may
be clipped to the zone: then the file is the one that holds them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.errors import SourceError
from atlas.grids import alphaearth
from atlas.grids.bounds import Floats, Integers, Mask, polygons, rectangles
from atlas.records.distributions import MEDIA_TYPES
from atlas.sources.base import Batch, Source
from atlas.sources.columns import year_interval
from atlas.sources.naming import legal_ids, render
from atlas.sources.tables.values import Faults, lists, numbers, true, wholes

__all__ = ["COLUMNS", "POSITIONS", "constants", "geometry_column", "matches", "rows"]

SIDES = ("west", "south", "east", "north")
COLUMNS = ("crs", "path", "year", "utm_zone", *(f"utm_{s}" for s in SIDES), *(f"wgs84_{s}" for s in SIDES))
POSITIONS = ("WKT", *COLUMNS)
"""Columns of the CSV in their order."""
GEOMETRIES = ("geom", "geometry", "WKT")

# A path in three parts: folder, name, offsets. Folders and offsets repeat, so each different one is read once.
FOLDER = r"^(?:s3|gs)://[a-z0-9.-]+(?:_[a-z0-9.-]+)*/(?:[A-Za-z0-9._-]+/)*(?P<year>\d{4})/(?P<zone>\d{1,2}[NS])$"
NAME = r"^[A-Za-z0-9]+$"
OFFSETS = r"^-(?P<yoff>\d{10})-(?P<xoff>\d{10})\.tiff$"
OFFSETS_LENGTH = len("-0000000000-0000000000.tiff")


def matches(names: list[str]) -> bool:
    """Whether a table with these columns is an AlphaEarth index."""
    return set(COLUMNS) <= set(names)


def geometry_column(names: list[str]) -> str | None:
    """The column that holds the footprint, where there is one."""
    return next((name for name in GEOMETRIES if name in names), None)


def templates(source: Source) -> dict[str, str]:
    """Asset key to href template, from the record's distributions.

    The publisher of the Source Cooperative copy lays a `.vrt` beside every `.tiff` that turns it top-down.

    Raises:
        SourceError: the record has no distribution whose template names the file.
    """
    found: dict[str, str] = {}
    for distribution in source.product.distributions:
        template = distribution.url_template or ""
        if "{image_id}" not in template:
            continue
        if template.startswith("gs://"):
            found["embeddings-gcs"] = template
        else:
            found["embeddings"] = template
            if "source.coop" in template:
                found["vrt"] = template.removesuffix(".tiff") + ".vrt"
    if not found:
        raise SourceError(f"record '{source.product.id}': no distribution has a 'url_template' with {{image_id}}")
    return found


def constants(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """What all files share of each asset."""
    cog = {"type": MEDIA_TYPES["cog"], "roles": ["data"], "data_type": "int8", "nodata": -128}
    all_of_them: dict[str, dict[str, Any]] = {
        "embeddings": {"title": "64 bands, bottom-up", **cog},
        "embeddings-gcs": {"title": "64 bands, bottom-up, on Google Cloud Storage", **cog},
        "vrt": {"title": "The same file turned top-down", "type": "application/x-gdal-vrt", "roles": ["virtual"]},
    }
    return {key: all_of_them[key] for key in templates(source)}


def rows(batch: pa.RecordBatch, lines: Integers, file: str, source: Source) -> Batch:
    """Index rows of a batch of `COLUMNS`, whose numbers may still be text, and the rows that contradict themselves."""
    count = batch.num_rows
    text = {n: pc.cast(batch[n], pa.string()) for n in ("crs", "path", "utm_zone")}
    part, well_formed = _path_parts(text["path"])
    year = wholes(batch["year"])
    number = {n: numbers(batch[n]) for n in COLUMNS if n.endswith(SIDES)}

    faults = Faults(count)
    faults.add("path does not have the form of an AlphaEarth file", "path", ~well_formed)
    faults.add("year is missing or not a year", "year", (year < 2000) | (year > 2099))
    faults.add("year differs from the path's", "year", (_int(part["year"]) != year))
    faults.add("utm_zone differs from the path's", "utm_zone", ~true(pc.equal(part["zone"], text["utm_zone"])))
    zone = _int(pc.utf8_slice_codeunits(part["zone"], 0, -1))
    south = true(pc.equal(pc.utf8_slice_codeunits(part["zone"], -1), "S"))
    expected = pc.binary_join_element_wise(
        pa.scalar("EPSG"), pc.cast(pa.array(32600 + zone + 100 * south), pa.string()), ":"
    )
    faults.add("crs is not that of utm_zone", "crs", ~true(pc.equal(text["crs"], expected)))
    yoff, xoff = _int(part["yoff"]), _int(part["xoff"])
    off = ~np.isin(yoff, alphaearth.OFFSETS) | ~np.isin(xoff, alphaearth.OFFSETS)
    faults.add("offset in the name is neither 0 nor 8192", "path", off)

    left, bottom, fits = alphaearth.holding(
        *(number[f"utm_{side}"] for side in SIDES), xoff=xoff, yoff=yoff, southern=south
    )
    faults.add("native bounds do not lie on the grid", "utm_west", ~fits)
    geometry, legal = _footprints(batch, number)
    faults.add("footprint is missing or not valid", "geom", ~legal)
    ids = pc.binary_join_element_wise(part["year"], part["zone"], part["image_id"], part["yoff"], part["xoff"], "-")
    faults.add("id is not legal", "path", ~true(legal_ids(ids)))

    good = ~faults.any
    rejected = faults.report(file, lines, {**text, "year": batch["year"], "utm_west": batch["utm_west"]})
    if not good.any():
        return Batch(None, rejected)
    keep = pa.array(good)
    start, end = year_interval(year[good])
    columns = {
        "id": ids.filter(keep),
        "line": pa.array(lines[good]),
        "geometry": geometry.filter(keep),
        "start_datetime": start,
        "end_datetime": end,
        "property:proj:code": expected.filter(keep),
        "property:proj:shape": lists(np.full((int(good.sum()), 2), alphaearth.SIZE, dtype=np.int64)),
        "property:proj:bbox": lists(
            np.stack([left, bottom, left + alphaearth.FILE, bottom + alphaearth.FILE], axis=1)[good]
        ),
    }
    names = {k: v.filter(keep) for k, v in part.items()}
    for key, template in templates(source).items():
        columns[f"asset:{key}:href"] = render(template, names)
        # The files are bottom-up, their virtual twins top-down: a transform holds for one of them only.
        down = key == "vrt"
        columns[f"asset:{key}:proj:transform"] = _transforms(
            left[good], bottom[good] + (alphaearth.FILE if down else 0.0), down=down
        )
    return Batch(pa.record_batch(columns), rejected)


def _path_parts(paths: pa.Array) -> tuple[dict[str, pa.Array], Mask]:
    """Year, zone, image_id, yoff and xoff of each path, null where it does not have the form, and which have it."""
    split = pc.split_pattern(pc.fill_null(paths, ""), "/", max_splits=1, reverse=True)
    two = np.asarray(pc.list_value_length(split).to_numpy(zero_copy_only=False)) == 2
    split = pc.if_else(pa.array(two), split, pa.scalar(["", ""], split.type))
    halves = split.flatten()
    folders, files = (halves.take(pa.array(np.arange(half, len(halves), 2))) for half in (0, 1))
    raw = files.cast(pa.binary())  # cut by bytes: in a name that is well formed each is a character
    stems = pc.binary_slice(raw, 0, -OFFSETS_LENGTH)
    ends = pc.binary_slice(raw, -OFFSETS_LENGTH)
    found = _once_each(folders, FOLDER) | _once_each(ends, OFFSETS)
    good = true(pc.match_substring_regex(stems, NAME))
    good &= true(found["year"].is_valid()) & true(found["yoff"].is_valid())
    mask = pa.array(good)
    found["image_id"] = stems
    return {k: pc.if_else(mask, v, pa.scalar(None, v.type)).cast(pa.string()) for k, v in found.items()}, good


def _once_each(texts: pa.Array, pattern: str) -> dict[str, pa.Array]:
    """The groups of an expression, looked for once in each different text."""
    codes = texts.dictionary_encode()
    found = pc.extract_regex(codes.dictionary, pattern)
    valid = found.is_valid()
    return {
        field.name: pc.if_else(valid, found.field(i), pa.scalar(None, field.type)).take(codes.indices)
        for i, field in enumerate(found.type)
    }


def _footprints(batch: pa.RecordBatch, number: Mapping[str, Floats]) -> tuple[pa.Array, Mask]:
    """WKB of the footprints, and whether each is a polygon inside the legal ranges, not wider than a zone allows."""
    column = geometry_column(batch.schema.names)
    bounds = [number[f"wgs84_{side}"] for side in SIDES]
    if column is None:
        return rectangles(*bounds), _in_range(*bounds)
    values = batch[column]
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        shapes = shapely.from_wkt(values.to_numpy(zero_copy_only=False), on_invalid="ignore")
        values = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
    geometry, drawn, polygon = polygons(values.cast(pa.binary()))
    return geometry, polygon & _in_range(*drawn)


def _in_range(west: Floats, south: Floats, east: Floats, north: Floats) -> Mask:
    # A file is 82 km wide, near a pole that may be many degrees; 180 or more is a shape drawn the wrong way.
    with np.errstate(invalid="ignore"):
        legal = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
        return np.asarray(legal & (east > west) & (north > south) & (east - west < 180))


def _transforms(left: Floats, y: Floats, *, down: bool) -> pa.Array:
    table = np.tile([alphaearth.PIXEL, 0, 0, 0, -alphaearth.PIXEL if down else alphaearth.PIXEL, 0], (len(left), 1))
    table[:, 2], table[:, 5] = left, y
    return lists(table)


def _int(values: pa.Array) -> Integers:
    return np.asarray(pc.fill_null(pc.cast(values, pa.int64()), -1).to_numpy(zero_copy_only=False), dtype=np.int64)
