"""Which rows of the parts could not be loaded, and why."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from atlas.store.load.rows import RejectedRows

__all__ = ["Rejections"]

_MOST_NOTES = 200  # per part: enough to see what is wrong with it


@dataclass
class Rejections:
    """Counts and examples by part; several threads may add to it, and a batch counts once however often it is read."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _seen: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, part: str, batch: pa.RecordBatch, first: int, rejected: Iterable[RejectedRows]) -> None:
        """Note the rejected rows of a batch whose first row is row `first` of the part."""
        with self._lock:
            if (part, first) in self._seen:
                return
            self._seen.add((part, first))
            for group in rejected:
                entry = self.parts.setdefault(part, {"counts": {}, "notes": []})
                counts, notes = entry["counts"], entry["notes"]
                counts[group.reason] = counts.get(group.reason, 0) + len(group.rows)
                for row in group.rows[: max(0, _MOST_NOTES - len(notes))].tolist():
                    name = batch["id"][row].as_py() if "id" in batch.schema.names else None
                    notes.append({"file": part, "row": first + row, "id": name, "reason": group.reason})

    def read(self) -> set[str]:
        """The parts that were read."""
        return {part for part, _ in self._seen}

    def carry_over(self, earlier: dict[str, dict[str, Any]], parts: Iterable[str]) -> None:
        """Keep what an earlier load noted of parts that are still there and were not read again."""
        for part in set(parts) - self.read():
            if part in earlier:
                self.parts[part] = earlier[part]

    def notes(self) -> list[dict[str, object]]:
        """The examples, by part and row."""
        return [note for part in sorted(self.parts) for note in self.parts[part]["notes"]]

    def by_reason(self) -> dict[str, int]:
        """How many rows were rejected for each reason."""
        total: Counter[str] = Counter()
        for entry in self.parts.values():
            total.update(entry["counts"])
        return dict(total)
