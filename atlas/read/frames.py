"""Patches as a GeoDataFrame."""

from typing import TYPE_CHECKING, Any

from atlas.errors import RestoreError
from atlas.formats.geometry import DEGREES
from atlas.read.opening import open_vectors
from atlas.read.patches import VECTORS

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["to_geopandas"]


def to_geopandas(items: object, **options: Any) -> "gpd.GeoDataFrame":  # noqa: ANN401 - those of atlas.open
    """Patches as a frame in longitude and latitude: vectors stay Arrow's and are not copied, `attrs` say what they are.

    Args:
        items: as for `atlas.open`; or the table that it gave.
        options: as for `atlas.open`.

    Raises:
        RestoreError: as for `atlas.open`, or the Items hold pixels.
    """
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

    table = items if isinstance(items, pa.Table) else open_vectors(items, **options)
    if not isinstance(table, pa.Table):
        msg = "these Items hold pixels: sample them at points with atlas.sample, whose result is a frame"
        raise RestoreError(msg)
    others = [name for name in table.column_names if name not in {"geometry", VECTORS}]
    frame = table.select(others).to_pandas()
    frame[VECTORS] = pd.arrays.ArrowExtensionArray(table.column(VECTORS))
    found = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries.from_wkb(table.column("geometry").to_pandas(), crs=DEGREES))
    found.attrs = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items() if k != b"geo"}
    return found
