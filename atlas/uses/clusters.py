"""Groups of pixels without labels: mini-batch k-means on a sample, then every pixel by chunk."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.read.restore import normalized
from atlas.uses.blocks import Vectors, checked, each_pixel, metric_of, sampled

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["MISSING", "cluster"]

MISSING = 255
"""Class of a pixel without a vector."""


def cluster(
    cube: "xr.DataArray", count: int, *, metric: str | None = None, sample: int = 100_000, seed: int = 0
) -> "xr.DataArray":
    """Group the pixels of a cube; all years share the groups.

    Args:
        cube: of `atlas.open`.
        count: groups, 2 to 254.
        metric: `cosine` groups directions (vectors are scaled to length 1), `euclidean` and `dot` vectors as they are;
            by default the one that the producer recommends.
        sample: vectors that the groups are learned from, at most.
        seed: of the random choices; the same seed gives the same groups.

    Returns:
        Shape (time, y, x) uint8, 255 where there is no vector; groups are numbered by their size, the largest is 0.

    Raises:
        RestoreError: there are fewer vectors than groups.
    """
    from sklearn.cluster import MiniBatchKMeans

    from atlas.errors import RestoreError

    identity = checked(cube)
    name, why = metric_of(identity, metric)
    vectors = sampled(cube, sample, seed)
    if not 2 <= count < MISSING or len(vectors) < count:
        msg = f"{count} groups of {len(vectors)} vectors: 2 to 254 groups, and as many vectors at least"
        raise RestoreError(msg)
    prepared = normalized(vectors) if name == "cosine" else vectors
    prepared = prepared[np.isfinite(prepared).all(axis=1)]
    model = MiniBatchKMeans(count, random_state=seed, n_init=3).fit(prepared)
    sizes = np.bincount(model.labels_, minlength=count)
    order = np.argsort(np.argsort(-sizes, kind="stable"))

    def work(block: Vectors) -> npt.NDArray[Any]:
        of = normalized(block) if name == "cosine" else block
        there = np.isfinite(of).all(axis=1)
        found = np.full(len(block), MISSING, np.uint8)
        if there.any():
            found[there] = order[model.predict(of[there])]
        return found

    groups = each_pixel(cube, work, np.uint8, "cluster")
    groups.attrs = identity.done(
        f"{count} groups by mini-batch k-means, {name} ({why}), learned from {len(prepared)} vectors, seed {seed}"
    ).attributes()
    return groups
