"""Where and when the Items of a crawl's part are, read from its columns."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["boxes_meeting", "years_of"]


def boxes_meeting(west: float, south: float, east: float, north: float) -> pc.Expression:
    """Rows of a part whose `bbox` meets a box, in degrees; either may cross the antimeridian (west above east)."""
    box = {n: pc.field("bbox", n) for n in ("xmin", "ymin", "xmax", "ymax")}
    left, right = box["xmin"] <= east, box["xmax"] >= west
    crosses = box["xmin"] > box["xmax"]
    beside = (left & right) | (crosses & (left | right)) if west <= east else left | right | crosses
    return (box["ymin"] <= north) & (box["ymax"] >= south) & beside


def years_of(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last calendar year of each Item of a part; 0 where it states no time.

    An interval that ends as a year begins belongs to the year before.
    """
    first = _years(batch, "start_datetime", "datetime")
    return first, np.maximum(first, _years(batch, "end_datetime", "datetime"))


def _years(batch: pa.RecordBatch, *names: str) -> npt.NDArray[np.int64]:
    """Calendar years of the first of the columns that has a value; 0 where none has."""
    found = np.zeros(batch.num_rows, dtype=np.int64)
    for name in reversed([name for name in names if name in batch.schema.names]):
        values = batch.column(name).cast(pa.timestamp("us"), safe=False)
        valid = values.is_valid().to_numpy(zero_copy_only=False)
        stamps = values.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[us]")
        if name == "end_datetime":
            stamps = stamps - np.timedelta64(1, "us")
        found = np.where(valid, stamps.astype("datetime64[Y]").astype(np.int64) + 1970, found)
    return found
