"""Validation speed on documents as varied as public catalogues hold, against stac-node-validator and rustac.

    python -m bench mixed        (ITEMS=20000 for more)

All validate the same documents in one run, by the schemas of core and of every extension; ours applies its semantic
rules too. Each comparison is measured in two ways:

- "from start to end" is what a user waits for: the command lines over a folder with one document in each file, or over
  one file, with starting, reading, parsing and compiling. Ours uses all cores where there are many files. Targets are
  of this, by the clock; seconds of the processor are those of all processes together. stac-node-validator 2.0.0 takes
  no file of several documents (its command ends in an error after it has validated them), and rustac has no extension
  schemas without a network, so that it gets a file of the Items without extensions.
- "each further one" is what one more document costs a program that has long been running, in processor seconds:
  stac-node-validator gets parsed documents, with every schema compiled and its code warm, and so does ours; ours reads
  and parses the file that rustac gets. What starting and compiling costs a peer is in both a short and a long run, and
  the difference of the two is what its documents cost: the long one has them three times over.
"""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from bench._documents import documents
from bench._figures import Figure
from bench._items import item_count
from bench._processes import ROOT, Cost, command_cost
from stac_emb.registry import registry
from stac_emb.validate import Validator

__all__ = ["main"]

_OURS: list[str | Path] = [sys.executable, "-m", "stac_emb", "validate"]
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


def _run(command: Sequence[str | Path], said: str) -> Cost:
    """What a command costs; it must succeed and report that all is valid."""
    cost, printed = command_cost(command)
    assert said in printed, printed[-300:]
    return cost


def _side_by_side(ours: Callable[[], Cost], theirs: Callable[[], Cost], times: int = 3) -> tuple[Cost, Cost]:
    """The least of several runs of both, one after the other; the first of each only warms the disk's cache."""
    runs = [(ours(), theirs()) for _ in range(times + 1)][1:]
    (a, b), (c, d) = ([min(costs) for costs in zip(*side, strict=True)] for side in zip(*runs, strict=True))
    return (a, b), (c, d)


def _schema_map() -> dict[str, str]:
    # A URI there matches by its start: longer ones first.
    return {uri: str(entry.path) for uri, entry in sorted(registry().items(), key=lambda row: -len(row[0]))}


def folder_against_node(found: list[dict[str, Any]], folder: Path) -> tuple[Cost, Cost]:
    """What both commands cost for a folder with a file for each document."""
    program, count = _tool("node"), len(found)
    assert program is not None, "run `make setup`"
    files = folder / "documents"
    files.mkdir()
    for number, document in enumerate(found):
        (files / f"{number:07d}.json").write_bytes(orjson.dumps(document))
    config = folder / "config.json"
    config.write_text(json.dumps({"schemaMap": _schema_map()}))
    script = ROOT / "node_modules" / "stac-node-validator" / "bin" / "cli.js"
    return _side_by_side(
        lambda: _run([*_OURS, files], f"{count} checked, {count} valid"),
        lambda: _run([program, script, "--config", config, files], f"Passed: {count}"),
    )


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
    request = {"root": str(ROOT), "schemaMap": _schema_map(), "documents": str(folder / "documents.json")}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "time.cjs").write_text(_NODE)
    done = subprocess.run(  # our own script
        [program, folder / "time.cjs", folder / "request.json"], capture_output=True, text=True, check=True
    )
    outcome: dict[str, float] = json.loads(done.stdout)
    assert outcome["valid"] == len(found), outcome
    return outcome["seconds"]


def _bare(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The Items, without their extensions."""
    # Fields of `emb` without its declaration are a fault to us.
    items = [document for document in found if document["type"] == "Feature" and document["collection"] != "embeddings"]
    return [{**item, "stac_extensions": []} for item in items]


def rustac(bare: list[dict[str, Any]], folder: Path) -> tuple[tuple[Cost, Cost], tuple[float, float]]:
    """What both commands cost for a file of the Items, and seconds for each further file of them, ours first."""
    program = _tool("rustac")
    assert program is not None, "rustac is not installed: run `make setup`"
    whole, thrice = folder / "whole.json", folder / "thrice.json"
    for path, rows in ((whole, bare), (thrice, bare * 3)):
        path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": rows}))

    def theirs(path: Path) -> Cost:
        return _run([program, "validate", path], "")

    count = len(bare)
    runs = _side_by_side(lambda: _run([*_OURS, whole], f"{count} checked, {count} valid"), lambda: theirs(whole))
    further = (_least(lambda: theirs(thrice)) - runs[1][1]) / 2
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
    return runs, (mine, further)


def _against(name: str, count: int, ours: float, theirs: float, peer: str, target: float | None = None) -> Figure:
    return Figure(name, "documents/s", count / ours, count / theirs, peer, theirs / ours, target, at_least=True)


def main() -> list[Figure]:
    """Documents per second of each, and the ratios; ITEMS in the environment is the number of documents."""
    count = item_count(5_000)
    found = documents(count)
    bare = _bare(found)
    size = len(orjson.dumps(found)) / count / 1024
    extensions = {tuple(document.get("stac_extensions", ())) for document in found}
    told = f"{count:,} documents of {size:.1f} KiB on average, {len(extensions)} sets of extensions"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, theirs = folder_against_node(found, folder)
        further = ours(found), node(found, folder)
        alone, one_more = rustac(bare, folder)
    peer, same = "stac-node-validator", f"{len(bare):,} Items without extensions, one file"
    return [
        _against(f"{told}, from start to end", count, mine[0], theirs[0], peer, 10),
        _against("the same, by seconds of the processor", count, mine[1], theirs[1], peer),
        _against("each further one, parsed and compiled", count, *further, peer),
        _against(f"{same}, from start to end", len(bare), alone[0][0], alone[1][0], "rustac", 2),
        _against("the same, by seconds of the processor", len(bare), alone[0][1], alone[1][1], "rustac"),
        _against("each further one of those", len(bare), *one_more, "rustac"),
    ]
