"""Crawl one shard: the function that runs in the process itself, in worker processes and on other machines."""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa

from atlas.crawl.changes import compare
from atlas.crawl.folder import CrawlFolder, temporary
from atlas.crawl.state import Changes, ShardState, commit, digest_of, recover_shard
from atlas.crawl.tally import Tally
from atlas.errors import AtlasError, CrawlError, SourceError
from atlas.fetch.inputs import RejectedRow
from atlas.formats.crawl_folder import read_json
from atlas.sources.access import open_access
from atlas.sources.base import CUT, Shard, Source, reader
from atlas.sources.storable import shown
from atlas.stac.geoparquet import ROW_GROUP, PartFile, PartWriter
from atlas.stac.item_template import ItemTemplate
from atlas.stac.items import RejectedRows, items

__all__ = ["ShardResult", "ShardTask", "run_shard", "settle"]


_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class ShardTask:
    """Everything that a worker needs; picklable. Workers on other machines must see the same folder.

    Attributes:
        shard, source, kind, template, folder: what to read, how, and where to write.
        run: token of the run, from `CrawlFolder.locked`.
        before: digest of the shard's state file when it was planned: an attempt sees by it that another was faster.
    """

    shard: Shard
    source: Source
    kind: str
    template: ItemTemplate
    folder: Path
    run: str
    before: str


@dataclass(frozen=True, slots=True)
class ShardResult:
    """The outcome: the new state, or the fault that kept the old one in place."""

    shard: str
    state: ShardState | None
    fault: str | None = None


def run_shard(task: ShardTask, watch: Callable[[int], None] | None = None) -> ShardResult:
    """Read a shard, write its part, remember its state.

    A fault of the input leaves the part and the state of an earlier run as they are.

    Args:
        task: what to do.
        watch: called with the number of Items of each batch, for progress within a shard.
    """
    try:
        return ShardResult(task.shard.id, _run(task, watch))
    except AtlasError as error:
        fault = str(error)
    except Exception as error:  # noqa: BLE001  # hostile bytes find every corner of a parser; the other shards go on
        fault = f"unexpected {type(error).__name__}: {error}"
    return ShardResult(task.shard.id, None, fault)


def _run(task: ShardTask, watch: Callable[[int], None] | None) -> ShardState:
    shard, folder = task.shard, CrawlFolder(task.folder)
    with folder.committing(shard.id):
        if done := _done(task, folder):
            return done
    # A worker that was taken for lost may still run: each attempt writes its own files.
    attempt = f"{os.getpid():x}-{secrets.token_hex(4)}"
    files = folder.part(shard.id), folder.rejected_rows(shard.id)
    try:
        state = _read(task, folder, attempt, watch)
        with folder.committing(shard.id):
            if done := _done(task, folder):
                return done
            for path in files:
                if temporary(path, attempt).exists():
                    temporary(path, attempt).replace(temporary(path))
            return settle(state, folder)
    finally:
        for path in files:
            temporary(path, attempt).unlink(missing_ok=True)


def _done(task: ShardTask, folder: CrawlFolder) -> ShardState | None:
    """The result of another attempt that finished meanwhile, perhaps one whose worker died before it could say so.

    Raises:
        CrawlError: another crawl has begun in the folder, and this one's is over.
    """
    if not folder.held_by(task.run):
        raise CrawlError(f"{folder.root}: another crawl has begun since: this one writes nothing more")
    recover_shard(folder, task.shard.id)
    if digest_of(folder.shard_state(task.shard.id)) == task.before:
        return None
    found = read_json(path := folder.shard_state(task.shard.id))
    state = ShardState.from_json(found, str(path)) if found is not None else None
    if state and (state.fingerprint, state.template) == (task.shard.fingerprint, task.template.fingerprint):
        return state if state.here else None
    return None


