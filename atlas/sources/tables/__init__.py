"""Tabular indexes: how their files are opened within limits, and one module per known layout of columns."""
