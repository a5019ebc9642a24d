"""In CI a test may not be skipped because a tool is missing, unless it cannot be installed there.

Generated examples are judged by what they show, never by how long this machine took; in CI they are the same each time.
"""

import functools
import gc
import os
from http.server import BaseHTTPRequestHandler

import pytest
from httpx._transports import default as transport
from hypothesis import HealthCheck, settings

from atlas.records import loader
from tests.catalogue import read_once

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

# The servers of tests log nothing.
BaseHTTPRequestHandler.log_message = lambda *_: None

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


def pytest_collection_finish():
    """Thousands of tests and all modules stay to the end: the garbage collector need not look at them again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure():
    """What is torn down when the process ends must be found again."""
    gc.unfreeze()


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
