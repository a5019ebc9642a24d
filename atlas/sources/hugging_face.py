"""Data sets on the Hugging Face hub, or copied from there to disk: the tree of files, and the card.

API: https://huggingface.co/docs/hub/api; the tree comes in pages, linked by the `Link` header. Requests go through the
atlas's own fetcher and not through huggingface_hub, whose client could not keep to the hosts that the record names.
Files are read at `resolve`, which redirects large ones to the hub's content network: the record must name its hosts.

Copies are a git clone, a plain download, or the hub client's cache: `datasets--OWNER--NAME/snapshots/COMMIT/PATH`,
links to `blobs/HASH` beside it; the name of a blob is the SHA-256 of a large file, or git's hash of a small one
(https://huggingface.co/docs/huggingface_hub/guides/manage-cache). In a clone, large files that were not fetched are
short texts that name them (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import Missing
from atlas.fetch.inputs import InputFile, RejectedRow
from atlas.formats.endings import is_raster, is_table
from atlas.sources.access import public_address
from atlas.sources.base import Batch, Option, Shard, Source
from atlas.sources.cards import read_card, spdx_fact
from atlas.sources.files.rows import FILE_OPTIONS, FileReader, ListedFile, file_rows
from atlas.sources.naming import shard_id
from stac_emb.checksums import SHA256

__all__ = ["READER", "HuggingFace"]

ADDRESS = re.compile(
    r"^(?P<base>https?://[^/]+)/datasets/(?P<repo>[\w.-]+/[\w.-]+?)(?:/tree/(?P<revision>[\w.-]+))?/?$"
)
SHA = re.compile(r"^[0-9a-f]{40,64}$")
COMMIT = re.compile(r"^[0-9a-f]{40}$")
BLOB = re.compile(r"^[0-9a-f]{64}$")
"""SHA-256 of a large file."""
BOOKKEEPING = re.compile(r"^(\.git|\.cache|\.huggingface)/|(^|/)\.gitattributes$")
POINTER = b"version https://git-lfs.github.com/spec/"
LONGEST_POINTER = 1024
"""Bytes, by the specification."""
NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
PAGES = 10_000
FOLDERS = 3
CARD = "README.md"
LARGEST_CARD = 4 * 2**20


class _Repository(NamedTuple):
    base: str
    repo: str
    revision: str

    @property
    def api(self) -> str:
        return f"{self.base}/api/datasets/{self.repo}"

    def file(self, path: str) -> str:
        return f"{self.base}/datasets/{self.repo}/resolve/{self.revision}/{quote(path)}"


class HuggingFace(FileReader):
    """Reader of data sets on the hub."""

    kind: ClassVar[str] = "hugging-face"
    options: ClassVar[Mapping[str, Option]] = FILE_OPTIONS

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """The card, and one shard per folder (three levels deep at most), of the hub or of a copy on disk.

        Raises:
            SourceError: the address is not a data set's, it is gated, or it holds no file of vectors.
        """
        place = _repository(public_address(source))
        if is_remote(source.href):
            files = list(_files(source, place, access))
        else:
            files = list(_files_of_copy(_folder_of_copy(source.href, access), access))
        chosen = _of_product(files, source.product.id)
        if not any(is_table(f.name) or is_raster(f.name) for f in chosen):
            raise SourceError(f"{source.href}: no Parquet file and no GeoTIFF among {len(chosen)} files")
        groups: dict[str, list[InputFile]] = defaultdict(list)
        for file in chosen:
            if file.name == CARD:
                yield Shard("card", (file,), {"card": CARD})
            else:
                groups["/".join(file.name.split("/")[:-1][:FOLDERS]) or "files"].append(file)
        for group, members in sorted(groups.items()):
            yield Shard(shard_id(f"tree_{group}"), tuple(sorted(members, key=lambda f: f.name)), {}, len(members))

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per file; for the card, only what is wrong with it."""
        if "card" in shard.arguments:
            yield Batch(None, tuple(_card_faults(shard.inputs[0], access)))
            return
        place = _repository(public_address(source))
        listed = (ListedFile(file, _checksum(file), place.file(file.name)) for file in shard.inputs)
        yield from file_rows(listed, source, access)

    def facts(self, source: Source, access: Access) -> Mapping[str, Any]:
        """The licence of the card, where it can be read."""
        try:
            if is_remote(source.href):
                place = _repository(source.href).file(CARD)
            else:
                place = f"{_folder_of_copy(source.href, access)}/{CARD}"
            card = read_card(access.read(place, limit=LARGEST_CARD))
        except Missing:
            return {}
        return spdx_fact(card.data.get("license"))


