"""Fill the staging tables of one load from its parts, on several threads.

The work is done by Arrow and by the server, which both let other Python threads run meanwhile.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from atlas.errors import StoreError
from atlas.store.database import connect
from atlas.store.load.parquet import readable
from atlas.store.load.plan import PartitionPlan, years_of
from atlas.store.load.rejected import Rejections
from atlas.store.load.rows import Rows, table_rows
from atlas.store.load.staging import Stage, StagedPartition
from atlas.store.queries import Connection

__all__ = ["StagingWork"]

_BATCH = 4096  # small enough for the processor's cache: larger ones take longer per row
# Rows that one thread keeps and sends over one connection: a further server process would take longer than they do.
_FEW = _BATCH
# Connections at one time, whatever the number of years: a server has a hundred.
_MOST_STAGES = 24


class _Interrupted(Exception):  # noqa: N818 - the cause is elsewhere: another worker's error, or Ctrl-C
    """Tells a worker to stop."""


@dataclass
class StagingWork:
    """The staging of all partitions of one load, spread over threads."""

    conninfo: str
    labels: Mapping[Path, str]
    collection: str
    base: Mapping[str, object]
    indexes: list[str]
    planned: Mapping[int, PartitionPlan]
    rejected: Rejections
    progress: Callable[[int, int], None] | None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _sent: int = 0
    _total: int = 0

    def run(self, plans: Sequence[PartitionPlan], workers: int) -> list[StagedPartition]:
        """Stage the partitions and return their tables.

        Raises:
            StoreError: a part or the server failed; tables that were finished by then are left to the caller.
        """
        if not plans:
            return []
        self._total = sum(plan.rows for plan in plans)
        if self._total <= _FEW:
            return self._in_turn(plans)
        groups: list[list[PartitionPlan]] = [[] for _ in range(max(1, min(workers, len(plans))))]
        for plan in sorted(plans, key=lambda plan: -plan.rows):
            min(groups, key=lambda group: sum(p.rows for p in group)).append(plan)
        most = max(1, _MOST_STAGES // len(groups))
        with ThreadPoolExecutor(len(groups), thread_name_prefix="load") as pool:
            futures = [pool.submit(self._group, group, most) for group in groups]
            try:
                wait(futures)
            except BaseException:
                self._stop.set()
                raise
        errors = [error for future in futures if (error := future.exception()) is not None]
        for error in errors:
            # A worker that was told to stop is not the cause.
            if not isinstance(error, _Interrupted):
                raise error
        return [partition for future in futures for partition in future.result()]

    def inspect(self, path: Path) -> None:
        """Read a part none of whose Items can be loaded, to say why."""
        for _ in self._rows(path):
            pass

    def _group(self, plans: Sequence[PartitionPlan], most: int) -> list[StagedPartition]:
        try:
            staged: list[StagedPartition] = []
            for begin in range(0, len(plans), most):
                staged += self._together(plans[begin : begin + most])
        except BaseException:
            # The others stop too: nothing of this load will be used.
            self._stop.set()
            raise
        return staged

    def _together(self, plans: Sequence[PartitionPlan]) -> list[StagedPartition]:
        """Fill several partitions in one reading of their parts; each is finished after the last part it needs."""
        finished: list[StagedPartition] = []
        waiting = {plan.year: plan for plan in plans}
        missing = {plan.year: set(plan.parts) for plan in plans}
        with _closing_all() as idle, contextlib.ExitStack() as cleanup:
            stages: dict[int, Stage] = {}
            for path in sorted({path for plan in plans for path in plan.parts}):
                for year, rows in self._rows(path):
                    if year not in waiting:
                        continue
                    if year not in stages:
                        stages[year] = self._stage(waiting[year], idle)
                        cleanup.callback(stages[year].close)
                    self._send(stages[year], rows)
                for parts in missing.values():
                    parts.discard(path)
                for year in [y for y in stages if not missing[y]]:
                    self._check()
                    finished.append(stages.pop(year).finish(self.indexes, idle))
                    del waiting[year]
        return finished

    def _in_turn(self, plans: Sequence[PartitionPlan]) -> list[StagedPartition]:
        """Read all parts, then fill one partition after the other."""
        kept: dict[int, list[Rows]] = {plan.year: [] for plan in plans}
        for path in sorted({path for plan in plans for path in plan.parts}):
            for year, rows in self._rows(path):
                if year in kept:
                    kept[year].append(rows)
        finished: list[StagedPartition] = []
        with _closing_all() as idle:
            for plan in (plan for plan in plans if kept[plan.year]):  # of the others no row can be loaded
                with contextlib.closing(self._stage(plan, idle)) as stage:
                    for rows in kept[plan.year]:
                        self._send(stage, rows)
                    finished.append(stage.finish(self.indexes, idle))
        return finished

    def _stage(self, plan: PartitionPlan, idle: list[Connection]) -> Stage:
        return Stage(idle.pop() if idle else connect(self.conninfo), self.collection, plan)

    def _send(self, stage: Stage, rows: Rows) -> None:
        stage.write(rows)
        with self._lock:
            self._sent += len(rows)
            if self.progress is not None and len(rows):
                self.progress(self._sent, self._total)

    def _rows(self, path: Path) -> Iterator[tuple[int, Rows]]:
        """The rows of a part that can be loaded, by year, some thousand at a time."""
        first = 0
        with readable(path), pq.ParquetFile(path, pre_buffer=False) as part:
            for batch in part.iter_batches(batch_size=_BATCH, use_threads=False):
                self._check()
                rows, rejected = table_rows(batch, self.collection, self.base)
                self.rejected.add(self.labels[path], batch, first, rejected)
                first += batch.num_rows
                years = years_of(rows.starts)
                for year in np.unique(years).tolist():
                    if year not in self.planned or path not in self.planned[year].parts:
                        raise StoreError("its Items changed during the load; load it again when nothing writes to it")
                    yield year, rows if (chosen := years == year).all() else rows.chosen(chosen)

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Interrupted


@contextlib.contextmanager
def _closing_all() -> Iterator[list[Connection]]:
    """Connections that wait for the next table of their worker: a new server process first reads the catalogue."""
    idle: list[Connection] = []
    try:
        yield idle
    finally:
        for connection in idle:
            connection.close()
