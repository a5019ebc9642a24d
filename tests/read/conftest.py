"""A loopback host for remote files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback_host import Web, loopback, web

__all__ = ["loopback", "web", "web_folder"]


@pytest.fixture
def web_folder(web: Web, loopback: None) -> Callable[[Path], str]:
    """Serve the files of a folder; returns the address."""

    def serve(folder: Path) -> str:
        for path in folder.rglob("*"):
            if path.is_file():
                web.objects[f"/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
        return web.url

    return serve
