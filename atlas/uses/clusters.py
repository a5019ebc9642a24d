"""Groups of pixels or patches without labels: mini-batch k-means on a sample, then every vector."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.identity import Identity
from atlas.read.restore import normalized
from atlas.uses.blocks import MISSING, Vectors, checked, classes_of, each_pixel, metric_of, sampled

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

__all__ = ["cluster", "cluster_rows"]


def cluster(
    cube: "xr.DataArray", count: int, *, metric: str | None = None, sample: int = 100_000, seed: int = 0
) -> "xr.DataArray":
    """Group the pixels of a cube; all years share the groups.

    Args:
        cube: of `atlas.open`.
        count: groups, 2 to 254.
        metric: `cosine` groups directions (vectors are scaled to length 1), `euclidean` and `dot` vectors as they are;
            by default the one that the producer recommends.
        sample: most vectors that the groups are learned from.
        seed: of the random choices; the same seed gives the same groups.

    Returns:
        Shape (time, y, x) uint8, 255 where there is no vector; groups are numbered by their size, the largest is 0.

    Raises:
        RestoreError: there are fewer vectors than groups.
    """
    identity = checked(cube)
    vectors = sampled(cube, sample, seed)
    work, step = _grouped(vectors, identity, count, metric, seed)
    groups = each_pixel(cube, work, np.uint8, "cluster")
    groups.attrs = identity.done(step).attributes()
    return groups


def cluster_rows(
    table: "pa.Table", count: int, *, metric: str | None = None, sample: int = 100_000, seed: int = 0
) -> "pa.Table":
    """Group the patches of a table; see `cluster`.

    Returns:
        The table with a column `cluster`, null where there is no vector.

    Raises:
        RestoreError: there are fewer vectors than groups.
    """
    import pyarrow as pa

    from atlas.read.patches import labelled, matrix, table_identity

    identity, vectors = table_identity(table), matrix(table)
    there = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    if len(there) > sample:
        there = np.sort(np.random.default_rng(seed).choice(there, sample, replace=False))
    work, step = _grouped(vectors[there], identity, count, metric, seed)
    groups = work(vectors)
    column = pa.array(groups, pa.uint8(), mask=groups == MISSING)
    return labelled(table.append_column("cluster", column), identity.done(step))


def _grouped(
    vectors: Vectors, identity: Identity, count: int, metric: str | None, seed: int
) -> tuple[Callable[[Vectors], npt.NDArray[np.uint8]], str]:
    """A function that assigns vectors to clusters, fitted on a sample, and a description."""
    from sklearn.cluster import MiniBatchKMeans

    name, why = metric_of(identity, metric)
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise RestoreError(f"the number of groups is a whole number from 2 to 254, not {count!r:.80}")
    prepared = normalized(vectors) if name == "cosine" else vectors
    prepared = prepared[np.isfinite(prepared).all(axis=1)]
    if not 2 <= count < MISSING or len(prepared) < count:
        raise RestoreError(
            f"{count} groups of {len(prepared)} vectors: ask for 2 to 254 groups, at most one per vector"
        )
    model = MiniBatchKMeans(int(count), random_state=seed, n_init=3).fit(prepared)
    sizes = np.bincount(model.labels_, minlength=count)
    order = np.argsort(np.argsort(-sizes, kind="stable"))

    def work(block: Vectors) -> npt.NDArray[np.uint8]:
        return classes_of(lambda some: order[model.predict(some)], normalized(block) if name == "cosine" else block)

    learned = f"learned from {len(prepared)} vectors, seed {seed}"
    return work, f"{count} groups by mini-batch k-means, {name} ({why}), {learned}"
