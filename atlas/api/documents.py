"""Checks of written documents beyond validity: against what would do harm or come back changed."""

import re
from typing import Any

from atlas.api.errors import BadRequestError
from atlas.api.times import parse_instant
from atlas.stac.hrefs import href_fault
from atlas.stac.ids import id_fault
from stac_emb.geometries import check_geometry

__all__ = ["check_item", "check_text"]

_HIDDEN = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]")
"""Control characters except tabs and line ends, and Unicode's embeddings, overrides and isolates: they reorder
text."""
_REMOVED = "\U0001235f\u203b"
"""What pgstac stores for a member that the Collection has and the Item lacks: an Item with this text would lose it."""
_TIMES = ("datetime", "start_datetime", "end_datetime")
_HREFS = frozenset({"href", "url"})


def check_text(document: dict[str, Any]) -> None:
    """Check the id, the hrefs and all texts of a document.

    Raises:
        BadRequestError: names the place as a JSON pointer, and why.
    """
    if fault := id_fault(document.get("id")):
        given = document.get("id")
        raise BadRequestError(f"{given[:60]!a} {fault}" if isinstance(given, str) and given else fault, parameter="id")
    stack: list[tuple[str, object]] = [("", document)]
    while stack:
        place, value = stack.pop()
        if isinstance(value, dict):
            for name, member in value.items():
                _check(name, place or "/")
                if name in _HREFS and isinstance(member, str) and (fault := href_fault(member)):
                    raise BadRequestError(fault, parameter=f"{place}/{name}")
                stack.append((f"{place}/{name}", member))
        elif isinstance(value, list):
            stack.extend((f"{place}/{number}", member) for number, member in enumerate(value))
        elif isinstance(value, str):
            _check(value, place)


def check_item(document: dict[str, Any]) -> None:
    """Check what pgstac stores in columns: the geometry and the times of an Item.

    Raises:
        BadRequestError: names the member, and why.
    """
    geometry = document.get("geometry")
    if geometry is None:
        message = "is null: this catalogue is searched by place and cannot hold an Item without one"
        raise BadRequestError(message, parameter="geometry")
    for finding in check_geometry(geometry):
        if finding.level == "fault":
            raise BadRequestError(finding.message, parameter=f"geometry{finding.pointer}")
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return  # the schema says it
    if any(not name.strip() for name in properties):
        raise BadRequestError("holds a field without a name, which no search could ask for", parameter="properties")
    times = {n: parse_instant(str(properties[n]), n) for n in _TIMES if properties.get(n) is not None}
    start, end = times.get("start_datetime"), times.get("end_datetime")
    if start is not None and end is not None and start > end:
        message = f"{properties['end_datetime']} lies before start_datetime, {properties['start_datetime']}"
        raise BadRequestError(message, parameter="end_datetime")


def _check(text: str, place: str) -> None:
    if text == _REMOVED:
        message = f"{text!r} is what the database itself stores for a missing value"
        raise BadRequestError(message, parameter=place[:200])
    if found := _HIDDEN.findall(text):
        message = f"holds the character U+{ord(min(found)):04X}, which text must not have"
        raise BadRequestError(message, parameter=_HIDDEN.sub("?", place[:200]))
