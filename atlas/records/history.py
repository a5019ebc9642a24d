"""What changed between two versions of the records, field by field: `catalog/history/<day>.yaml`.

`atlas history` writes the files from two folders of records, so that neither a build nor a test needs a repository's
history; the rule `history-agrees` checks the newest file against the records. The plain data of the files are compared,
because an older version need not fit the present models.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from atlas.records.base import Identifier, Strict, Text
from atlas.records.paths import NAMING
from atlas.records.product import Product
from atlas.records.yaml_text import parse_yaml

__all__ = ["FieldChange", "History", "RecordChange", "differences", "flat", "history_text", "latest", "plain_products"]

_PARTS = (
    "title status version predecessor successor embedding model training_data inference_data extent licences "
    "distributions counts citation known_issues"
)
_MOST_SOURCES = 2
"""Most sources per field; the record has all of them."""
_SILENT = {"bibtex", "description", "note", "notes", "workaround", "template_values", "media_type", "text"}
"""Members that are not compared: their wording states no fact about the product."""


class FieldChange(Strict):
    """One field of a record."""

    field: Text
    """Dotted path in the record."""
    old: Any = None
    """Its value before; left out where there was none."""
    new: Any = None
    """Its value now; left out where there is none."""
    sources: list[Text] = Field(default_factory=list)
    """Addresses where the new value is stated."""


class RecordChange(Strict):
    """One record."""

    id: Identifier
    """The product."""
    what: Literal["added", "removed", "changed"]
    """`added` and `removed` name no fields."""
    fields: list[FieldChange] = Field(default_factory=list)
    """What changed."""


class History(Strict):
    """What changed up to one day."""

    id: Text
    """The day, which is the file's name."""
    since: dt.date
    """The day of the older version."""
    records: list[RecordChange]
    """By id."""


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Values that are compared, by dotted path; list entries are named."""
    parts = _PARTS.split()
    return dict(_walk({k: record[k] for k in parts if k in record}, ""))


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - plain data
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key not in _SILENT:
                yield from _walk(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
        for position, entry in enumerate(value):
            name = next((str(entry[key]) for key in NAMING if key in entry), str(position))
            yield from _walk({k: v for k, v in entry.items() if k not in NAMING}, f"{path}.{name}")
    elif value is not None and value != []:
        yield path, value


def plain_products(catalog: Path) -> dict[str, dict[str, Any]]:
    """The records of a folder as plain data, by file name.

    Raises:
        YamlFaultError: a file is not YAML of the atlas.
        OSError: a file cannot be read.
    """
    files = sorted((catalog / "products").glob("*.yaml"))
    return {f.stem: parse_yaml(f.read_text("utf-8")).data for f in files}


def differences(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Product], sources: Mapping[tuple[str, str], list[str]]
) -> list[RecordChange]:
    """What changed, by product.

    Args:
        old: plain records of the older version.
        new: records of the newer one.
        sources: product and field to the addresses where its value is stated.
    """
    found = [RecordChange(id=name, what="removed") for name in sorted(old.keys() - new.keys())]
    for name, product in sorted(new.items()):
        if name not in old:
            found.append(RecordChange(id=name, what="added"))
            continue
        before, now = flat(old[name]), flat(plain(product))
        changed = [path for path in dict.fromkeys([*now, *before]) if before.get(path) != now.get(path)]
        fields = [
            FieldChange(
                field=path,
                old=before.get(path),
                new=now.get(path),
                sources=sources.get((name, path), [])[:_MOST_SOURCES],
            )
            for path in changed
        ]
        if fields:
            found.append(RecordChange(id=name, what="changed", fields=fields))
    return sorted(found, key=lambda r: r.id)


def plain(product: Product) -> dict[str, Any]:
    """A record as the plain data of its file."""
    return product.model_dump(mode="json", exclude_none=True, exclude_unset=True)


def latest(histories: Mapping[str, History]) -> dict[tuple[str, str], tuple[str, Any]]:
    """Product and field to the file that last changed it and the value that it gave."""
    found = {}
    for name in sorted(histories):
        for record in histories[name].records:
            for change in record.fields:
                found[record.id, change.field] = (name, change.new)
    return found


def history_text(history: History) -> str:
    """The file."""
    document = history.model_dump(mode="json", exclude_defaults=True)
    head = "# Written by `atlas history`: what changed in the records, field by field.\n"
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return head + text
