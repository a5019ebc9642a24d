"""One run of `stac-emb validate` over many inputs."""

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from stac_emb.duplicate_ids import Identities
from stac_emb.errors import UnreadableInput
from stac_emb.examined import (
    Examined,
    examine,
    examine_members,
    examine_piece,
    member_name,
    member_pieces,
    renamed,
)
from stac_emb.faults import Fault
from stac_emb.identity import DOCS_URI
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.sources import Document, Source
from stac_emb.pieces import pieces
from stac_emb.processes import in_order, may_fork, processes_of
from stac_emb.report import Report
from stac_emb.spaces import SpaceOfCollection
from stac_emb.validate import Validator

if TYPE_CHECKING:
    from stac_emb.parquet_run import GroupOutcome

__all__ = ["Run"]

_EVERY = 5000
"""Objects between two reports of progress."""
_FEW_PROCESSES = 4
"""Most processes for which the first one can read while they validate."""
_FEW_PIECES = 4
"""Number of pieces of two mebibytes up to which starting processes takes longer than it saves."""
_HINT = "declare the community draft v0.0.1: `stac-emb convert --to emb FILE` lifts it to this extension"


class Run:
    """Validates every document behind the names and fills a report.

    Args:
        validator: what checks one object.
        reader: what finds and reads the documents.
        on_fault: called for each fault and each piece of advice as it is found, and once for each extension that is
            not checked.
        strict: advice and what is not checked count as faults in the exit code.
        jobs: processes for many files, long files of lines and stac-geoparquet; all cores where None.
        on_progress: called now and then with the number of objects checked.
    """

    def __init__(
        self,
        validator: Validator,
        reader: Reader,
        on_fault: Callable[[Fault], None],
        *,
        jobs: int | None = None,
        strict: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._validator = validator
        self._reader = reader
        self._on_fault = on_fault
        self._jobs = jobs
        self._on_progress = on_progress
        self._spaces = SpaceOfCollection()
        self._identities = Identities()
        self.report = Report(strict=strict)

    def run(self, names: Iterable[str]) -> Report:
        """Validate everything; what cannot be read is reported."""
        names = list(names)
        alone = len(names) == 1 and Path(names[0]).is_file()
        for shared, sources in groupby(self._reader.sources(names), self._may_be_shared):
            if shared:
                new = (source for source in sources if isinstance(source, Source) and self._reader.is_new(source))
                self._files(new, alone=alone)
                continue
            for source in sources:
                if isinstance(source, Document):
                    self._unreadable(source.name, str(source.problem))
                elif source.is_parquet and source.is_file:
                    self._parquet(source)
                else:
                    for document in self._reader.documents(source):
                        self._take(examine(document, self._validator))
        for fault in self._spaces.faults():
            self._late(fault)
        self.report.skipped += self._reader.skipped
        self.report.set_aside = self._reader.set_aside
        return self.report

    def _may_be_shared(self, source: Source | Document) -> bool:
        """Whether another process can read it: it is a file, and its links are not followed."""
        local = isinstance(source, Source) and source.is_file and not source.is_parquet
        return local and not self._reader.recursive

    def _files(self, sources: Iterable[Source], *, alone: bool) -> None:
        if alone and self._jobs != 1:
            sources = [source for source in sources if not self._long_list(source)]
        by_kind = self._jobs == 1 or (may_fork() and processes_of(self._jobs) <= _FEW_PROCESSES)
        found_in = in_order(
            examine_piece,
            ((piece,) for piece in pieces(sources, self._reader, alone=alone, by_kind=by_kind)),
            self._validator,
            jobs=self._jobs,
            worth=_FEW_PIECES,
            alike=lambda call: call[0].kind,
        )
        waiting: dict[int, list[Examined]] = {}
        told = 0
        for places, found, skipped in found_in:
            self.report.skipped += skipped
            waiting.update(zip(places, found, strict=True))
            while told in waiting:
                for examined in waiting.pop(told):
                    self._take(examined)
                told += 1

    def _long_list(self, source: Source) -> bool:
        """Validate a long list in processes that each read a part of it; returns whether that was possible."""
        path = Path(source.name)
        shares = [] if source.is_lines else member_pieces(path)
        if len(shares) <= _FEW_PIECES:
            return False
        found: list[Examined] = []
        for some in in_order(examine_members, ((each,) for each in shares), self._validator, jobs=self._jobs, worth=0):
            if some is None:  # not valid JSON, and nothing was reported yet
                return False
            found += some
        for place, examined in enumerate(found):
            self._take(renamed(examined, member_name(path, place)))
        return True

    def _found(self, fault: Fault) -> None:
        if self.report.add(fault):
            self._on_fault(fault)

    def _late(self, fault: Fault) -> None:
        """A fault that shows only in several documents together."""
        if not self._validator.rules.keeps(fault.rule):
            return
        self.report.invalid = min(self.report.checked - self.report.not_checked, self.report.invalid + 1)
        self._found(fault)

    def _unreadable(self, name: str, problem: str) -> None:
        self.report.unreadable += 1
        self._found(Fault("", "unreadable", problem, DOCS_URI, None, name))

    def _take(self, document: Examined) -> None:
        if document.problem is not None:
            self._unreadable(document.name, document.problem)
            return
        self.report.checked += 1
        if self.report.checked % _EVERY == 0:
            self._on_progress(self.report.checked)
        twin = self._identities.see(document.name, document.identity) if document.identity else None
        if twin and not self._validator.rules.keeps(twin.rule):
            twin = None
        if document.told or twin:
            levels = {fault.level for fault in document.told}
            if "fault" in levels or twin:
                self.report.invalid += 1
            elif "unchecked" in levels:
                self.report.not_checked += 1
            for fault in document.told:
                self._found(fault)
            if twin:
                self._found(twin)
        if document.space:
            self._spaces.see(document.name, document.space)
        if document.draft:
            self.report.hint(_HINT)

    def _parquet(self, source: Source) -> None:
        path = Path(source.name)
        try:  # importing Arrow takes longer than most runs
            from stac_emb.parquet_run import repeated_rows, validate_parquet
        except ModuleNotFoundError as error:
            self._unreadable(source.name, f"to read Parquet install the library '{error.name}'")
            return
        try:
            for outcome in validate_parquet(path, self._validator, jobs=self._jobs):
                self._group(source, outcome)
            for fault in repeated_rows(path):
                self._late(fault)
        except UnreadableInput as error:
            self._unreadable(source.name, str(error))

    def _group(self, source: Source, outcome: "GroupOutcome") -> None:
        if outcome.problem is not None:
            self._unreadable(source.name, outcome.problem)
        self.report.checked += outcome.checked
        self.report.invalid += outcome.invalid
        self.report.not_checked += outcome.not_checked
        self._on_progress(self.report.checked)
        if outcome.drafts:
            self.report.hint(_HINT, outcome.drafts)
        for fault in (*outcome.faults, *outcome.advice):
            self._found(fault)
        for fault, count in outcome.unchecked.values():
            self._found(fault)
            self.report.more_unchecked(fault, count - 1)
        self.report.advised += outcome.advice_left_out
        if outcome.left_out:
            self.report.found += outcome.left_out
            self.report.hint(
                f"{source.name}: faults of further invalid Items are counted, not printed", outcome.left_out
            )
        for (collection, space), (identifier, items) in outcome.spaces.items():
            self._spaces.count(source.name, identifier, collection, space, items)
