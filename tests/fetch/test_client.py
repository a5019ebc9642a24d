import dataclasses
import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from atlas.errors import UnreadableInput
from atlas.fetch import policy as manners
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import FetchError, HttpStatus, TooLarge, TooSlow, Truncated, Unreachable
from atlas.fetch.policy import FetchPolicy, pause_before, policy_for, retry_after
from atlas.settings import Settings


def test_the_user_agent_names_the_project_and_whom_to_write_to(web):
    policy = policy_for([web.host], Settings(contact="crawls@example.org", allow_private_addresses=True))
    web.objects["/a"] = b"x"
    with Fetcher(policy) as fetcher:
        fetcher.get(web.url + "/a")
    agent = web.log[0][2]["User-Agent"]
    assert agent.startswith("earth-embedding-atlas/")
    assert agent.endswith("(+https://earth-embedding-atlas.github.io; crawls@example.org)")


def test_private_addresses_are_off_by_default():
    assert not policy_for(["example.org"], Settings()).allow_private


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_reported_once_and_not_repeated(web, fetcher, status):
    web.routes["/a"] = lambda h: h.reply(status, b"")
    with pytest.raises(HttpStatus, match=f"/a: the host answers {status}") as caught:
        fetcher.get(web.url + "/a")
    assert caught.value.status == status
    assert isinstance(caught.value, UnreadableInput)
    assert len(web.log) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_retried_with_growing_pauses(web, fetcher, naps, status):
    answers = iter([status, status, 200])
    web.routes["/a"] = lambda h: h.reply(next(answers), b"done")
    assert fetcher.get(web.url + "/a").content == b"done"
    first, second = naps
    assert 0.25 <= first <= 0.5 <= second <= 1.0


def test_a_lasting_fault_ends_after_the_attempts_of_the_policy(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(500, b"")
    with pytest.raises(HttpStatus, match="500"):
        fetcher.get(web.url + "/a")
    assert len(web.log) == 3


def test_retry_after_is_obeyed(web, fetcher, naps):
    answers = iter([(429, {"Retry-After": "7"}), (200, {})])
    web.routes["/a"] = lambda h: h.reply(*(lambda a: (a[0], b"", a[1]))(next(answers)))
    fetcher.get(web.url + "/a")
    assert naps == [7.0]


def test_a_very_long_retry_after_ends_the_request_and_says_so(web, fetcher, naps):
    web.routes["/a"] = lambda h: h.reply(503, b"", {"Retry-After": "86400"})
    with pytest.raises(HttpStatus) as caught:
        fetcher.get(web.url + "/a")
    assert naps == []
    assert "pause of 86400 s" in caught.value.__notes__[0]


@pytest.mark.parametrize("value", ["\u00b2", "9" * 400, "soon", "-1", "1e5", f"Fri, 20 Nov 2026 12:01:30 +{'9' * 15}"])
def test_a_pause_that_is_no_number_is_not_asked_for(value):
    assert retry_after(value) is None


def test_retry_after_may_be_a_date():
    now = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
    assert retry_after("Fri, 20 Nov 2026 12:01:30 GMT", now) == 90
    assert retry_after("Fri, 20 Nov 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after(None) is None


def test_the_pause_never_exceeds_the_longest_wait():
    policy = FetchPolicy(hosts=(), backoff=1.0, longest_wait=10.0)
    assert all(5 <= pause_before(40, policy, None) <= 10 for _ in range(20))


def test_a_truncated_body_is_an_error_after_the_retries(web, fetcher):
    def cut(handler):
        handler.reply(200, b"0123456789", {"Content-Length": "100"})
        handler.close_connection = True

    web.routes["/a"] = cut
    with pytest.raises(Truncated, match="/a: the answer is broken"):
        fetcher.get(web.url + "/a")
    assert len(web.log) == 3


def test_a_truncated_chunked_body_is_an_error(web, fetcher):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"5\r\nhello\r\n")
        handler.close_connection = True

    web.routes["/a"] = cut
    with pytest.raises(Truncated, match="/a: the answer is broken"):
        fetcher.get(web.url + "/a")


def test_a_body_cut_once_is_read_again(web, fetcher):
    lengths = iter(["100", "10"])

    def cut(handler):
        handler.reply(200, b"0123456789", {"Content-Length": next(lengths)})
        handler.close_connection = True

    web.routes["/a"] = cut
    assert fetcher.get(web.url + "/a").content == b"0123456789"


def test_a_content_length_that_is_no_number_is_an_error(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(200, b"abc", {"Content-Length": "three"})
    with pytest.raises(FetchError, match="/a"):
        fetcher.get(web.url + "/a")


def test_a_stated_size_over_the_limit_is_refused_before_the_body(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(200, b"", {"Content-Length": str(10**12)})
    with pytest.raises(TooLarge, match="1000000000000 bytes, the limit is 100"):
        fetcher.get(web.url + "/a", max_bytes=100)
    assert fetcher.bytes_read == 0


def test_an_endless_body_without_a_stated_size_is_cut(web, fetcher):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 4096)

    web.routes["/a"] = endless
    with pytest.raises(TooLarge, match="more bytes than the limit of 100000"):
        fetcher.get(web.url + "/a", max_bytes=100_000)
    assert fetcher.bytes_read < 2_000_000


def test_a_compressed_answer_is_refused(web, fetcher):
    web.routes["/a"] = lambda h: h.reply(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="compresses the answer"):
        fetcher.get(web.url + "/a")


def drip(handler, gap=0.02):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x")
        time.sleep(gap)


def test_a_body_that_drips_ends_by_its_speed(web, policy):
    web.routes["/a"] = drip
    quick = dataclasses.replace(policy, attempts=1, low_speed_window=0.2, low_speed=10_000)
    with Fetcher(quick) as fetcher, pytest.raises(TooSlow, match="bytes per second, fewer than 10000"):
        fetcher.get(web.url + "/a")


def test_a_body_that_drips_ends_by_the_total_time(web, policy):
    web.routes["/a"] = drip
    quick = dataclasses.replace(policy, attempts=1, total_timeout=0.3, low_speed=0.0)
    with Fetcher(quick) as fetcher, pytest.raises(TooSlow, match="the total time for one answer is up"):
        fetcher.get(web.url + "/a")


def test_headers_that_drip_end_by_the_total_time(web, policy):
    def slow(handler):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)

    web.routes["/a"] = slow
    quick = dataclasses.replace(policy, attempts=1, total_timeout=0.3)
    with Fetcher(quick) as fetcher, pytest.raises(TooSlow, match="the total time for one answer is up"):
        fetcher.get(web.url + "/a")


def test_silence_ends_by_the_read_timeout(web, policy):
    web.routes["/a"] = lambda h: time.sleep(0.6)
    quick = dataclasses.replace(policy, attempts=1, read_timeout=0.1)
    with Fetcher(quick) as fetcher, pytest.raises(TooSlow, match="no byte for too long"):
        fetcher.get(web.url + "/a")


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"read_timeout": 0.2}, "no byte for too long"),
        ({"stream_timeout": 0.3}, "the total time for one answer is up"),
    ],
)
def test_a_stream_that_another_thread_reads_keeps_its_limits(web, policy, limits, why):
    """As Arrow does with a table of text: the thread that reads is not the one that asked."""
    done = threading.Event()

    def silent(handler):
        handler.reply(200, b"x", {"Content-Length": "100"})
        done.wait(20)
        handler.close_connection = True

    web.routes["/a"] = silent
    try:
        with (
            Fetcher(dataclasses.replace(policy, attempts=1, **limits)) as fetcher,
            fetcher.stream(web.url + "/a") as (_, chunks),
            ThreadPoolExecutor(1) as other,
            pytest.raises(TooSlow, match=why),
        ):
            other.submit(list, chunks).result()
    finally:
        done.set()


