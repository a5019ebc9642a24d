"""Items of every grid are valid, without advice."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import stac_geoparquet.arrow

from atlas.grids.bounds import legal_bounds, polygons, rectangles
from atlas.stac.items import items
from stac_emb.parquet_run import validate_parquet

from .test_items import TEMPLATE, as_json, rows

SIZES = [0.1, 0.7, 11.25, 67.5, 97.5, 182.25, 270.0, 359.9, 360.0]
"""Degrees of longitude that a cell covers; some of them fit into the globe, some hang over its end."""
STARTS = [-180.0, -181.25, -180 + 1e-12, 0.0, 82.5]


def cells(size, start):
    """A row of cells around the globe, the last of which may overlap the first."""
    west = start + size * np.arange(min(int(np.ceil(360 / size)), 40))
    if size < 9:  # those by the antimeridian are what matters
        west = np.concatenate([west, 180 - size * np.arange(3), -180 - size * np.arange(-2, 2)])
    edges = [-90.0, -10.0, 10.0, 90.0]
    lows, highs = (np.tile(np.array(part), len(west)) for part in (edges[:-1], edges[1:]))
    west = np.repeat(west, 3)
    return legal_bounds(west, lows, west + size, highs)


def written(batch, folder):
    path = folder / "items.parquet"
    pq.write_table(pa.Table.from_batches([batch]), path)
    return path


@pytest.mark.parametrize("drawn", [False, True], ids=["by its bounds", "as the producer drew it"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("start", STARTS)
def test_cells_of_every_size(size, start, drawn, tmp_path, validator):
    west, south, east, north = cells(size, start)
    count = len(west)
    bounds = {"west": west, "south": south, "east": east, "north": north}
    if drawn:
        geometry, (west, south, east, north), usable = polygons(rectangles(west, south, east, north))
        assert usable.all()
        bounds |= {"west": west, "south": south, "east": east, "north": north, "geometry": geometry}
    batch, refused = items(rows(id=[f"c{n}" for n in range(count)], **bounds), TEMPLATE)
    assert (refused, batch.num_rows) == ([], count)
    (outcome,) = validate_parquet(written(batch, tmp_path), validator)
    assert (outcome.checked, outcome.faults, outcome.advice) == (count, [], [])
    for item in as_json(batch):
        assert validator.examine(item) == []


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((179 0, 180 0, 180 1, 179.5 1.5, 179 0))",
        "MULTIPOLYGON (((179 0, 180 0, 180 1, 179 0)), ((-180 0, -179 0, -180 1, -180 0)))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 1 1))",
        "POLYGON Z ((0 0 5, 9 0 5, 9 9 5, 0 9 5, 0 0 5))",
        "POLYGON ((-180 60, -90 60, 0 60, 90 60, 180 60, 180 90, -180 90, -180 60))",
        "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))",
    ],
)
def test_footprints_of_other_shapes(wkt, tmp_path, validator):
    stored = pa.array([shapely.to_wkb(shapely.from_wkt(wkt))], pa.binary())
    geometry, (west, south, east, north), usable = polygons(stored)
    assert usable.all()
    bounds = {"west": west, "south": south, "east": east, "north": north, "geometry": geometry}
    batch, _ = items(rows(**bounds), TEMPLATE)
    (outcome,) = validate_parquet(written(batch, tmp_path), validator)
    assert (outcome.checked, outcome.faults, outcome.advice) == (1, [], [])
    (item,) = as_json(batch)
    assert validator.examine(item) == []


def test_a_footprint_without_its_place_is_refused_not_written():
    unclosed = bytearray(shapely.to_wkb(shapely.box(0, 0, 1, 1), byte_order=1))
    unclosed[-8:] = np.float64(0.5).tobytes()
    empty = shapely.to_wkb(shapely.from_wkt("POLYGON EMPTY"))
    bounds = dict.fromkeys(("west", "south", "east", "north"))
    batch, refused = items(rows(id=["a", "b", "c"], geometry=[bytes(unclosed), empty, None], **bounds), TEMPLATE)
    assert batch.num_rows == 0
    assert {(r.reason, tuple(r.rows)) for r in refused} == {("footprint is not a geometry", (0, 1, 2))}


def test_the_reader_of_others_agrees(tmp_path):
    batch, _ = items(rows(west=[82.5], east=[2.25]), TEMPLATE)
    (item,) = stac_geoparquet.arrow.stac_table_to_items(pq.read_table(written(batch, tmp_path)))
    assert item["bbox"] == [82.5, 0, 2.25, 1]
