"""Connections whose request never arrives are closed; slow answers are not."""

import asyncio
import socket
import threading
import time

import pytest
import uvicorn

from atlas.api import patience
from atlas.api.patience import PatientProtocol

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def slow(scope, receive, send):
    """Answers later than the time allowed for headers."""
    assert scope["type"] == "http"
    await asyncio.sleep(0.6)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.3)
    config = uvicorn.Config(slow, http=PatientProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        thread.join(20)


def everything(connection):
    said = b""
    while piece := connection.recv(4096):
        said += piece
    return said


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: he"])
def test_a_request_that_does_not_come_to_its_end_loses_its_connection(address, begun):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(begun)
        assert everything(connection).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_slow_answer_is_waited_for_and_the_next_request_is_timed_again(address):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(REQUEST)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(REQUEST[:20])
        assert b"HTTP/1.1 408 Request Timeout\r\n" in everything(connection)


def test_the_server_uses_it():
    from atlas.api import server

    assert server.PatientProtocol is PatientProtocol
