"""The 100 nearest of many patches of 768 dimensions: exact, against FAISS's flat index; and with an approximate index.

    ROWS=1000000 python -m bench patches      (the size that the targets are for; 12 GB of memory)

In one run, in turns, the median of five queries. Vectors lie near a surface of few dimensions, as those of models do;
vectors of independent components have no neighbours. Targets: exact within twice FAISS flat; recall of the index 0.95.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from atlas.read.identity import Identity
from atlas.uses import build_index, open_index, similar_rows
from atlas.uses.similarity import Reference
from bench._figures import Figure

__all__ = ["main"]

DIMENSIONS, TOP, QUERIES = 768, 100, 5


def main() -> list[Figure]:
    """Times, their ratio, and the recall."""
    import faiss

    rows = int(os.environ.get("ROWS", "50000"))
    identity = Identity("a-space", DIMENSIONS, None, ("cosine",))
    random = np.random.default_rng(0)
    surface = random.normal(size=(16, DIMENSIONS)).astype(np.float32)
    vectors = np.empty((rows, DIMENSIONS), np.float32)
    for begin in range(0, rows, 100_000):
        part = vectors[begin : begin + 100_000]
        part[:] = np.tanh(random.normal(size=(len(part), 16)).astype(np.float32) @ surface)
        part += 0.1 * random.normal(size=part.shape).astype(np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMENSIONS)
    table = pa.table({"embedding": column, "row": np.arange(rows)}).replace_schema_metadata(identity.metadata())
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    flat = faiss.IndexFlatIP(DIMENSIONS)
    flat.add(units)
    asked = random.integers(0, rows, QUERIES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patches.faiss"
        begin_build = time.perf_counter()
        built = build_index(table, path)
        build = time.perf_counter() - begin_build
        begin_open = time.perf_counter()
        index = open_index(path, table)
        opening = time.perf_counter() - begin_open
        size = path.stat().st_size / 1e6
    references = {int(a): Reference(vectors[a : a + 1], vectors[:0], identity) for a in asked}
    work: dict[str, Callable[[int], set[int]]] = {
        "FAISS flat": lambda a: set(flat.search(units[a : a + 1], TOP)[1][0].tolist()),
        "every row compared": lambda a: set(similar_rows(table, references[a], TOP).column("row").to_pylist()),
        "with the index": lambda a: set(similar_rows(table, references[a], TOP, index=index).column("row").to_pylist()),
    }
    took: dict[str, list[float]] = {name: [] for name in work}
    shares: dict[str, list[float]] = {name: [] for name in work}
    for one in references:
        truth: set[int] = set()
        for name, function in work.items():
            begin_one = time.perf_counter()
            found = function(one)
            took[name].append(time.perf_counter() - begin_one)
            truth = truth or found
            shares[name].append(len(found & truth) / TOP)
    told = f"{rows:,} x {DIMENSIONS}, top {TOP}"
    middle = {name: 1000 * statistics.median(times) for name, times in took.items()}
    flat_ms, exact, quick = middle["FAISS flat"], middle["every row compared"], middle["with the index"]
    return [
        Figure(f"{told}: every row compared", "ms", exact, flat_ms, "FAISS flat", exact / flat_ms, 2),
        Figure(f"{told}: with the index", "ms", quick, flat_ms, "FAISS flat", quick / flat_ms),
        Figure(
            f"{told}: recall of the index", "", float(np.mean(shares["with the index"])), target=0.95, at_least=True
        ),
        Figure(f"{told}: recall that the index states", "", float(str(built.facts["recall"]))),
        Figure(f"{told}: building the index", "s", build),
        Figure(f"{told}: opening the index", "s", opening),
        Figure(f"{told}: size of the index", "MB", size),
    ]
