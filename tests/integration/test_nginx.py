"""The web server's template under a real nginx, in front of a server that echoes requests."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from atlas.api import middleware
from tests.ports import free_port

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy/nginx.conf.template"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


class Told(BaseHTTPRequestHandler):
    """Echoes the request's headers, under two headers that the API sets too."""

    def do_GET(self):
        body = json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()
        self.send_response(200)
        for name, value in (("X-Content-Type-Options", "nosniff"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that the library calls


@pytest.fixture(scope="module")
def upstream():
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def web(tmp_path_factory, upstream):
    """A function that starts nginx in front of an address and returns a client."""
    if not Path(NGINX).exists():
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    tmp_path = tmp_path_factory.mktemp("nginx")
    site = tmp_path / "site"
    for name in ("index.html", "about.html", "404.html", "products.html", "products/one.html", "emb/v1/index.html"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    (site / "feed.xml").write_text("<a/>" * 1000)
    (tmp_path / "secret.txt").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    for folder in (tmp_path, *list(tmp_path.parents)[:2], site):
        folder.chmod(0o755)
    running = []

    def start(behind=upstream, proxy="127.0.0.2"):
        port = free_port()
        filled = TEMPLATE.read_text("utf-8")
        values = {"LISTEN": f"127.0.0.1:{port}", "UPSTREAM": behind, "SITE": str(site), "TLS_PROXY": proxy}
        for name, value in values.items():
            filled = filled.replace(f"${{ATLAS_{name}}}", value)
        user = "user root;" if os.geteuid() == 0 else ""
        config = tmp_path / f"{port}.conf"
        config.write_text(
            f"{user} daemon off; pid {tmp_path}/{port}.pid; error_log {tmp_path}/error.log;\nevents {{}}\n"
            f"http {{ include /etc/nginx/mime.types; access_log off;\n{filled} }}\n"
        )
        running.append(subprocess.Popen([NGINX, "-c", str(config), "-p", str(tmp_path)]))
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                httpx.get(url)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                break
        return httpx.Client(base_url=url, timeout=60)

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def client(web):
    with web() as client:
        yield client


PAGE_HEADERS = {name.decode(): value.decode() for name, value in middleware._SECURITY} | {
    "content-security-policy": middleware._SITE_POLICY.decode(),
    "cache-control": "public, max-age=300",
}


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/about", 200), ("/emb/v1/", 200), ("/nowhere", 404)])
def test_pages_have_the_headers_of_the_api_s_own_server_once(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in PAGE_HEADERS} == {n: [v] for n, v in PAGE_HEADERS.items()}


def test_the_api_s_headers_are_its_own_and_sent_once(client):
    answer = client.get("/stac/search")
    assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]
    assert not {"content-security-policy", "cache-control", "x-frame-options"} & set(answer.headers)


@pytest.mark.parametrize(
    ("path", "to"),
    [("/about/", "/about"), ("/products/", "/products"), ("/products/one/?a=b", "/products/one?a=b"),
     ("/emb/v1", "/emb/v1/"), ("/emb/v1?a=b", "/emb/v1/?a=b")],
)  # fmt: skip
def test_a_page_has_one_address_and_is_led_to_from_the_other(client, path, to):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (301, to)
    assert client.get(to).status_code == 200


@pytest.mark.parametrize("path", ["/nowhere/", "/products/nobody", "/link.txt", "/about%0d%0aX:1/", "/../secret.txt"])
def test_what_is_not_there_is_the_site_s_own_page_for_that(client, path):
    answer = client.get(path)
    assert answer.status_code in {400, 403, 404}
    assert "secret" not in answer.text


def test_xml_is_compressed(client):
    assert client.get("/feed.xml").headers["Content-Encoding"] == "gzip"


def test_what_a_client_says_of_its_address_is_not_passed_on(client):
    forged = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "X-Forwarded-Host": "evil.example"}
    told = client.get("/stac/", headers=forged).json()
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert not {"forwarded", "x-forwarded-host"} & told.keys()


def test_behind_a_tls_proxy_each_visitor_is_one(web):
    with web(proxy="127.0.0.1") as client:
        visitors = [{"X-Forwarded-For": f"192.0.2.{n}"} for n in (1, 2)]
        assert client.get("/stac/", headers=visitors[0]).json()["x-forwarded-for"] == "192.0.2.1"
        # one uses up its burst, the other is answered
        spent = [client.get("/stac/", headers=visitors[0]).status_code for _ in range(400)]
        assert spent[-1] == 429
        assert client.get("/stac/", headers=visitors[1]).status_code == 200


def test_what_the_web_server_refuses_of_the_api_is_json(client, web):
    with web(behind="127.0.0.1:1") as away:
        answers = [away.get("/stac/search"), client.post("/stac/search", content=b"x" * 2_000_000)]
        answers.append(next(a for a in (client.get("/stac/") for _ in range(1000)) if a.status_code == 429))
    assert [(a.status_code, a.json()["code"], a.headers["content-type"]) for a in answers] == [
        (503, "Unavailable", "application/json"),
        (413, "ContentTooLarge", "application/json"),
        (429, "TooManyRequests", "application/json"),
    ]
    assert [a.headers.get("retry-after") for a in answers] == ["5", None, "1"]


def raw(client, request):
    """The response to raw bytes that no HTTP client would send."""
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=20) as connection:
        connection.sendall(request)
        head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), body


