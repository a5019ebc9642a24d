"""What is written by hand for the site: `site/content/*.yaml`, checked when it is read."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web.page import check_path

__all__ = ["Note", "read_notes", "read_redirects"]


@dataclass(frozen=True)
class Note:
    """One notable change of the atlas.

    Attributes:
        date: day, ISO 8601.
        title: short.
        text: a sentence or two.
        path: page about it.
    """

    date: str
    title: str
    text: str
    path: str


def _yaml(name: str, folder: Path | None) -> Any:  # noqa: ANN401 - what the file holds
    path = (folder or data_dir("site") / "content") / name
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        msg = f"{path}: {error}"
        raise SiteError(msg) from error


def read_notes(folder: Path | None = None) -> list[Note]:
    """The hand-written changes, newest first.

    Raises:
        SiteError: an entry lacks a field or has a bad date or address.
    """
    notes = []
    for number, entry in enumerate(_yaml("changes.yaml", folder) or (), 1):
        if not isinstance(entry, dict) or set(entry) != {"date", "title", "text", "path"}:
            msg = f"changes.yaml: entry {number} must have exactly date, title, text and path"
            raise SiteError(msg)
        if not isinstance(entry["date"], dt.date):
            msg = f"changes.yaml: entry {number}: date '{entry['date']}' is no day such as 2026-11-20"
            raise SiteError(msg)
        check_path(str(entry["path"]))
        notes.append(Note(entry["date"].isoformat(), str(entry["title"]), str(entry["text"]), str(entry["path"])))
    return sorted(notes, key=lambda n: n.date, reverse=True)


def read_redirects(folder: Path | None = None) -> dict[str, str]:
    """Old address to new address.

    Raises:
        SiteError: an address is bad, or one leads to another that leads on.
    """
    table = _yaml("redirects.yaml", folder) or {}
    if not isinstance(table, dict):
        msg = "redirects.yaml must map old addresses to new ones"
        raise SiteError(msg)
    redirects = {check_path(str(old)): check_path(str(new)) for old, new in table.items()}
    for old, new in redirects.items():
        if new in redirects:
            msg = f"redirects.yaml: {old} leads to {new}, which leads on to {redirects[new]}: name the last address"
            raise SiteError(msg)
    return redirects
