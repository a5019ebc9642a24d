"""Counts and extents of Items."""

import datetime as dt

import pyarrow as pa
import pytest

from atlas.crawl.report import summary_of
from atlas.crawl.state import ShardState
from atlas.crawl.tally import Tally, rfc3339

STAMP = pa.timestamp("us", tz="UTC")


def at(year, month=1):
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)


def batch(boxes, starts=None, ends=None, moments=None, sizes=None):
    count = len(boxes)
    columns = {
        "bbox": [dict(zip(("xmin", "ymin", "xmax", "ymax"), map(float, box), strict=True)) for box in boxes],
        "datetime": pa.array(moments or [None] * count, STAMP),
        "assets": [{"data": {"href": "x", "file:size": size}, "mask": {"href": "y"}} for size in sizes or [1] * count],
    }
    if starts:
        columns |= {"start_datetime": pa.array(starts, STAMP), "end_datetime": pa.array(ends, STAMP)}
    return pa.RecordBatch.from_pydict(columns)


def test_years_extent_and_bytes_add_up_over_batches():
    tally = Tally()
    tally.items(batch([[0, 0, 1, 1]], [at(2020)], [at(2020, 12)], sizes=[5]))
    tally.items(
        batch([[-3, 2, -2, 4], [1, 1, 2, 2]], [at(2021), at(2020)], [at(2021, 12), at(2020, 12)], sizes=[7, None])
    )
    tally.items(batch([[0, 0, 1, 1]]).slice(0, 0))
    assert dict(tally.years) == {"2020": 2, "2021": 1}
    assert tally.bounds == [-3, 0, 2, 4]
    assert tally.interval == ["2020-01-01T00:00:00Z", "2021-12-01T00:00:00Z"]
    assert tally.bytes == 12


def test_instants_and_intervals_may_be_mixed():
    tally = Tally()
    tally.items(batch([[0, 0, 1, 1]] * 2, [at(2019), None], [at(2020), None], [None, at(2022)]))
    assert (dict(tally.years), tally.interval) == (
        {"2019": 1, "2022": 1}, ["2019-01-01T00:00:00Z", "2022-01-01T00:00:00Z"],
    )  # fmt: skip


def test_a_footprint_over_the_antimeridian_widens_the_extent_to_all_longitudes():
    tally = Tally()
    tally.items(batch([[10, 0, 11, 1], [179, 0, -179, 1]], [at(2020)] * 2, [at(2020)] * 2))
    assert tally.bounds == [-180, 0, 180, 1]


def test_the_last_fraction_of_a_second_counts():
    """As text `59.5Z` comes before `59Z`."""
    tally = Tally()
    for micro in (0, 500_000):
        moment = dt.datetime(2021, 12, 31, 23, 59, 59, micro, tzinfo=dt.UTC)
        tally.items(batch([[0, 0, 1, 1]], moments=[moment]))
    assert tally.interval == ["2021-12-31T23:59:59Z", "2021-12-31T23:59:59.500000Z"]


def test_the_summary_of_shards_is_the_extent_of_the_product():
    def state(name, **fields):
        return ShardState(name, "s", "f", "t", **fields)

    states = [
        state(
            "a",
            items=2,
            bbox=[0, 0, 1, 1],
            interval=["2020-01-01T00:00:00Z", "2020-12-31T23:59:59Z"],
            years={"2020": 2},
        ),
        state("b", items=1, bbox=[-5, -1, 0, 0], interval=["2019-01-01T00:00:00Z", "2019-12-31T23:59:59Z"], bytes=9),
        state("c"),
    ]
    found = summary_of(states)
    assert (found.items, found.bbox, found.bytes, found.years) == (3, (-5, -1, 1, 1), 9, {"2020": 2})
    assert [rfc3339(end) for end in found.interval] == ["2019-01-01T00:00:00Z", "2020-12-31T23:59:59Z"]
    assert summary_of([state("c")]).bbox is None


@pytest.mark.parametrize("moment", ["2021-12-31T23:59:59Z", "2021-06-01T12:00:00.500000Z"])
def test_instants_are_written_as_stac_writes_them(moment):
    assert rfc3339(dt.datetime.fromisoformat(moment)) == moment
