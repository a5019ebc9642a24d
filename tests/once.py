"""What takes long to make and is only looked at, made once for all workers of a parallel run."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` that `make` filled in this run, whichever worker came first.

    Args:
        tmp_path_factory: Of the session.
        name: Of the folder, one for each thing that is made.
        make: Fills the folder, which is there and empty; where it fails, the next one begins anew.
    """
    base = tmp_path_factory.getbasetemp()
    # pytest-xdist gives each worker a folder of its own in that of the run.
    root = base.parent if base.name.startswith("popen-") else base
    folder = root / name
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := root / f"{name}.done").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            done.touch()
    return folder
