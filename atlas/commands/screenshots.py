"""`atlas screenshots`: pictures of every kind of page, narrow and wide, light and dark, for review."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from atlas.commands._options import FOLDER, NEW_FILE, NEW_FOLDER
from atlas.errors import SiteError

__all__ = ["KINDS", "command"]

KINDS = (
    "index.html",
    "products.html",
    "products/*.html",
    "tasks.html",
    "tasks/*.html",
    "coverage.html",
    "compare.html",
    "inputs.html",
    "spaces.html",
    "taxonomy.html",
    "taxonomy/*.html",
    "taxonomy/*/*.html",
    "ecosystem.html",
    "emb/*/index.html",
    "api.html",
    "data.html",
    "changes.html",
    "about.html",
    "patterns.html",
    "search.html",
    "404.html",
)
"""One page of each kind: the first that a pattern finds."""
_SIZES = {"narrow": (360, 740), "wide": (1440, 900)}
_FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing: the command reports its progress itself."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder on a free port of this machine, until the block ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pages(site: Path) -> list[str]:
    """One page of each kind that the site has."""
    found = []
    for pattern in KINDS:
        paths = sorted(site.glob(pattern))
        if paths:
            found.append(paths[0].relative_to(site).as_posix())
    if "index.html" not in found:
        raise SiteError(f"{site} holds no site: there is no index.html")
    return found


@click.command()
@click.argument("site", type=FOLDER)
@click.option("--out", type=NEW_FOLDER, required=True, help="Folder of the pictures.")
@click.option(
    "--page", "pages", multiple=True, help="Only this page, such as products.html; may be given more than once."
)
@click.option("--chromium", type=NEW_FILE, help="Browser; by default the one on PATH.")
@click.option("--no-sandbox", is_flag=True, help="Start the browser without its sandbox, as root needs.")
def command(site: Path, out: Path, pages: tuple[str, ...], chromium: Path | None, no_sandbox: bool) -> None:
    """Take screenshots of every kind of page of SITE."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise click.ClickException("screenshots need the package playwright: install it") from error
    found = chromium or next((Path(p) for n in ("chromium", "chromium-browser") if (p := shutil.which(n))), None)
    if found is None:
        raise click.ClickException("no Chromium on PATH: install it, or name it with --chromium")
    out.mkdir(parents=True, exist_ok=True)
    flags = [*_FLAGS, *(["--no-sandbox"] if no_sandbox else [])]
    taken = 0
    with _served(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page()
        for size, (width, height) in _SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for path in pages or _pages(site):
                page.goto(url + path, wait_until="networkidle")
                name = path.partition("?")[0].removesuffix(".html").replace("/", "-")
                for theme in ("light", "dark"):  # colours alone, which the page need not be read again for
                    page.emulate_media(color_scheme=theme)
                    page.screenshot(path=out / f"{name}.{size}.{theme}.png", full_page=True)
                    taken += 1
                    click.echo(f"{name} {size} {theme}", err=True)
        browser.close()
    click.echo(f"{taken} pictures in {out}")
