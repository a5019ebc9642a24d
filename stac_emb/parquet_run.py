"""Validate a stac-geoparquet file: row groups in parallel processes, batch by batch in each; and repeated ids."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from stac_emb.crosswalk.draft_lift import is_draft
from stac_emb.duplicate_ids import same_id
from stac_emb.errors import UnreadableInput
from stac_emb.faults import Fault
from stac_emb.inputs.parquet_items import batches, open_items
from stac_emb.processes import in_order
from stac_emb.validate import Validator

__all__ = ["GroupOutcome", "repeated_rows", "validate_parquet"]

_WKB = "https://github.com/stac-utils/stac-geoparquet/blob/main/spec/stac-geoparquet-spec.md"
_SMALL = 20_000
"""Number of Items below which starting processes takes longer than it saves."""
_MAX_FAULTS = 1000
"""Faults of one row group that are reported in full; the rest is counted."""
_MOST_ROWS = 1000
"""Most repeated rows of one file that are reported."""


@dataclass(slots=True)
class GroupOutcome:
    """What was found in one row group."""

    checked: int = 0
    invalid: int = 0
    not_checked: int = 0
    """Items without a fault, with an extension that is not checked."""
    left_out: int = 0
    """Invalid Items whose faults were not kept."""
    faults: list[Fault] = field(default_factory=list)
    advice: list[Fault] = field(default_factory=list)
    advice_left_out: int = 0
    unchecked: dict[str, tuple[Fault, int]] = field(default_factory=dict)
    """Extensions that are not checked, each with the first Item that declares it and how many do."""
    spaces: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """Collection and space to the first Item's id and the number of Items."""
    drafts: int = 0
    """Items that declare the community draft."""
    problem: str | None = None

    def take(self, told: list[Fault]) -> None:
        """Count an Item with its faults, and keep the faults while there is room."""
        faults, advice = ([fault for fault in told if fault.level == level] for level in ("fault", "advice"))
        if faults:
            self.invalid += 1
        elif any(fault.level == "unchecked" for fault in told):
            self.not_checked += 1
        if len(self.faults) < _MAX_FAULTS:
            self.faults += faults
        elif faults:
            self.left_out += 1
        if len(self.advice) < _MAX_FAULTS:
            self.advice += advice
        else:
            self.advice_left_out += len(advice)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without garbage collection: the dicts of a batch hold no cycles; looking for them costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collector()
def _group(path: str, group: int, validator: Validator) -> GroupOutcome:
    """Validate one row group."""
    outcome = GroupOutcome()
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    extensions: object = None
    draft = False
    unchecked: list[Fault] = []
    try:
        with open_items(Path(path)) as file:
            start = sum(file.metadata.row_group(i).num_rows for i in range(group))
            for batch in batches(file, group):
                for row, item in enumerate(batch.items):
                    properties = item["properties"]
                    space, collection = properties.get("emb:space"), item.get("collection")
                    if isinstance(space, str) and isinstance(collection, str):
                        counts[collection, space] += 1
                        first.setdefault((collection, space), str(item.get("id", "-")))
                    if item.get("stac_extensions") is not extensions:  # equal rows share one list
                        extensions, draft, unchecked = (
                            item.get("stac_extensions"),
                            is_draft(item),
                            validator.unchecked(item),
                        )
                    outcome.drafts += draft
                    for fault in unchecked:
                        name = f"{path}:{start + outcome.checked + row}"
                        one, count = outcome.unchecked.get(fault.see, (replace(fault, file=name), 0))
                        outcome.unchecked[fault.see] = one, count + 1
                    if batch.plain[row] and validator.is_plain_item(item):
                        outcome.not_checked += bool(unchecked)
                        continue
                    name = f"{path}:{start + outcome.checked + row}"
                    told = validator.examine(batch.complete(row))
                    problem = batch.problem(row)
                    if problem:
                        # Faults of the stand-in do not count.
                        told = [fault for fault in told if not fault.pointer.startswith(("/geometry", "/bbox"))]
                        if validator.rules.keeps("geometry/wkb"):
                            told.append(Fault("/geometry", "geometry/wkb", problem, _WKB, item.get("id")))
                    outcome.take([replace(fault, file=name) for fault in told])
                outcome.checked += len(batch.items)
    except UnreadableInput as error:
        outcome.problem = str(error)
    outcome.spaces = {key: (first[key], count) for key, count in counts.items()}
    return outcome


def validate_parquet(
    path: Path, validator: Validator | None = None, *, jobs: int | None = None
) -> Iterator[GroupOutcome]:
    """Validate every Item of a file.

    Args:
        path: a stac-geoparquet file.
        validator: whose options apply; each process makes a validator with the same options.
        jobs: processes; all cores where None.

    Yields:
        One outcome per row group, in order.

    Raises:
        UnreadableInput: the file cannot be read at all.
    """
    with open_items(path) as file:
        groups, rows = file.num_row_groups, file.metadata.num_rows
    calls = ((str(path), group) for group in range(groups))
    worth = 1 if rows >= _SMALL else groups
    yield from in_order(_group, calls, validator or Validator(), jobs=jobs, worth=worth)


def repeated_rows(path: Path) -> Iterator[Fault]:
    """Rows of a stac-geoparquet file with the Collection and id of an earlier row.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    with open_items(path) as file:
        columns = [name for name in ("id", "collection") if name in file.schema_arrow.names]

        def keys() -> Iterator[tuple[Any, ...]]:
            for batch in file.iter_batches(columns=columns):
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)

        try:
            # Eight bytes a row, since files hold millions.
            hashes = np.fromiter((hash(key) for key in keys()), np.int64, file.metadata.num_rows)
            distinct, counts = np.unique(hashes, return_counts=True)
            twice = set(distinct[counts > 1].tolist())
            if not twice:
                return
            first: dict[tuple[Any, ...], int] = {}
            told = 0
            for row, key in enumerate(keys()):
                if key[0] is None or hash(key) not in twice or first.setdefault(key, row) == row:
                    continue
                yield same_id(str(key[0]), f"{path}:{first[key]}", f"{path}:{row}")
                told += 1
                if told == _MOST_ROWS:
                    return
        except (pa.ArrowException, OSError, ValueError):  # unreadable files are reported where the Items are read
            return