def _read(task: ShardTask, folder: CrawlFolder, attempt: str, watch: Callable[[int], None] | None) -> ShardState:
    """Write the part and what was rejected under the attempt's names."""
    shard, source = task.shard, task.source
    access = open_access(source)
    tally = Tally()
    file_name = shard.inputs[0].name if shard.inputs else shard.id
    # Both files are complete before the state says so; until then they carry temporary names.
    with (
        PartWriter(folder.part(shard.id), attempt) as part,
        temporary(folder.rejected_rows(shard.id), attempt).open("wb") as rejected,
    ):

        def reject(one: RejectedRow) -> None:
            tally.reasons[one.reason] += 1
            rejected.write(orjson.dumps(_plain(one), option=orjson.OPT_APPEND_NEWLINE))

        def sifted() -> Iterator[pa.RecordBatch]:
            for batch in reader(task.kind, source.href).read(shard, source, access):
                for one in batch.rejected:
                    reject(one)
                tally.notes.update(dict(batch.notes))
                if batch.rows is not None and batch.rows.num_rows:
                    yield batch.rows

        for rows in _even(sifted()):
            made, groups = items(rows, task.template)
            for group in groups:
                for one in _rejected_rows(group, rows, file_name):
                    reject(one)
            tally.items(made)
            if "geometry" in rows.schema.names:  # the others are boxes, which cannot cross themselves
                tally.footprints(made["geometry"])
            part.write(made)
            if watch:
                watch(made.num_rows)
        _refuse_damaged(folder, shard, file_name, tally)
        if tally.reasons:
            rejected.flush()
            os.fsync(rejected.fileno())
    written = part.written or PartFile(0, 0, "")
    return ShardState(
        id=shard.id,
        source=source.href,
        fingerprint=shard.fingerprint,
        template=task.template.fingerprint,
        items=written.items,
        size=written.size,
        sha256=written.sha256,
        set_aside=dict(sorted(tally.reasons.items())),
        years=dict(sorted(tally.years.items())),
        bbox=tally.bounds,
        interval=tally.interval,
        bytes=tally.bytes,
        crossing=tally.crossing,
        notes=dict(sorted(tally.notes.items())),
    )


def _refuse_damaged(folder: CrawlFolder, shard: Shard, file_name: str, tally: Tally) -> None:
    """A shard that is cut short or suddenly empty is a failed upload; one that was withdrawn is no longer listed.

    Raises:
        SourceError: there were more Items before.
    """
    before = (read_json(folder.shard_state(shard.id)) or {}).get("items", 0)
    items_now = tally.years.total()
    if items_now < before and any(reason.endswith(CUT) for reason in tally.reasons):
        fault = "ends in the middle of a line"
    elif before and not items_now:
        fault = f"holds nothing that becomes an Item ({tally.reasons.total():,} rejected)"
    else:
        return
    raise SourceError(f"{file_name or shard.id}: {fault}, where it held {before:,} before: what was found then is kept")


def settle(state: ShardState, folder: CrawlFolder) -> ShardState:
    """Compare a finished shard with the run before, mark what vanished, and commit; call it within `committing`.

    An API does not say whether it has changed, and may list in another order each time: where all its Items are as
    they were, the old part stays. Parts of inputs with a fingerprint are a function of the inputs alone.
    """
    new = folder.part(state.id)
    before = read_json(path := folder.shard_state(state.id))
    old = ShardState.from_json(before, str(path)) if before is not None else None
    state.changes, vanished = compare(folder, state.id, temporary(new) if state.items else None, state.sha256)
    state.deprecated, state.deprecated_sha256 = (vanished.items, vanished.sha256) if vanished else (0, "")
    if old and state.items and not new.exists() and old.sha256 == state.sha256:
        state.changes = Changes(unchanged=state.items)  # a part that was damaged or lost is the same again
    alike = not state.fingerprint and state.items and state.changes == Changes(unchanged=state.items)
    if old and alike and (old.template, old.items) == (state.template, state.items) and digest_of(new) == old.sha256:
        state.size, state.sha256 = old.size, old.sha256
        temporary(new).unlink()
    commit(state, folder)
    return state


def _even(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of the size of a row group, so that Items are written without another copy."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if waiting and batch.schema != waiting[0].schema:
            yield from _joined(waiting).to_batches()
            waiting = []
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= ROW_GROUP:
            whole = _joined(waiting)
            at = 0
            while whole.num_rows - at >= ROW_GROUP:
                yield from whole.slice(at, ROW_GROUP).to_batches()
                at += ROW_GROUP
            waiting = whole.slice(at).to_batches()
    if waiting:
        yield from _joined(waiting).to_batches()


def _joined(batches: list[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches).combine_chunks()


def _rejected_rows(group: RejectedRows, rows: pa.RecordBatch, file: str) -> list[RejectedRow]:
    some = rows.take(pa.array(group.rows))
    files = some["file"].to_pylist() if "file" in rows.schema.names else [file] * some.num_rows
    lines = some["line"].to_pylist() if "line" in rows.schema.names else [None] * some.num_rows
    return [
        RejectedRow(name, line, group.reason, group.field, str(value)[:200])
        for name, line, value in zip(files, lines, some[group.column].to_pylist(), strict=True)
    ]


def _plain(one: RejectedRow) -> dict[str, str | int | None]:
    texts = {"file": one.file, "reason": one.reason, "field": one.field, "detail": (one.detail or "")[:_LONGEST_DETAIL]}
    # What an index holds may be no text that JSON can hold; the report shows it as an escape.
    return {name: shown(text) if text else None for name, text in texts.items()} | {"line": one.line}
