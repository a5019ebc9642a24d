"""TLS, connections that are used again, and those that have lain idle."""

import dataclasses
import datetime as dt
import ipaddress
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from atlas.fetch import connections
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import TooSlow, Unreachable
from tests.loopback_host import Handler, QuietServer, Web


@pytest.fixture
def authority(tmp_path):
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "authority.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(made.public_bytes(pem) + private)
    return path


@pytest.fixture
def safe(authority):
    """A host that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.web = web = Web.__new__(Web)
    web.objects, web.routes, web.log = {"/a": b"x" * 300_000}, {}, []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    web.host = f"127.0.0.1:{server.server_port}"
    web.url = f"https://{web.host}"
    yield web
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trusting(authority, monkeypatch):
    """Whoever signed the certificate of the host is one of the authorities."""
    monkeypatch.setattr(connections.certifi, "where", lambda: str(authority))
    connections._tls.cache_clear()
    yield
    connections._tls.cache_clear()


def test_a_host_is_read_over_tls(safe, policy, trusting):
    with Fetcher(dataclasses.replace(policy, hosts=(safe.host,))) as fetcher:
        assert fetcher.get(safe.url + "/a").content == safe.objects["/a"]


def test_a_certificate_that_no_authority_signed_is_refused(safe, policy):
    with (
        Fetcher(dataclasses.replace(policy, hosts=(safe.host,), attempts=1)) as fetcher,
        pytest.raises(Unreachable, match="certificate verify failed"),
    ):
        fetcher.get(safe.url + "/a")
    assert safe.log == []


def test_a_certificate_for_another_name_is_refused(safe, policy, trusting):
    host = safe.host.replace("127.0.0.1", "localhost")
    with (
        Fetcher(dataclasses.replace(policy, hosts=(host,), attempts=1)) as fetcher,
        pytest.raises(Unreachable, match="certificate"),
    ):
        fetcher.get(f"https://{host}/a")
    assert safe.log == []


def test_headers_that_drip_over_tls_end_by_the_total_time(safe, policy, trusting):
    def slow(handler):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)

    safe.routes["/a"] = slow
    quick = dataclasses.replace(policy, hosts=(safe.host,), attempts=1, total_timeout=0.3)
    with Fetcher(quick) as fetcher, pytest.raises(TooSlow, match="the total time for one answer is up"):
        fetcher.get(safe.url + "/a")


@pytest.fixture
def opened(monkeypatch):
    """How many sockets were opened."""
    made, plain = [], connections.addresses_of
    monkeypatch.setattr(connections, "addresses_of", lambda *of: made.append(of) or plain(*of))
    return made


def test_a_connection_is_used_again(web, fetcher, opened):
    web.objects["/a"] = b"body"
    web.routes["/none"] = lambda handler: handler.reply(302, b"", {"Location": "/a"})
    fetcher.head(web.url + "/a")
    fetcher.get(web.url + "/a")
    assert fetcher.get(web.url + "/a").content == b"body"
    assert len(opened) == 1


def test_a_connection_that_was_idle_for_long_is_not_used_again(web, fetcher, opened, monkeypatch):
    web.objects["/a"] = b"body"
    fetcher.get(web.url + "/a")
    monkeypatch.setattr(connections, "IDLE", 0.0)
    assert fetcher.get(web.url + "/a").content == b"body"
    assert len(opened) == 2


def test_a_connection_that_the_host_has_closed_is_opened_again(web, fetcher, opened):
    def once(handler):
        handler.reply(200, b"body")
        handler.close_connection = True  # without a word, as hosts do after some time

    web.routes["/a"] = once
    for _ in range(3):
        assert fetcher.get(web.url + "/a").content == b"body"
    assert len(opened) == 3
    assert len(web.log) == 3
