"""Whether the site in a folder is up to date, by checksums, without parsing any record."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import atlas
import stac_emb
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import CrawlFiles, read_crawl
from atlas.resources import data_dir
from atlas.web.output import MANIFEST, SiteReport

__all__ = ["inputs_digest", "report_if_unchanged"]


def inputs_digest(
    catalog: Path | None, crawls: Sequence[Path], files: Iterable[str | Path | None], options: Mapping[str, object]
) -> str:
    """SHA-256 of all inputs of a build: this package, records, templates, crawls, results and options.

    Args:
        catalog: folder of the records; None for those of this installation.
        crawls: folders that `atlas crawl` wrote. Their JSON is hashed, and of the report what the site shows: a crawl
            that found what the last one had found on the same day changes nothing. For parts, whose checksums are in
            the manifest, the size is enough.
        files: results of `atlas check-links` and `atlas evidence check`; None where not given.
        options: further options of the build.
    """
    libraries = {name: version(name) for name in ("jinja2", "markdown-it-py", "markupsafe", "numpy", "pillow")}
    digest = hashlib.sha256(json.dumps([libraries, options], sort_keys=True).encode())
    code = [Path(folder) for package in (atlas, stac_emb) for folder in package.__path__]
    for root in (
        *code,
        data_dir("site"),
        data_dir("docs/walkthroughs"),
        data_dir("schemas"),
        catalog or data_dir("catalog"),
    ):
        for path in _files(root):
            if path.suffix != ".pyc" and "_data" not in path.relative_to(root).parts:
                _add(digest, path.relative_to(root), path.read_bytes())
    for folder in crawls:
        crawl = CrawlFiles(folder)
        _add(digest, crawl.report, _shown(crawl))
        of_the_run = {crawl.report, crawl.report_text, crawl.lock, crawl.parts_memory, crawl.inputs_memory}
        for path in _files(folder):
            if path not in of_the_run:
                whole = path.suffix in {".json", ".txt"}
                _add(digest, path, path.read_bytes() if whole else b"%d" % path.stat().st_size)
    for file in files:
        _add(digest, file or "", Path(file).read_bytes() if file else b"")
    return f"inputs:{digest.hexdigest()}"


def _shown(crawl: CrawlFiles) -> bytes:
    """What a site shows of a crawl's report; of one that cannot be read, all of it: the build says what is wrong."""
    try:
        last = read_crawl(crawl.root)
    except CrawlError:
        return crawl.report.read_bytes() if crawl.report.exists() else b""
    return repr((last.product, last.source, last.day, last.whole, last.items, last.rejected, last.drift)).encode()


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def _add(digest: "hashlib._Hash", name: str | Path, data: bytes) -> None:
    digest.update(f"\0{name}\0{len(data)}\0".encode())
    digest.update(data)


def report_if_unchanged(out: Path, inputs: str) -> SiteReport | None:
    """The report of a build without changes; None where a build is needed.

    Args:
        out: folder of the site.
        inputs: present value of `inputs_digest`.
    """
    try:
        listed = json.loads((out / MANIFEST).read_bytes())
        if not isinstance(listed, dict) or listed.pop(MANIFEST, None) != inputs:
            return None
        size = 0
        for path, checksum in listed.items():
            data = (out / path).read_bytes()
            # A mark (with a colon) stands for the inputs of an image: the file only has to exist.
            if ":" not in checksum and hashlib.sha256(data).hexdigest() != checksum:
                return None
            size += len(data)
    except (OSError, ValueError):
        return None
    pages = sum(path.endswith(".html") for path in listed)
    return SiteReport(pages, len(listed), 0, len(listed), 0, size)
