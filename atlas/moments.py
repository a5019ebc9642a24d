"""Times: where a day, a year or a producer's half-open interval ends, and how a moment is written.

STAC includes both ends of an interval. So an exclusive end is stored as the last microsecond before it, the resolution
of Parquet and PostgreSQL: subtracting a second would lose what happens within that second.
"""

import datetime as dt

__all__ = ["TICK", "before", "end_of_day", "from_rfc3339", "rfc3339", "this_second", "utc"]

TICK = dt.timedelta(microseconds=1)


def before(end: dt.datetime) -> dt.datetime:
    """The last moment of an interval with this exclusive end."""
    return end - TICK


def end_of_day(day: dt.date) -> dt.datetime:
    """The last moment of a day in UTC."""
    return dt.datetime.combine(day, dt.time.max, dt.UTC)


def utc(moment: dt.datetime) -> dt.datetime:
    """A moment in UTC; one without a zone is taken to be in it."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def rfc3339(moment: dt.datetime) -> str:
    """A moment as STAC writes it."""
    return utc(moment).isoformat().replace("+00:00", "Z")


def from_rfc3339(text: str) -> dt.datetime | None:
    """The moment that a text states, in UTC where it names a zone; None where it states none."""
    try:
        moment = dt.datetime.fromisoformat(text.upper())
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):  # overflow: the first hours of year 1 in eastern zones
        return None


def this_second() -> dt.datetime:
    """The time, without the fraction of a second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
