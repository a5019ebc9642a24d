"""A loopback host for formats that are read in parts."""

from tests.loopback_host import loopback, web

__all__ = ["loopback", "web"]
