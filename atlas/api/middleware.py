"""The outermost layer: request ids, one log line and one measurement per request, security headers, faults as JSON."""

import re
import time
import uuid

import orjson
import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atlas.api.metrics import Metrics

__all__ = ["RequestMiddleware"]

_ID = re.compile(rb"[A-Za-z0-9._\-]{8,64}")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_SITE_POLICY = (
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_FAULT = orjson.dumps({"code": "InternalError", "description": "the server failed; its log has the request id"})


class RequestMiddleware:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = structlog.get_logger("atlas.api.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = _request_id(scope)
        began = time.perf_counter()
        status = 0
        length = 0
        policy = _API_POLICY if scope["path"].startswith("/stac") else _SITE_POLICY
        extra = [*_SECURITY, (b"content-security-policy", policy), (b"x-request-id", identity.encode())]
        ended = False

        def end() -> None:
            """Count and log the request, once."""
            nonlocal ended
            if ended:
                return
            ended = True
            seconds = time.perf_counter() - began
            self._metrics.observe(scope, status, seconds)
            self._log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1")[:500],
                status=status,
                bytes=length,
                ms=round(seconds * 1000, 2),
                client=(scope.get("client") or ("",))[0],
            )

        async def framed(message: Message) -> None:
            nonlocal status, length
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in extra if h[0] not in present)]
            elif message["type"] == "http.response.body":
                length += len(message.get("body", b""))
                if not message.get("more_body", False):
                    # before the last bytes go: who has the whole answer finds it counted and logged
                    end()
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                await self._app(scope, receive, framed)
            except Exception:
                self._log.exception("fault", method=scope["method"], path=scope["path"])
                if status == 0:
                    await Response(_FAULT, 500, {"Cache-Control": "no-store"}, "application/json")(
                        scope, receive, framed
                    )
                else:
                    raise
            finally:
                end()


def _request_id(scope: Scope) -> str:
    """The id that a proxy gave the request, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value.decode())
    return uuid.uuid4().hex
