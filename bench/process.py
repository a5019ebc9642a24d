"""`stac-emb validate` as a process on ndjson, against parsing the lines and the bare compiled schema.

    python -m bench process        (ITEMS=20000 is the size that the target is for)

Both run as processes of their own, alternately, and the least of three counts. Seconds are those of the processor.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from bench.validate import make_items

__all__ = ["main"]

DEFAULT_ITEMS = 20_000
_BARE = """
import json, sys
from stac_emb.validate import Validator
validator = Validator(semantic=False)
engine = None
for line in open(sys.argv[1], "rb"):
    item = json.loads(line)
    engine = engine or validator._whole_of(item).engine
    assert engine.is_valid(item)
"""


def _seconds(*arguments: str) -> float:
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print the seconds of both and of an almost empty run; ITEMS in the environment is the number of Items."""
    items = make_items(int(os.environ.get("ITEMS", DEFAULT_ITEMS)))
    with tempfile.TemporaryDirectory() as name:
        many, one = Path(name) / "many.ndjson", Path(name) / "one.ndjson"
        many.write_bytes(b"\n".join(map(orjson.dumps, items)))
        one.write_bytes(orjson.dumps(items[0]))
        runs = {
            "parse and bare schema": ("-c", _BARE, str(many)),
            "stac-emb validate": ("-m", "stac_emb", "validate", str(many)),
            "the same, one Item": ("-m", "stac_emb", "validate", str(one)),
        }
        least = dict.fromkeys(runs, float("inf"))
        for _ in range(3):
            for told, arguments in runs.items():
                least[told] = min(least[told], _seconds(*arguments))
    for told, seconds in least.items():
        print(f"{told:24} {seconds:8.2f} s")
    ratio = least["stac-emb validate"] / least["parse and bare schema"]
    print(f"{'ratio':24} {ratio:8.1f}    (target: 4)")
    print(f"{'start':24} {least['the same, one Item']:8.2f} s  (target: 0.3)")


if __name__ == "__main__":
    main()
