"""Make and configure the data folder of the private cluster, and remove what a dead server left there."""

import contextlib
import os
import shutil
from pathlib import Path

from atlas.errors import StoreError
from atlas.store.cluster.account import Account
from atlas.store.cluster.postgres import Installation

__all__ = ["configure", "create", "forget_dead_postmaster"]

# Rewritten at each start, so that a newer atlas brings newer settings.
_CONFIGURATION = """\
# Written by the atlas at each start: changes made here are lost.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {memory}MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
# Nothing replicates a private cluster, and without WAL for it a bulk load into a new table is written once.
wal_level = minimal
max_wal_senders = 0
random_page_cost = 1.1
# pgstac runs many short generated queries, which compilation only delays.
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


def configure(data: Path, sockets: Path, port: int) -> None:
    """Write the settings of the server, which listens on a Unix socket only."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_048_576
    memory = max(128, min(1024, machine // 8))  # megabytes for the server's own cache
    text = _CONFIGURATION.format(port=port, sockets=str(sockets).replace("'", "''"), memory=memory)
    (data / "atlas.conf").write_text(text, encoding="utf-8")


def create(installation: Installation, account: Account, data: Path, superuser: str) -> None:
    """Run initdb into a folder of another name, so that an interrupted run leaves nothing that looks finished.

    Raises:
        StoreError: initdb fails; the message ends with its output.
    """
    unfinished = data.with_name("pgdata.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    locale = "C.UTF-8" if os.uname().sysname == "Linux" else "C"
    command = [installation.program("initdb"), "-D", str(unfinished), "-U", superuser, "-E", "UTF8"]
    # Without passwords: the socket's folder lets nobody else in.
    # Ids sort by their bytes: the order is that of C.UTF-8, and comparing costs a third less.
    command += [f"--locale={locale}", "--lc-collate=C", "--auth=trust", "--no-instructions"]
    if installation.major < 14:
        command.remove("--no-instructions")
    result = account.run(command, installation.environment, timeout=300)
    if result.returncode != 0:
        tail = "\n".join(result.stdout.splitlines()[-8:])
        raise StoreError(f"the private database could not be made in {data}:\n{tail}")
    with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("\ninclude_if_exists 'atlas.conf'\n")
    unfinished.rename(data)


def forget_dead_postmaster(data: Path, sockets: Path, port: int) -> None:
    """Remove what a dead server left, where its process id now belongs to another process.

    PostgreSQL itself clears a pid file whose process is gone, but refuses to start where any process of the same
    account has that id, as may happen after a reboot.
    """
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid = 0
    if pid and _is_postmaster(pid, data):
        return  # starting, or hung: PostgreSQL will say so
    (data / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{port}.lock", f".s.PGSQL.{port}"):
        (sockets / name).unlink(missing_ok=True)


def _is_postmaster(pid: int, data: Path) -> bool:
    """Whether a process is the server of this data folder: a server's working directory is its data folder."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False  # no such process
    except PermissionError:
        return False  # of another account, so not ours
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        # Without /proc nothing tells the two apart: leave the decision to PostgreSQL.
        return True
    return False