HOST = "Host: a\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("line", "headers", "status", "code"),
    [
        ("GET /stac/search?ids={long} HTTP/1.1", HOST, 414, "URITooLong"),
        ("GET /stac HTTP/1.1", HOST + "X: {long}\r\n", 431, "HeadersTooLarge"),
        ("GET /stac HTTP/1.1", HOST + "Cookie: {long}\r\n", 431, "HeadersTooLarge"),
        ("GET /stac/%00 HTTP/1.1", HOST, 400, "BadRequest"),
        ("GET /stac/../../../x HTTP/1.1", HOST, 400, "BadRequest"),
        ("GET /stac/search HTTP/1.1", "Connection: close\r\n", 400, "BadRequest"),
        ("POST /stac/search HTTP/1.1", HOST + "Content-Length: x\r\n", 400, "BadRequest"),
        ("GET /stac HTTP/9.1", HOST, 505, "BadRequest"),
        ("POST /stac/search HTTP/1.1", HOST + "Transfer-Encoding: gzip\r\n", 501, "BadRequest"),
        ("TRACE /stac HTTP/1.1", HOST, 405, "MethodNotAllowed"),
        ("GET http://a/stac/%00 HTTP/1.1", HOST, 400, "BadRequest"),
        ("GET /emb/v0.1.0/schema.json?{long} HTTP/1.1", HOST, 414, "URITooLong"),
    ],
)
def test_what_is_refused_before_it_has_a_location_is_json_within_the_api(client, line, headers, status, code):
    request = f"{line}\r\n{headers}\r\n".format(long="x" * 9_000).encode()
    found, told, body = raw(client, request)
    assert (found, told["content-type"], json.loads(body)["code"]) == (status, "application/json", code)
    assert told["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("line", ["GET /{long} HTTP/1.1", "GET /about/%00 HTTP/1.1", "GET /stacks/{long} HTTP/1.1"])
def test_what_is_refused_of_the_pages_is_no_json(client, line):
    status, told, body = raw(client, f"{line}\r\n{HOST}\r\n".format(long="x" * 9_000).encode())
    assert (status in {400, 414}, told["content-type"], told["x-frame-options"]) == (True, "text/html", "deny")
    assert "<html>" in body


def test_the_pages_of_refusals_have_no_address(client):
    assert [client.get(f"/-refused/{kind}").status_code for kind in ("api", "page")] == [404, 404]
