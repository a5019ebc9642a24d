"""The outermost layer of the application: when a request counts as answered."""

import asyncio
import sys

import pytest
import structlog
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs

from atlas.api.logs import configure_logs
from atlas.api.metrics import Metrics
from atlas.api.middleware import RequestMiddleware

SCOPE = {"type": "http", "method": "GET", "path": "/stac", "query_string": b"", "headers": []}


def asked(app) -> tuple[list[tuple[str, bool]], list[dict]]:
    """What was sent, each with whether the request was counted and logged by then, and all lines of the log."""
    metrics, sent = Metrics(), []

    async def send(message):
        counted = b'atlas_requests_total{method="GET",operation="unmatched",status="200"} 1.0' in metrics.text()
        sent.append((message["type"], counted and any(x["event"] == "request" for x in logs)))

    with capture_logs() as logs:
        asyncio.run(RequestMiddleware(app, metrics)(dict(SCOPE), None, send))
    return sent, logs


def test_who_has_the_whole_answer_finds_it_counted_and_logged_once():
    sent, logs = asked(PlainTextResponse("answer"))
    assert sent == [("http.response.start", False), ("http.response.body", True)]
    (line,) = logs
    assert (line["event"], line["status"], line["bytes"]) == ("request", 200, 6)


def test_an_answer_that_breaks_off_is_counted_and_logged_too():
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise OSError("gone")

    with capture_logs() as logs, pytest.raises(OSError, match="gone"):
        asyncio.run(RequestMiddleware(broken, Metrics())(dict(SCOPE), None, ignore))
    assert [(x["event"], x.get("bytes")) for x in logs] == [("fault", None), ("request", 4)]


class Full:
    """Standard error on a full disk."""

    def isatty(self):
        return False

    def write(self, _text=""):
        raise OSError(28, "No space left on device")

    flush = write


@pytest.mark.parametrize("fault", [False, True])
def test_an_answer_is_sent_whole_where_the_log_cannot_be_written(monkeypatch, fault):
    async def broken(scope, receive, send):
        raise RuntimeError("a fault that is told to the log")

    sent = []

    async def send(message):
        sent.append(message)

    kept = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", Full())
    try:
        configure_logs()
        app = broken if fault else PlainTextResponse("answer")
        asyncio.run(RequestMiddleware(app, Metrics())(dict(SCOPE), None, send))
    finally:
        structlog.configure(**kept)
    assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == (500 if fault else 200)


async def ignore(message):
    """A client that only takes."""
