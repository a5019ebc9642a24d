"""Find an installed PostgreSQL that has PostGIS, or say how to get one.

Only the standard library is imported: `scripts/setup-system.sh` runs this module before anything is installed,
as `python -m atlas.store.cluster.postgres [STATE_DIR]`.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from atlas.errors import StoreError

__all__ = ["EXTENSIONS", "UNPACKED", "Installation", "find_installation", "find_installations", "install_advice"]

EXTENSIONS = ("postgis", "btree_gist", "unaccent")
"""What pgstac needs beside the server; the last two come with PostgreSQL's contrib modules."""

UNPACKED = "system"
"""Below the state folder: the tree that `scripts/unpack-postgres.sh` makes where packages may not be installed."""

_OLDEST = 13  # pgstac 0.10 refuses older servers
_TOOLS = ("initdb", "pg_ctl", "postgres")

_GLOBS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG packages on Fedora and its relatives
    "/usr/bin",  # Fedora's own package
    "/opt/homebrew/opt/postgresql*/bin",  # Homebrew on Apple silicon
    "/usr/local/opt/postgresql*/bin",  # Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/usr/local/pgsql/bin",  # built from source with the default prefix
)


@dataclass(frozen=True)
class Installation:
    """The programs of one PostgreSQL, its major version and what its programs need in their environment."""

    bin_dir: Path
    major: int
    missing: tuple[str, ...] = ()
    """Extensions of `EXTENSIONS` that are not there."""
    environment: dict[str, str] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """Path of one of its programs."""
        return str(self.bin_dir / name)


def _output(program: Path, option: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a program prints; empty where it does not run."""
    if not os.access(program, os.X_OK):
        return ""
    try:
        return subprocess.run(
            [str(program), option],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            env={**os.environ, **environment},
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _major(bin_dir: Path, environment: dict[str, str]) -> int | None:
    found = re.search(r"\(PostgreSQL\) (\d+)", _output(bin_dir / "postgres", "--version", environment))
    return int(found[1]) if found else None


def _share_dirs(bin_dir: Path, major: int) -> Iterator[Path]:
    prefix = bin_dir.parent
    # Debian keeps bin below lib/postgresql/<major>, and the share folder at the same depth below usr/share.
    if prefix.parent.name == "postgresql":
        yield prefix.parents[2] / "share" / "postgresql" / str(major)
    yield from (prefix / "share" / name for name in (f"postgresql@{major}", "postgresql", "pgsql", ""))
    if answer := _output(bin_dir / "pg_config", "--sharedir"):
        yield Path(answer)


def _missing_extensions(bin_dir: Path, major: int) -> tuple[str, ...]:
    folders = [share / "extension" for share in _share_dirs(bin_dir, major)]
    return tuple(name for name in EXTENSIONS if not any((d / f"{name}.control").is_file() for d in folders))


def _unpacked_environment(root: Path) -> dict[str, str]:
    """Where the programs of an unpacked tree find their libraries and the projection database."""
    libraries = sorted({str(p.parent) for p in (root / "usr" / "lib").glob("**/*.so*") if "postgresql" not in p.parts})
    libraries += sorted({str(p.parent) for p in (root / "lib").glob("**/*.so*")})
    return {
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        "PROJ_DATA": str(root / "usr/share/proj"),
        "GDAL_DATA": str(root / "usr/share/gdal"),
    }


def _candidates(state_dir: Path | None) -> Iterator[tuple[Path, dict[str, str]]]:
    if state_dir is not None and (root := state_dir.resolve() / UNPACKED).is_dir():
        for bin_dir in sorted(root.glob("usr/lib/postgresql/*/bin")):
            yield bin_dir, _unpacked_environment(root)
    for pattern in _GLOBS:
        for bin_dir in sorted(Path("/").glob(pattern.lstrip("/"))):
            yield bin_dir, {}
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if answer := _output(Path(folder or ".") / "pg_config", "--bindir"):
            yield Path(answer), {}


def find_installations(
    state_dir: Path | None = None, candidates: Iterable[tuple[Path, dict[str, str]]] | None = None
) -> list[Installation]:
    """Every PostgreSQL of this machine, the best first: complete ones before incomplete ones, newest first.

    Args:
        state_dir: state folder of the atlas, which may hold an unpacked tree.
        candidates: folders of programs, each with its environment, instead of the known places.
    """
    found: dict[Path, Installation] = {}
    for bin_dir, environment in _candidates(state_dir) if candidates is None else candidates:
        if not all(os.access(bin_dir / tool, os.X_OK) for tool in _TOOLS):
            continue
        real = bin_dir.resolve()
        if real in found or (major := _major(bin_dir, environment)) is None or major < _OLDEST:
            continue
        found[real] = Installation(bin_dir, major, _missing_extensions(bin_dir, major), environment)
    return sorted(found.values(), key=lambda i: (not i.missing, i.major), reverse=True)


def find_installation(state_dir: Path | None = None, *, major: int | None = None) -> Installation:
    """The newest PostgreSQL with PostGIS.

    Args:
        state_dir: state folder of the atlas, which may hold an unpacked tree.
        major: only this major version, which wrote the data that is to be opened.

    Raises:
        StoreError: none is installed; the message names the command that installs one.
    """
    installations = find_installations(state_dir)
    complete = [i for i in installations if not i.missing]
    if major is not None:
        for installation in complete:
            if installation.major == major:
                return installation
        have = ", ".join(str(i.major) for i in complete) or "none"
        raise StoreError(
            f"the private database was written by PostgreSQL {major}, which is no longer here with PostGIS (found: "
            f"{have}). Install PostgreSQL {major} again, or run 'atlas db reset' and load the crawls once more"
        )
    if complete:
        return complete[0]
    if installations:
        worst = installations[0]
        what = f"PostgreSQL {worst.major} in {worst.bin_dir} lacks {', '.join(worst.missing)}"
    else:
        what = f"no PostgreSQL {_OLDEST} or newer was found"
    raise StoreError(f"{what}. {install_advice()}, or set ATLAS_DATABASE_URL to an existing server")


def install_advice() -> str:
    """The command that installs PostgreSQL with PostGIS on this platform, as a sentence without a full stop."""
    if platform.system() == "Darwin":
        return "Run 'brew install postgresql@17 postgis'"
    if shutil.which("apt-get"):
        return "Run 'make setup' in a checkout, or 'sudo apt-get install postgresql postgresql-postgis'"
    if shutil.which("dnf"):
        return "Run 'sudo dnf install postgresql-server postgresql-contrib postgis'"
    return "Install PostgreSQL with its contrib modules and PostGIS"


def _main(arguments: list[str]) -> int:
    try:
        installation = find_installation(Path(arguments[0]) if arguments else None)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"PostgreSQL {installation.major} with PostGIS: {installation.bin_dir}")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
