"""Loopback hosts may be read."""

from tests.loopback_host import loopback

__all__ = ["loopback"]
