"""A loopback host for crawls: objects with ETag and byte ranges, and injected faults."""

import hashlib
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from tests.loopback_host import QuietServer


class Host:
    """Serves objects by path with ETag and ranges; `fault` answers GET at one path instead."""

    def __init__(self):
        self.objects, self.fault, host = {}, None, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                try:
                    if self.command == "GET" and host.fault and path == host.fault[0]:
                        host.fault[1](self, host.objects[path])
                    elif path in host.objects:
                        send(self, host.objects[path])
                    else:
                        answer(self, 404)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_HEAD = do_GET  # noqa: N815 - http.server's name

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def answer(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body)


def send(handler, body, etag=None):
    etag = etag or '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
    span = re.match(r"bytes=(\d*)-(\d*)$", handler.headers.get("Range", ""))
    if not span:
        answer(handler, 200, body, ETag=etag)
        return
    first, last = (int(span[1]), int(span[2])) if span[1] else (max(0, len(body) - int(span[2])), len(body) - 1)
    last = min(last, len(body) - 1)
    piece = body[first : last + 1]
    answer(handler, 206, piece, ETag=etag, Content_Range=f"bytes {first}-{last}/{len(body)}")
