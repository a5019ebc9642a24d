"""A shard's state from what is left: its line of the manifest, its parts and what it rejected.

The shard counts as changed and is read again by the next crawl, which compares it with the part as always. So nothing
is reported as new, and the Items that vanished stay known.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from atlas.crawl.folder import CrawlFolder
from atlas.crawl.state import Changes, ShardState, digest_of
from atlas.crawl.tally import Tally
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import NAMES

__all__ = ["readable", "rebuilt_state"]


def rebuilt_state(folder: CrawlFolder, shard: str, entry: Mapping[str, Any] | None, source: str) -> ShardState | None:
    """The state of a shard whose own is lost.

    Args:
        folder: the crawl's output.
        shard: its id.
        entry: its line of the manifest; None where that is lost too, and parts are taken as they are.
        source: address of the index, where the manifest does not say.

    Returns:
        The state, without the fingerprint of the record, so that the shard is read again. None where nothing is left.
    """
    part, vanished = folder.part(shard), folder.vanished(shard)
    state = ShardState(shard, source, "", "", here=False)
    if entry is None:
        tally = readable(part)
        if tally:
            state.items, state.size, state.sha256 = tally.years.total(), part.stat().st_size, digest_of(part)
        gone = readable(vanished)
        if gone:
            state.deprecated, state.deprecated_sha256 = gone.years.total(), digest_of(vanished)
        if not tally and not gone:
            return None
    else:
        parts = entry["parts"]
        here = parts.get(str(NAMES.part(shard)), {"items": 0, "bytes": 0, "sha256": ""})
        lost = parts.get(str(NAMES.vanished(shard)), {"items": 0, "sha256": ""})
        state.source, state.fingerprint, state.here = entry["source"], entry["fingerprint"], entry["listed"]
        state.items, state.size, state.sha256 = here["items"], here["bytes"], here["sha256"]
        state.deprecated, state.deprecated_sha256 = lost["items"], lost["sha256"]
        tally = readable(part) if digest_of(part) == state.sha256 else None
    if tally:
        state.years, state.bbox, state.interval = dict(sorted(tally.years.items())), tally.bounds, tally.interval
        state.bytes, state.crossing = tally.bytes, tally.crossing
    state.set_aside = dict(sorted(_reasons(folder.rejected_rows(shard)).items()))
    state.changes = Changes(unchanged=state.items)
    return state


def readable(part: Path) -> Tally | None:
    """Counts of a part that can be read to its end; None where it cannot, or holds nothing."""
    tally = Tally()
    try:
        with pq.ParquetFile(part, pre_buffer=False) as file:
            for batch in file.iter_batches():
                tally.items(batch)
                tally.footprints(batch["geometry"])
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    return tally if tally.years else None


def _reasons(rejected: Path) -> Counter[str]:
    """Numbers of rejected rows, by reason.

    Raises:
        CrawlError: a line is not a JSON object with a reason.
    """
    found: Counter[str] = Counter()
    if rejected.exists():
        with rejected.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    found[str(orjson.loads(line)["reason"])] += 1
                except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                    raise CrawlError(f"{rejected}, line {number}: not a row that a crawl rejected ({error})") from None
    return found
