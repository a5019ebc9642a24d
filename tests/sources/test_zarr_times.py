"""Time axes of Zarr groups: CF units and calendars, dates, and plain years; for reader and crawler."""

import numpy as np
import pytest
import zarr

from atlas.errors import RestoreError
from atlas.formats.zarr_times import axis_years
from atlas.read import sample
from atlas.sources.zarr.plain import READER

GROUP = {"proj:code": "EPSG:32633", "spatial:transform": [10, 0, 400000, 0, -10, 5500000]}


def store(folder, values, attributes=None, name="utm33"):
    root = zarr.open_group(str(folder), mode="a", zarr_format=3)
    group = root.require_group(name)
    group.attrs.update(GROUP)
    dims = ("time", "band", "y", "x")
    array = group.create_array("embeddings", shape=(len(values), 128, 4, 4), dtype="int8", dimension_names=dims)
    array[:] = 1 + np.arange(len(values), dtype="int8")[:, None, None, None]
    scales = (len(values), 4, 4)
    group.create_array("scales", shape=scales, dtype="float32", dimension_names=("time", "y", "x"))[:] = np.ones(scales)
    time = group.create_array("time", data=np.asarray(values), dimension_names=("time",))
    time.attrs.update(attributes or {})
    return folder


def days(*dates):
    return [(np.datetime64(date) - np.datetime64("2000-01-01")).astype(int) for date in dates]


AXES = [
    ([2018, 2019], {}, [2018, 2019]),
    ([2018.0, 2019.0], {"units": "year"}, [2018, 2019]),
    (days("2018-01-01", "2019-07-01"), {"units": "days since 2000-01-01"}, [2018, 2019]),
    (
        days("2018-12-31", "2019-01-01"),
        {"units": "days since 2000-01-01", "calendar": "proleptic_gregorian"},
        [2018, 2019],
    ),
    (
        [24 * 365 * 18.0, 24 * 365 * 19.0],
        {"units": "hours since 2000-01-01 00:00:00", "calendar": "noleap"},
        [2018, 2019],
    ),
    ([360 * 18, 360 * 19 + 359], {"units": "days since 2000-01-01", "calendar": "360_day"}, [2018, 2019]),
    ([1514764800, 1546300799], {"units": "seconds since 1970-01-01T00:00:00Z"}, [2018, 2018]),
    ([0, 31536000 * 10**9], {"units": "nanoseconds since 2018-01-01"}, [2018, 2019]),
    (np.array(["2018-06-01", "2019-06-01"], "datetime64[ns]"), {}, [2018, 2019]),
    ([2018, 2019], {"units": "days since 2000-01-01"}, [2005, 2005]),
]


@pytest.mark.parametrize(("values", "attributes", "years"), AXES)
@pytest.mark.filterwarnings("ignore::zarr.errors.UnstableSpecificationWarning")
def test_a_time_axis_is_read_by_its_units(tmp_path, values, attributes, years):
    store(tmp_path, values, attributes)
    axis = zarr.open_group(str(tmp_path), mode="r")["utm33/time"]
    assert axis_years(axis) == years


@pytest.mark.parametrize(("values", "attributes", "years"), AXES[2:6])
def test_crawler_and_reader_agree_on_the_years(crawl, products, tmp_path, values, attributes, years):
    rows, aside = crawl(READER, products["tessera-v2-2b-l-beta1"], store(tmp_path, values, attributes))
    assert aside == []
    assert [row["id"] for row in rows] == [f"utm33_{year}" for year in years]
    stated = {
        "emb:dimensions": 128,
        "emb:quantization": {"method": "per_vector_scale", "scale_array": "scales"},
        "emb:layout": {"kind": "array", "name": "embeddings", "axis": 1},
    }
    asset = {"href": str(tmp_path / "utm33"), "type": "application/vnd+zarr", "roles": ["data"]}
    for step, year in enumerate(years):
        item = {"type": "Feature", "id": "x", "properties": {"start_datetime": f"{year}-01-01T00:00:00Z"}}
        found = sample(item | {"assets": {"embeddings": asset}}, 13.61504, 49.64412, collection=stated)
        assert set(found.values.tolist()) == {step + 1}
    with pytest.raises(RestoreError, match=r"the year 2005 of the Item is not on the time axis"):
        sample(
            {"type": "Feature", "properties": {"datetime": "2005-01-01T00:00:00Z"}, "assets": {"embeddings": asset}},
            13.61504,
            49.64412,
            collection=stated,
        )


BROKEN = [
    ([1.5, 2.5], {}, "time axis cannot be read"),
    ([np.nan, 2018.0], {}, "time axis cannot be read"),
    ([0, 1], {"units": "fortnights since yesterday"}, "time axis cannot be read"),
    ([0, 1], {"units": "days since 2000-01-01", "calendar": "lunar"}, "time axis cannot be read"),
    ([1e300, 1.0], {"units": "days since 2000-01-01"}, "time axis cannot be read"),
    ([18, 19], {}, "time axis is not in years"),
    (days("2018-01-01", "2018-07-01"), {"units": "days since 2000-01-01"}, "time axis has several steps in one year"),
]


@pytest.mark.parametrize(("values", "attributes", "reason"), BROKEN)
def test_a_time_axis_that_is_none_sets_its_group_aside(crawl, products, tmp_path, values, attributes, reason):
    store(tmp_path, values, attributes)
    store(tmp_path, [2020], name="utm34")
    rows, aside = crawl(READER, products["tessera-v2-2b-l-beta1"], tmp_path)
    assert [row["id"] for row in rows] == ["utm34_2020"]
    assert [(a.file, a.reason, a.field) for a in aside] == [("utm33", reason, "time")]
