"""In CI a test may not be skipped because a tool is missing, unless it cannot be installed there.

Generated examples are judged by what they show, never by how long this machine took; in CI they are the same each time.
"""

import atexit
import contextlib
import functools
import gc
import os
import socket
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer, StreamRequestHandler

import pytest
from httpx._transports import default as transport
from hypothesis import HealthCheck, settings

from atlas.fetch import policy
from atlas.records import loader
from tests.catalogue import read_once
from tests.memory import memory

# Each worker, and what it starts, calculates in one thread: those of two workers would wait for each other, spinning.
# Set before NumPy is imported, which reads it once.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# Data that does not belong to the repository, who runs the tests, and what a container or an index may not have.
ALLOWED = (
    "beside the checkout",
    "beside this checkout",
    "only root",
    "needs apt-get",
    "no CPU build of PyTorch",
    "needs Python 3.12",
    "systemd is not installed",
)

# Each client of httpx, also that of one `httpx.get`, would read the certificates of all authorities anew.
transport.create_ssl_context = functools.cache(transport.create_ssl_context)

# The catalogue of this checkout is read once in a process, whoever asks: that takes longer than most tests.
loader.read_catalog = read_once(loader.read_catalog)

# The hosts of tests are on this machine, which needs no pause between two requests. Tests of the manners set their own.
policy_for = policy.policy_for
policy.policy_for = lambda *args, **kwargs: replace(policy_for(*args, **kwargs), rate=1e6, backoff=0.01)

# The servers of tests log nothing, and send each answer at once: head and body are two packets, and the second would
# wait 40 ms for the client's system to say that it has the first.
BaseHTTPRequestHandler.log_message = lambda *_: None
StreamRequestHandler.disable_nagle_algorithm = True


def shutdown(server):
    """End a server at once: by itself it looks every half second whether it shall."""
    server._BaseServer__shutdown_request = True
    with contextlib.suppress(OSError), socket.create_connection(server.server_address[:2], timeout=1):
        server._BaseServer__is_shut_down.wait()
    server._BaseServer__is_shut_down.wait()


BaseServer.shutdown = shutdown

if (in_memory := memory(8_000_000_000)) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory))

settings.register_profile(
    "atlas",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("atlas")


# Where the tests start browsers, databases and servers, build sites or install packages.
_LONG = ("browser/", "commands/", "integration/", "snippets/", "test_", "uses/", "web/")
LONG = tuple(f"tests/{name}" for name in _LONG)


def pytest_collection_modifyitems(config, items):
    """Give the workers of a parallel run the long files first: one at the end would keep the others waiting."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Thousands of tests and all modules are made, and stay to the end: the garbage collector looks at them once."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


# What libraries tear down when the process ends must be found again.
atexit.register(gc.unfreeze)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(text in reason for text in ALLOWED):
            report.outcome = "failed"
            report.longrepr = f"CI must not skip this: {reason}"
    return report


@pytest.fixture(scope="session")
def catalog():
    """The whole catalogue, for tests that only read it."""
    from tests.catalogue import whole_catalogue

    return whole_catalogue()
