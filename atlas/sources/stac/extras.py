"""What foreign Items say beyond what every Item has: `emb:` and `processing:` fields of any shape, as Arrow columns.

A shard's rows must have one type per column, and an object's members are known with its last row only. So the values
wait as JSON text (`atlas.sources.columns`) while their types are put together, and become columns then. Values whose
types cannot be combined, or have absurdly many members, and those that the field may not have (`gsd: true`), stay JSON
text, as `draft_emb:<name>`. What a crawl writes passes its own validation: whether a field may have a value is asked of
the schemas that `atlas validate` uses.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pyarrow as pa

from atlas.sources.base import Batch
from atlas.sources.columns import stated
from stac_emb.faults import Fault
from stac_emb.identity import SCHEMA_URI
from stac_emb.validate import Validator

__all__ = ["EXTRAS", "Facts", "extra_values", "lawful", "typed"]

Facts = tuple[tuple[str, float], ...]
"""Fields of an Item and their values."""
_EXTENSIONS = [
    SCHEMA_URI,
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
]
MARK = "json:"
"""Prefix of the columns that wait as text."""
KEPT = (
    "energy",
    "footprint",
    "known_issues",
    "postprocessing",
    "preprocessing",
    "quantization",
    "runtime_parameters",
    "spatial_coverage",
    "tasks",
    "temporal_description",
    "temporal_resolution",
    "temporal_window",
    "uncertainty",
)
OTHERS = ("processing:datetime", "processing:version", "gsd")
# What an Item cannot hold exactly of the draft is kept under its own prefix, as `atlas convert` does.
OWN = (*(f"emb:{name}" for name in KEPT), *OTHERS)
NAMES = (*OWN, *(f"draft_emb:{name}" for name in (*KEPT, "fit_for_use", "datetime", "version", "gsd")))
EXTRAS = [(f"{MARK}{name}", pa.string()) for name in NAMES]
LONGEST, DEEPEST, MOST_MEMBERS = 16_384, 8, 200


def extra_values(properties: Mapping[str, Any], beside: Facts = ()) -> dict[str, str | None]:
    """The fields of one Item as JSON text; None where it has none, or none that could be kept.

    `beside` is what the Items of the product repeat of its record.
    """
    found = {name: _text(properties.get(name)) for name in NAMES}
    for name in OWN:
        if (text := found[name]) is not None and not lawful(name, text, beside=beside):
            found[name], aside = None, _aside(name)
            found[aside] = found[aside] or json.dumps(text)
    return {f"{MARK}{name}": text for name, text in found.items()}


def typed(batches: Iterable[Batch], fill: Mapping[str, Any]) -> Iterator[Batch]:
    """The batches of a shard, with their text columns (`EXTRAS`) as properties of a type that fits all values; `fill`
    gives the value of rows that state none, where another row does.
    """
    types: dict[str, pa.DataType | None] = {}

    def noted() -> Iterator[Batch]:
        for batch in batches:
            rows = batch.rows
            for name in NAMES if rows is not None else ():
                values = [json.loads(text) for text in rows[f"{MARK}{name}"].to_pylist() if text is not None]  # type: ignore[index] # the loop is empty without rows
                if values:
                    types[name] = _together(types.get(name, pa.null()), values)
            yield batch

    for batch in stated(noted()):
        yield batch if batch.rows is None else replace(batch, rows=_columns(batch.rows, types, fill))


def _aside(name: str) -> str:
    """The field that keeps as text what a field cannot hold."""
    return f"draft_emb:{name.rpartition(':')[2]}"


def _text(value: object) -> str | None:
    try:
        clean = _clean(value, DEEPEST)
    except ValueError:
        return None
    text = None if clean is None else json.dumps(clean, sort_keys=True)
    return text if text is not None and len(text) <= LONGEST else None


def _clean(value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON is anything
    """A value without nulls and without objects that are empty, which a column of a table cannot hold."""
    if depth == 0 or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("too deep, or not a number")
    if isinstance(value, dict):
        found = {key: clean for key, one in value.items() if (clean := _clean(one, depth - 1)) is not None}
        return found or None
    if isinstance(value, list):
        return [clean for one in value if (clean := _clean(one, depth - 1)) is not None] or None
    return value


def _together(known: pa.DataType | None, values: list[Any]) -> pa.DataType | None:
    """One type for all values, None where there is none."""
    if known is None:
        return None
    try:
        fresh = pa.array(values).type
        schemas = (pa.schema([("value", one)]) for one in (known, fresh))
        found: pa.DataType = pa.unify_schemas(list(schemas), promote_options="permissive").field(0).type
    except (pa.ArrowException, OverflowError):
        return None
    return found if str(found).count(":") <= MOST_MEMBERS else None


def _columns(rows: pa.RecordBatch, types: Mapping[str, pa.DataType | None], fill: Mapping[str, Any]) -> pa.RecordBatch:
    columns = {name: rows[name] for name in rows.schema.names if not name.startswith(MARK)}
    texts: dict[str, list[str | None]] = {
        name: rows[f"{MARK}{name}"].to_pylist() for name in NAMES if f"{MARK}{name}" in rows.schema.names
    }
    apart = [name for name, kind in types.items() if kind is None]
    for name in apart:
        kept, texts[name] = texts[name], [None] * rows.num_rows
        own = texts.get(_aside(name)) or texts[name]
        texts[_aside(name)] = [one if one is not None else other for one, other in zip(kept, own, strict=True)]
    as_text = {_aside(name) for name in apart}
    for name, column in texts.items():
        kind = types.get(name)
        if name in as_text or kind is None:
            columns[f"property:{name}"] = pa.array(column, pa.string())
            continue
        values = [None if text is None else json.loads(text) for text in column]
        if name in fill:
            values, kind = _filled(values, kind, fill[name])
        columns[f"property:{name}"] = pa.array(values, kind)
    return pa.record_batch(columns)


def _filled(values: list[Any], kind: pa.DataType, value: object) -> tuple[list[Any], pa.DataType]:
    """The values with `value` where there is none, if it is of their type."""
    together = _together(kind, [_clean(value, DEEPEST)])
    if together is None:
        return values, kind
    return [value if one is None else one for one in values], together


@lru_cache(maxsize=4096)  # Items of a product mostly say the same
def lawful(name: str, text: str, *, beside: Facts = (), asset: bool = False) -> bool:
    """Whether no rule finds fault with a value, as JSON, as a property of an Item, or as a field of its asset.

    `beside` is what the Items of the product repeat of its record: a value must not contradict that either.
    """
    value = json.loads(text)
    properties = {"datetime": "2024-01-01T00:00:00Z", **dict(beside)}
    before = {(fault.pointer, fault.rule) for fault in _faults(properties, {})}
    found = _faults(properties, {name: value}) if asset else _faults(properties | {name: value}, {})
    return all((fault.pointer, fault.rule) in before for fault in found)


def _faults(properties: Mapping[str, Any], asset: Mapping[str, Any]) -> list[Fault]:
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": "one",
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "links": [],
        "properties": properties,
        "assets": {"embeddings": {"href": "https://example.com/x", **asset}},
    }
    return [fault for fault in _validator().examine(item) if fault.level == "fault"]


@lru_cache(maxsize=1)
def _validator() -> Validator:
    return Validator()
