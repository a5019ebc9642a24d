"""One publisher at a time: two would leave the pages of one beside the downloads of the other.

A folder is locked by the kernel, which releases it when the process ends. A bucket is locked by an object, written with
conditional writes: created if there is none, replaced if it is as it was read. The lease lasts some minutes and is
renewed, so that a killed publisher does not lock others out, and one that lost its lease notices before it writes
anything more.
"""

import contextlib
import datetime as dt
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from atlas.errors import SiteError
from atlas.files import held

__all__ = ["LEASE", "LOCK", "bucket_held", "folder_held"]

LOCK = "publish.lock"
LEASE = dt.timedelta(minutes=10)
_RENEWED = 60.0
"""Seconds after which the lease is renewed."""


@contextlib.contextmanager
def folder_held(root: Path) -> Iterator[Callable[[], None]]:
    """Lock a folder, which is made if needed.

    Raises:
        SiteError: another process holds the lock.
    """
    root.mkdir(parents=True, exist_ok=True)
    with held(root, lambda: SiteError(f"{root}: another publish is writing here: wait for it")):
        yield lambda: None


@contextlib.contextmanager
def bucket_held(store: Any, where: str) -> Iterator[Callable[[], None]]:  # noqa: ANN401 - one of obstore's stores
    """Lock a bucket's prefix.

    Args:
        store: the prefix.
        where: its name in messages.

    Yields:
        A function to call before each write: it renews the lease, and raises a SiteError if the lease is lost.

    Raises:
        SiteError: another process holds the lock.
    """
    lease = _Lease(store, where)
    lease.take()
    try:
        yield lease.renew
    finally:
        lease.give_back()


class _Lease:
    def __init__(self, store: Any, where: str) -> None:  # noqa: ANN401 - one of obstore's stores
        self._store, self._where = store, where
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(8)}"
        self._version: Any = None
        self._written = 0.0
        self._one = threading.Lock()

    def take(self) -> None:
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            self._write("create")
        except (AlreadyExistsError, PreconditionError):
            held = self._read()
            if held is not None:
                until, version, said = held
                if until > dt.datetime.now(dt.UTC):
                    raise SiteError(f"{self._where}: another publish is writing here ({said}): wait for it") from None
                try:
                    self._write(version)  # its lease has expired; of several that see this, one succeeds
                except (FileNotFoundError, PreconditionError):
                    held = None
            if held is None:
                raise SiteError(f"{self._where}: another publish began or ended at this moment: try again") from None

    def renew(self) -> None:
        from obstore.exceptions import PreconditionError

        with self._one:
            if time.monotonic() - self._written < _RENEWED:
                return
            try:
                self._write(self._version)
            except (FileNotFoundError, PreconditionError):
                msg = f"{self._where}: another publish took over, because this one's lease expired: it stops here"
                raise SiteError(msg) from None

    def give_back(self) -> None:
        held = self._read()
        if held is not None and held[2].startswith(self._owner):
            self._store.delete(LOCK)

    def _write(self, mode: Any) -> None:  # noqa: ANN401 - "create", or the version that is replaced
        until = dt.datetime.now(dt.UTC) + LEASE
        text = json.dumps({"owner": self._owner, "until": until.isoformat(timespec="seconds")}).encode()
        done = self._store.put(LOCK, text, mode=mode, use_multipart=False, attributes={"Cache-Control": "no-store"})
        self._version = {name: value for name, value in dict(done).items() if value is not None}
        self._written = time.monotonic()

    def _read(self) -> tuple[dt.datetime, Any, str] | None:
        """Until when it is locked, the version of the object, and by whom."""
        try:
            found = self._store.get(LOCK)
            text: Any = json.loads(bytes(found.bytes()))
            until = dt.datetime.fromisoformat(text["until"])
            said = f"{text['owner']}, at the latest until {text['until']}"
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            until, said = dt.datetime.min.replace(tzinfo=dt.UTC), "an unknown publisher"
        version: dict[str, Any] = {
            name: found.meta[name] for name in ("e_tag", "version") if found.meta.get(name) is not None
        }
        return until, version, said
