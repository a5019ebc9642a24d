"""An index of patches in a file beside them: inverted lists of one-byte codes (FAISS), with measured recall.

It names candidates, whose vectors are then compared exactly. It refuses any table but the one that it was made from.
"""

import hashlib
import json
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import IdentityError
from atlas.read.patches import matrix, table_identity
from atlas.read.restore import normalized
from atlas.uses.blocks import Vectors, metric_of
from atlas.uses.similarity import scores

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PatchIndex", "build_index", "open_index"]

WANTED, QUERIES, AT = 0.98, 64, 100
"""Wanted recall, over how many queries, at how many neighbours: the search is widened until it is reached."""
MORE = 4
"""Candidates per row that is asked for."""


@dataclass(frozen=True, slots=True)
class PatchIndex:
    """An index that fits a table.

    Attributes:
        engine: FAISS's.
        rows: the table's row of each vector in it.
        facts: `space`, `dimensions`, `metric`, `rows`, `digest` of the table, `lists`, `probed`, `recall` at `of`
            neighbours over `queries` queries, `made_with`.
    """

    engine: Any
    rows: npt.NDArray[np.int64]
    facts: dict[str, Any]

    def candidates(
        self, table: "pa.Table", query: tuple[Vectors, Vectors | None], count: int, metric: str
    ) -> npt.NDArray[np.int64]:
        """Rows of the table that may be among the most alike.

        Raises:
            RestoreError: the index is of another metric or table, or cannot answer the query.
        """
        if metric != self.facts["metric"]:
            msg = f"the index is for {self.facts['metric']}, {metric} is asked for: build one, or search without"
            raise RestoreError(msg)
        if table.num_rows != self.facts["rows"]:
            raise RestoreError(f"the index is of {self.facts['rows']} rows, the table has {table.num_rows}: rebuild it")
        liked, unliked = query
        if unliked is not None and metric == "euclidean":
            raise RestoreError("an index cannot combine counter-examples with a euclidean distance: search without")
        one = liked if unliked is None else liked - unliked
        _, found = self.engine.search(np.ascontiguousarray(one[np.newaxis], np.float32), max(MORE * count, AT))
        near: npt.NDArray[np.int64] = np.asarray(found[0], np.int64)
        return self.rows[near[near >= 0]]


def build_index(table: "pa.Table", path: Path | str, *, metric: str | None = None, seed: int = 0) -> PatchIndex:
    """Make an index of a table's vectors, measure its recall, and keep both.

    Args:
        table: of `atlas.open`.
        path: of the file; facts go beside it, as JSON.
        metric: as for `similar`.
        seed: of the random choices.

    Raises:
        RestoreError: the table has fewer vectors than an index needs, or FAISS is not installed.
        IdentityError: the table does not say what it is.
    """
    faiss = _faiss()
    identity = table_identity(table)
    name, _ = metric_of(identity, metric)
    given = matrix(table)
    rows = _usable(given)
    if len(rows) < 4 * AT:
        raise RestoreError(f"{len(rows)} vectors need no index: search without")
    vectors = _prepared(given, rows, name)
    # At least 64 vectors per list: shorter lists are badly trained, longer ones make a search slow.
    lists = int(max(1, min(4 * np.sqrt(len(rows)), len(rows) / 64)))
    kind = faiss.METRIC_L2 if name == "euclidean" else faiss.METRIC_INNER_PRODUCT
    engine = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", kind)
    engine.cp.seed = seed
    engine.cp.min_points_per_centroid = 1
    random = np.random.default_rng(seed)
    engine.train(vectors[np.sort(random.permutation(len(rows))[: 64 * lists])])
    engine.add(vectors)
    recall = _widen(engine, vectors, lists, name, random)
    facts = {
        "space": identity.space,
        "dimensions": identity.dimensions,
        "metric": name,
        "rows": table.num_rows,
        "digest": _digest(table),
        "lists": lists,
        "probed": int(engine.nprobe),
        "recall": recall,
        "of": AT,
        "queries": QUERIES,
        "made_with": f"faiss {faiss.__version__}",
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    faiss.write_index(engine, str(part))
    _facts_of(path).write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    part.replace(path)
    return PatchIndex(engine, rows, facts)


def open_index(path: Path | str, table: "pa.Table") -> PatchIndex:
    """The index from a file, if it was made from this table.

    Raises:
        RestoreError: it is missing or unreadable, or was made from another table.
        IdentityError: it is of another space.
    """
    faiss, path = _faiss(), Path(path)
    try:
        facts = json.loads(_facts_of(path).read_bytes())
        engine = faiss.read_index(str(path))
        space, digest = facts["space"], facts["digest"]
        engine.nprobe = facts["probed"]
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise RestoreError(f"{path}: no index with its facts beside it ({str(error)[:200]}): build it") from None
    identity = table_identity(table)
    if space != identity.space:
        raise IdentityError(f"{path}: the index is of the space '{space}', the table lies in '{identity.space}'")
    if digest != _digest(table):
        raise RestoreError(f"{path}: the index is stale: it was made from other rows or vectors; rebuild it")
    return PatchIndex(engine, _usable(matrix(table)), facts)


def _usable(vectors: Vectors) -> npt.NDArray[np.int64]:
    """Rows that hold a vector with a direction."""
    return np.flatnonzero(np.isfinite(vectors).all(axis=1) & (vectors != 0).any(axis=1))


def _widen(engine: Any, vectors: Vectors, lists: int, metric: str, random: np.random.Generator) -> float:  # noqa: ANN401
    """Search more lists until enough of the true neighbours of some rows are found; returns the recall."""
    asked = vectors[np.sort(random.permutation(len(vectors))[:QUERIES])]
    truth = [set(np.argsort(-scores(vectors, metric=metric, query=(one, None)))[:AT].tolist()) for one in asked]
    recall, probed = 0.0, 1
    while True:
        engine.nprobe = probed
        _, found = engine.search(asked, MORE * AT)
        recall = float(np.mean([len(t & set(f.tolist())) / AT for t, f in zip(truth, found, strict=True)]))
        if recall >= WANTED or probed >= lists:
            return recall
        probed = min(2 * probed, lists)


def _prepared(vectors: Vectors, rows: npt.NDArray[np.int64], metric: str) -> Vectors:
    picked = vectors if len(rows) == len(vectors) else vectors[rows]
    return np.ascontiguousarray(normalized(picked) if metric == "cosine" else picked, np.float32)


def _digest(table: "pa.Table") -> str:
    """SHA-256 of the vectors and of the rows that they belong to."""
    seen = hashlib.sha256(np.ascontiguousarray(matrix(table)).view(np.uint8).data)
    for name in ("item", "row"):
        if name in table.column_names:
            seen.update("\n".join(map(str, table.column(name).to_pylist())).encode())
    return seen.hexdigest()


def _facts_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _faiss() -> Any:  # noqa: ANN401 - it ships no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of SWIG's wrappers, which are not for users
        try:
            return import_module("faiss")
        except ImportError as error:
            raise RestoreError(f"an index needs FAISS ({error}): pip install 'earth-embedding-atlas[index]'") from None
