"""Files with the results of `atlas check-links` and `atlas evidence check`."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from atlas.errors import SourceError

__all__ = ["read_entries", "text_entry", "write_entries"]

_VERSION = 1


def read_entries(path: Path, key: str, command: str) -> list[tuple[str, Any]]:
    """The entries, each with its name in messages.

    Args:
        path: the file.
        key: the member that holds the entries.
        command: the command that writes such files, for the message.

    Raises:
        SourceError: the file cannot be read, or is another kind of file; the message names it.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: {error}") from error
    right = isinstance(document, dict) and document.get("version") == _VERSION
    if not right or not isinstance(document.get(key), list):
        raise SourceError(f"{path}: no results of '{command}' of version {_VERSION}")
    return [(f"{path}: entry {number}", entry) for number, entry in enumerate(document[key], 1)]


def text_entry(entry: Any, where: str, needed: set[str], known: set[str], outcomes: Iterable[str]) -> dict[str, Any]:  # noqa: ANN401 - what the file holds
    """An entry, checked to have the members of a result and a known outcome.

    Raises:
        SourceError: it has not; the message begins with `where`.
    """
    if not isinstance(entry, dict) or not needed <= entry.keys() <= known:
        raise SourceError(f"{where} is not a result of a check")
    for name, value in entry.items():
        if not isinstance(value, str):
            raise SourceError(f"{where}: {name} is {value!r:.80}")
    if entry["outcome"] not in outcomes:
        raise SourceError(f"{where}: unknown outcome '{entry['outcome']}'")
    return entry


def write_entries(path: Path, key: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write the entries; the file is replaced atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    document = {"version": _VERSION, key: list(entries)}
    fresh.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    fresh.replace(path)
