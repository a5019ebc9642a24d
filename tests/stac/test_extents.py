"""The extent that covers two others."""

import pytest

from atlas.stac.extents import united


def extent(box, interval):
    return {"spatial": {"bbox": [box]}, "temporal": {"interval": [interval]}}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ([0, 0, 1, 1], [2, -1, 3, 0], [0, -1, 3, 1]),
        ([0, 0, 5, 1, 1, 6], [2, -1, 3, 0], [0, -1, 3, 1]),  # heights are left out
        ([170, 0, -170, 1], [175, -1, -160, 0], [170, -1, -160, 1]),
        ([170, 0, -170, 1], [0, -1, 10, 0], [0, -1, -170, 1]),
        ([170, 0, -170, 1], [175, 0.2, 178, 0.5], [170, 0, -170, 1]),
    ],
)
def test_boxes(one, other, both):
    years = ["2020-01-01T00:00:00Z", "2020-12-31T23:59:59Z"]
    assert united(extent(one, years), extent(other, years))["spatial"]["bbox"] == [both]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (
            ["2020-01-01T00:00:00Z", "2020-12-31T23:59:59Z"],
            ["2018-01-01T00:00:00+00:00", "2018-12-31T23:59:59+00:00"],
            ["2018-01-01T00:00:00+00:00", "2020-12-31T23:59:59Z"],
        ),
        (
            ["2020-01-01T00:00:00Z", None],
            ["2018-01-01T00:00:00Z", "2018-06-01T00:00:00Z"],
            ["2018-01-01T00:00:00Z", None],
        ),
    ],
)
def test_intervals(one, other, both):
    box = [0, 0, 1, 1]
    assert united(extent(box, one), extent(box, other))["temporal"]["interval"] == [both]


def test_parts_stay_with_the_whole():
    islands = {"spatial": {"bbox": [[170, 0, -170, 5], [170, 0, 172, 1], [178, 4, -170, 5]]}}
    assert united(islands, {"spatial": {"bbox": [[171, 0, 179, 2]]}}) == islands
    wider = united(islands, {"spatial": {"bbox": [[160, 0, 165, 2]]}})["spatial"]["bbox"]
    assert wider == [[160, 0, -170, 5], [170, 0, 172, 1], [178, 4, -170, 5], [160, 0, 165, 2]]


def test_an_extent_that_says_nothing_adds_nothing():
    known = extent([0, 0, 1, 1], ["2020-01-01T00:00:00Z", None])
    assert united(known, {}) == known
    assert united({}, known) == known
