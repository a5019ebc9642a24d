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
from pathlib import Path
from types import TracebackType

import psycopg

from atlas.errors import StoreError
from atlas.files import held
from atlas.store.cluster.account import Account, cluster_account, private_folder
from atlas.store.cluster.data import configure, create, forget_dead_postmaster
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
        self._installation: Installation | None = None

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
        """Stop the cluster, or let its last user stop it; returns whether others still use it."""
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
        try:
            with held(self._home / "users.lock"):
                return False
        except BlockingIOError:
            return True

    def conninfo(self, database: str = DATABASE) -> str:
        """Connection string of one of its databases."""
        return psycopg.conninfo.make_conninfo(
            host=str(self._socket_dir(cluster_account())), port=PORT, user=SUPERUSER, dbname=database
        )

    @property
    def _kept(self) -> Path:
        return self._home / "keep"

    def _alone(self) -> contextlib.AbstractContextManager[int]:
        """Hold the lock under which clusters are started and stopped."""
        return held(self._home / "lock", wait=True)

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

    def _programs(self, data: Path) -> Installation:
        """The PostgreSQL that wrote the data, searched for once: the search runs several programs."""
        major = int((data / "PG_VERSION").read_text(encoding="utf-8"))
        if self._installation is None or self._installation.major != major:
            self._installation = find_installation(self._state_dir, major=major)
        return self._installation

    def _launch(self) -> None:
        account = cluster_account()
        home, sockets = self._data_home(account), self._socket_dir(account)
        data = home / "pgdata"
        if (data / "PG_VERSION").is_file():
            installation = self._programs(data)
        else:
            installation = self._installation = find_installation(self._state_dir)
            create(installation, account, data, SUPERUSER)
        configure(data, sockets, PORT)
        forget_dead_postmaster(data, sockets, PORT)
        self._pg_ctl(installation, account, data)
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(DATABASE)))

    def _pg_ctl(self, installation: Installation, account: Account, data: Path) -> None:
        log = data.parent / "log"
        command = [installation.program("pg_ctl"), "start", "-w", "-s", "-t", f"{_PATIENCE:.0f}"]
        command += ["-D", str(data), "-l", str(log)]
        # After kill -9 the server's children may hold the shared memory for a moment longer.
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
        installation = self._programs(data)
        command = [installation.program("pg_ctl"), "stop", "-w", "-s", "-m", "fast", "-t", f"{_PATIENCE:.0f}"]
        result = account.run([*command, "-D", str(data)], installation.environment, timeout=_PATIENCE + 30)
        if result.returncode != 0 and self._answers():
            raise StoreError(f"the private database in {data} did not stop: {result.stdout.strip()}")
