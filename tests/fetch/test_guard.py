import dataclasses

import pytest

from atlas.fetch.access import Access
from atlas.fetch.client import Fetcher
from atlas.fetch.connections import pools
from atlas.fetch.faults import AddressRefused, FetchError, UrlRefused
from atlas.fetch.guard import check_url, refused_address
from atlas.fetch.policy import FetchPolicy

PUBLIC = FetchPolicy(hosts=("data.example.org", "*.cdn.example.org", "mirror.example.org:8443", "store.example.org."))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b:1::7f00:1",
        "::ffff:0:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_an_internal_address_is_refused(address):
    assert "is not a public address" in refused_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_a_public_address_is_permitted(address):
    assert refused_address(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://data.example.org/a",
        "https://DATA.example.org./a",
        "https://store.example.org/a",
        "https://data.example.org:443/a",
        "https://a.b.cdn.example.org/x",
        "https://mirror.example.org:8443/x",
    ],
)
def test_a_named_host_is_permitted(url):
    check_url(url, PUBLIC)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://other.example.org/a", "does not name the host other.example.org"),
        ("https://evildata.example.org/a", "does not name the host"),
        ("https://cdn.example.org/a", "does not name the host"),
        ("https://evilcdn.example.org/a", "does not name the host"),
        ("https://data.example.org:8443/a", "does not name the host data.example.org:8443"),
        ("https://mirror.example.org/a", "does not name the host"),
        ("https://data.example.org@evil.example.net/a", "user name"),
        ("http://data.example.org/a", "https URLs only"),
        ("file:///etc/passwd", "https URLs only"),
        ("ftp://data.example.org/a", "https URLs only"),
        ("https://data.example.org:99999/a", "out of range"),
        ("https:///a", "does not name the host"),
        # urllib3 ends a host's name at the backslash, the resolver at the NUL: both would go to the first of the two.
        ("https://evil.example.net\\.cdn.example.org/a", "no host name has"),
        ("https://evil.example.net\0.cdn.example.org/a", "no host name has"),
        ("https://evil.example.net .cdn.example.org/a", "no host name has"),
        ("https://@data.example.org/a", "user name"),
    ],
)
def test_any_other_url_is_refused_with_the_reason(url, why):
    with pytest.raises(UrlRefused, match=why):
        check_url(url, PUBLIC)


def test_a_named_host_on_a_loopback_address_is_refused_unless_allowed(web, monkeypatch):
    # The name is on the list; where it leads is not: checked where the socket is opened.
    monkeypatch.setattr("atlas.fetch.client.check_url", lambda url, policy: None)
    web.objects["/a"] = b"secret"
    refused = pytest.raises(AddressRefused, match=r"127\.0\.0\.1 is not a public address")
    with Fetcher(FetchPolicy(hosts=(web.host,), attempts=1)) as fetcher, refused:
        fetcher.get(web.url + "/a")
    assert web.log == []


def test_a_name_with_one_internal_address_among_public_ones_is_refused(web, monkeypatch, policy):
    def resolve(host, port, **kwargs):
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("atlas.fetch.guard.socket.getaddrinfo", resolve)
    strict = dataclasses.replace(policy, allow_private=False, hosts=("rebind.example.org",))
    with Fetcher(strict) as fetcher, pytest.raises(AddressRefused, match=r"rebind\.example\.org"):
        fetcher.get("https://rebind.example.org/a")


def test_a_redirect_to_a_host_that_the_record_does_not_name_is_not_followed(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(302, b"", {"Location": "http://169.254.169.254/latest/meta-data"})
    with pytest.raises(UrlRefused, match=r"does not name the host 169\.254\.169\.254"):
        fetcher.get(web.url + "/a")


def test_a_redirect_to_a_named_host_with_a_private_address_is_not_followed(web, monkeypatch):
    real = __import__("socket").getaddrinfo

    def resolve(host, port, *args, **kwargs):
        # The first host counts as public, as the test has no other; the second one leads inside.
        return real("127.0.0.1", port, *args, **kwargs)

    monkeypatch.setattr("atlas.fetch.guard.socket.getaddrinfo", resolve)
    monkeypatch.setattr("atlas.fetch.guard.check_url", lambda *a: None)
    from atlas.fetch import guard

    plain = guard.refused_address
    calls = []

    def judge(address):
        calls.append(address)
        return None if len(calls) == 1 else plain(address)

    monkeypatch.setattr(guard, "refused_address", judge)
    monkeypatch.setattr("atlas.fetch.client.check_url", lambda *a: None)
    port = web.host.rpartition(":")[2]
    web.routes["/a"] = lambda h: h.reply(302, b"", {"Location": f"http://inside.example.org:{port}/b"})
    web.objects["/b"] = b"secret"
    refused = pytest.raises(AddressRefused, match=r"inside\.example\.org")
    with Fetcher(FetchPolicy(hosts=("a.example.org",), attempts=1, rate=1e6)) as fetcher, refused:
        fetcher.get(f"http://a.example.org:{port}/a")
    assert [path for _, path, _ in web.log] == ["/a"]


def test_a_redirect_within_the_named_hosts_is_followed(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(307, b"", {"Location": "/b"})
    web.objects["/b"] = b"here"
    assert fetcher.get(web.url + "/a").content == b"here"


def test_a_redirect_loop_ends(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(302, b"", {"Location": "/a"})
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetcher.get(web.url + "/a")


@pytest.mark.parametrize("href", ["http://[", "https://[::1", "//[x", "s3://[x", "gs://[", "https://a.org]/x"])
@pytest.mark.parametrize("method", ["read", "stat"])
def test_what_is_no_url_is_refused_and_not_a_traceback(href, method):
    with pytest.raises(UrlRefused):
        getattr(Access(FetchPolicy(hosts=("a.org",))), method)(href)


def test_a_redirect_to_what_is_no_url_is_refused(web, fetcher):
    web.routes["/a"] = lambda handler: handler.reply(302, b"", {"Location": "http://["})
    with pytest.raises(UrlRefused, match="not a URL"):
        fetcher.get(web.url + "/a")


def test_every_connection_is_opened_by_the_guard(policy):
    """A release of urllib3 that opens its sockets elsewhere would go around it."""
    with pools(dataclasses.replace(policy, allow_private=False)) as made:
        for scheme in ("http", "https"):
            pool = made.connection_from_host("127.0.0.1", 9, scheme)
            with pytest.raises(AddressRefused, match="not a public address"):
                pool.urlopen("GET", "/a", retries=False)
