"""Crawls in children that kill themselves: run by test_kill.py as a process of its own, where forking is safe.

Reads a JSON object on standard input: `before` and `after`, two states of an index; `root`, a folder to work in;
`step`, to leave points out.
Prints for each point of death what a crawl left and what the next one made of it.
"""

import gc
import json
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

import stac_geoparquet.arrow  # noqa: F401

# Loaded before forking, so that a child begins at once.
import atlas.sources.parquet_index  # noqa: F401
from atlas.crawl.engine import Crawl
from atlas.records import load_catalog
from atlas.sources.base import Source
from atlas.stac.collection import collection_from_record

CATALOG = load_catalog()
PRODUCT = CATALOG.products["tessera-v1"]
collection_from_record(PRODUCT, CATALOG)
NAMES = ("replace", "unlink", "fsync")
# The collector of a child would touch, and so copy, all that it shares with its parent.
gc.freeze()


def crawl(index, out, deadly=None):
    """Crawl in a child that kills itself before its file operation number `deadly`; whether it died."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(operation):
            def run(*args, **kwargs):
                nonlocal count
                count += 1
                if count == deadly:
                    os.kill(os.getpid(), signal.SIGKILL)
                return operation(*args, **kwargs)

            return run

        for name in NAMES:
            setattr(os, name, counted(getattr(os, name)))
        try:
            Crawl(Source(PRODUCT, str(index)), CATALOG, out).run()
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in {0, -signal.SIGKILL}:
        raise SystemExit(f"a crawl failed: {status}")
    return status != 0


def put(index, files):
    index.mkdir(exist_ok=True)
    for old in index.iterdir():
        old.unlink()
    for name, text in files.items():
        (index / name).write_text(text)


def what_is_there(out):
    found = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and name != ".lock":
            found[name] = path.read_bytes()
    report = json.loads(found.pop("report.json"))
    for name in ("report.txt", "drift.json", "inputs.json", "parts.json"):
        found.pop(name, None)  # they hold times
    counts = {k: report[k] for k in ("items", "unchanged", "added", "changed", "vanished", "deprecated", "set_aside")}
    return found, counts


def main():
    asked = json.load(sys.stdin)
    root = Path(asked["root"])
    index, base = root / "index", root / "base"
    put(index, asked["before"])
    crawl(index, base)
    put(index, asked["after"])
    shutil.copytree(base, root / "undisturbed")
    crawl(index, root / "undisturbed")
    expected, counts = what_is_there(root / "undisturbed")
    out = root / "out"
    for point in range(1, 1000, asked["step"]):
        shutil.copytree(base, out)
        died = crawl(index, out, point)
        # Each change must be in the report of one run, and of one only. The manifest is written last and its folder's
        # fsync comes after it: who died there had reported all, and the next crawl rightly says that nothing changed.
        reported = died and (out / "manifest.json").read_bytes() == expected["manifest.json"]
        reports = [what_is_there(out)[1]] if reported else []
        if died:
            crawl(index, out)
        found, recounted = what_is_there(out)
        reports.append(recounted)
        right = reports[0] == counts and not any(one["added"] + one["changed"] + one["vanished"] for one in reports[1:])
        differs = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        print(json.dumps({"point": point, "died": died, "differs": differs, "counts": right}), flush=True)
        shutil.rmtree(out)
        if not died:
            return


if __name__ == "__main__":
    main()
