"""Fuzz what reads strangers' bytes, guided by coverage, and go on from the corpus: `make fuzz SECONDS=600`.

Each target gets its share of the time, in a process of its own. What reaches new code is kept below `build/fuzz`; with
`--keep` the smallest inputs among it go to `tests/fuzz/corpus`, which the suite replays. A find (an exception
that is not ours, a process that ends) is written to `build/fuzz/finds`, and the exit code is 1.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).with_name("corpus")
WORK = ROOT / "build" / "fuzz"
MOST = 60
"""Inputs that are kept of a target."""
LONGEST = 2_048
"""Bytes of an input: small ones run often, and the corpus stays small."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=100, help="for all targets together")
    parser.add_argument("--only", help="the name of one target")
    parser.add_argument("--keep", action="store_true", help="bring what reaches new code into the corpus")
    asked = parser.parse_args()
    names = [asked.only] if asked.only else sorted(path.name for path in CORPUS.iterdir())
    finds = WORK / "finds"
    finds.mkdir(parents=True, exist_ok=True)
    found = 0
    for name in names:
        work, kept = WORK / "corpus" / name, CORPUS / name
        work.mkdir(parents=True, exist_ok=True)
        before = set(work.iterdir())
        limits = [f"-max_total_time={max(1, asked.seconds // len(names))}", f"-max_len={LONGEST}", "-rss_limit_mb=3000"]
        done = run(name, *limits, f"-artifact_prefix={finds}/{name}-", work, kept)
        executions = re.findall(r"^#(\d+)", done.stderr, re.MULTILINE)
        print(f"{name}: {int(executions[-1]) if executions else 0:,} inputs, {len(set(work.iterdir()) - before)} new")
        if done.returncode:
            found += 1
            told = done.stdout + done.stderr
            lines = [line for line in told.splitlines() if re.match(r"\w*(Error|Exception)|==\d+==", line)]
            print("\n".join(["FOUND", *lines[:3], *done.stderr.splitlines()[-3:]]))
        if asked.keep:
            room = MOST - len(list(kept.iterdir()))
            small = sorted(work.iterdir(), key=lambda path: (path.stat().st_size, path.name))
            for one in [path for path in small if not (kept / path.name[:12]).exists()][: max(0, room)]:
                shutil.copy(one, kept / one.name[:12])
    print(f"{len(names)} targets, {found} with a find" + (f": {finds}" if found else ""))
    sys.exit(bool(found))


def run(name, *arguments):
    command = [sys.executable, "-m", "tests.fuzz.run", name, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)


if __name__ == "__main__":
    main()
