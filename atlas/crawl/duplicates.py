"""Items that several shards hold: the first shard keeps them, the others reject them.

Shards know nothing of each other, and an index may list a tile in two of its files, or move it from one to another.
This pass reads the ids of all parts once; it keeps a hash of 64 bits per Item, in as many rounds as keep that small.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from atlas.crawl.folder import CrawlFolder, temporary
from atlas.crawl.state import ShardState, commit
from atlas.crawl.tally import Tally
from atlas.stac.geoparquet import PartFile, PartWriter, id_hashes, row_groups

__all__ = ["REASON", "drop_duplicates"]

REASON = "duplicate of an Item that the crawl holds already"
_ROUND = 1 << 23
"""Hashes in memory at once: 64 MB."""


def drop_duplicates(folder: CrawlFolder, states: Mapping[str, ShardState]) -> None:
    """Rewrite the parts that hold Items of an earlier part (in the order of the shards' ids), and update their states.

    A vanished Item that is published in another part was moved, not lost: it leaves the vanished part.
    """
    parts = [(state.id, folder.part(state.id), False) for state in states.values() if state.items]
    parts = [one for one in parts if one[1].exists()]  # a damaged one that could not be made again is not there
    parts += [(state.id, folder.vanished(state.id), True) for state in states.values() if state.deprecated]
    total = sum(state.items + state.deprecated for state in states.values())
    drop: dict[int, dict[str, str]] = defaultdict(dict)  # position in parts -> id -> shard that keeps it
    rounds = max(1, -(-total // _ROUND))
    size = total if rounds == 1 else total // rounds + total // rounds // 64
    for number in range(rounds):
        for position, item, keeper in _repeated([path for _, path, _ in parts], number, rounds, size):
            drop[position][item] = parts[keeper][0]
    for position, losers in sorted(drop.items()):
        shard, _, is_vanished = parts[position]
        if is_vanished:
            _shrink_vanished(folder, states[shard], losers)
        else:
            _shrink_part(folder, states[shard], losers)


def _repeated(paths: list[Path], number: int, rounds: int, size: int) -> Iterator[tuple[int, str, int]]:
    """(position of the part, id, position of the part that keeps it), for every repetition among one round of ids.

    An id belongs to one of the rounds by its hash; about `size` belong to each.
    """
    every = np.empty(size, dtype=np.uint64)
    count = 0
    for path in paths:
        for table in row_groups(path, ["id"]):
            found = id_hashes(table)
            found = found[found % np.uint64(rounds) == number] if rounds > 1 else found
            if count + len(found) > len(every):  # hashes spread evenly, but not exactly so
                every = np.concatenate([every[:count], np.empty(max(size // 8, len(found)), dtype=np.uint64)])
            every[count : count + len(found)] = found
            count += len(found)
    every = every[:count]
    every.sort()
    suspects = np.unique(every[1:][every[1:] == every[:-1]])
    if not len(suspects):
        return
    del every
    first: dict[str, int] = {}
    # Equal hashes are a suspicion; equal ids are the proof.
    for position, path in enumerate(paths):
        for table in row_groups(path, ["id"]):
            for item in table["id"].filter(pa.array(np.isin(id_hashes(table), suspects))).to_pylist():
                if item in first:
                    yield position, item, first[item]
                else:
                    first[item] = position


def _rewrite(path: Path, shard: str, losers: Mapping[str, str], tally: Tally) -> tuple[PartFile | None, list[str]]:
    """Rewrite the part without the losers; where an id repeats within the part the first Item stays.

    Returns:
        The new file, and a line for each Item that was left out.
    """
    suspects = pa.array(sorted(losers), pa.string())
    own = {item for item, keeper in losers.items() if keeper == shard}
    left_out: list[str] = []
    with PartWriter(path) as writer:
        for table in row_groups(path):
            ids = table["id"].combine_chunks()
            keep = np.ones(len(ids), dtype=np.bool_)
            for at in np.flatnonzero(pc.is_in(ids, value_set=suspects).to_numpy(zero_copy_only=False)).tolist():
                item = ids[at].as_py()
                if item in own:
                    own.remove(item)  # its first appearance
                else:
                    keep[at] = False
                    left_out.append(f"{item}, in {losers[item]}")
            for batch in table.filter(pa.array(keep)).combine_chunks().to_batches():
                tally.items(batch)
                writer.write(batch)
    return writer.written, left_out


def _shrink_part(folder: CrawlFolder, state: ShardState, losers: Mapping[str, str]) -> None:
    tally = Tally()
    written, left_out = _rewrite(folder.part(state.id), state.id, losers, tally)
    state.items, state.size, state.sha256 = (written.items, written.size, written.sha256) if written else (0, 0, "")
    state.years, state.bbox = dict(sorted(tally.years.items())), tally.bounds
    state.interval, state.bytes = tally.interval, tally.bytes
    state.set_aside = dict(sorted({**state.set_aside, REASON: state.set_aside.get(REASON, 0) + len(left_out)}.items()))
    state.dropped = dict(sorted((Counter(state.dropped) + Counter(losers.values())).items()))
    state.changes.added = max(0, state.changes.added - len(left_out))
    rejected = folder.rejected_rows(state.id)
    with temporary(rejected).open("wb") as file:
        if rejected.exists():
            file.write(rejected.read_bytes())
        for detail in left_out:
            line = {"file": state.id, "line": None, "reason": REASON, "field": "id", "detail": detail}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    commit(state, folder)


def _shrink_vanished(folder: CrawlFolder, state: ShardState, losers: Mapping[str, str]) -> None:
    written, left_out = _rewrite(folder.vanished(state.id), state.id, losers, Tally())
    state.deprecated, state.deprecated_sha256 = (written.items, written.sha256) if written else (0, "")
    state.changes.vanished = max(0, state.changes.vanished - len(left_out))
    commit(state, folder)
