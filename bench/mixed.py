"""Validation speed on documents as varied as public catalogues hold, against stac-node-validator and rustac.

    python -m bench mixed        (ITEMS=20000 for more)

All three judge the same documents in one run. stac-node-validator gets them parsed, with every schema on disk. rustac
is a command line that has no extension schemas without a network, so it gets a file of the Items without extensions,
and ours reads and parses that file. What starting and compiling costs a peer is in both a short and a long run, and the
difference of the two is what its documents cost: the long one has them three times over. Seconds are those of the
processor, so that other programs on the machine do not count.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from bench._documents import documents
from bench._figures import Figure
from stac_emb.registry import registry
from stac_emb.validate import Validator

__all__ = ["main"]

DEFAULT_ITEMS = 2_000
_ROOT = Path(__file__).resolve().parents[1]
_NODE = """
const fs = require('fs');
const request = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const validate = require(request.root + '/node_modules/stac-node-validator');
const loader = async (uri) => JSON.parse(fs.readFileSync(uri, 'utf8'));
const config = { schemaMap: request.schemaMap, loader, verbose: false, strict: false };
(async () => {
  const parsed = JSON.parse(fs.readFileSync(request.documents, 'utf8'));
  const timed = async (documents) => {
    const start = process.cpuUsage();
    const report = await validate(documents, config);
    const used = process.cpuUsage(start);
    return [report, (used.user + used.system) / 1e6];
  };
  await timed(parsed);
  const least = async (documents) => {
    let best = Infinity;
    let report;
    for (let i = 0; i < 2; i++) {
      const [found, seconds] = await timed(documents);
      [best, report] = [Math.min(best, seconds), found];
    }
    return [report, best];
  };
  const [report, once] = await least(parsed);
  const [, thrice] = await least([...parsed, ...parsed, ...parsed]);
  const seconds = (thrice - once) / 2;
  const valid = report.children.filter((child) => child.valid).length;
  process.stdout.write(JSON.stringify({ seconds, valid }));
})();
"""


def _used() -> float:
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system


def _least(work: Callable[[], object], times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        start = _used()
        work()
        best = min(best, _used() - start)
    return best


def _tool(name: str) -> str | None:
    return shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


def ours(found: list[dict[str, Any]]) -> float:
    """Seconds for all documents as a library, on parsed documents, with semantics."""
    validator = Validator()

    def work() -> None:
        assert all(validator.is_valid(document) for document in found)

    work()
    return _least(work)


def node(found: list[dict[str, Any]], folder: Path) -> float:
    """Seconds of stac-node-validator for all documents in one call, schemas compiled before."""
    program = _tool("node")
    assert program is not None, "run `make setup`"
    (folder / "documents.json").write_bytes(orjson.dumps(found))
    schema_map = {uri: str(entry.path) for uri, entry in sorted(registry().items(), key=lambda row: -len(row[0]))}
    request = {"root": str(_ROOT), "schemaMap": schema_map, "documents": str(folder / "documents.json")}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "time.cjs").write_text(_NODE)
    done = subprocess.run(  # our own script
        [program, folder / "time.cjs", folder / "request.json"], capture_output=True, text=True, check=True
    )
    outcome: dict[str, float] = json.loads(done.stdout)
    assert outcome["valid"] == len(found), outcome
    return outcome["seconds"]


def rustac(found: list[dict[str, Any]], folder: Path) -> tuple[float, float] | None:
    """Seconds of rustac and of ours for a file of the documents without extensions; None where rustac is missing."""
    program = _tool("rustac")
    if program is None:
        return None
    whole, thrice = folder / "whole.json", folder / "thrice.json"
    # Fields of `emb` without its declaration are a fault to us.
    items = [document for document in found if document["type"] == "Feature" and document["collection"] != "embeddings"]
    bare = [{**item, "stac_extensions": []} for item in items]
    for path, rows in ((whole, bare), (thrice, bare * 3)):
        path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": rows}))

    def run(path: Path) -> None:
        done = subprocess.run([program, "validate", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-300:] + done.stderr[-300:]

    theirs = (_least(lambda: run(thrice)) - _least(lambda: run(whole))) / 2
    validator = Validator()

    def work() -> None:
        assert all(validator.is_valid(item) for item in orjson.loads(whole.read_bytes())["features"])

    threshold = gc.get_threshold()
    gc.set_threshold(200_000, *threshold[1:])  # as the command has it: documents hold no cycles
    try:
        work()
        mine = _least(work)
    finally:
        gc.set_threshold(*threshold)
    return theirs * len(found) / len(bare), mine * len(found) / len(bare)


def main() -> list[Figure]:
    """Documents per second of each, and the ratios; ITEMS in the environment is the number of documents."""
    count = int(os.environ.get("ITEMS", DEFAULT_ITEMS))
    found = documents(count)
    size = len(orjson.dumps(found)) / count / 1024
    extensions = {tuple(document.get("stac_extensions", ())) for document in found}
    told = f"{count:,} documents of {size:.1f} KiB on average, {len(extensions)} sets of extensions"
    mine, unit = ours(found), "documents/s"
    with tempfile.TemporaryDirectory() as name:
        theirs, bare = node(found, Path(name)), rustac(found, Path(name))
    assert bare is not None, "rustac is not installed: run `make setup`"
    peer, same = "stac-node-validator", "those without extensions, as one file"
    return [
        Figure(told, unit, count / mine, count / theirs, peer, theirs / mine, 10, at_least=True),
        Figure(same, unit, count / bare[1], count / bare[0], "rustac", bare[0] / bare[1], 2, at_least=True),
    ]
