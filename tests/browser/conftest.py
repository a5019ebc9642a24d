"""One Chromium and one built site for all browser tests, served on loopback."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atlas.records import load_catalog
from atlas.web.build import build_site
from tests.once import made_once
from tests.web.crawls import write_crawl

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
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


# Ended with this folder: while Playwright runs, its event loop keeps tests elsewhere from running one of their own.
@pytest.fixture(scope="package")
def browser():
    needs(chromium(), "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=120_000)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe(url) -> str:
    """Where pages of the site get the checker from: Chromium keeps what it has compiled of a file, not of a text."""
    needs(AXE, "axe-core")
    return url + AXE.name


def address(page) -> str:
    """The page's current address; Playwright's own copy may lag behind the script that changed it."""
    return page.evaluate("location.href")


def _some(catalog) -> list[str]:
    """Products of every type, status and kind of storage, two of them in one space: enough for every kind of page."""
    chosen = ["aef-v1-annual", "clay-v0-sentinel", "majortom-s2rgb-dinov2", "presto-togo-2019", "tessera-v1"]
    chosen.append("tessera-v1.1-dclimate")  # an Icechunk store
    chosen.append("tessera-v1.1-cambridge")  # looks like v1 and may not be compared with it
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
    return made_once(tmp_path_factory, "site-of-some", lambda out: build_site(catalog, out, [crawl]))


class _Site(http.server.SimpleHTTPRequestHandler):
    """The site, and beside its files the checker of accessibility."""

    def translate_path(self, path: str) -> str:
        return str(AXE) if path == f"/{AXE.name}" else super().translate_path(path)


@pytest.fixture(scope="session")
def url(built) -> Iterator[str]:
    """Address of the built site, with a slash at its end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Site, directory=str(built)))
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Watch:
    """What goes wrong on a page, visit by visit.

    Attributes:
        origin: Where everything that the page asks for must come from.
        faults: Console errors and warnings, exceptions, failed and foreign requests.
    """

    def __init__(self, page) -> None:
        self.origin, self.faults = "", []
        page.on("console", self._said)
        page.on("pageerror", lambda e: self.faults.append(f"exception: {e}"))
        page.on("requestfailed", self._failed)
        page.on("response", lambda r: r.status >= 400 and self.faults.append(f"{r.status}: {r.url}"))
        page.on("request", self._asked)

    def _said(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def _failed(self, request) -> None:
        # The next page of a tour may come before the last one has fetched its icon.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url}")

    def _asked(self, request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.faults.append(f"foreign: {request.url}")


# What a visit may ask for and leave nothing behind in the browser; with other options it has a page of its own.
LOOK = {"viewport", "color_scheme", "java_script_enabled", "reduced_motion", "forced_colors"}
_FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch { /* a page that may keep nothing */ } }"


class Pages:
    """Pages that are used again: a new one costs a process of Chromium, which is longer than most visits."""

    def __init__(self, browser) -> None:
        self.browser, self.free = browser, {}

    @contextmanager
    def one(self, options: dict):
        """A page that nobody else has, with nothing in it but what the site's files left in the cache."""
        free = self.free.setdefault(repr(sorted(options.items())), [])
        page = free.pop() if free else self._new(options)
        again = False
        try:
            # Only now: until the next visit the last one's page stays, and its scripts may still keep something.
            page.evaluate(_FORGET)
            page.context.clear_cookies()
            yield page
            if again := options.keys() <= LOOK:
                page.unroute_all()
                page.emulate_media(media="null", color_scheme=options.get("color_scheme", "light"))
                if page.viewport_size != options["viewport"]:
                    page.set_viewport_size(options["viewport"])
        finally:
            if again:
                free.append(page)
            else:
                page.context.close()

    def _new(self, options: dict):
        context = self.browser.new_context(**options)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.watch = Watch(page)
        return page


@pytest.fixture(scope="package")
def visit(browser, url):
    """Open a page as a new visitor would; any fault fails the test on closing."""
    pages = Pages(browser)

    @contextmanager
    def opened(path: str, *, origin: str = "", **options: object):
        # Nothing moves: a place that is read while the page still scrolls there is another one when it is clicked.
        still = {"reduced_motion": "reduce"}
        with pages.one({"viewport": {"width": 1440, "height": 900}, **still, **options}) as page:
            page.start = origin or url
            page.watch.origin, page.watch.faults = page.start, []
            if page.url.partition("#")[0] == (page.start + path).partition("#")[0]:
                page.goto("about:blank")  # or the last visit's document might stay
            page.goto(page.start + path)
            yield page
            assert page.watch.faults == [], path

    return opened


@pytest.fixture(scope="package")
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
