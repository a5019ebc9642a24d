"""The access of one crawl, and the public addresses of what a local copy of an index holds."""

from collections.abc import Callable
from pathlib import Path

from atlas.errors import SourceError
from atlas.fetch.access import Access, local_path, sha256_of
from atlas.fetch.address import bucket_and_key, http_url, is_remote, quoted, split
from atlas.fetch.guard import host_and_port
from atlas.fetch.inputs import InputFile
from atlas.fetch.policy import policy_for
from atlas.sources.base import Source

__all__ = ["open_access", "public_address", "public_href"]


def open_access(source: Source, *, digest: Callable[[Path], str] = sha256_of) -> Access:
    """The access of one crawl: the record's hosts, and what the user named with `--source`.

    Cheap to make: worker processes make their own, and share one fetcher per process. `digest` gives the SHA-256 of a
    local file, for a crawl that remembers what it hashed before.
    """
    index = source.product.index
    hosts = list(index.hosts) if index else []
    root: Path | None = None
    trusted: tuple[str, ...] = ()
    if is_remote(source.href):
        parts = split(source.href)
        if parts.scheme in {"http", "https"}:
            hosts.append(parts.netloc)  # the user, or the record itself, named it
            if index is None or source.href != index.url:
                trusted = (host_and_port(parts),)  # typed on the command line
    else:
        root = (
            _cache_of_hub(local_path(source.href))
            if index and index.kind == "hugging-face"
            else local_path(source.href)
        )
    return Access(policy_for(list(dict.fromkeys(hosts)), trusted=trusted), _endpoints_of(source), root, digest)


def _cache_of_hub(folder: Path) -> Path:
    """The data set's whole folder in the cache of the hub's client, if this is one of its snapshots.

    A snapshot holds links to the `blobs` beside `snapshots`, which belong to it.
    """
    whole = folder.resolve().parent.parent
    return whole if folder.resolve().parent.name == "snapshots" and (whole / "blobs").is_dir() else folder


def _endpoints_of(source: Source) -> dict[str, str]:
    """Bucket to the endpoint or the AWS region that the record gives for it."""
    found = {}
    for distribution in source.product.distributions:
        place = distribution.href or distribution.url_template or ""
        served = distribution.endpoint_url or distribution.region
        if served and place.startswith("s3://"):
            found[bucket_and_key(place)[0]] = served
    return found


def public_address(source: Source) -> str:
    """The address of the source itself: its own where it is remote, else the record's, of which it is a copy.

    An Item must not point to somebody's own disk. Readers whose hrefs do not come from a template of the record call it
    first, so that a copy of something that has no address fails at once and not file by file.

    Raises:
        SourceError: the source is local, and the record gives no address of the index.
    """
    if is_remote(source.href):
        return source.href
    index = source.product.index
    if index is None or index.url is None or not is_remote(index.url):
        msg = (
            f"{source.href}: record '{source.product.id}' gives no public address of its index ('index.url'), "
            "so the Items of a local copy would point nowhere"
        )
        raise SourceError(msg)
    return http_url(index.url, index.hosts, _endpoints_of(source)).rstrip("/")


def public_href(file: InputFile, source: Source) -> str:
    """The address of a file: its own where the source is remote, else that of the same file below the record's address.

    Raises:
        SourceError: there is no such address.
    """
    if is_remote(source.href):
        return file.href
    address = public_address(source)
    single = source.product.index is not None and source.product.index.kind == "single-file"
    return address if single else f"{address}/{quoted(file.name)}"
