"""Run the application on a port: one process or several, until interrupted."""

import errno
import functools
import gc
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from atlas.api.logs import configure_logs
from atlas.api.patience import PatientProtocol
from atlas.errors import SettingsError
from atlas.settings import Settings

__all__ = ["listen", "serve", "worker_count"]

_MOST_WORKERS = 8
_KEEP_ALIVE_SECONDS = 30
_SHUTDOWN_SECONDS = 10
_HUNG_SECONDS = 30
"""A worker that does not respond for so long is replaced; on a busy machine it needs more than uvicorn's 5 to start."""


def worker_count(settings: Settings) -> int:
    """Processes to run: as set, or one per core."""
    return settings.workers or min(os.cpu_count() or 1, _MOST_WORKERS)


def listen(settings: Settings) -> socket.socket:
    """A socket on the address and port of the settings.

    Raises:
        SettingsError: the port is taken or may not be used, or the address is not of this machine; names the setting.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        where = f"port {settings.port} on {settings.host}"
        if error.errno == errno.EADDRINUSE:
            msg = f"ATLAS_PORT: {where} is taken by another program; set ATLAS_PORT to a free port"
        elif error.errno == errno.EACCES:
            msg = f"ATLAS_PORT: {where} may not be used by this user; set ATLAS_PORT to 1024 or higher"
        else:
            msg = f"ATLAS_HOST: cannot listen on {settings.host}: {error.strerror or error}"
        raise SettingsError(msg) from None


def serve(
    settings: Settings,
    conninfo: str,
    site_dir: Path | None,
    *,
    started: Callable[[str], None] | None = None,
    stock: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, then return, so that the caller can close what it opened.

    Args:
        settings: Address, port, workers and limits.
        conninfo: libpq connection string of a migrated database.
        site_dir: The built site.
        started: Called with the address once the port is open.
        stock: The unmodified stac-fastapi-pgstac in place of the atlas.

    Raises:
        SettingsError: the port cannot be used.
    """
    with listen(settings) as listener, _shared_metrics(worker_count(settings)), _until_told():
        host, port = listener.getsockname()[:2]
        workers = worker_count(settings)
        settings = settings.model_copy(update={"workers": workers, "port": port})
        config = uvicorn.Config(
            functools.partial(_worker, settings, conninfo, site_dir, os.getpid(), stock=stock),
            factory=True,
            workers=workers,
            log_config=None,
            access_log=False,
            server_header=False,
            http=PatientProtocol,
            proxy_headers=False,  # the application reads more of them than uvicorn does
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            timeout_worker_healthcheck=_HUNG_SECONDS,
        )
        configure_logs()
        if started is not None:
            started(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        if workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])


def _worker(settings: Settings, conninfo: str, site_dir: Path | None, parent: int, *, stock: bool) -> Starlette:
    """The application of one process; where there are several, each ends with its parent."""
    configure_logs()
    if os.getpid() != parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with _kept_to_the_end():
        # Imported here, so that the parent of several workers imports neither.
        if stock:
            from atlas.api.stock import create_stock_app

            return create_stock_app(conninfo)
        from atlas.api.app import create_app

        return create_app(settings, conninfo, site_dir)


@contextmanager
def _kept_to_the_end() -> Iterator[None]:
    """Keep the garbage collector from what is made in the block, then and later: modules and catalogue stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: a worker left behind would hold the port."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _until_told() -> Iterator[None]:
    """Make SIGTERM and SIGINT end the block. uvicorn raises them again after it has closed its connections, and the
    default for SIGTERM would end the process before the private database is stopped.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Set a folder in which the workers share their measurements."""
    if workers == 1 or os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="atlas-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
