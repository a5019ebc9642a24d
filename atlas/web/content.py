"""What is written by hand for the site: `site/content/*.yaml`, checked when it is read."""

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from atlas.answers.fit import Effort
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

T = TypeVar("T")
Address = Annotated[str, AfterValidator(check_path)]


class _Written(BaseModel):
    """A frozen model that rejects unknown keys, and words that YAML reads as booleans: `no` and `on` need quotes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Note(_Written):
    """One notable change of the atlas."""

    date: dt.date
    title: str
    text: str
    path: Address
    """Page about it."""


class Guide(_Written):
    """A question that a page answers."""

    title: str
    path: str
    """Page, with query or anchor."""
    text: str
    words: tuple[str, ...]
    """Words that readers search for."""


class SearchWords(_Written):
    """How the search reads words."""

    ignored: tuple[str, ...]
    """Words that say nothing."""
    negations: tuple[str, ...]
    """Words that negate the next one."""
    spellings: dict[str, str]
    """The site's spelling by other spellings."""
    sections: dict[str, tuple[str, ...]]
    """Words that lead to a section of a product's page, by its anchor."""
    guides: tuple[Guide, ...]


class TaskWanted(_Written):
    """The requirements of a task, as in `atlas.answers.fit.Wanted`."""

    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    max_dimensions: int | None = None
    effort: Effort = "any"
    change: bool = False


class TaskText(_Written):
    """One task that has a page."""

    id: Address
    """Last part of the address."""
    title: str
    short: str
    """Title in lists."""
    text: str
    ask: str
    """What to look at."""
    words: tuple[str, ...]
    """Other names, for the search."""
    wanted: TaskWanted


def _read(name: str, folder: Path | None, kind: type[T]) -> T:
    """The validated content of a file.

    Raises:
        SiteError: it cannot be read or is invalid; the message names file and place.
    """
    path = (folder or data_dir("site") / "content") / name
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(path.read_text("utf-8")) or kind())
    except (OSError, yaml.YAMLError) as error:
        raise SiteError(f"{path}: {error}") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors(include_url=False))
        raise SiteError(f"{path}: {'; '.join(faults)}") from error


def read_notes(folder: Path | None = None) -> list[Note]:
    """The hand-written changes, newest first."""
    return sorted(_read("changes.yaml", folder, list[Note]), key=lambda n: n.date, reverse=True)


def read_redirects(folder: Path | None = None) -> dict[str, str]:
    """Old address to new address.

    Raises:
        SiteError: an address is invalid, or a redirect leads to another redirect.
    """
    redirects = _read("redirects.yaml", folder, dict[Address, Address])
    for old, new in redirects.items():
        if new in redirects:
            msg = f"redirects.yaml: {old} leads to {new}, which redirects to {redirects[new]}: name the last address"
            raise SiteError(msg)
    return redirects


def read_tasks(folder: Path | None = None) -> tuple[TaskText, ...]:
    """The tasks that have a page, in the order of the file."""
    return _read("tasks.yaml", folder, tuple[TaskText, ...])


def read_search(folder: Path | None = None) -> SearchWords:
    """The words of the search."""
    return _read("search.yaml", folder, SearchWords)


@cache
def gazetteer() -> Any:  # noqa: ANN401 - what the JSON file holds
    """Countries, regions and towns of GeoNames, as `scripts/make-places.py` describes them."""
    return json.loads((data_dir("site") / "content" / "geonames" / "places.json").read_text("utf-8"))
