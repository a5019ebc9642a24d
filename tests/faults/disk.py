"""A failing disk below this process: `disk.c`, compiled where there is a C compiler and preloaded."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

FULL_ONCE, FULL, TORN, POWER = 1, 2, 3, 4
_HERE = Path(__file__).with_name("disk.c")
_LOADED = "ATLAS_FAULTS_DISK"


def start_again_with_it(folder: Path) -> str:
    """Replace this process by itself with the library loaded; why not, where that cannot be.

    PostgreSQL below it is armed by writing `full` or `torn` to the file that `control_of` names.
    """
    if _LOADED in os.environ:
        return os.environ[_LOADED]
    library, control, why = folder / "disk.so", control_of(folder), ""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if sys.platform != "linux":
        why = "made for Linux"
    elif compiler is None:
        why = "no C compiler"
    else:
        command = [compiler, "-O1", "-w", "-shared", "-fPIC", "-o", str(library), str(_HERE), "-ldl", "-lpthread"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        why = "" if done.returncode == 0 else f"it does not compile: {done.stderr.strip().splitlines()[-1]}"
    os.environ[_LOADED] = why
    if not why:
        library.chmod(0o755)
        control.parent.mkdir()
        control.parent.chmod(0o777)  # PostgreSQL's processes take the file away
        os.environ |= {"LD_PRELOAD": str(library), "DISK_CONTROL": str(control)}
    os.environ["ATLAS_FAULTS_FOLDER"] = str(folder)
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - this very program
    return why


def control_of(folder: Path) -> Path:
    """The file that says how the disk below PostgreSQL fails."""
    return folder / "told" / "control"


def arm(mode: int, at: int, below: Path, aside: Path, *, lie: bool = False, bytes_: bool = False, names: int = 0):
    """From now on this process's operation number `at` below a folder is where its disk fails.

    Args:
        mode: one of the constants.
        at: which operation: a write, fsync, new name, or taking one away.
        below: only what lies below it.
        aside: where replaced files wait, on the same file system.
        lie: fsync does nothing and says that it did.
        bytes_: bytes that were written survive the loss of power without fsync.
        names: as many names survive without fsync of their folder.
    """
    aside.mkdir(exist_ok=True)
    ctypes.CDLL(None).disk_arm(mode, at, f"{below}/".encode(), str(aside).encode(), lie, bytes_, names)


def operations() -> int:
    """Number of file operations since `arm`."""
    return int(ctypes.CDLL(None).disk_count())
