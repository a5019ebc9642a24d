"""Formats by the endings of file names."""

__all__ = ["RASTERS", "TABLES", "is_raster", "is_table"]

RASTERS, TABLES = (".tif", ".tiff"), (".parquet", ".geoparquet", ".gpq")


def is_raster(name: str) -> bool:
    """Whether a name is that of a GeoTIFF."""
    return name.lower().endswith(RASTERS)


def is_table(name: str) -> bool:
    """Whether a name is that of a Parquet file."""
    return name.lower().endswith(TABLES)
