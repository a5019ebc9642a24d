"""Faults at random moments, over and over: `make faults` (N=1000 for the full length, SEED=... repeats a run).

Each round breaks one thing, runs the command again as an operator would, and compares with an undisturbed run: an Item
that is not there is lost, one that is there twice or should not be is doubled. Prints how many of which kind were
survived, also where it is interrupted, and exits with 1 where one was not. Run as a process of its own: it forks, and
threads would not survive that.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.disk import control_of, start_again_with_it


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--total", type=int, default=100, help="faults, of all kinds in turn")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no further round after that many")
    parser.add_argument("--only", default="", help="kinds whose names hold this text")
    asked = parser.parse_args()
    root = Path(os.environ.get("ATLAS_FAULTS_FOLDER") or tempfile.mkdtemp(prefix="atlas-faults-crawl-"))
    root.chmod(0o755)
    no_disk = start_again_with_it(root)
    from tests.faults.crawls import Crawls, CutCrawls
    from tests.faults.loads import Loads

    chosen, survived, played, struck = random.Random(asked.seed), Counter(), Counter(), Counter()
    faults, spent = [], Counter()
    end = time.monotonic() + 60 * asked.minutes
    loads = Loads(root, control_of(root))
    cut = CutCrawls(root / "cut")
    kinds = {}
    for one in (signal.SIGTERM, signal.SIGINT):  # a shell has what it starts in the background ignore the latter
        signal.signal(one, signal.default_int_handler)
    try:
        crawls = Crawls(root / "crawls", not no_disk)
        kinds = {
            "crawl killed": crawls.killed,
            "crawl with an operation that fails": crawls.failing,
            "crawl with its connection cut": cut.round,
            "load killed": loads.killed,
            "load with its connection cut": loads.connection_cut,
            "database killed under a load": loads.database_killed,
        }
        of_disk = {
            "crawl on a full disk": crawls.full,
            "crawl with a torn write": crawls.torn,
            "crawl without power": crawls.without_power,
            "crawl without power on a disk that lies": crawls.without_power_and_fsync,
            "database on a full disk": loads.database_full,
            "database with a torn write": loads.database_torn,
        }
        kinds |= {} if no_disk else of_disk
        kinds = {name: play for name, play in kinds.items() if asked.only in name}
        for number in range(asked.total):
            for kind, play in kinds.items():
                if time.monotonic() > end or played.total() == asked.total:
                    break
                began = time.monotonic()
                odd = play(chosen)
                spent[kind] += time.monotonic() - began
                played[kind] += 1
                struck[kind] += play.__self__.struck
                survived[kind] += not odd
                for one in odd:
                    faults.append(f"round {number}, {kind}: {one}")
                    print(faults[-1], file=sys.stderr, flush=True)
    except KeyboardInterrupt:  # what it broke at this moment is not counted
        print(f"interrupted after {played.total():,} faults", flush=True)
    finally:
        cut.close()
        loads.close()
        if not faults:
            shutil.rmtree(root, ignore_errors=True)
    for kind in played:
        print(
            f"{kind}: {survived[kind]} of {played[kind]} survived, {struck[kind]} of them ended the command "
            f"({spent[kind]:.0f} s)"
        )
    if no_disk:
        print(f"left out, as the disk cannot be made to fail here ({no_disk}): {', '.join(of_disk)}")
    print(f"{played.total():,} faults; lost or doubled: {len(faults)} (seed {asked.seed})")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
