"""What a crawl remembers of one shard."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from atlas.crawl.folder import CrawlFolder, sync_folder, temporary, write_json
from atlas.errors import CrawlError
from atlas.files import sha256_of
from atlas.formats.crawl_folder import read_json

__all__ = ["Changes", "ShardState", "commit", "digest_of", "load_states", "recover", "recover_shard"]


@dataclass(slots=True)
class Changes:
    """How a shard's Items differ from those of the run before."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    reappeared: int = 0

    def add(self, other: "Changes") -> None:
        """Sum up."""
        for name in ("added", "changed", "unchanged", "vanished", "reappeared"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class ShardState:
    """One finished shard.

    Attributes:
        id: the shard.
        source: address of the index that it belongs to.
        fingerprint: of its inputs, as planned; empty where the host gives none.
        template: fingerprint of what all Items share: it changes with the record.
        items: Items in the part.
        size, sha256: of the part; no part where `items` is 0.
        set_aside: number of rejected rows, by reason.
        years: number of Items by the year in which they begin.
        bbox: west, south, east, north of all footprints; the whole range of longitudes where one crosses 180 degrees.
        interval: first and last instant, RFC 3339.
        bytes: sum of the sizes of assets, where the index states them.
        crossing: Items whose footprint crosses itself or is otherwise no valid area; they are kept.
        notes: assumptions about Items that were kept, in words, and for how many each was made.
        changes: against the run before.
        deprecated, deprecated_sha256: Items in the vanished part, and its digest.
        dropped: how many Items were left out because another shard holds them, by that shard.
        here: False where the index no longer lists the shard.
    """

    id: str
    source: str
    fingerprint: str
    template: str
    items: int = 0
    size: int = 0
    sha256: str = ""
    set_aside: dict[str, int] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)
    bbox: list[float] | None = None
    interval: list[str] | None = None
    bytes: int = 0
    crossing: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    deprecated: int = 0
    deprecated_sha256: str = ""
    dropped: dict[str, int] = field(default_factory=dict)
    here: bool = True

    @classmethod
    def from_json(cls, value: Any, where: str) -> Self:  # noqa: ANN401  # what a file holds
        """A state from the JSON of its fields.

        Raises:
            CrawlError: it is something else.
        """
        try:
            return cls(**{**value, "changes": Changes(**value["changes"])})
        except (TypeError, KeyError) as error:
            msg = f"{where}: not the state of a shard ({error}); 'atlas check --repair' rebuilds it"
            raise CrawlError(msg) from None


def load_states(folder: CrawlFolder) -> dict[str, ShardState]:
    """The finished shards by id, in the order of their names."""
    found = {}
    for path in sorted(folder.state.glob("*.json")):
        state = ShardState.from_json(read_json(path), str(path))
        found[state.id] = state
    return found


def commit(state: ShardState, folder: CrawlFolder) -> None:
    """Give a shard's finished files their names and make its state the one that counts.

    The coming state is written beside the old one first. From that moment on a killed process loses nothing: `recover`
    does the rest of these steps, or forgets them all if the first renaming did not happen.
    """
    write_json(_coming(folder, state.id), asdict(state))
    part = folder.part(state.id)
    if state.items:
        try:
            temporary(part).replace(part)
        except FileNotFoundError:  # the part stays as it is, only the vanished Items change; or it was taken away
            if digest_of(part) != state.sha256:
                _coming(folder, state.id).unlink()
                raise CrawlError(f"{part}: the new part was removed before it got its name; crawl again") from None
    else:
        part.unlink(missing_ok=True)
    _finish(state, folder)


def recover(folder: CrawlFolder) -> None:
    """Finish or forget what a killed run was about to commit, and remove what it left unfinished; under the lock."""
    for path in sorted(folder.state.glob("*.next")):
        with folder.committing(path.stem):
            recover_shard(folder, path.stem)
    for where in (folder.items, folder.rejected, folder.state):
        for leftover in (*where.glob(".*.tmp"), *where.glob(".*.lock")):
            leftover.unlink(missing_ok=True)


def recover_shard(folder: CrawlFolder, shard: str) -> ShardState | None:
    """Finish or forget what a killed worker was about to commit of one shard; call it within `committing`.

    Returns:
        The state that counts now, if the worker came far enough.
    """
    coming = _coming(folder, shard)
    value = read_json(coming)
    if value is None:
        return None
    state = ShardState.from_json(value, str(coming))
    if digest_of(folder.part(shard)) != state.sha256:
        coming.unlink()
        return None
    _finish(state, folder)
    return state


def _finish(state: ShardState, folder: CrawlFolder) -> None:
    vanished, rejected = folder.vanished(state.id), folder.rejected_rows(state.id)
    for path, wanted in ((vanished, state.deprecated > 0), (rejected, bool(state.set_aside))):
        if not wanted:
            path.unlink(missing_ok=True)
            temporary(path).unlink(missing_ok=True)
        elif temporary(path).exists():
            temporary(path).replace(path)
    # The files' names first: a state that outlived them would promise what is not there.
    sync_folder(folder.items)
    sync_folder(folder.rejected)
    _coming(folder, state.id).replace(folder.shard_state(state.id))
    sync_folder(folder.state)


def _coming(folder: CrawlFolder, shard: str) -> Path:
    return folder.state / f"{shard}.next"


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, the empty text where there is none."""
    return sha256_of(path) if path.exists() else ""
