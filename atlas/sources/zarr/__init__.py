"""Zarr v3 stores, plain and in Icechunk: their metadata as index rows, one per group and year."""
