"""Readers, one per kind of published index."""
