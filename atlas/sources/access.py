"""The access of one crawl: the hosts that the record names, and what the user named."""

from collections.abc import Callable
from pathlib import Path

from atlas.fetch.access import Access, local_path, sha256_of
from atlas.fetch.address import bucket_and_key, is_remote, split
from atlas.fetch.guard import host_and_port
from atlas.fetch.policy import policy_for
from atlas.sources.base import Source

__all__ = ["endpoints_of", "open_access"]


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
    return Access(policy_for(list(dict.fromkeys(hosts)), trusted=trusted), endpoints_of(source), root, digest)


def _cache_of_hub(folder: Path) -> Path:
    """The data set's whole folder in the cache of the hub's client, if this is one of its snapshots.

    A snapshot holds links to the `blobs` beside `snapshots`, which belong to it.
    """
    whole = folder.resolve().parent.parent
    return whole if folder.resolve().parent.name == "snapshots" and (whole / "blobs").is_dir() else folder


def endpoints_of(source: Source) -> dict[str, str]:
    """Bucket to the endpoint or the AWS region that the record gives for it."""
    found = {}
    for distribution in source.product.distributions:
        place = distribution.href or distribution.url_template or ""
        served = distribution.endpoint_url or distribution.region
        if served and place.startswith("s3://"):
            found[bucket_and_key(place)[0]] = served
    return found
