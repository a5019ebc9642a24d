"""The account that the private cluster runs under, and folders which that account may use.

PostgreSQL refuses to run as root, so root hands over to an unprivileged account; an ordinary user stays who they are.
"""

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.errors import StoreError

__all__ = ["Account", "cluster_account", "private_folder"]

_ACCOUNTS = ("postgres", "nobody")
# Survives a reboot, unlike /tmp; and, unlike a home with mode 0700, every account may enter it.
_SHARED_FOLDERS = ("/var/tmp", "/tmp")  # noqa: S108 - only mkdtemp names below them are used, with mode 0700


@dataclass(frozen=True)
class Account:
    """Who runs the cluster's programs."""

    name: str
    uid: int
    gid: int
    switch: bool
    """True where this process is root and has to hand over."""

    def run(
        self, command: list[str], environment: dict[str, str], *, timeout: float
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program as this account and return its result; standard error is joined to standard output."""
        who: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}
        return subprocess.run(
            command,
            cwd="/",  # the caller's working directory may be closed to the account
            env={**os.environ, "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **who,
        )

    def may_use(self, folder: Path) -> bool:
        """Whether the account may enter and write the folder: the system says so, which knows ACLs and mounts too."""
        if not self.switch:
            return os.access(folder, os.W_OK | os.X_OK)
        ask = ["/bin/sh", "-c", 'test -w "$0" && test -x "$0"', str(folder)]
        return self.run(ask, {}, timeout=20).returncode == 0

    def own(self, folder: Path) -> None:
        """Make the account the only one who may use the folder."""
        if self.switch:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def cluster_account() -> Account:
    """The account for the cluster: the present one, or an unprivileged one for root.

    Raises:
        StoreError: this is root and the machine has neither of the usual accounts.
    """
    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            # initdb asks for the user's name; a container may run under an id that has none.
            raise StoreError(
                f"the user id {os.geteuid()} has no name on this machine, and PostgreSQL will not run without one: "
                "add it to /etc/passwd, or set ATLAS_DATABASE_URL to an existing server"
            ) from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)
    raise StoreError(
        f"PostgreSQL does not run as root, and this machine has no account named {' or '.join(_ACCOUNTS)}: "
        "run the command as an ordinary user, or set ATLAS_DATABASE_URL to an existing server"
    )


def private_folder(wanted: Path, account: Account, *, longest: int | None = None) -> Path:
    """The folder `wanted`, made for the account, or another one where the account cannot use it.

    Where the account may not enter the folder, or its path is longer than `longest` bytes, the folder lies below a
    shared place under a name nobody can guess, and a file `<wanted>.location` remembers it.

    Raises:
        StoreError: neither place can be used.
    """
    pointer = wanted.with_name(f"{wanted.name}.location")
    if pointer.is_file():
        elsewhere = Path(pointer.read_text(encoding="utf-8").strip())
        # A reboot may have removed it, and another account taken its name: only a folder of this account is trusted.
        if elsewhere.is_dir() and not elsewhere.is_symlink() and elsewhere.stat().st_uid == account.uid:
            return elsewhere
        pointer.unlink()
    if longest is None or len(os.fsencode(wanted)) <= longest:
        new = not wanted.exists()
        wanted.mkdir(parents=True, exist_ok=True)
        if new:
            account.own(wanted)
        if account.may_use(wanted):
            return wanted
        if new:
            wanted.rmdir()
    for shared in _SHARED_FOLDERS:
        if not os.access(shared, os.W_OK | os.X_OK):
            continue
        elsewhere = Path(tempfile.mkdtemp(prefix="atlas-", dir=shared))
        account.own(elsewhere)
        if account.may_use(elsewhere):
            pointer.write_text(f"{elsewhere}\n", encoding="utf-8")
            return elsewhere
        elsewhere.rmdir()
    raise StoreError(
        f"the account '{account.name}' that runs PostgreSQL may use neither {wanted} nor a folder below "
        f"{' or '.join(_SHARED_FOLDERS)}: set ATLAS_STATE_DIR to a folder that it may enter"
    )
