"""Parts whose bytes are not those that their shard's state names: moved to `damaged/`, so that they are made again.

A damaged part may not even be readable, so it is not compared with the new one: what vanished cannot be told from it.
Its shard counts as changed once it is gone.
"""

from collections.abc import Iterable
from pathlib import Path

from atlas.crawl.folder import CrawlFolder
from atlas.crawl.input_hashes import InputMemory
from atlas.crawl.state import ShardState, commit

__all__ = ["keep_aside", "put_damaged_aside"]


def put_damaged_aside(folder: CrawlFolder, states: Iterable[ShardState]) -> tuple[dict[str, str], dict[str, str]]:
    """Compare all parts with their states; call it under the lock.

    A file is read to its end only where size, times and inode do not stand for its digest.

    Args:
        folder: the crawl's output.
        states: the shards; those that lose their vanished Items are committed again.

    Returns:
        By shard, what is said of damaged parts, and of damaged vanished parts, which nothing can make again.

    Raises:
        UnreadableInput: a part cannot be read.
    """
    memory = InputMemory(folder.parts_memory)
    damaged: dict[str, str] = {}
    lost: dict[str, str] = {}
    for state in states:
        part, vanished = folder.part(state.id), folder.vanished(state.id)
        if state.items and part.exists() and memory.digest(part) != state.sha256:
            keep_aside(folder, part)
            damaged[state.id] = f"{part}: damaged: its bytes are not those that were written; kept in damaged/"
        if state.deprecated and (not vanished.exists() or memory.digest(vanished) != state.deprecated_sha256):
            keep_aside(folder, vanished)
            lost[state.id] = (
                f"{vanished}: damaged or missing, and nothing can make it again: {state.deprecated:,} vanished items "
                "are no longer known; what is left of the file is kept in damaged/"
            )
            state.deprecated, state.deprecated_sha256 = 0, ""
            if state.id not in damaged and (part.exists() or not state.items):
                with folder.committing(state.id):
                    commit(state, folder)
    memory.save()
    return damaged, lost


def keep_aside(folder: CrawlFolder, path: Path) -> None:
    """Move a damaged file to `damaged/`, if it exists."""
    if path.exists():
        folder.damaged.mkdir(exist_ok=True)
        path.replace(folder.damaged / path.name)
