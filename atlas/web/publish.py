"""Publish a built site and the static catalogue so that readers never meet a missing file.

An object store cannot replace many files at once. So files with new names are sent first, then those that replace
others, then the pages and catalogues at which readers begin, and the manifest last. Files that no longer belong to the
site stay for some days, for readers of older pages. Only files that differ from the last manifest are sent, so an
interrupted run can be repeated.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.errors import SiteError
from atlas.files import sha256_of
from atlas.web.output import MANIFEST as BUILT
from atlas.web.targets import Target

__all__ = ["MANIFEST", "PublishReport", "publish"]

MANIFEST = "publish.json"
"""The published files with their SHA-256, and since when former ones are no longer part of the site."""
_VERSION = 1
_AT_ONCE = 8
_ENTRIES = frozenset({"index.html", "404.html", "sitemap.xml", "changes.atom", "llms.txt", "catalog.json"})


@dataclass(frozen=True, slots=True)
class PublishReport:
    """Numbers of files of one run."""

    files: int
    sent: int
    bytes: int
    """Size of the files that were sent, before compression."""
    unchanged: int
    kept: int
    """Files that are no longer part of the site, but still there."""
    removed: int


def publish(
    target: Target, site: Path, static: Path | None = None, *, keep_days: float = 7, now: dt.datetime | None = None
) -> PublishReport:
    """Make a target equal to the built site.

    Args:
        target: folder or bucket.
        site: folder that `atlas site` wrote.
        static: folder that `atlas static` wrote; it is published below `stac/`.
        keep_days: how long files stay that are no longer part of the site.
        now: by default the present time.

    Raises:
        SiteError: the site is incomplete; or the target holds files that this command did not write, is being published
            to by another process, or cannot be written.
    """
    files = _built(site) | _static(static)
    with target.held() as still:
        return _publish(target, files, still, keep_days, now or dt.datetime.now(dt.UTC))


def _publish(
    target: Target, files: Mapping[str, Path], still: Callable[[], None], keep_days: float, moment: dt.datetime
) -> PublishReport:
    before = _manifest(target)
    there = set(target.names())
    if before is None:
        if strange := sorted(there - {".nojekyll", "CNAME"}):
            msg = f"the target holds files that 'atlas publish' did not write, such as {strange[0]}: name an empty one"
            raise SiteError(msg)
        before = {"version": _VERSION, "files": {}, "gone": {}}
        _write(target, before)  # so that the next run accepts the target if this one is interrupted
    known: dict[str, str] = before["files"]
    digests = {name: sha256_of(path) for name, path in files.items()}
    due = [name for name, digest in digests.items() if known.get(name) != digest or name not in there]

    def send(name: str) -> None:
        still()
        target.put(name, files[name])

    for step in _steps(due, there):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(send, step))
    gone: dict[str, str] = {n: t for n, t in before["gone"].items() if n not in files and n in there}
    gone |= {name: moment.isoformat() for name in known if name not in files and name in there and name not in gone}
    oldest = (moment - dt.timedelta(days=keep_days)).isoformat()
    expired = sorted(name for name, since in gone.items() if since <= oldest)
    kept = {name: since for name, since in sorted(gone.items()) if name not in expired}
    manifest = {"version": _VERSION, "files": dict(sorted(digests.items())), "gone": kept}
    still()
    if manifest != before or due:
        # Written before the removal: an interrupted removal must not leave files that no manifest names.
        _write(target, manifest | {"gone": dict(sorted(gone.items()))})
        for name in expired:
            target.remove(name)
        if expired:
            _write(target, manifest)
    size = sum(files[name].stat().st_size for name in due)
    return PublishReport(len(files), len(due), size, len(files) - len(due), len(kept), len(expired))


def _built(site: Path) -> dict[str, Path]:
    """The files of a completely built site."""
    try:
        listed: Any = json.loads((site / BUILT).read_text("utf-8"))
        files = {str(name): site / str(name) for name in [*listed, BUILT]}
    except (OSError, ValueError, TypeError) as error:
        raise SiteError(f"{site}: no built site ({error}): run 'atlas site --out {site}'") from error
    if missing := [name for name, path in files.items() if not path.is_file()]:
        raise SiteError(f"{site}: the file {missing[0]} of the site is missing: run 'atlas site --out {site}'")
    return files


def _static(static: Path | None) -> dict[str, Path]:
    if static is None:
        return {}
    if not (static / "catalog.json").is_file():
        raise SiteError(f"{static}: no static catalogue: run 'atlas static --out {static}'")
    return {f"stac/{p.relative_to(static).as_posix()}": p for p in static.rglob("*") if p.is_file()}


def _manifest(target: Target) -> dict[str, Any] | None:
    data = target.read(MANIFEST)
    if data is None:
        return None
    try:
        found: Any = json.loads(data)
        whole = found["version"] == _VERSION and all(isinstance(found[name], dict) for name in ("files", "gone"))
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise SiteError(f"{MANIFEST} at the target is damaged: remove it and publish to an empty target")
    return dict(found)


def _write(target: Target, manifest: Mapping[str, Any]) -> None:
    target.put(MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode(), cache="no-cache")


def _steps(due: list[str], there: set[str]) -> list[list[str]]:
    """New files, then replaced files, then those at which readers begin."""
    entries = [name for name in due if name.rpartition("/")[2] in _ENTRIES]
    others = [name for name in due if name not in set(entries)]
    return [[n for n in others if n not in there], [n for n in others if n in there], sorted(entries, reverse=True)]
