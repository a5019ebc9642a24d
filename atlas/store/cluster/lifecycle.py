"""The private PostgreSQL cluster: made, started, shared and stopped without a server to administer.

It listens on a socket in a folder that only its account may enter, never on TCP. Several processes may use one cluster
at the same time: whoever comes first starts it, and whoever leaves last stops it, unless `atlas db start` asked for it
to stay. Locks are held by the kernel, so a process that was killed holds none.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg

from atlas.errors import StoreError
from atlas.store.cluster.account import Account, cluster_account, private_folder
from atlas.store.cluster.postgres import Installation, find_installation

__all__ = ["DATABASE", "PORT", "SUPERUSER", "Cluster"]

DATABASE = "atlas"
SUPERUSER = "atlas"
PORT = 50432
"""Part of the socket's file name; no TCP port is opened, and it differs from the port of a system's own server."""

# A socket's path has 108 bytes at most, its final NUL included; macOS has four fewer.
_LONGEST_SOCKET_DIR = 103 - len(f"/.s.PGSQL.{PORT}")
_PATIENCE = 60.0  # seconds: recovery after a crash may take a while
_ATTEMPTS = 5  # with growing pauses, ten seconds in all

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


class Cluster:
    """One private cluster below a state folder; a context manager that yields its connection string.

    Args:
        state_dir: the state folder; the cluster lives in its sub-folder `postgres`.
    """

    def __init__(self, state_dir: Path) -> None:
        self._home = state_dir.resolve() / "postgres"
        self._state_dir = state_dir
        self._use: int | None = None
        self._folders: dict[str, Path] = {}

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *, keep: bool = False) -> str:
        """Start the cluster, or join the one that runs, and return its connection string.

        Args:
            keep: the cluster stays after its last user has left, until `shut_down`.

        Raises:
            StoreError: there is no PostgreSQL with PostGIS, or it does not start; the message ends with its log.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not self._answers():
                self._launch()
            if keep:
                self._kept.touch()
            if self._use is None:
                self._use = os.open(self._home / "users.lock", os.O_CREAT | os.O_RDWR, 0o600)
                fcntl.flock(self._use, fcntl.LOCK_SH)
        return self.conninfo()

    def stop(self) -> None:
        """Leave the cluster; the last one to leave stops it, unless it was asked to stay."""
        if self._use is None:
            return
        with self._alone():
            os.close(self._use)
            self._use = None
            if not self._kept.exists() and not self.in_use():
                self._halt()

    def shut_down(self) -> bool:
        """Stop the cluster even where others use it; returns whether it ran."""
        if not self._home.is_dir():
            return False
        with self._alone():
            self._kept.unlink(missing_ok=True)
            running = self._answers()
            if running:
                self._halt()
        if self._use is not None:
            os.close(self._use)
            self._use = None
        return running

    def dismiss(self) -> bool:
        """Stop the cluster, or where others use it, let the last of them do so; returns whether it goes on for them."""
        if not self._home.is_dir():
            return False
        with self._alone():
            self._kept.unlink(missing_ok=True)
            if not self._answers():
                return False
            if self.in_use():
                return True
            self._halt()
        return False

    def erase(self) -> None:
        """Stop the cluster and remove all its data.

        Raises:
            StoreError: another process uses it.
        """
        if not self._home.is_dir():
            return
        with self._alone():
            if self.in_use():
                raise StoreError(f"the private database in {self._home} is in use: stop 'atlas up' first")
            self._kept.unlink(missing_ok=True)
            if self._answers():
                self._halt()
            account = cluster_account()
            for folder in (self._data_home(account), self._socket_dir(account)):
                shutil.rmtree(folder, ignore_errors=True)
            for name in ("data.location", "socket.location"):
                (self._home / name).unlink(missing_ok=True)

    def running(self) -> bool:
        """Whether the cluster answers."""
        return self._home.is_dir() and self._answers()

    def in_use(self) -> bool:
        """Whether a process, this one included, has started the cluster and not left it."""
        handle = os.open(self._home / "users.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def conninfo(self, database: str = DATABASE) -> str:
        """Connection string of one of its databases."""
        return psycopg.conninfo.make_conninfo(
            host=str(self._socket_dir(cluster_account())), port=PORT, user=SUPERUSER, dbname=database
        )

    @property
    def _kept(self) -> Path:
        return self._home / "keep"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock under which clusters are started and stopped."""
        handle = os.open(self._home / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _data_home(self, account: Account) -> Path:
        return self._folder("data", account)

    def _socket_dir(self, account: Account) -> Path:
        return self._folder("socket", account, longest=_LONGEST_SOCKET_DIR)

    def _folder(self, name: str, account: Account, *, longest: int | None = None) -> Path:
        """A private folder; whether the account may use it is asked once, as each question starts two processes."""
        known = self._folders.get(name)
        if known is None or not known.is_dir():
            known = self._folders[name] = private_folder(self._home / name, account, longest=longest)
        return known

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            # It is there and busy (recovering, or with every connection taken): starting another would do harm.
            return "the database system is" in str(error) or "too many clients" in str(error)
        return True

    def _launch(self) -> None:
        account = cluster_account()
        home, sockets = self._data_home(account), self._socket_dir(account)
        data = home / "pgdata"
        version = data / "PG_VERSION"
        if version.is_file():
            installation = find_installation(self._state_dir, major=int(version.read_text(encoding="utf-8")))
        else:
            installation = find_installation(self._state_dir)
            _create(installation, account, data)
        (data / "atlas.conf").write_text(
            _CONFIGURATION.format(port=PORT, sockets=str(sockets).replace("'", "''"), memory=_shared_memory()),
            encoding="utf-8",
        )
        _forget_dead_postmaster(data, sockets)
        self._pg_ctl(installation, account, data)
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(DATABASE)))

    def _pg_ctl(self, installation: Installation, account: Account, data: Path) -> None:
        log = data.parent / "log"
        command = [installation.program("pg_ctl"), "start", "-w", "-s", "-t", f"{_PATIENCE:.0f}"]
        command += ["-D", str(data), "-l", str(log)]
        # After kill -9 its children may hold the shared memory for a moment longer.
        for attempt in range(_ATTEMPTS):
            before = log.stat().st_size if log.exists() else 0
            result = account.run(command, installation.environment, timeout=_PATIENCE + 30)
            if result.returncode == 0:
                return
            said = ""
            if log.exists():
                with log.open("rb") as lines:
                    lines.seek(before)
                    said = lines.read().decode(errors="replace")
            if "shared memory block" not in said or attempt == _ATTEMPTS - 1:
                break
            time.sleep(1 + attempt)
        tail = "\n".join([*result.stdout.splitlines(), *said.splitlines()][-12:])
        raise StoreError(f"the private database in {data} did not start:\n{tail}")

    def _halt(self) -> None:
        account = cluster_account()
        data = self._data_home(account) / "pgdata"
        major = int((data / "PG_VERSION").read_text(encoding="utf-8"))
        installation = find_installation(self._state_dir, major=major)
        command = [installation.program("pg_ctl"), "stop", "-w", "-s", "-m", "fast", "-t", f"{_PATIENCE:.0f}"]
        result = account.run([*command, "-D", str(data)], installation.environment, timeout=_PATIENCE + 30)
        if result.returncode != 0 and self._answers():
            raise StoreError(f"the private database in {data} did not stop: {result.stdout.strip()}")


def _shared_memory() -> int:
    """Megabytes for the server's own cache: an eighth of the machine's memory, within 128 MB and 1 GB."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_048_576
    return max(128, min(1024, machine // 8))


def _create(installation: Installation, account: Account, data: Path) -> None:
    """Run initdb into a folder of another name, so that an interrupted run leaves nothing that looks finished."""
    unfinished = data.with_name("pgdata.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    locale = "C.UTF-8" if os.uname().sysname == "Linux" else "C"
    command = [installation.program("initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8"]
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


def _forget_dead_postmaster(data: Path, sockets: Path) -> None:
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
    for name in (f".s.PGSQL.{PORT}.lock", f".s.PGSQL.{PORT}"):
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
