"""Loopback hosts that speak the producers' protocols, and access to them."""

from tests.loopback_host import Web, closed_fetchers, fetcher, loopback, naps, policy, web

__all__ = ["Web", "closed_fetchers", "fetcher", "loopback", "naps", "policy", "web"]
