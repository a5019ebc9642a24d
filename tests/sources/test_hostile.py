"""Readers answer any index with rows, rejected rows, or an error of ours."""

# ruff: noqa: PT017 - a damaged input may also be harmless: both outcomes are right, other exceptions are not

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from atlas.errors import AtlasError
from atlas.fetch.inputs import Rejected
from atlas.fetch.listing import _parse
from atlas.formats.csv import csv_batches
from atlas.formats.footers import read_footer
from atlas.formats.npy import NpyFile
from atlas.formats.raster import raster_header
from atlas.grids.projected import bounds_polygon, projected_polygon
from atlas.sources.base import Source
from atlas.sources.cards import read_card
from atlas.sources.files.names import name_facts
from atlas.sources.stac.rows import Reading
from atlas.sources.tables import aef
from atlas.sources.tessera import tables as tessera
from atlas.sources.tessera.rows import Tiles
from tests.catalogue import whole_catalogue

DATA = Path(__file__).parent / "data"
CATALOG = whole_catalogue()
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.table({"embedding": [[0.5, 1.0]], "lon": [1.0], "lat": [2.0]}), out)
    return out.getvalue()


def tiff():
    with rasterio.MemoryFile() as memory:
        profile = {"driver": "GTiff", "width": 8, "height": 8, "count": 2, "dtype": "int8", "crs": "EPSG:32617"}
        with memory.open(transform=rasterio.Affine(10, 0, 172320, 0, 10, 3932160), **profile) as file:
            file.write(np.ones((2, 8, 8), np.int8))
        return memory.read()


def npy():
    out = io.BytesIO()
    np.save(out, np.ones((2, 3), np.int8))
    return out.getvalue()


VALID = {"parquet": parquet(), "gpq": (DATA / "21MNT.parquet").read_bytes(), "tiff": tiff(), "npy": npy()}


@st.composite
def damaged(draw, kind):
    """A valid file with some bytes changed, cut or repeated."""
    data = bytearray(VALID[kind])
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return bytes(
        draw(st.sampled_from([data, data[:end], data[start:], data[:start] + data[end:], data + data[start:end]]))
    )


@QUICK
@given(damaged("parquet") | damaged("gpq") | st.binary(max_size=300))
@example(b"")
def test_a_damaged_footer_is_an_error_of_ours(data):
    try:
        read_footer(io.BytesIO(data), "x")
    except AtlasError as error:
        assert "x" in str(error)


@QUICK
@given(damaged("npy") | st.binary(max_size=200))
def test_a_damaged_array_is_an_error_of_ours(data):
    try:
        NpyFile(io.BytesIO(data), "x")
    except AtlasError as error:
        assert "x" in str(error)


@QUICK
@given(damaged("tiff") | st.binary(max_size=200))
def test_a_damaged_raster_is_an_error_of_ours(data):
    try:
        raster_header(io.BytesIO(data), "x")
    except AtlasError as error:
        assert "x" in str(error)


@QUICK
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: f"---\n{t}\n---\n".encode()))
def test_no_card_breaks_a_crawl(data):
    assert isinstance(read_card(data).data, dict)


@QUICK
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda t: f"<ListBucketResult>{t}</ListBucketResult>".encode())
)
def test_no_listing_breaks_a_crawl(data):
    try:
        _parse(data, "x")
    except AtlasError as error:
        assert str(error).startswith("x")


ITEM = json.loads((DATA / "draft_item.json").read_text())


@QUICK
@given(st.sampled_from(sorted(ITEM)), st.sampled_from(sorted(ITEM["properties"])), JSON, JSON)
def test_no_item_breaks_a_crawl(field, name, value, other):
    for item in (ITEM | {field: value}, ITEM | {"properties": ITEM["properties"] | {name: other}}, value):
        try:
            row = Reading().row(item, "https://example.com/item.json")
        except Rejected as rejected:
            assert rejected.reason
        else:
            assert row["id"]


@QUICK
@given(st.text(max_size=80))
@example("31TDF_9999-99-99_2025-01-01.parquet")
def test_no_name_breaks_a_crawl(name):
    try:
        name_facts(name)
    except ValueError as error:
        assert str(error)


NUMBERS = st.floats() | st.floats(-200, 200)


@QUICK
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from([None, "EPSG:32601", "EPSG:3857", "EPSG:3031", "x"]))
def test_every_footprint_is_legal_or_refused(west, south, east, north, crs):
    try:
        if crs is None:
            shape = bounds_polygon(west, south, east, north)
        else:
            shape = projected_polygon(crs, west, south, east, north)
    except ValueError:
        return
    assert shape.is_valid
    left, low, right, high = shape.bounds
    assert -180 <= left <= right <= 180
    assert -90 <= low <= high <= 90


COLUMN = st.none() | st.text(max_size=30) | st.floats().map(str) | st.sampled_from(["17N", "EPSG:32617", "2024", "nan"])
ROW = st.fixed_dictionaries(dict.fromkeys((*aef.COLUMNS, "WKT"), COLUMN))
PATH = "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual/2024/17N/xs5-0000000000-0000000000.tiff"


@QUICK
@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys((*aef.COLUMNS, "WKT"), COLUMN)), min_size=1, max_size=5), st.booleans()
)
def test_no_row_breaks_an_alphaearth_crawl(rows, plausible):
    rows = [row | {"path": PATH} for row in rows] if plausible else rows
    batch = pa.RecordBatch.from_pylist(rows, pa.schema([(n, pa.string()) for n in ("WKT", *aef.COLUMNS)]))
    found = aef.rows(batch, np.arange(1, len(rows) + 1), "x", Source(CATALOG.products["aef-v1-annual"], "x"))
    assert (found.rows.num_rows if found.rows else 0) + len(found.rejected) == len(rows)


TILE = st.tuples(
    st.none() | st.floats(),
    st.none() | st.floats(),
    st.none() | st.integers(-(2**62), 2**62),
    st.none() | st.integers(-5, 5),
)


@QUICK
@given(st.lists(TILE, min_size=1, max_size=6))
def test_no_row_breaks_a_tessera_crawl(rows):
    names = ("lon", "lat", "year", "grid_size")
    schema = pa.schema(list(zip(names, (pa.float64(), pa.float64(), pa.int64(), pa.int64()), strict=True)))
    batch = pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)
    source = Source(CATALOG.products["tessera-v1"], "x")
    want, seen = tessera.Wanted(None, None), Tiles()
    found = tessera.rows(batch, np.arange(1, len(rows) + 1), "x", source, want, seen)
    assert (found.rows.num_rows if found.rows else 0) + len(found.rejected) == len(rows)


@QUICK
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@pytest.mark.filterwarnings("error")
def test_no_csv_breaks_a_crawl(data):
    try:
        for lines, batch, aside in csv_batches(io.BytesIO(data), "x", aef.COLUMNS, aef.POSITIONS):
            assert len(lines) == batch.num_rows
            assert isinstance(aside, list)
    except AtlasError as error:
        assert str(error).startswith("x")
