"""RFC 3339 date-times and the intervals of the `datetime` parameter."""

import datetime as dt
import re
from dataclasses import dataclass

from atlas.api.errors import BadRequestError

__all__ = ["FIRST", "LAST", "Interval", "parse_instant", "parse_interval"]

_PATTERN = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[Tt](?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?:\.(?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
FIRST, LAST = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
"""What times that Python cannot hold are read as; they bound nothing."""
_OPEN = ("", "..")
_FORM = "an RFC 3339 date-time such as 2021-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of time, open at an end that is None; an instant begins where it ends."""

    start: dt.datetime | None
    end: dt.datetime | None


def parse_instant(text: str, parameter: str) -> dt.datetime:
    """A date-time of RFC 3339, section 5.6; beyond microseconds it is cut off, so that none moves into the next year.

    Raises:
        BadRequestError: the text is not a date-time, or not one that exists.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        message = f"{text!r} is not {_FORM}"
        if re.fullmatch(r"[12]\d{3}", text, re.ASCII):
            message += f"; the whole year is {text}-01-01T00:00:00Z/{text}-12-31T23:59:59.999999Z"
        raise BadRequestError(message, parameter=parameter)
    leap = match["second"] == "60"
    zone = "+00:00" if match["zone"] in "Zz" else match["zone"]
    try:
        whole = dt.datetime.fromisoformat(
            f"{match['date']}T{match['hour']}:{match['minute']}:{'59' if leap else match['second']}{zone}"
        )
        micros = int((match["fraction"] or "")[:6].ljust(6, "0"))
        return (whole + dt.timedelta(seconds=int(leap), microseconds=micros)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequestError(f"{text!r} is not a date-time that exists ({error})", parameter=parameter) from None


def parse_interval(text: str) -> Interval:
    """The value of `datetime`: an instant, or `start/end` where one end may be `..` or empty.

    Raises:
        BadRequestError: the text is neither, or ends before it starts.
    """
    ends = text.split("/")
    if len(ends) == 1:
        instant = parse_instant(text, "datetime")
        return Interval(instant, instant)
    if len(ends) != 2:
        raise BadRequestError(f"{text!r} has {len(ends)} ends, an interval has two", parameter="datetime")
    start, end = (None if e in _OPEN else parse_instant(e, "datetime") for e in ends)
    if start is None and end is None:
        message = "an interval that is open at both ends selects nothing: leave the parameter out"
        raise BadRequestError(message, parameter="datetime")
    if start is not None and end is not None and start > end:
        raise BadRequestError(f"{text!r} ends before it starts", parameter="datetime")
    return Interval(start, end)