def test_a_closed_port_is_unreachable(policy):
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
        with Fetcher(dataclasses.replace(policy, attempts=1, hosts=(host,))) as fetcher, pytest.raises(Unreachable):
            fetcher.get(f"http://{host}/a")


def test_a_stream_is_opened_again_after_a_passing_fault(web, fetcher):
    answers = iter([503, 200])
    web.routes["/a"] = lambda h: h.reply(next(answers), b"body")
    with fetcher.stream(web.url + "/a") as (_, chunks):
        assert b"".join(chunks) == b"body"


def test_no_more_requests_run_at_one_host_than_the_policy_allows(web, policy):
    running, most, lock = 0, 0, threading.Lock()

    def count(handler):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        handler.reply(200, b"")

    web.routes["/a"] = count
    with Fetcher(dataclasses.replace(policy, concurrency=2)) as fetcher:
        threads = [threading.Thread(target=fetcher.get, args=(web.url + "/a",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 2


def test_requests_to_one_host_keep_their_distance(web, policy, monkeypatch):
    web.objects["/a"] = b""
    naps = []
    # A clock that stands, so that it does not count how long this machine takes.
    monkeypatch.setattr(manners, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    with Fetcher(dataclasses.replace(policy, rate=2.0), sleep=naps.append) as fetcher:
        for _ in range(4):
            fetcher.get(web.url + "/a")
    assert naps == [0.5, 1.0, 1.5]


def test_json_that_is_none_names_the_url(web, fetcher):
    web.objects["/a"] = b"{"
    with pytest.raises(FetchError, match="/a: the listing is not JSON"):
        fetcher.get(web.url + "/a").json(what="listing")


@pytest.mark.parametrize("fault", [OSError("disk full"), UnicodeDecodeError("utf-8", b"x", 0, 1, "no text")])
def test_a_fault_of_the_reader_is_not_the_hosts(web, fetcher, fault):
    web.objects["/a"] = b"body"
    with pytest.raises(type(fault)) as caught, fetcher.stream(web.url + "/a"):
        raise fault
    assert caught.value is fault


def test_a_url_that_cannot_be_requested_is_refused(fetcher, web):
    with pytest.raises(FetchError, match="not a URL that can be requested"):
        fetcher.get(web.url + "/" + "a" * 70_000)


def test_what_is_to_be_seen_elsewhere_is_read_there(web, fetcher):
    web.routes["/search"] = lambda h: h.reply(303, b"", {"Location": "/found"})
    web.objects["/found"] = b"{}"
    assert fetcher.post(web.url + "/search", {"limit": 1}).content == b"{}"
    (_, _, asked), (method, path, read) = web.log
    assert (method, path, "Content-Type" in asked, "Content-Type" in read) == ("GET", "/found", True, False)
