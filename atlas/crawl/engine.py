"""Crawl a product: plan, run the shards that changed, keep the rest, report what was found."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from atlas.crawl.damaged import put_damaged_aside
from atlas.crawl.drift import find_drift, write_drift
from atlas.crawl.duplicates import drop_duplicates
from atlas.crawl.folder import CrawlFolder, update_json, write_json, write_text
from atlas.crawl.input_hashes import InputMemory
from atlas.crawl.manifest import entry_of, is_manifest, manifest_of
from atlas.crawl.progress import Progress
from atlas.crawl.report import COUNT, Report, summary_of
from atlas.crawl.shard import ShardResult, ShardTask, run_shard, settle
from atlas.crawl.state import Changes, ShardState, digest_of, load_states, recover
from atlas.crawl.verify import Choice, verify, write_findings
from atlas.errors import AtlasError, CrawlError
from atlas.formats.crawl_folder import VANISHED, read_json
from atlas.moments import rfc3339, this_second
from atlas.records import Catalog
from atlas.sources.access import open_access
from atlas.sources.base import Reader, Shard, Source, reader
from atlas.stac.collection import collection_from_record
from atlas.stac.item_template import ItemTemplate, item_template

__all__ = ["Crawl"]

_LEGAL_SHARD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=-]{0,199}")


@dataclass
class Crawl:
    """One run over the index of one product.

    Attributes:
        source: record and address of the index.
        catalog: what the record refers to.
        root: folder of the crawl's output.
        executor: where shards run; None for this process.
        workers: how many shards run at once, for the number that is kept in flight.
        check: which Items' assets are opened and compared with the record.
        progress: told what happens.
    """

    source: Source
    catalog: Catalog
    root: Path
    executor: Executor | None = None
    workers: int = 1
    check: Choice = "none"
    progress: Progress = field(default_factory=Progress)

    def run(self) -> Report:
        """Crawl, and write parts, states, manifest and report.

        Raises:
            CrawlError: another crawl holds the folder, or it cannot be written.
            SourceError: there is no reader for the index, or the record lacks what the reader needs.
            UnreadableInput: the index cannot be had at all and no earlier run left anything.
        """
        product = self.source.product
        if product.index is None:
            raise CrawlError(f"record '{product.id}' names no index: there is nothing to crawl")
        self._kind = product.index.kind
        self._reader: Reader = reader(self._kind, self.source.href)
        self._template: ItemTemplate = item_template(product, self._reader.assets(self.source))
        self._folder = CrawlFolder(self.root)
        started = time.monotonic()
        self._report = Report(product.id, self.source.href, rfc3339(this_second()))
        try:
            self._run(started)
        finally:
            self.progress.stop()
        return self._report

    def _run(self, started: float) -> None:
        product = self.source.product
        with self._folder.locked() as self._token:
            self._folder.prepare()
            recover(self._folder)
            self._states = load_states(self._folder)
            self._report.damaged, lost = put_damaged_aside(self._folder, self._states.values())
            self._report.faults.update({f"{shard}{VANISHED}": fault for shard, fault in lost.items()})
            manifest = read_json(path := self._folder.manifest)
            if manifest is not None and not is_manifest(manifest):
                raise CrawlError(f"{path}: not the manifest of a crawl; 'atlas check --repair' rebuilds it")
            self._report.first = manifest is None
            self._manifest = manifest or {"product": product.id, "shards": {}}
            if (other := self._manifest.get("product")) != product.id:
                raise CrawlError(f"{self.root}: holds the crawl of '{other}'; use another --out")
            self._ran: set[str] = set()
            memory = InputMemory(self._folder.inputs_memory)
            self._access = open_access(self.source, digest=memory.digest)
            self._run_shards()
            memory.save()
            for shard, what in self._report.damaged.items():
                if self._folder.part(shard).exists():
                    self._report.damaged[shard] = f"{what}; it was made again"
                elif self._states[shard].items:
                    self._report.faults.setdefault(shard, f"{what}; this run does not make it again")
            self._finish()
            self._report.seconds = time.monotonic() - started
            self._report.finished = rfc3339(this_second())
            self._compare()
            write_json(self._folder.report, self._report.to_json(self._folder))
            write_text(self._folder.report_text, (self._report.to_text() + "\n").encode())
            # Last: what the manifest holds was reported, and no later run reports it again.
            update_json(self._folder.manifest, manifest_of(product.id, self._states))
        self.progress.finish()

    def _run_shards(self) -> None:
        report, listed = self._report, set[str]()
        waiting: dict[str, Shard] = {}  # unchanged shards whose part leaves out what another shard holds
        to_run: list[Shard] = []
        # The whole plan first: then it is known how much there is to do, and a plan that breaks off marks nothing.
        for shard in self._plan():
            if not _LEGAL_SHARD.fullmatch(shard.id):
                # The name becomes a file's: what came from an index must not lead out of the folder.
                report.faults[f"shard {report.planned}"] = f"illegal name {shard.id[:100]!r}; it was not read"
                continue
            if shard.id in listed:
                report.faults[shard.id] = "the plan holds two shards of this name; the second was not read"
                continue
            listed.add(shard.id)
            report.planned += 1
            state = self._states.get(shard.id)
            if state is None or not self._is_current(shard, state):
                to_run.append(shard)
                continue
            if state.dropped:
                waiting[shard.id] = shard
            report.skipped += 1
            self.progress.skipped(state)

        for result in self._execute(iter(to_run)):
            self._take(result)
        gone = [s for s in self._states.values() if s.source == self.source.href and s.id not in listed and s.here]
        if gone and not listed:
            report.faults.setdefault("plan", "the index lists nothing, where it listed something before")
        if "plan" not in report.faults:
            for state in gone:
                self._retire(state)
        # An Item that another shard held may be gone now: shards that left it out are read again.
        again = [shard for shard in waiting.values() if self._ran.intersection(self._states[shard.id].dropped)]
        report.skipped -= len(again)
        for result in self._execute(iter(again)):
            self._take(result)

    def _plan(self) -> Iterator[Shard]:
        try:
            # Other choices make other rows of the same input.
            chosen = {f"option:{name}": value for name, value in self.source.options.items()}
            for found in self._reader.plan(self.source, self._access):
                shard = replace(found, arguments={**found.arguments, **chosen}) if chosen else found
                self.progress.planned(shard)
                yield shard
        except AtlasError as error:
            if not self._states and not self._report.planned:
                raise  # nothing here and nothing there: the source is unusable
            self._report.faults["plan"] = str(error)

    def _is_current(self, shard: Shard, state: ShardState) -> bool:
        part = self._folder.part(shard.id)
        whole = part.stat().st_size == state.size if part.exists() else state.items == 0
        same_input = bool(state.fingerprint) and state.fingerprint == shard.fingerprint
        return same_input and state.here and state.template == self._template.fingerprint and whole

    def _task(self, shard: Shard) -> ShardTask:
        before = digest_of(self._folder.shard_state(shard.id))
        return ShardTask(shard, self.source, self._kind, self._template, self.root, self._token, before)

    def _execute(self, shards: Iterator[Shard]) -> Iterator[ShardResult]:
        """Run shards, a few more in flight than there are workers, and yield the results as they come."""
        if self.executor is None:
            for shard in shards:
                yield run_shard(self._task(shard), self.progress.batch)
            return
        flying: dict[Future[ShardResult], str] = {}
        exhausted = False
        try:
            while flying or not exhausted:
                while not exhausted and len(flying) < 2 * self.workers + 2:
                    upcoming = next(shards, None)
                    exhausted = upcoming is None
                    if upcoming is not None:
                        flying[self.executor.submit(run_shard, self._task(upcoming))] = upcoming.id
                for future in wait(flying, return_when=FIRST_COMPLETED).done if flying else ():
                    yield _result_of(future, flying.pop(future))
        except BrokenExecutor:
            msg = "a worker process died (killed, or out of memory): run the crawl again to resume it"
            raise CrawlError(msg) from None
        finally:
            for future in flying:
                future.cancel()

    def _take(self, result: ShardResult) -> None:
        if result.state is None:
            self._report.faults[result.shard] = result.fault or "unknown fault"
        else:
            self._report.read += 1
            self._ran.add(result.shard)
            self._states[result.shard] = result.state
        self.progress.done(result)

    def _retire(self, state: ShardState) -> None:
        """A shard that the index no longer lists: its Items are marked, not dropped."""
        self._report.gone += 1
        self._ran.add(state.id)
        empty = ShardState(state.id, state.source, "", self._template.fingerprint, here=False)
        with self._folder.committing(state.id):
            self._states[state.id] = settle(empty, self._folder)

    def _finish(self) -> None:
        report, reported = self._report, self._manifest["shards"]
        self._states = report.states = dict(sorted(self._states.items()))
        if manifest_of(report.product, self._states) != self._manifest:
            drop_duplicates(self._folder, self._states)
        for state in self._states.values():
            # A shard that an interrupted run committed was never reported: its changes belong to this report.
            if state.id in self._ran or reported.get(state.id) != entry_of(state):
                report.changes.add(state.changes)
            else:
                report.changes.add(Changes(unchanged=state.items))
        if self.check != "none":
            found = verify(self._folder, self._states, self.source, self.check)
            write_findings(self._folder, found.findings)
            report.verified = found.to_json()

    def _compare(self) -> None:
        """Write the Collection with the extent as found, and where the record disagrees with it."""
        product, report = self.source.product, self._report
        from_record = product.index is not None and self.source.href == product.index.url
        # a crawl that broke off, or read another source, does not know what is missing
        report.index_read = "whole" if from_record and not report.faults else "part"
        summary = replace(summary_of(self._states.values()), index_read=report.index_read)
        collection = collection_from_record(product, self.catalog, items=summary)
        update_json(self._folder.collection, collection)
        facts: dict[str, Any] = {}
        if not report.faults:
            try:
                facts = dict(self._reader.facts(self.source, self._access))
            except AtlasError as error:
                report.faults["facts"] = str(error)
        if not report.faults:
            try:
                report.compare_with(self._reader.counted(self.source, self._access))
            except AtlasError as error:
                report.faults[COUNT] = str(error)
        whole = from_record and "plan" not in report.faults
        notes = find_drift(product, summary, facts, whole=whole)
        report.drift = [asdict(note) for note in notes]
        write_drift(self._folder, product, notes, report.finished)


def _result_of(future: Future[ShardResult], shard: str) -> ShardResult:
    """The result of a shard; one that kills every worker it is given to is reported as a fault of that shard.

    Raises:
        BrokenExecutor: the whole pool of processes broke.
    """
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:  # noqa: BLE001  # Dask's KilledWorker and its kin, which need not be installed
        return ShardResult(shard, None, f"no worker could finish it: {type(error).__name__}: {error}")
