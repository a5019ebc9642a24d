"""Vendor MiniSearch: the search library of the site, as its npm package ships it.

    python scripts/vendor-minisearch.py [--check]

Fetches the package with `npm pack`, checks the tarball against the recorded SHA-512, and copies the browser build and
the licence to `site/static/vendor`. `--check` compares the copy with the recorded checksum without the network.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

__all__ = ["main"]

VERSION = "7.2.0"
TARBALL = "sha512-dqT2XBYUOZOiC5t2HRnwADjhNS2cecp9u+TJRiJ1Qp/f5qjkeT5APcGPjHw+bz89Ms8Jp+cG4AlE+QZ/QnDglg=="
"""Integrity of the package as the registry states it."""
BUILD = "4e02b9fa52f244c377d737c7d06cda6bce967d137254e8532d6c79f68469bef3"
"""SHA-256 of the vendored file."""
TARGET = Path(__file__).resolve().parents[1] / "site" / "static" / "vendor"


def check() -> None:
    """Compare the vendored file with its checksum."""
    found = hashlib.sha256((TARGET / "minisearch.js").read_bytes()).hexdigest()
    if found != BUILD:
        sys.exit(f"minisearch.js has the SHA-256 {found}, not the recorded {BUILD}")


def fetch() -> None:
    """Fetch the package and copy what the site needs."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"minisearch@{VERSION}", "--silent"], cwd=folder, check=True)
        tarball = next(Path(folder).glob("*.tgz"))
        found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        if found != TARBALL:
            sys.exit(f"minisearch {VERSION} has the integrity {found}, not the recorded {TARBALL}")
        with tarfile.open(tarball) as archive:
            TARGET.mkdir(parents=True, exist_ok=True)
            for member, name in (
                ("package/dist/umd/index.js", "minisearch.js"),
                ("package/LICENSE.txt", "LICENSE-minisearch.txt"),
            ):
                file = archive.extractfile(member)
                if file is None:
                    sys.exit(f"{member} is missing from the package")
                (TARGET / name).write_bytes(
                    b"\n".join(line for line in file.read().split(b"\n") if not line.startswith(b"//# source"))
                )


def main() -> None:
    """Run."""
    if sys.argv[1:] != ["--check"]:
        fetch()
    check()
    print(f"minisearch {VERSION}: {TARGET / 'minisearch.js'}")


if __name__ == "__main__":
    main()
