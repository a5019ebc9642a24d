"""Readers, one per kind of published index, and the grid laws that place what the indexes name."""
