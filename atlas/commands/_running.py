"""Which process serves from a state folder: a file lock tells, which ends with the process, unlike a pid file."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from atlas.errors import AtlasError
from atlas.files import held

__all__ = ["AlreadyRunningError", "running_server", "stop_server"]

_FILE = "server.lock"
_PATIENCE_SECONDS = 20.0


class AlreadyRunningError(AtlasError):
    """Another `atlas up` or `atlas serve` uses the same state folder."""


@contextlib.contextmanager
def running_server(state_dir: Path) -> Iterator[None]:
    """Hold the lock of the server of a state folder.

    Raises:
        AlreadyRunningError: another process holds it; the message names it.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / _FILE

    def busy() -> AlreadyRunningError:
        pid = path.read_text(errors="replace").strip()
        return AlreadyRunningError(
            f"process {pid} already serves from {state_dir}, the state folder of this atlas: stop it with 'make down', "
            "or set ATLAS_STATE_DIR"
        )

    with held(path, busy) as handle:
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield


def stop_server(state_dir: Path) -> int | None:
    """Ask the server of a state folder to end, and wait for it; returns its process id, or None if none was running.

    Raises:
        AtlasError: it did not end.
    """
    path = state_dir / _FILE
    if not path.exists():
        return None
    with path.open("r+") as handle:
        if _free(handle.fileno()):
            return None
        pid = int(handle.read().strip())
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            if _free(handle.fileno()):
                return pid
            time.sleep(0.1)
    raise AtlasError(f"the server (process {pid}) did not end within {_PATIENCE_SECONDS:.0f} s")


def _free(handle: int) -> bool:
    """Whether no process holds the lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True
