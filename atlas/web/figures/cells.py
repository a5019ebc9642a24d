"""Cells of coverage as paths of limited length: one degree where there are few, coarser where there are many."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from atlas.web.figures.projection import WORLD, Canvas

__all__ = ["LIMIT", "STEPS", "Counts", "cell_path", "coarsen", "fitting_cells", "grid_runs"]

Counts = NDArray[np.int64]
"""180 rows from south to north by 360 columns from west to east, or fewer and larger cells."""
STEPS = (1, 2, 3, 5, 10)
"""Sizes of cells in degrees; each divides the world evenly."""
LIMIT = 32_000
"""Most characters of path data of a map, about 11 KB compressed."""
Run = tuple[int, int, int]
"""South edge and west edge in degrees, and length in degrees."""


def coarsen(counts: Counts, step: int) -> Counts:
    """Cells of `step` degrees, each with the largest value of its one-degree cells."""
    blocks: Counts = counts.reshape(180 // step, step, 360 // step, step).max(axis=(1, 3))
    return blocks


def grid_runs(mask: NDArray[np.bool_]) -> list[Run]:
    """Runs of set cells, row by row from south to north."""
    step = 180 // mask.shape[0]
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return [
        (int(r) * step - 90, int(a) * step - 180, int(b - a) * step) for r, a, b in zip(rows, starts, ends, strict=True)
    ]


def cell_path(runs: Sequence[Run], step: int = 1, canvas: Canvas = WORLD) -> str:
    """Path data of runs of cells.

    Args:
        runs: of one size of cell.
        step: size of the cells in degrees.
        canvas: where they are drawn; on Equal Earth the upper and lower edges are straight.
    """
    if not len(runs):
        return ""
    south, west, length = np.array(runs, dtype=float).T
    east, north = west + length, south + step
    corners = ((west, south), (east, south), (east, north), (west, north))
    a, b, c, d = (
        np.column_stack([np.rint(v).astype(int) for v in canvas.project(lon, lat)]).tolist() for lon, lat in corners
    )
    parts, x, y = [], 0, 0
    for p, q, r, s in zip(a, b, c, d, strict=True):
        # Relative moves keep the path short; after `z` the position is the first corner again.
        lower = f"h{q[0] - p[0]}" if p[1] == q[1] else f"l{q[0] - p[0]} {q[1] - p[1]}"
        upper = f"h{s[0] - r[0]}" if r[1] == s[1] else f"l{s[0] - r[0]} {s[1] - r[1]}"
        parts.append(f"m{p[0] - x} {p[1] - y}{lower}l{r[0] - q[0]} {r[1] - q[1]}{upper}z")
        x, y = p
    return "".join(parts).replace(" -", "-")


def fitting_cells(
    counts: Counts, classify: Callable[[Counts], Mapping[str, NDArray[np.bool_]]], canvas: Canvas = WORLD
) -> tuple[int, dict[str, str]]:
    """Paths of the classes of cells, as fine as the limit allows.

    Args:
        counts: cells of one degree.
        classify: returns the mask of each class for counts in cells of any size.
        canvas: where they are drawn.

    Returns:
        Size of the cells in degrees, and the path of each class that has cells.
    """
    for step in STEPS:
        classes = classify(coarsen(counts, step))
        paths = {name: cell_path(grid_runs(mask), step, canvas) for name, mask in classes.items()}
        if sum(map(len, paths.values())) <= LIMIT or step == STEPS[-1]:
            break
    return step, {name: path for name, path in paths.items() if path}
