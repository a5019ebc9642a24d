"""A host on loopback for formats whose parts are read from afar."""

from tests.loopback_host import loopback, web

__all__ = ["loopback", "web"]
