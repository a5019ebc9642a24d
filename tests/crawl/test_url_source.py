"""An index at a URL that the user typed may be on this machine; what it links to may not."""

import gzip
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler

import pytest

from atlas.errors import AtlasError
from tests.loopback_host import answering

from .conftest import lines

BODY = gzip.compress(lines("0.15_52.05", "0.25_52.05").encode(), mtime=0)


@pytest.fixture
def serve():
    """Loopback servers: `serve(answer)` returns the address; `answer(handler)` sends the response."""

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self)

            do_HEAD = do_GET  # noqa: N815 - http.server's name

        return running.enter_context(answering(Handler))

    with ExitStack() as running:
        yield start


def body(handler, etag='"one"'):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BODY)))
    handler.send_header("ETag", etag)
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(BODY)


def test_a_typed_address_on_this_machine_is_crawled_and_remembered_by_its_etag(crawl, serve):
    asked = []

    def answer(handler):
        asked.append(handler.command)
        body(handler)

    url = f"{serve(answer)}/registry_2021.txt.gz"
    report = crawl(url)
    assert (report.items, report.faults) == (2, {})
    assert "GET" in asked
    asked.clear()
    report = crawl(url)
    assert (report.skipped, report.nothing_changed, asked) == (1, True, ["HEAD"])


def test_it_may_not_lead_to_another_address_of_this_machine(crawl, serve):
    secrets = []
    inside = serve(lambda handler: secrets.append(handler.path) or body(handler))

    def redirect(handler):
        handler.send_response(302)
        handler.send_header("Location", f"{inside}/registry_2021.txt.gz")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with pytest.raises(AtlasError, match="https URLs only"):
        crawl(f"{serve(redirect)}/registry_2021.txt.gz")
    assert secrets == []


def test_the_address_in_a_record_is_not_the_users_word(crawl, serve, product):
    url = f"{serve(body)}/registry_2021.txt.gz"
    record = product.model_copy(update={"index": product.index.model_copy(update={"url": url})})
    with pytest.raises(AtlasError, match=r"https URLs only \(ATLAS_ALLOW_PRIVATE_ADDRESSES=true permits http\)"):
        crawl(url, record=record)


def test_a_host_that_refuses_is_named(crawl, serve):
    def refuse(handler):
        handler.send_response(403)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    url = serve(refuse)
    with pytest.raises(AtlasError, match="403"):
        crawl(f"{url}/registry_2021.txt.gz")
