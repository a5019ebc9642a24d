"""`stac-emb validate` as a process on ndjson, against parsing the lines and the bare compiled schema.

    python -m bench process        (ITEMS=20000 is the size that the target is for)

Both run in separate processes, alternately; the least of three counts. Seconds are processor seconds of all processes
together; elapsed seconds are given beside them, as a long file is read by several processes.
"""

import sys
import tempfile
from pathlib import Path

import orjson

from bench._figures import Figure
from bench._items import item_count
from bench._processes import Cost, command_cost
from bench.validate import make_items

__all__ = ["main"]

_BARE = """
import json, sys
from stac_emb.validate import Validator
validator = Validator(semantic=False)
engine = None
for line in open(sys.argv[1], "rb"):
    item = json.loads(line)
    engine = engine or validator._together(item["type"], validator._whole_of(item).uris)
    assert engine.is_valid(item)
"""


def main() -> list[Figure]:
    """Seconds of both, and of a run with one Item; ITEMS in the environment is the number of Items."""
    items = make_items(item_count(20_000))
    with tempfile.TemporaryDirectory() as name:
        many, one = Path(name) / "many.ndjson", Path(name) / "one.ndjson"
        many.write_bytes(b"\n".join(map(orjson.dumps, items)))
        one.write_bytes(orjson.dumps(items[0]))
        runs = {
            "parse and bare schema": ("-c", _BARE, str(many)),
            "stac-emb validate": ("-m", "stac_emb", "validate", str(many)),
            "the same, one Item": ("-m", "stac_emb", "validate", str(one)),
        }
        found: dict[str, list[Cost]] = {told: [] for told in runs}
        for _ in range(3):
            for told, arguments in runs.items():
                found[told].append(command_cost([sys.executable, *arguments])[0])
    least = {told: [min(costs) for costs in zip(*both, strict=True)] for told, both in found.items()}
    (ours_clock, ours), (bare_clock, bare) = least["stac-emb validate"], least["parse and bare schema"]
    (start_clock, start), told = least["the same, one Item"], f"{len(items):,} Items"
    peer = "parsing and the bare schema"
    return [
        Figure(told, "s of the processor", ours, bare, peer, ours / bare, 4),
        Figure(told, "s of the clock", ours_clock, bare_clock, peer, ours_clock / bare_clock, 4),
        Figure("one Item, starting included", "s of the processor", start, target=0.3),
        Figure("one Item, starting included", "s of the clock", start_clock),
    ]
