"""Where the open sea is: places without land within a degree, on Natural Earth at 1:10 million."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from atlas.answers.places import Place
from atlas.resources import data_dir

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["open_sea", "sea_cells"]


@cache
def sea_cells() -> "npt.NDArray[np.bool_]":
    """Cells of one degree that are open sea: neither they nor their eight neighbours have land.

    An islet that this scale omits counts as open sea where it lies more than a degree from land that is shown.

    Returns:
        180 rows from south to north by 360 columns from west to east.
    """
    import numpy as np  # slow to import, and many answers need no shape

    land = np.zeros((180, 360), dtype=bool)
    path = data_dir("site") / "content" / "natural-earth" / "land-cells.json"
    rows: dict[str, list[int]] = json.loads(path.read_text("utf-8"))
    for south, runs in rows.items():
        for west, length in zip(runs[::2], runs[1::2], strict=True):
            land[int(south) + 90, west + 180 : west + 180 + length] = True
    near = land.copy()
    near[1:] |= land[:-1]
    near[:-1] |= land[1:]
    near |= np.roll(near, 1, axis=1) | np.roll(near, -1, axis=1)
    return ~near


def open_sea(place: Place) -> bool:
    """Whether every cell that a place meets is open sea; a point on an edge belongs to the cell east or north of it."""
    return place.remember("open sea", lambda: _open_sea(place))


def _open_sea(place: Place) -> bool:
    import numpy as np
    import shapely

    sea = sea_cells()
    for part in shapely.get_parts(place.inside):
        west, south, east, north = shapely.bounds(part)
        rows = np.arange(_row(south), _row(north) + 1)
        columns = np.arange(_column(west), _column(east) + 1)
        if bool(sea[np.ix_(rows, columns)].all()):
            continue
        if len(rows) == len(columns) == 1:
            return False
        column, row = (g.ravel() for g in np.meshgrid(columns, rows))
        near = ~sea[row, column]
        cells = shapely.box(column[near] - 180, row[near] - 90, column[near] - 179, row[near] - 89)
        if bool(shapely.intersects(part, cells).any()):
            return False
    return True


def _row(lat: Any) -> int:  # noqa: ANN401 - a float of NumPy or Python
    return min(179, int(lat // 1) + 90)


def _column(lon: Any) -> int:  # noqa: ANN401 - likewise
    return min(359, int(lon // 1) + 180)
