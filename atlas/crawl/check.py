"""Compare the parts, states, manifest and reports of a crawl's folder, and repair each from the others.

Every file is read to its end: a flipped bit leaves size, times and inode as they were.
"""

import contextlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from atlas.crawl.damaged import keep_aside, put_damaged_aside
from atlas.crawl.duplicates import drop_duplicates
from atlas.crawl.folder import CrawlFolder, write_json
from atlas.crawl.manifest import entry_of, is_manifest, manifest_of
from atlas.crawl.rebuild import rebuilt_state
from atlas.crawl.state import ShardState, digest_of, recover
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import read_json

__all__ = ["Finding", "check_folder"]

_CRAWL = "the next crawl makes it again"


@dataclass(slots=True)
class Finding:
    """One file that is not as a crawl left it."""

    where: str
    """The file."""
    what: str
    remedy: str
    """What repairs it, or what was done."""
    mended: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


def check_folder(root: Path, *, repair: bool = False) -> list[Finding]:
    """Find what is damaged, missing or at odds in a crawl's folder; empty where all is sound.

    Args:
        root: the folder.
        repair: also repair it: states and manifest are rebuilt, damaged parts moved away for the next crawl to make.

    Raises:
        CrawlError: the folder is not a crawl's, or a crawl is writing in it.
    """
    folder = CrawlFolder(root)
    if not folder.items.is_dir() and not folder.state.is_dir():
        raise CrawlError(f"{root}: not the folder of a crawl: it has neither items/ nor state/")
    with folder.locked():
        return _Check(folder, repair=repair).run()


