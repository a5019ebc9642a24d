"""What proxies say of a request: who sent it, to which address, below which path. Only trusted ones are believed.

`Forwarded` (RFC 7239) wins over `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`. Each proxy appends an entry:
that of the first trusted one counts. Anybody may have written what stands before it.
"""

import re
from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["PREFIX", "ForwardedMiddleware"]

PREFIX = "atlas.prefix"
"""Member of the scope: the path below which clients see the server, empty or beginning with a slash."""
_PAIR = re.compile(r'\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,\s"]*)\s*(?:([;,])|$)')
_ADDRESS = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([^:\[\]\s]+)(?::\d+)?|([0-9A-Fa-f:.]+)")
_PORTS = {"http": "80", "https": "443"}
_WORDS = ("for", "proto", "host", "port")


class ForwardedMiddleware:
    """Puts what trusted proxies say into the scope, and takes the base path off the path.

    Args:
        app: What answers.
        trusted: Addresses and networks of proxies, separated by commas; `*` trusts everybody.
        base_path: A path that the proxy leaves in front of ours; it belongs into links.
    """

    def __init__(self, app: ASGIApp, trusted: str, base_path: str) -> None:
        self._app = app
        # uvicorn's reading of the list; its middleware knows two of the headers only
        self._trusted = ProxyHeadersMiddleware(app, trusted).trusted_hosts  # type: ignore[arg-type]  # the same ASGI
        self._base = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            prefix = ""
            if (scope.get("client") or ("",))[0] in self._trusted:
                prefix = self._believe(scope)
            path, base = scope["path"], self._base
            if base and (path == base or path.startswith(f"{base}/")):
                scope["path"] = path[len(base) :] or "/"
                scope["raw_path"] = scope.get("raw_path", b"")[len(base) :] or b"/"
            scope[PREFIX] = prefix + base
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> str:
        """Change the scope as the headers say; returns the path that a proxy took off."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            parts = headers.setdefault(name.decode("latin-1"), [])
            parts += [part.strip() for part in value.decode("latin-1").split(",")]
        said = self._forwarded(headers) if "forwarded" in headers else self._x_forwarded(headers)
        if said.get("proto", "").lower() in _PORTS:
            scope["scheme"] = said["proto"].lower()
        host = said.get("host") or next(iter(headers.get("host", [])), "")
        if port := said.get("port", ""):
            host = re.sub(r":\d+$", "", host) + ("" if _PORTS.get(scope["scheme"]) == port else f":{port}")
        if said.get("host") or said.get("port"):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
        if address := _address(said.get("for", "")):
            scope["client"] = (address, 0)
        return self._chosen(headers.get("x-forwarded-prefix", []), self._hops(headers)).rstrip("/")

    def _forwarded(self, headers: Mapping[str, list[str]]) -> dict[str, str]:
        elements: list[dict[str, str]] = [{}]
        for pair in _PAIR.finditer(",".join(headers["forwarded"])):
            name, value, end = pair.groups()
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            elements[-1][name.lower()] = value
            if end == ",":
                elements.append({})
        at = len(elements) - 1
        while at > 0 and _address(elements[at].get("for", "")) in self._trusted:
            at -= 1
        return elements[at]

    def _x_forwarded(self, headers: Mapping[str, list[str]]) -> dict[str, str]:
        hops = self._hops(headers)
        return {name: self._chosen(headers.get(f"x-forwarded-{name}", []), hops) for name in _WORDS}

    def _hops(self, headers: Mapping[str, list[str]]) -> int:
        """How many trusted proxies passed the request on: ours, and those whose address the next one wrote down."""
        senders = headers.get("x-forwarded-for", [])
        hops = 1
        while hops < len(senders) and _address(senders[-hops]) in self._trusted:
            hops += 1
        return hops

    @staticmethod
    def _chosen(values: list[str], hops: int) -> str:
        """The word of the first trusted proxy; one that wrote over what others said left a single word."""
        return values[max(0, len(values) - hops)] if values else ""


def _address(text: str) -> str:
    """The address of a sender, without its port; empty where it is hidden or no address."""
    found = _ADDRESS.fullmatch(text)
    return next((group for group in found.groups() if group), "") if found else ""
