"""Zarr v3 stores, plain or in Icechunk: their metadata as index rows, one per group and year."""
