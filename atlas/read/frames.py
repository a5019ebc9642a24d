"""Vectors in a GeoDataFrame: a column of arrays, which GeoPandas writes to GeoParquet and reads back.

Arrow's fixed-size lists can be written too, but pandas cannot read them back: it does not know the name of their type.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.formats.geometry import DEGREES
from atlas.read.identity import FRAME
from atlas.read.opening import open_vectors
from atlas.read.patches import VECTORS, matrix

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["to_geopandas", "vector_column", "write_frame"]


def vector_column(vectors: npt.NDArray[np.float32], there: npt.NDArray[np.bool_]) -> "pd.Series[Any]":
    """The rows of a matrix as arrays that share its memory; None where there is no vector."""
    import pandas as pd

    return pd.Series([row if valid else None for row, valid in zip(vectors, there, strict=True)], dtype=object)


def write_frame(frame: "gpd.GeoDataFrame", path: Path, dimensions: int) -> None:
    """Write GeoParquet with vectors as fixed-size lists, for which other tools have vector functions."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame.to_parquet(path)
    table = pq.read_table(path)
    there = frame[VECTORS].notna().to_numpy()
    rows = np.zeros((len(frame), dimensions), np.float32)
    if there.any():
        rows[there] = np.stack(frame[VECTORS][there])
    column = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), dimensions, mask=pa.array(~there))
    kept = {k: v for k, v in table.schema.metadata.items() if k != b"pandas"}
    table = table.set_column(table.column_names.index(VECTORS), VECTORS, column)
    pq.write_table(table.replace_schema_metadata(kept), path, row_group_size=2000)


def to_geopandas(items: object, **options: Any) -> "gpd.GeoDataFrame":  # noqa: ANN401 - those of atlas.open
    """Patches as a frame in longitude and latitude, with vectors as arrays (None where missing); `attrs` say what they
    are. The arrays share the table's memory where it is contiguous.

    Args:
        items: as for `atlas.open`; or the table that it returned.
        options: as for `atlas.open`.

    Raises:
        RestoreError: as for `atlas.open`, or the Items hold pixels.
    """
    import geopandas as gpd
    import pyarrow as pa

    table = items if isinstance(items, pa.Table) else open_vectors(items, **options)
    if not isinstance(table, pa.Table):
        raise RestoreError("these Items hold pixels: sample them at points with atlas.sample, whose result is a frame")
    others = [name for name in table.column_names if name not in {"geometry", VECTORS}]
    frame = table.select(others).to_pandas()
    there = table.column(VECTORS).is_valid().to_numpy()
    frame[VECTORS] = vector_column(matrix(table), there)
    found = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries.from_wkb(table.column("geometry").to_pandas(), crs=DEGREES))
    found.attrs = {
        k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items() if k not in {b"geo", FRAME.encode()}
    }
    return found
