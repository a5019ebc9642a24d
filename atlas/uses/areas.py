"""Areas of the classes of a map from a sample of checked places: never by counting pixels alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError

__all__ = ["Areas", "stratified_areas"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of classes, in the unit of the mapped areas.

    Attributes:
        mapped: as the map has them.
        estimated: corrected by the sample.
        error: standard error of the estimate.
        low, high: 95 % confidence interval.
        overall: overall accuracy, the share of the ground that is mapped correctly.
        users: user's accuracy of each class, the share of what is mapped as the class that is the class.
        producers: producer's accuracy of each class, the share of the class that is mapped as the class.
    """

    mapped: Floats
    estimated: Floats
    error: Floats
    low: Floats
    high: Floats
    overall: float
    users: Floats
    producers: Floats


def stratified_areas(counts: npt.ArrayLike, mapped: npt.ArrayLike) -> Areas:
    """Stratified estimator of areas and accuracies.

    Olofsson et al. 2014, https://doi.org/10.1016/j.rse.2014.02.015, equations 1 to 3 (accuracies) and 9 to 11 (areas):
    the strata are the classes of the map.

    Args:
        counts: shape (classes, classes): how many sampled places are mapped as the row and are the column.
        mapped: area of each class in the map.

    Raises:
        RestoreError: a class of the map has fewer than two sampled places.
    """
    n = np.asarray(counts, np.float64)
    area = np.asarray(mapped, np.float64)
    per_row = n.sum(axis=1)
    if n.shape != (len(area), len(area)) or ((per_row < 2) & (area > 0)).any():
        thin = np.flatnonzero((per_row < 2) & (area > 0)).tolist() if n.shape == (len(area), len(area)) else []
        msg = (
            f"class {thin[0] + 1} of the map has {int(per_row[thin[0]])} sampled places, at least 2 are needed"
            if thin
            else f"counts of shape {n.shape} for {len(area)} classes"
        )
        raise RestoreError(msg)
    total = area.sum()
    weight = area / total
    rows = np.where(per_row > 0, per_row, 1)
    share = weight[:, np.newaxis] * n / rows[:, np.newaxis]
    proportion = share.sum(axis=0)
    spread = np.where(per_row > 1, per_row - 1, 1)[:, np.newaxis]
    inner = weight[:, np.newaxis] * share - share**2
    error = np.sqrt(np.maximum(inner, 0) / spread).astype(np.float64)
    standard = np.sqrt((error**2).sum(axis=0)) * total
    estimated = proportion * total
    with np.errstate(invalid="ignore", divide="ignore"):
        users, producers = np.diag(n) / per_row, np.diag(share) / proportion
    return Areas(
        area,
        estimated,
        standard,
        estimated - 1.96 * standard,
        estimated + 1.96 * standard,
        float(np.trace(share)),
        users,
        producers,
    )
