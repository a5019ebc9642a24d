"""Start and end of calendar years, as every annual product has them."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from atlas.moments import TICK

__all__ = ["TIMESTAMP", "year_interval"]

TIMESTAMP = pa.timestamp("us", tz="UTC")


def year_interval(year: npt.NDArray[np.int64]) -> tuple[pa.Array, pa.Array]:
    """`start_datetime` and `end_datetime` of calendar years: both ends are inside (see `atlas.moments`).

    Args:
        year: shape (n,), 1 to 9999.
    """
    start = (year - 1970).astype("datetime64[Y]")
    end = (start + 1).astype("datetime64[us]") - np.timedelta64(TICK)
    return pa.array(start.astype("datetime64[us]"), TIMESTAMP), pa.array(end, TIMESTAMP)
