"""Answers that keep to the letter of HTTP no further than it suits them."""

import socket
import struct
import time

import pytest

from atlas.fetch.faults import FetchError, Truncated, Unreachable

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def answers(web):
    """Let the host answer with these bytes, and close the connection."""

    def say(*parts, endless=b"", wait=0.0):
        def handle(handler):
            for part in parts:
                handler.wfile.write(part)
                time.sleep(wait)
            while endless:
                handler.wfile.write(endless * 1000)
            handler.close_connection = True

        web.routes["/a"] = handle
        return web.url + "/a"

    return say


@pytest.mark.parametrize("line", [b"no header", b"Content-Type : text/plain"])
def test_a_broken_line_hides_no_length(fetcher, answers, line):
    url = answers(OK + line + b"\r\nContent-Length: 100\r\n\r\nshort")
    with pytest.raises(Truncated, match="not a header"):
        fetcher.get(url)


@pytest.mark.parametrize("start", [b"", OK])
def test_a_long_broken_line_is_not_repeated_in_the_message(fetcher, answers, start):
    with pytest.raises(Truncated) as caught:
        fetcher.get(answers(start + b"y" * 60_000 + b"\r\n\r\n"))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"identity", b"chunked\r\nTransfer-Encoding: chunked"])
def test_a_coding_that_was_not_asked_for_is_not_taken_for_the_object(fetcher, answers, coding):
    url = answers(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    with pytest.raises(Truncated, match="which was not asked for"):
        fetcher.get(url)


def test_chunks_are_put_together(fetcher, answers):
    url = answers(OK + b"Transfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n")
    assert fetcher.get(url).content == b"hello!"


def test_a_hint_before_the_answer_is_not_the_answer(fetcher, answers):
    hint, answer = b"HTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n", OK + b"Content-Length: 5\r\n\r\nhello"
    assert fetcher.get(answers(b"HTTP/1.1 100 Continue\r\n\r\n" + hint, answer, wait=0.05)).content == b"hello"


def test_hints_without_end_are_cut(fetcher, answers):
    with pytest.raises(Truncated, match="more than 16 interim answers before the final one"):
        fetcher.get(answers(endless=b"HTTP/1.1 100 Continue\r\n\r\n"))


def test_another_protocol_is_refused(fetcher, answers):
    with pytest.raises(Truncated, match="another protocol"):
        fetcher.get(answers(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"))


def test_lines_without_end_after_the_last_chunk_are_cut(fetcher, answers):
    with pytest.raises(Truncated, match="more than 100 lines after the last chunk"):
        fetcher.get(answers(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", endless=b"X: y\r\n"))


@pytest.mark.parametrize("line", [b"no header\r\n", b"X: " + b"y" * 60_000 + b"\r\n"])
def test_headers_without_end_are_cut(fetcher, answers, line):
    with pytest.raises(FetchError, match="more than 100 headers"):
        fetcher.get(answers(OK, endless=line))


def test_lines_of_one_name_are_read_together(fetcher, answers):
    lines = b"Link: </b>; rel=next\r\nLink: </c>; rel=last\r\nContent-Length: 0\r\n\r\n"
    assert fetcher.get(answers(OK + lines)).headers["link"] == "</b>; rel=next, </c>; rel=last"


@pytest.mark.parametrize("twice", [b"5, 5", b"5\r\nContent-Length: 5"])
def test_a_length_that_is_said_twice_is_one(fetcher, answers, twice):
    reply = fetcher.get(answers(OK + b"Content-Length: " + twice + b"\r\n\r\nhello"))
    assert (reply.content, reply.head.size) == (b"hello", 5)


def test_lengths_that_differ_are_refused(fetcher, answers):
    with pytest.raises(FetchError, match="5, 7"):
        fetcher.get(answers(OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello"))


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
def test_a_redirect_may_name_its_place_outside_ascii(web, fetcher, coding):
    def moved(handler):
        place = "/\u00e9".encode(coding)
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n")

    web.routes["/a"] = moved
    web.routes["/\u00e9"] = lambda handler: handler.reply(200, b"here")
    assert fetcher.get(web.url + "/a").content == b"here"


def test_a_connection_that_breaks_before_the_answer_says_so(web, fetcher):
    def reset(handler):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        handler.connection.close()

    web.routes["/a"] = reset
    with pytest.raises(Unreachable, match=r"/a: .*reset by peer"):
        fetcher.get(web.url + "/a")
