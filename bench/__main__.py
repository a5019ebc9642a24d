"""Run the benchmarks:  python -m bench [name]...

Each module of this folder with a function `main()` is one; it prints what it measured against its named peer in the
same run. ITEMS=1000000 in the environment asks for the full size where a benchmark has one.
"""

import importlib
import pkgutil
import sys

import bench


def _names() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))


def run(names: list[str]) -> int:
    """Run the named benchmarks, all without a name; returns the exit code."""
    known = _names()
    if unknown := sorted(set(names) - set(known)):
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        print(f"== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
