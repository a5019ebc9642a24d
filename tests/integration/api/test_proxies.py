"""Links behind proxies: headers of trusted proxies are believed, others are not."""

import httpx
import pytest
from structlog.testing import capture_logs

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import running


@pytest.fixture(scope="module")
def trusting(api_database):
    with running(create_app(Settings(trusted_proxies="127.0.0.1, 10.0.0.0/8"), api_database)) as url:
        yield url


@pytest.fixture(scope="module")
def doubting(api_database):
    with running(create_app(Settings(trusted_proxies="192.0.2.1"), api_database)) as url:
        yield url


def base(url, headers, path="/stac"):
    """Address of the landing page in its links; links of Items begin with it too."""
    answer = httpx.get(f"{url}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    root = next(x["href"] for x in answer.json()["links"] if x["rel"] == "root")
    page = httpx.get(f"{url}{path}/collections/tessera-v1/items", params={"limit": 1}, headers=headers).json()
    links = page["links"] + page["features"][0]["links"]
    assert all(x["href"].startswith(root) for x in links if x["rel"] != "license"), links
    return root


SAID = [
    ({"Forwarded": "proto=https;host=test:1234"}, "https://test:1234/stac"),
    (
        {"Forwarded": 'For="[2001:db8::1]:4711" ; Proto=https;Host="atlas.example.org"'},
        "https://atlas.example.org/stac",
    ),
    ({"X-Forwarded-Host": "atlas.example.org"}, "http://atlas.example.org/stac"),
    ({"X-Forwarded-Host": "a.example.org", "X-Forwarded-Proto": "https"}, "https://a.example.org/stac"),
    ({"Host": "test", "X-Forwarded-Port": "1234", "X-Forwarded-Proto": "https"}, "https://test:1234/stac"),
    ({"Host": "test:80", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https"}, "https://test/stac"),
    ({"X-Forwarded-Host": "a.example.org:8443", "X-Forwarded-Port": "9443"}, "http://a.example.org:9443/stac"),
    ({"Host": "test", "X-Forwarded-Prefix": "/embeddings/v1/"}, "http://test/embeddings/v1/stac"),
    (
        {"Forwarded": "proto=https;host=test:1234", "X-Forwarded-Port": "4321", "X-Forwarded-Proto": "http"},
        "https://test:1234/stac",
    ),
]


@pytest.mark.parametrize(("headers", "expected"), SAID)
def test_a_trusted_proxy_is_believed(trusting, headers, expected):
    assert base(trusting, headers) == expected


@pytest.mark.parametrize("headers", [headers for headers, _ in SAID])
def test_anybody_else_is_not(doubting, headers):
    expected = f"http://{headers['Host']}/stac" if "Host" in headers else f"{doubting}/stac"
    assert base(doubting, headers) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        # the client wrote the first word, our proxy the second
        ({"Forwarded": "host=evil.example.com, for=198.51.100.7;host=a.example.org"}, "http://a.example.org/stac"),
        # a proxy of the inner network wrote the third, and says that the request came from one that is trusted too
        (
            {"Forwarded": "host=evil.example.com, for=198.51.100.7;host=a.example.org, for=10.1.2.3;host=inner"},
            "http://a.example.org/stac",
        ),
        (
            {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "evil.example.com, a.example.org"},
            "http://a.example.org/stac",
        ),
        (
            {"X-Forwarded-For": "198.51.100.7, 10.1.2.3", "X-Forwarded-Host": "evil.example.com, a.example.org, inner"},
            "http://a.example.org/stac",
        ),
    ],
)
def test_what_stands_before_the_word_of_the_first_trusted_proxy_is_not(trusting, headers, expected):
    assert base(trusting, headers) == expected


def test_what_is_no_host_or_path_is_refused(trusting):
    for headers, name in (
        ({"X-Forwarded-Host": 'a"><script>'}, "Host"),
        ({"X-Forwarded-Prefix": '/a"><script>'}, "X-Forwarded-Prefix"),
        ({"X-Forwarded-Prefix": "//evil.example.com"}, "X-Forwarded-Prefix"),
        ({"X-Forwarded-Prefix": "/a/../b"}, "X-Forwarded-Prefix"),
        *(({"X-Forwarded-Port": port}, "Host") for port in ("x", "0", "-1", "65536", "99999", "80/x", "8 0")),
        *(
            ({"X-Forwarded-Host": host}, "Host")
            for host in ("a b", "a/b", "a?b", "u@a", "..", "-", "a:0", "[::1", "[1]")
        ),
        ({"Forwarded": 'host="a/b"'}, "Host"),
        ({"Host": "test:70000"}, "Host"),
    ):
        answer = httpx.get(f"{trusting}/stac", headers=headers)
        assert (answer.status_code, name in answer.json()["description"]) == (400, True)
    assert base(trusting, {"Host": "test", "X-Forwarded-Proto": "gopher"}) == "http://test/stac"


def test_the_client_is_logged_and_not_the_proxy(trusting):
    for headers in (
        {"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 10.1.2.3"},
        {"Forwarded": 'for=203.0.113.9, for="198.51.100.7:4711", for=10.1.2.3'},
    ):
        with capture_logs() as logs:
            httpx.get(f"{trusting}/stac", headers=headers)
        assert [x["client"] for x in logs if x["event"] == "request"] == ["198.51.100.7"]


def test_a_base_path_is_taken_off_and_begins_links(api_database, site_dir):
    with running(create_app(Settings(base_path="/atlas"), api_database, site_dir)) as url:
        assert base(url, {"Host": "test"}, "/atlas/stac") == "http://test/atlas/stac"
        assert (
            base(url, {"Host": "test", "X-Forwarded-Prefix": "/outer"}, "/atlas/stac") == "http://test/outer/atlas/stac"
        )
        assert httpx.get(f"{url}/health").status_code == httpx.get(f"{url}/atlas/health").status_code == 200
        assert "Atlas" in httpx.get(f"{url}/atlas").text
        assert httpx.get(f"{url}/atlases/stac").status_code == 404