def _repository(href: str) -> _Repository:
    match = ADDRESS.match(href)
    if not match:
        raise SourceError(f"{href}: not the address of a data set (https://huggingface.co/datasets/OWNER/NAME)")
    return _Repository(match["base"], match["repo"], match["revision"] or "main")


def _files(source: Source, place: _Repository, access: Access) -> Iterator[InputFile]:
    """The hub's files at one commit, so that pages of the tree are consistent while others push."""
    about = access.ask(place.api).object(what="description of the data set")
    if about.get("gated") not in (None, False) or about.get("private") is True:
        msg = f"{source.href}: the data set is gated: its files need an account, which a crawl does not have"
        raise SourceError(msg)
    commit = about.get("sha") if isinstance(about.get("sha"), str) and SHA.match(about["sha"]) else place.revision
    return _tree(place, str(commit), access)


def _card_faults(file: InputFile, access: Access) -> Iterator[RejectedRow]:
    if file.rejected:
        yield RejectedRow(CARD, None, file.rejected)
        return
    card = read_card(access.read(file.href, limit=LARGEST_CARD))
    if card.fault:
        yield RejectedRow(CARD, card.line, "card cannot be read", "front matter", card.fault[:200])


def _tree(place: _Repository, commit: str, access: Access) -> Iterator[InputFile]:
    url: str | None = f"{place.api}/tree/{commit}?recursive=true&expand=false"
    seen: set[str] = set()
    while url is not None:
        if url in seen or len(seen) >= PAGES:
            raise SourceError(f"{place.api}: the tree does not end")
        seen.add(url)
        reply = access.ask(url)
        page = reply.json(what="page of the tree")
        if not isinstance(page, list):
            raise SourceError(f"{url}: a page of the tree is not a list")
        for entry in page:
            if isinstance(entry, dict) and entry.get("type") == "file" and isinstance(entry.get("path"), str):
                yield _file(entry, place)
        link = NEXT.search(reply.headers.get("link", ""))
        url = joined(url, link[1]) if link else None


def _file(entry: dict[str, Any], place: _Repository) -> InputFile:
    lfs = entry.get("lfs") if isinstance(entry.get("lfs"), dict) else {}
    sha256, git = lfs.get("oid") if lfs else None, entry.get("oid")
    if isinstance(sha256, str) and BLOB.match(sha256):
        fingerprint = f"sha256:{sha256}"
    else:
        fingerprint = f"git:{git}" if isinstance(git, str) and SHA.match(git) else ""
    size = lfs.get("size", entry.get("size")) if lfs else entry.get("size")
    whole = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
    return InputFile(place.file(entry["path"]), fingerprint, whole, entry["path"])


def _folder_of_copy(href: str, access: Access) -> str:
    """The folder of a data set's files: in the hub client's cache the snapshot of `main`, else `href` itself."""
    try:
        commit = access.read(f"{href}/refs/main", limit=1000).decode("ascii", "replace").strip()
    except Missing:
        return href
    if not COMMIT.match(commit):
        raise SourceError(f"{href}: refs/main names no commit but {commit[:60]!r}")
    return f"{href}/snapshots/{commit}"


def _files_of_copy(folder: str, access: Access) -> Iterator[InputFile]:
    """The files of a copy, named by their paths in the data set; those that cannot be opened have a reason."""
    for file in access.list(folder):
        if BOOKKEEPING.search(file.name):
            continue
        path = Path(file.href)
        # The name of the link's target, not its path.
        blob = os.path.basename(os.readlink(path)) if path.is_symlink() else ""  # noqa: PTH115, PTH119
        if file.rejected:
            yield file
        elif BLOB.match(blob) and path.resolve().parent.name == "blobs":
            yield replace(file, fingerprint=f"sha256:{blob}")
        elif file.size is not None and file.size <= LONGEST_POINTER and access.read(file.href).startswith(POINTER):
            yield replace(file, rejected="git-lfs pointer: the file itself was not fetched")
        else:
            yield file


def _checksum(file: InputFile) -> str | None:
    kind, _, digest = file.fingerprint.partition(":")
    return SHA256 + digest if kind == "sha256" else None


def _of_product(files: list[InputFile], product: str) -> list[InputFile]:
    """The files of one product where a data set holds several, each in a folder named as the end of its id."""
    wanted = product.rpartition("-")[2].lower()
    folders = {f.name.partition("/")[0].lower() for f in files if "/" in f.name}
    if wanted not in folders:
        return files
    return [f for f in files if f.name == CARD or f.name.partition("/")[0].lower() == wanted]


READER = HuggingFace()
