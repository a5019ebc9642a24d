"""The stores: pgstac in PostgreSQL, stac-geoparquet files, static STAC folders."""
