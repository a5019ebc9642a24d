"""The time bounds within which a page is expected to be full."""

import asyncio
import datetime as dt

import pytest

from atlas.api.cache import State
from atlas.api.search.matches import AMPLE, Expected, Horizon, expected, horizon
from atlas.api.search.reading import Queryable
from atlas.api.search.statements import Order
from atlas.api.search.tokens import Token

TIME, ID = Queryable("datetime", "timestamptz", False), Queryable("id", "text", False)


def day(year, month=1):
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)


def newest(*, down=True):
    return Order(((TIME, down), (ID, down)))


def of(*partitions):
    return [Expected(n * AMPLE, first, last) for n, first, last in partitions]


ANNUAL = of(*((10, day(year), day(year)) for year in (2019, 2021, 2020)))


def token(year, *, backwards=False):
    return Token(backwards, (f"{year}-01-01 00:00:00+00", "a"))


@pytest.mark.parametrize(
    ("parts", "order", "limit", "at", "bound"),
    [
        (ANNUAL, newest(), 9, None, Horizon(">=", day(2021))),
        (ANNUAL, newest(), 10, None, Horizon(">=", day(2020))),  # one more is read than the page holds
        (ANNUAL, newest(), 29, None, None),  # all of them: nothing to leave out
        (ANNUAL, newest(), 30, None, None),
        (ANNUAL, newest(down=False), 9, None, Horizon("<=", day(2019))),
        (ANNUAL, newest(), 9, token(2021), Horizon(">=", day(2020))),  # of 2021 an unknown part is behind the token
        (ANNUAL, newest(), 9, token(2019), None),
        (ANNUAL, newest(), 9, token(2019, backwards=True), Horizon("<=", day(2020))),
        (ANNUAL, newest(), 9, Token(False, ("infinity", "a")), None),
        (of((5, day(2020), day(2021)), (9, day(2018), day(2020, 6))), newest(), 7, None, None),
        (
            of((5, day(2020), day(2021)), (9, day(2018), day(2020, 6)), (9, day(2010), day(2011))),
            newest(),
            7,
            None,
            Horizon(">=", day(2018)),
        ),
        (of((5, day(2020), day(2020, 9)), (9, day(2018), day(2020, 6))), newest(), 4, None, Horizon(">=", day(2020))),
        (
            of((5, dt.datetime.min.replace(tzinfo=dt.UTC), day(2021)), (9, day(2018), day(2019))),
            newest(),
            4,
            None,
            None,
        ),
        (of((50, day(2020), day(2021))), newest(), 9, None, None),  # nothing to leave out
        ([], newest(), 9, None, None),
        (ANNUAL, Order(((ID, True), (TIME, True))), 9, None, None),
    ],
)
def test_the_partitions_that_are_expected_to_fill_a_page_bound_it(parts, order, limit, at, bound):
    assert horizon(parts, order, limit, at) == bound


def test_items_are_expected_by_the_share_of_each_extent():
    class Database:
        async def rows(self, sql):
            return [
                ("a", 1_000.0, day(2020), day(2021), 0.0, 0.0, 10.0, 10.0),
                ("b", 500.0, None, None, None, None, None, None),
            ]

    def guess(box, collections=None):
        return asyncio.run(expected(State(Database()), [box], collections))

    assert guess((0, 0, 5, 5), ["a"]) == [Expected(pytest.approx(250), day(2020), day(2021))]
    assert guess((20, 20, 30, 30), ["a"]) == []
    first, second = guess((-180, -90, 180, 90))
    assert (first.number, second.number) == (1_000, 500)
    assert (second.first.year, second.last.year) == (1, 9999)
