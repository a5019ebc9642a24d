"""Measured comparisons with named peers; `make bench` runs them."""
