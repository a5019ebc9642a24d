"""Conversion from and to the community draft, Zarr attributes, dataset cards and MLM, and to GeoCroissant."""
