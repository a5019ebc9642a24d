"""Write the site: only changed files, each atomically, and remove files of earlier builds."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from atlas.errors import SiteError
from atlas.web.page import check_path

__all__ = ["MANIFEST", "Output", "SiteReport", "fingerprint", "json_bytes"]

MANIFEST = "site-manifest.json"
"""File in the output folder that lists what the builder wrote, with checksums."""


def fingerprint(data: bytes) -> str:
    """The first twelve hexadecimal digits of the SHA-256."""
    return hashlib.sha256(data).hexdigest()[:12]


def json_bytes(value: object) -> bytes:
    """Readable JSON in UTF-8 with a line feed at its end."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


@dataclass(frozen=True)
class SiteReport:
    """What a build did.

    Attributes:
        pages: HTML pages of the site.
        files: all files of the site.
        written: files that are new or changed.
        unchanged: files that were not written again.
        removed: files of an earlier build that are no longer part of the site.
        bytes: size of all files.
        notes: what was left out and why, such as a crawl of an unknown product.
    """

    pages: int
    files: int
    written: int
    unchanged: int
    removed: int
    bytes: int
    notes: tuple[str, ...] = ()


@dataclass
class Output:
    """The folder of the site during a build.

    Attributes:
        root: the folder.
        files: path to checksum of everything added so far.
    """

    root: Path
    files: dict[str, str] = field(default_factory=dict)
    _written: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._before = self._read_manifest()
        if self.root.exists() and not self.root.is_dir():
            raise SiteError(f"{self.root} is a file; name a folder for the site")
        if not self._before and self.root.is_dir() and any(self.root.iterdir()):
            msg = (
                f"{self.root} holds files but no {MANIFEST}: this builder did not make it; name an empty or new folder"
            )
            raise SiteError(msg)

    def _read_manifest(self) -> dict[str, str]:
        try:
            value = json.loads((self.root / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            msg = f"{self.root / MANIFEST} cannot be read ({error}); delete the folder and build again"
            raise SiteError(msg) from error
        if not isinstance(value, dict):
            raise SiteError(f"{self.root / MANIFEST} is not a list of files; delete the folder and build again")
        return {str(k): str(v) for k, v in value.items()}

    def known(self, path: str) -> str | None:
        """Checksum of the file as the last build wrote it, if it is still there."""
        return self._before.get(path) if (self.root / path).is_file() else None

    def keep(self, path: str) -> None:
        """Keep a file of the last build.

        Args:
            path: a file for which `known` returned a checksum.
        """
        self.files[check_path(path)] = self._before[path]
        self._bytes += (self.root / path).stat().st_size

    def add(self, path: str, data: bytes, mark: str = "") -> None:
        """Write a file unless it already has these bytes.

        Args:
            path: relative to the folder; it is checked.
            data: the whole file.
            mark: stored in the manifest instead of the checksum, where the caller can tell from its inputs whether
                the file changed.

        Raises:
            SiteError: two parts of the site claim the same address.
        """
        if check_path(path) in self.files:
            raise SiteError(f"two pages claim the address '{path}'")
        self.files[path] = mark or hashlib.sha256(data).hexdigest()
        self._bytes += len(data)
        target = self.root / path
        try:
            if target.stat().st_size == len(data) and target.read_bytes() == data:
                return
        except FileNotFoundError:
            pass
        target.parent.mkdir(parents=True, exist_ok=True)
        # Readers of the folder see the old or the new file, never a part of it.
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        partial.write_bytes(data)
        partial.replace(target)
        self._written += 1

    def finish(self, notes: tuple[str, ...] = (), inputs: str = "") -> SiteReport:
        """Remove files of the last build that are not in this one, and write the manifest.

        Args:
            notes: what was left out and why.
            inputs: digest of all inputs, stored in the manifest under the manifest's name; not stored where there are
                notes, so that every build prints them.
        """
        stale = [path for path in self._before if path not in self.files and path != MANIFEST]
        removed = 0
        for path in stale:
            target = self.root / check_path(path)
            if target.is_file():
                target.unlink()
                removed += 1
        for folder in sorted({(self.root / p).parent for p in stale}, key=lambda f: len(f.parts), reverse=True):
            while folder != self.root and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent
        written, size = self._written, self._bytes
        itself = {MANIFEST: inputs} if inputs and not notes else {}
        manifest = json_bytes(dict(sorted({**self.files, **itself}.items())))
        (self.root / MANIFEST).write_bytes(manifest)
        pages = sum(path.endswith(".html") for path in self.files)
        return SiteReport(pages, len(self.files), written, len(self.files) - written, removed, size, notes)
