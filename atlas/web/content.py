"""What is written by hand for the site: `site/content/*.yaml`, checked when it is read."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from atlas.errors import SiteError
from atlas.resources import data_dir
from atlas.web.page import check_path

__all__ = [
    "Guide",
    "Note",
    "SearchWords",
    "TaskText",
    "gazetteer",
    "read_notes",
    "read_redirects",
    "read_search",
    "read_tasks",
]


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


@dataclass(frozen=True)
class Guide:
    """A question that a part of the site answers.

    Attributes:
        title: of the search entry.
        path: page, with query or anchor.
        text: a sentence.
        words: words by which readers ask for it.
    """

    title: str
    path: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class SearchWords:
    """How the search reads words.

    Attributes:
        ignored: words that say nothing.
        negations: words that turn the next one into its opposite.
        spellings: another spelling to the one of the site.
        sections: anchor of a part of a product's page to the words that ask for it.
        guides: questions that parts of the site answer.
    """

    ignored: tuple[str, ...]
    negations: tuple[str, ...]
    spellings: dict[str, str]
    sections: dict[str, tuple[str, ...]]
    guides: tuple[Guide, ...]


@dataclass(frozen=True)
class TaskText:
    """One task that has a page, and what is asked of the records for it.

    Attributes:
        id: last part of the address.
        title: of the page.
        short: in lists.
        text: a sentence.
        ask: what to look at.
        words: other names, for the search.
        facets: terms of the taxonomy by facet, of which one is enough.
        max_dimensions: longest vector.
        effort: as in `atlas.answers.fit.Wanted`.
        change: whether several years must lie in one space.
    """

    id: str
    title: str
    short: str
    text: str
    ask: str
    words: tuple[str, ...]
    facets: dict[str, tuple[str, ...]]
    max_dimensions: int | None
    effort: Literal["any", "ready", "anonymous"]
    change: bool


def _yaml(name: str, folder: Path | None) -> Any:  # noqa: ANN401 - what the file holds
    path = (folder or data_dir("site") / "content") / name
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SiteError(f"{path}: {error}") from error


def read_notes(folder: Path | None = None) -> list[Note]:
    """The hand-written changes, newest first.

    Raises:
        SiteError: an entry lacks a field or has a bad date or address.
    """
    notes = []
    for number, entry in enumerate(_yaml("changes.yaml", folder) or (), 1):
        if not isinstance(entry, dict) or set(entry) != {"date", "title", "text", "path"}:
            raise SiteError(f"changes.yaml: entry {number} must have exactly date, title, text and path")
        if not isinstance(entry["date"], dt.date):
            raise SiteError(f"changes.yaml: entry {number}: date '{entry['date']}' is not a day such as 2026-11-20")
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
        raise SiteError("redirects.yaml must map old addresses to new ones")
    redirects = {check_path(str(old)): check_path(str(new)) for old, new in table.items()}
    for old, new in redirects.items():
        if new in redirects:
            msg = f"redirects.yaml: {old} leads to {new}, which leads on to {redirects[new]}: name the last address"
            raise SiteError(msg)
    return redirects


def read_tasks(folder: Path | None = None) -> tuple[TaskText, ...]:
    """The tasks that have a page, in the order of the file.

    Raises:
        SiteError: a task lacks a field or has one that is not known.
    """
    found = []
    for number, entry in enumerate(_yaml("tasks.yaml", folder) or (), 1):
        try:
            wanted = dict(entry.pop("wanted"))
            facets = {str(k): _texts(v) for k, v in wanted.pop("facets", {}).items()}
            rest: dict[str, Any] = {"max_dimensions": None, "effort": "any", "change": False} | wanted
            task = TaskText(**{**entry, "words": _texts(entry["words"])}, facets=facets, **rest)
        except (AttributeError, KeyError, TypeError) as error:
            raise SiteError(f"tasks.yaml: task {number}: {error}") from error
        check_path(f"tasks/{task.id}.html")
        found.append(task)
    return tuple(found)


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    """Plain words; YAML reads some of them, such as no and on, as something else unless they are quoted."""
    found = tuple(values)
    for value in found:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is not text: quote it")
    return found


def read_search(folder: Path | None = None) -> SearchWords:
    """The words of the search.

    Raises:
        SiteError: the file lacks a part, or an entry of it has another form.
    """
    found = _yaml("search.yaml", folder)
    try:
        return SearchWords(
            _texts(found["ignored"]),
            _texts(found["negations"]),
            dict(zip(_texts(found["spellings"]), _texts(found["spellings"].values()), strict=True)),
            {k: _texts(v) for k, v in found["sections"].items()},
            tuple(Guide(g["title"], g["path"], g["text"], _texts(g["words"])) for g in found["guides"]),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise SiteError(f"search.yaml: a part is missing or has another form: {error}") from error


@cache
def gazetteer() -> Any:  # noqa: ANN401 - what the JSON file holds
    """Countries, regions and towns of GeoNames, as `scripts/make-places.py` describes them."""
    return json.loads((data_dir("site") / "content" / "geonames" / "places.json").read_text("utf-8"))
