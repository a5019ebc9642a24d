"""Counts and extents of Items, column by column."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.moments import rfc3339

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Running counts of Items."""

    years: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    bounds: list[float] | None = None
    ends: tuple[dt.datetime, dt.datetime] | None = None
    bytes: int = 0
    crossing: int = 0

    def items(self, batch: pa.RecordBatch) -> None:
        """Count Items."""
        if batch.num_rows == 0:
            return
        begin = end = batch["datetime"]
        if "start_datetime" in batch.schema.names:
            begin, end = pc.coalesce(begin, batch["start_datetime"]), pc.coalesce(batch["end_datetime"], end)
        for pair in pc.value_counts(pc.year(begin)).to_pylist():
            self.years[str(pair["values"])] += pair["counts"]
        first, last = pc.min(begin).as_py(), pc.max(end).as_py()
        self.ends = (first, last) if self.ends is None else (min(self.ends[0], first), max(self.ends[1], last))
        box = batch["bbox"]
        west, south, east, north = (pc.struct_field(box, n).to_numpy() for n in ("xmin", "ymin", "xmax", "ymax"))
        crossing = bool((west > east).any())
        found = [
            -180.0 if crossing else float(west.min()),
            float(south.min()),
            180.0 if crossing else float(east.max()),
            float(north.max()),
        ]
        old = self.bounds or found
        self.bounds = [*np.minimum(old[:2], found[:2]).tolist(), *np.maximum(old[2:], found[2:]).tolist()]
        assets = batch["assets"]
        for position in range(assets.type.num_fields):
            asset = assets.type.field(position).type
            if asset.get_field_index("file:size") >= 0:
                self.bytes += pc.sum(pc.struct_field(assets, [position, "file:size"])).as_py() or 0

    @property
    def interval(self) -> list[str] | None:
        """First and last moment as text; times are compared, as in text `.5Z` comes before `Z`."""
        return None if self.ends is None else [rfc3339(end) for end in self.ends]

    def footprints(self, geometry: pa.Array) -> None:
        """Count footprints (WKB) whose area is not valid, mostly because it crosses itself; they are kept."""
        shapes = shapely.from_wkb(geometry.to_numpy(zero_copy_only=False), on_invalid="ignore")
        self.crossing += int((~shapely.is_valid(shapes)).sum())
