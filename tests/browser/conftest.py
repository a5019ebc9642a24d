"""One Chromium and one built site for all browser tests, served on loopback."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from atlas.records import load_catalog
from atlas.web.build import build_site
from tests.web.crawls import write_crawl

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container may have little of it, and Chromium dies of that
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    return next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)


def needs(what: str | Path | None, name: str) -> None:
    """Skip where a tool is missing, with the reason; in CI, fail."""
    if what is not None and Path(what).exists():
        return
    reason = f"{name} is not installed on this machine"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI must not skip this")
    pytest.skip(reason)


# Ended with each module: while Playwright runs, its event loop keeps tests elsewhere from running one of their own.
@pytest.fixture(scope="module")
def browser():
    needs(chromium(), "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=120_000)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe() -> str:
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    needs(path, "axe-core")
    return path.read_text("utf-8")


def address(page) -> str:
    """The page's current address; Playwright's own copy may lag behind the script that changed it."""
    return page.evaluate("location.href")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _some(catalog) -> list[str]:
    """Products of every type, status and kind of storage, two of them in one space: enough for every kind of page."""
    chosen = ["aef-v1-annual", "clay-v0-sentinel", "majortom-s2rgb-dinov2", "presto-togo-2019", "tessera-v1"]
    chosen.append("tessera-v1.1-dclimate")  # an Icechunk store
    seen = set()
    for product in catalog.products.values():
        method = (product.embedding.quantization or {}).get("method")
        kinds = {product.embedding.type, product.status, ("method", method)}
        if not kinds <= seen:
            seen |= kinds
            chosen.append(product.id)
    by_space: dict[str, list[str]] = {}
    for product in catalog.products.values():
        if product.embedding.space:
            by_space.setdefault(product.embedding.space, []).append(product.id)
    chosen += next(ids for ids in by_space.values() if len(ids) > 1)[:2]
    return sorted(dict.fromkeys(chosen))


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    catalog = load_catalog()
    catalog.products = {k: catalog.products[k] for k in _some(catalog)}
    tiles = [(2020, 0.1, 52.1, 0.2, 52.2), (2021, 0.1, 52.1, 0.2, 52.2), (2021, 14.0, -3.0, 14.1, -2.9)]
    source = catalog.products["tessera-v1"].index.url
    crawl = write_crawl(tmp_path_factory.mktemp("crawl"), "tessera-v1", tiles, source=source)
    out = tmp_path_factory.mktemp("site")
    build_site(catalog, out, [crawl])
    return out


@pytest.fixture(scope="session")
def url(built) -> Iterator[str]:
    """Address of the built site, with a slash at its end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(built)))
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Watch:
    """What went wrong on a page.

    Attributes:
        faults: console errors and warnings, exceptions, failed and foreign requests.
    """

    origin: str
    faults: list[str] = field(default_factory=list)

    def _failed(self, request) -> None:
        # The next page of a tour may come before the last one has fetched its icon.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url}")

    def attach(self, page) -> None:
        page.on(
            "console", lambda m: m.type in {"error", "warning"} and self.faults.append(f"console {m.type}: {m.text}")
        )
        page.on("pageerror", lambda e: self.faults.append(f"exception: {e}"))
        page.on("requestfailed", self._failed)
        page.on("response", lambda r: r.status >= 400 and self.faults.append(f"{r.status}: {r.url}"))
        page.on(
            "request",
            lambda r: not r.url.startswith((self.origin, "data:", "blob:")) and self.faults.append(f"foreign: {r.url}"),
        )


# What a visit may ask for and leave nothing behind in the browser; with other options it has a context of its own.
LOOK = {"viewport", "color_scheme", "java_script_enabled", "reduced_motion", "forced_colors"}
_FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch { /* a page that may keep nothing */ } }"


class Contexts:
    """Contexts that are used again: a new one costs a process of Chromium, which is longer than most visits."""

    def __init__(self, browser) -> None:
        self.browser, self.free = browser, {}

    @contextmanager
    def one(self, options: dict):
        """A context that nobody else has, with nothing in it but what the pages' files left in the cache."""
        free = self.free.setdefault(repr(sorted(options.items())), [])
        context = free.pop() if free else self.browser.new_context(**options)
        again = False
        try:
            context.set_default_timeout(60_000)
            yield context
            for page in context.pages:
                page.evaluate(_FORGET)
                page.close()
            context.clear_cookies()
            again = options.keys() <= LOOK
        finally:
            if again:
                free.append(context)
            else:
                context.close()


@pytest.fixture(scope="module")
def visit(browser, url):
    """Open a page as a new visitor would; any fault fails the test on closing."""
    contexts = Contexts(browser)

    @contextmanager
    def opened(path: str, *, origin: str = "", **options: object):
        # Nothing moves: a place that is read while the page still scrolls there is another one when it is clicked.
        still = {"reduced_motion": "reduce"}
        with contexts.one({"viewport": {"width": 1440, "height": 900}, **still, **options}) as context:
            page = context.new_page()
            watch = Watch(origin or url)
            watch.attach(page)
            page.watch, page.start = watch, origin or url
            page.goto((origin or url) + path)
            yield page
            assert watch.faults == [], path

    return opened


@pytest.fixture(scope="module")
def tour(visit):
    """Open pages one after the other in one context; each reports its own faults."""

    def pages(paths: list[str], **options: object):
        with visit(paths[0], **options) as page:
            for number, path in enumerate(paths):
                if number:
                    page.goto(page.start + path)
                yield path, page
                faults, page.watch.faults = page.watch.faults, []
                assert faults == [], path

    return pages
