"""Loopback hosts that speak the producers' protocols, and access to them."""

import hashlib
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from atlas.fetch.client import Fetcher, close_fetchers
from atlas.fetch.policy import FetchPolicy


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignored: clients that disconnect are part of some tests."""


@contextmanager
def answering(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """A loopback host answered by a handler; afterwards closed with all its connections."""
    server = QuietServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        close_fetchers()
        server.shutdown()
        server.server_close()
        thread.join()


class Ranges(SimpleHTTPRequestHandler):
    """Serves byte ranges and counts them; without suffix ranges where `suffix` is False."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, int]]
    suffix = True

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range")
        low, _, high = (wanted or "bytes=0-").removeprefix("bytes=").partition("-")
        status, body, span = 404, b"", ""
        if wanted and not low and not self.suffix:
            status = 416
        elif path.is_file():
            data = path.read_bytes()
            first = int(low) if low else max(0, len(data) - int(high))
            last = min(int(high), len(data) - 1) if low and high else len(data) - 1
            status, body, span = 206 if wanted else 200, data[first : last + 1], f"bytes {first}-{last}/{len(data)}"
        Ranges.asked.append((self.path, len(body)))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"one"')
        if status == 206:
            self.send_header("Content-Range", span)
        self.end_headers()
        self.wfile.write(body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer()

    do_HEAD = do_POST = do_GET  # noqa: N815 - http.server's names

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.sent = self.rfile.read(length)
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        self.server.web.log.append((self.command, self.path, dict(self.headers)))
        try:
            for prefix, route in self.server.web.routes.items():
                if path == prefix or (prefix.endswith("/") and path.startswith(prefix)):
                    route(self)
                    return
            self.send_object(path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send_object(self, path: str) -> None:
        data = self.server.web.objects.get(path)
        if data is None:
            self.reply(404, b"no such object")
            return
        etag = '"' + hashlib.sha256(data).hexdigest()[:32] + '"'
        if self.headers.get("If-Match", etag) != etag:
            self.reply(412, b"")
            return
        span = re.match(r"bytes=(\d*)-(\d*)$", self.headers.get("Range", ""))
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if not span:
            self.reply(200, data, headers)
            return
        if span[1]:
            first, last = int(span[1]), min(int(span[2] or len(data) - 1), len(data) - 1)
        else:
            first, last = max(0, len(data) - int(span[2])), len(data) - 1
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        self.reply(206, data[first : last + 1], headers)

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Web:
    """An HTTP server with byte ranges, whose objects and answers a test sets; `log` holds the requests."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.routes: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.log: list[tuple[str, str, dict[str, str]]] = []
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self._server.web = self
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def closed_fetchers() -> Iterator[None]:
    """Close connections to hosts that have stopped after each test."""
    yield
    close_fetchers()


@pytest.fixture
def naps() -> list[float]:
    """The delays requested by a fetcher; none is slept."""
    return []


@pytest.fixture
def policy(web: Web) -> FetchPolicy:
    return FetchPolicy(hosts=(web.host,), allow_private=True, rate=1e6, attempts=3)


@pytest.fixture
def fetcher(policy: FetchPolicy, naps: list[float]) -> Iterator[Fetcher]:
    with Fetcher(policy, sleep=naps.append) as client:
        yield client


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow loopback addresses, as `ATLAS_ALLOW_PRIVATE_ADDRESSES` does."""
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
