"""Semantic rule about times: an interval has a start or an end, in this order, and contains `datetime`."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stac_emb.emb_places import object_in
from stac_emb.geometries import Finding
from stac_emb.pointers import pointer

__all__ = ["intervals", "moment"]

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|z|[+-]\d{2}:\d{2})")

_PLAIN = len("2024-01-31T00:00:00Z")
"""Times in this form sort as texts."""


def moment(text: object) -> tuple[dt.datetime, str] | None:
    """A time of RFC 3339, comparable at full precision: the second, and the digits of the fraction."""
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        second = dt.datetime.fromisoformat(f"{match[1]}{match[3]}".upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):  # no such day, or one that its zone moves out of the calendar
        return None
    return second, (match[2] or "").rstrip("0")


def _holders(obj: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of an object with an `end_datetime`, each with its pointer."""
    place, holder = ("/properties", obj.get("properties")) if obj.get("type") == "Feature" else ("", obj)
    if isinstance(holder, dict) and "end_datetime" in holder:
        yield place, holder
    for key, asset in object_in(obj, "assets").items():
        if isinstance(asset, dict) and "end_datetime" in asset:
            yield pointer(["assets", key]), asset


def _pairs(obj: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    if obj.get("type") != "Feature":
        listed = object_in(object_in(obj, "extent"), "temporal").get("interval")
        for i, pair in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(pair, list) and len(pair) == 2:
                yield f"/extent/temporal/interval/{i}", pair[0], pair[1]
    for place, holder in _holders(obj):
        yield f"{place}/end_datetime", holder.get("start_datetime"), holder["end_datetime"]


def intervals(obj: Mapping[str, Any]) -> Iterator[Finding]:
    """Intervals of Items, Assets and Collections that end before they start, or have neither start nor end.

    STAC does not say that `datetime` lies between `start_datetime` and `end_datetime`, which are the first and the
    last time of the data; where it does not, searches by either disagree, hence the advice.
    """
    for place, start, end in _pairs(obj):
        if start is None and end is None and place.startswith("/extent/"):
            yield Finding(
                place, "[null, null] says of no time that it is covered: give a start, an end, or both", "advice"
            )
        if isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == _PLAIN and start <= end:
            continue
        first, last = moment(start), moment(end)
        if first is not None and last is not None and last < first:
            yield Finding(place, f"the interval ends before it starts: {end} lies before {start}")
    for place, holder in _holders(obj):
        at, first, last = (moment(holder.get(name)) for name in ("datetime", "start_datetime", "end_datetime"))
        if at is not None and first is not None and last is not None and first <= last and not first <= at <= last:
            message = (
                f"{holder['datetime']} lies outside {holder['start_datetime']} to {holder['end_datetime']}, the first "
                "and the last time of the data: searches by time will disagree"
            )
            yield Finding(f"{place}/datetime", message, "advice")