class _Check:
    def __init__(self, folder: CrawlFolder, *, repair: bool) -> None:
        self._folder, self._repair = folder, repair
        self._found: list[Finding] = []
        self._states: dict[str, ShardState] = {}

    def run(self) -> list[Finding]:
        folder = self._folder
        if self._repair:
            folder.prepare()
        self._unfinished()
        manifest = self._read(folder.manifest)
        if manifest is not None and not is_manifest(manifest):
            manifest = None
        product, source = self._identity(manifest)
        self._read_states(manifest, source)
        self._parts()
        self._manifest(manifest, product)
        for path in (folder.report, folder.collection, folder.drift):
            if self._read(path) is None:
                self._note(path, "missing or cut short", "the next crawl writes it")
        return self._found

    def _note(self, path: Path, what: str, remedy: str, mend: Callable[[], None] | None = None) -> None:
        finding = Finding(str(path), what, remedy)
        if mend is not None and self._repair:
            mend()
            finding.mended = True
        elif mend is not None:
            finding.remedy = f"--repair: {remedy}"
        self._found.append(finding)

    def _read(self, path: Path) -> Any:  # noqa: ANN401 - any JSON value
        with contextlib.suppress(CrawlError):
            return read_json(path)
        return None

    def _identity(self, manifest: Any) -> tuple[str | None, str]:  # noqa: ANN401 - any JSON value
        """Product and index, from whichever file still says it."""
        report, collection = (self._read(path) for path in (self._folder.report, self._folder.collection))
        report = report if isinstance(report, dict) else {}
        told = ((manifest or {}).get("product"), report.get("product"), (collection or {}).get("id"))
        return next((str(one) for one in told if one), None), str(report.get("source") or "")

    def _unfinished(self) -> None:
        """What a killed crawl was about to commit. The next crawl finishes it, unless it is unreadable."""
        folder = self._folder
        for path in sorted(folder.state.glob("*.next")):
            try:
                ShardState.from_json(read_json(path), str(path))
            except CrawlError:
                self._note(path, "cut short", "removed; the part is then compared as it is", path.unlink)
        if self._repair:
            recover(folder)

    def _read_states(self, manifest: Any, source: str) -> None:  # noqa: ANN401 - any JSON value
        """The states; those that are damaged or missing are made from the manifest, the parts and the rejected rows."""
        folder, entries = self._folder, manifest["shards"] if manifest else {}
        ids = {path.name.removesuffix(".json") for path in folder.state.glob("*.json")}
        of_parts = {path.name.removesuffix(".parquet").partition("~")[0] for path in folder.items.glob("*.parquet")}
        for shard in sorted(ids | of_parts | entries.keys()):
            path = folder.shard_state(shard)
            try:
                state = ShardState.from_json(read_json(path) if shard in ids else {}, str(path))
                if state.id == shard and _counts_fit(state, folder):
                    self._states[shard] = state
                    continue
                what = "has other numbers than its parts"
            except CrawlError:
                what = "cut short or not the state of a shard" if shard in ids else "missing"
            made = rebuilt_state(folder, shard, entries.get(shard), source)
            if made is None:

                def away(paths: tuple[Path, ...] = (path, folder.part(shard), folder.vanished(shard))) -> None:
                    for one in paths:
                        keep_aside(folder, one)

                self._note(path, f"{what}, and its parts cannot be read", f"put aside; {_CRAWL}", away)
                continue
            self._states[shard] = made
            how = "the manifest and the parts" if shard in entries else "the parts, which are taken as they are"

            def write(path: Path = path, made: ShardState = made) -> None:
                keep_aside(folder, path)
                write_json(path, asdict(made))

            self._note(path, what, f"rebuilt from {how}; the next crawl reads the shard again", write)

    def _parts(self) -> None:
        folder = self._folder
        for state in self._states.values():
            part, vanished = folder.part(state.id), folder.vanished(state.id)
            if state.items and not part.exists():
                self._note(part, f"missing, with {state.items:,} Items", _CRAWL)
            elif part.exists() and digest_of(part) != state.sha256:
                self._note(part, "damaged: its bytes are not those that were written", f"put aside; {_CRAWL}", _later)
            if state.deprecated and digest_of(vanished) != state.deprecated_sha256:
                what = f"damaged or missing, and nothing can make it again: {state.deprecated:,} vanished Items"
                self._note(vanished, what, "what is left of it is kept in damaged/; a backup has it", _later)
            elif not state.deprecated and vanished.exists():
                self._note(vanished, "no state names it", "put aside", partial(keep_aside, folder, vanished))
        if self._repair:
            folder.parts_memory.unlink(missing_ok=True)  # what the file system says is not to be trusted now
            for state in self._states.values():
                if not state.items:
                    keep_aside(folder, folder.part(state.id))
            put_damaged_aside(folder, self._states.values())

    def _manifest(self, manifest: Any, product: str | None) -> None:  # noqa: ANN401 - any JSON value
        path = self._folder.manifest
        if manifest is None:
            what = "cut short or not a manifest" if path.exists() else "missing"
            if product is None:
                self._note(path, f"{what}, and no other file names the product", "the next crawl writes it")
                return

            def write() -> None:
                # A crawl that finds its manifest as it should be does not look for duplicates once more.
                drop_duplicates(self._folder, self._states)
                keep_aside(self._folder, path)
                write_json(path, manifest_of(product, self._states))

            self._note(path, what, "rebuilt from the states", write)
            return
        entries = manifest["shards"]
        odd = [s for s, state in self._states.items() if entries.get(s) != entry_of(state)]
        odd += sorted(entries.keys() - self._states.keys())
        if odd and not any(finding.mended for finding in self._found):
            self._note(path, f"of an earlier crawl than the states of {len(odd)} shards", "crawl again, to the end")


def _counts_fit(state: ShardState, folder: CrawlFolder) -> bool:
    """Whether parts that are the state's hold as many Items as it says."""
    for path, items, digest in (
        (folder.part(state.id), state.items, state.sha256),
        (folder.vanished(state.id), state.deprecated, state.deprecated_sha256),
    ):
        with contextlib.suppress(OSError, pa.ArrowException):  # then it is the part that is damaged
            if pq.read_metadata(path).num_rows != items and digest_of(path) == digest:
                return False
    return True


def _later() -> None:
    """All damaged parts are moved together."""
