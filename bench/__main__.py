"""Run the benchmarks:  python -m bench [name]... [--json FILE] [--rounds N]

Each module of this folder with a function `main()` is one; it returns what it measured against its named peer in the
same run. ITEMS=1000000 in the environment asks for the full size where a benchmark has one. The JSON goes to
`site/content/benchmarks.json` for the site's page of benchmarks.
"""

import argparse
import datetime as dt
import importlib
import importlib.metadata
import json
import os
import pkgutil
import platform
import sys
import time
from pathlib import Path

import bench
from bench._figures import Figure, together

_PEERS = (
    "faiss-cpu", "jsonschema-rs", "numpy", "pyarrow", "pypgstac", "pystac", "rasterio", "rioxarray", "rustac",
    "stac-fastapi-pgstac", "stac-geoparquet",
)  # fmt: skip


def _names() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))


def run(names: list[str], file: Path | None = None, rounds: int = 1) -> int:
    """Run the named benchmarks, all without a name; returns the exit code.

    Args:
        names: of modules.
        file: where the JSON goes.
        rounds: how often each is run; the median and the spread are reported.
    """
    known = _names()
    if unknown := sorted(set(names) - set(known)):
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    document = {"machine": machine(), "versions": versions(), "rounds": rounds, "benchmarks": []}
    for name in names or known:
        print(f"== {name}", flush=True)
        module, began = importlib.import_module(f"bench.{name}"), time.perf_counter()
        figures: list[Figure] = together([module.main() for _ in range(rounds)])
        for figure in figures:
            print(figure.line(), flush=True)
        title = str(module.__doc__).strip().partition("\n")[0]
        document["benchmarks"].append(  # type: ignore[attr-defined]
            {
                "name": name,
                "title": title,
                "items": int(os.environ["ITEMS"]) if os.environ.get("ITEMS") else None,
                "seconds": round(time.perf_counter() - began, 1),
                "figures": [figure.as_dict() for figure in figures],
            }
        )
        if file is not None:  # after each, so that one that breaks off costs only itself
            file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def machine() -> dict[str, object]:
    """The machine that measures, and how busy it is with other work."""
    cpu, memory = platform.processor(), 0
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": cpu or "not stated",
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1) if memory else None,
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def versions() -> dict[str, str]:
    """Of Python, the atlas and the peers that are installed."""
    found = {"Python": platform.python_version(), "atlas": importlib.metadata.version("earth-embedding-atlas")}
    for name in _PEERS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    lock = json.loads((Path(__file__).parents[1] / "package-lock.json").read_text("utf-8"))
    found["stac-node-validator"] = lock["packages"]["node_modules/stac-node-validator"]["version"]
    return found


def main(arguments: list[str]) -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(_names())}; all without a name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--rounds", type=int, default=1, help="run each that often, and report the spread")
    given = parser.parse_args(arguments)
    return run(given.names, given.json, given.rounds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
