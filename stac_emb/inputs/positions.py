"""On which line of a file a value stands, for annotations and code scanning."""

import json
import re
from functools import lru_cache
from pathlib import Path

from stac_emb.pointers import pointer

__all__ = ["line_of", "pointer_lines"]

_MAX_BYTES = 2**24
"""Larger files are reported without line numbers: they are not reviewed by eye."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+')
_PLACE = re.compile(r"^(?P<file>.+):(?:(?P<number>\d+)|(?P<member>(?:features|collections)/\d+))$")


def pointer_lines(text: str) -> dict[str, int]:
    """JSON pointer to line, counted from 1, of every value; a member of an object stands where its name stands.

    Args:
        text: a JSON document that was parsed before.
    """
    found: dict[str, int] = {"": 1}
    path: list[str | int] = []
    in_object: list[bool] = []
    line, key_comes = 1, False
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == "\n":
            line += 1
        elif part in "}]":
            in_object.pop()
            path.pop()
            key_comes = False
        elif part == ",":
            key_comes = in_object[-1]
            if not key_comes:
                path[-1] = int(path[-1]) + 1
        elif part == ":":
            key_comes = False
        elif key_comes:
            path[-1] = json.loads(part)
            found[pointer(path)] = line
        else:
            found.setdefault(pointer(path), line)
            if part in "{[":
                key_comes = part == "{"
                in_object.append(key_comes)
                path.append(0)
    return found


@lru_cache(maxsize=1)
def _lines_of(file: str, changed: int) -> dict[str, int]:  # `changed`: a file that changed is read again
    """The lines of the file that was asked for last: faults come one file after another."""
    try:
        return pointer_lines(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, IndexError):  # not there any more, or not JSON: then there is no line to name
        return {}


def _lines(file: str) -> dict[str, int]:
    try:
        status = Path(file).stat()
    except (OSError, ValueError):  # an address, or a name that no file can have
        return {}
    return _lines_of(file, status.st_mtime_ns) if status.st_size <= _MAX_BYTES and Path(file).is_file() else {}


def line_of(name: str, where: str) -> tuple[str, int | None]:
    """The file and the line of a fault.

    Args:
        name: a document's name: a file, with `:line` in ndjson, `:row` in stac-geoparquet, `:features/3` in a list.
        where: JSON pointer in the document.

    Returns:
        The file alone, and the line where it is known.
    """
    match = _PLACE.match(name)
    if match is None:
        file, prefix = name, ""
    elif match["number"]:
        rows = match["file"].lower().endswith((".parquet", ".geoparquet"))
        return match["file"], None if rows else int(match["number"])
    else:
        file, prefix = match["file"], f"/{match['member']}"
    lines = _lines(file)
    place = f"{prefix}{where}"
    # What is missing stands nowhere: the object that lacks it does.
    while place and place not in lines:
        place = place.rpartition("/")[0]
    return file, lines.get(place)
