"""Icechunk repositories: the newest snapshot of `main`, one Item per group and complete year.

Icechunk brings its own client. The host is checked as for every other request before it is handed over; what that
client connects to afterwards is not ours to guard.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import icechunk
import zarr

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.address import is_remote
from atlas.fetch.faults import UrlRefused
from atlas.fetch.inputs import InputFile
from atlas.fetch.payer import account_of
from atlas.records.distributions import MEDIA_TYPES
from atlas.sources.access import public_address
from atlas.sources.base import Batch, Reader, Shard, Source
from atlas.sources.naming import shard_id
from atlas.sources.zarr.groups import MOST_GROUPS, VECTORS, read_group

__all__ = ["READER", "IcechunkStore", "newest_store", "open_repository"]

BRANCH = "main"
AWS = ".amazonaws.com"

# Its advice on concurrent commits is not for those who only read.
icechunk.set_logs_filter("error")


class IcechunkStore(Reader):
    """Reader of Icechunk repositories."""

    kind: ClassVar[str] = "icechunk-store"

    def plan(self, source: Source, access: Access) -> Iterator[Shard]:
        """One shard per group of the newest snapshot, which is its fingerprint: later commits do not disturb a crawl.

        Raises:
            UnreadableInput: there is no repository, or it cannot be opened.
            SourceError: it holds no groups, or is a local copy of one that has no public address.
        """
        public_address(source)
        repository = open_repository(source.href, access)
        snapshot = repository.lookup_branch(BRANCH)
        root = zarr.open_group(repository.readonly_session(snapshot_id=snapshot).store, mode="r", zarr_format=3)
        names = sorted(root.group_keys())
        if VECTORS in set(root.array_keys()):
            names = [""]
        if not names or len(names) > MOST_GROUPS:
            raise SourceError(f"{source.href}: {len(names)} groups in this repository")
        for name in names:
            file = InputFile(source.href, f"snapshot:{snapshot}", name=name or "root")
            yield Shard(shard_id(f"group_{name or 'root'}"), (file,), {"group": name, "snapshot": snapshot})

    def read(self, shard: Shard, source: Source, access: Access) -> Iterator[Batch]:
        """One row per complete year of the group."""
        name = shard.arguments["group"]
        session = open_repository(source.href, access).readonly_session(snapshot_id=shard.arguments["snapshot"])
        opened = partial(zarr.open_group, session.store, path=name, mode="r", zarr_format=3)
        yield read_group(opened, name, public_address(source), source.product, name or "root")

    def assets(self, source: Source) -> Mapping[str, Mapping[str, Any]]:
        """The repository; the group of an Item is in its `emb:layout`."""
        return {"embeddings": {"title": "Icechunk", "type": MEDIA_TYPES["icechunk"], "roles": ["data", "embedding"]}}


def newest_store(href: str, access: Access) -> icechunk.IcechunkStore:
    """The store of the newest snapshot, to read from.

    Raises:
        UnreadableInput: there is no repository, or it cannot be opened.
    """
    return open_repository(href, access).readonly_session(branch=BRANCH).store


def open_repository(href: str, access: Access) -> icechunk.Repository:
    """The repository below an address.

    Raises:
        UnreadableInput: there is no repository, or it cannot be opened.
    """
    address = access.admit(href)
    try:
        return icechunk.Repository.open(_storage(href, address))
    except icechunk.IcechunkError as error:
        msg = f"{href}: cannot be opened as an Icechunk repository: {str(error).splitlines()[0]}"
        raise UnreadableInput(msg) from error


def _storage(href: str, address: str) -> icechunk.Storage:
    """The storage behind the URL of an S3 endpoint, path-style or AWS's virtual-hosted form, or behind a folder."""
    if not is_remote(href):
        return icechunk.local_filesystem_storage(address)
    parts = urlsplit(address)
    host, path = parts.hostname or "", unquote(parts.path).strip("/")
    s3 = partial(icechunk.s3_storage, **_account(address), network_stream_timeout_seconds=30)
    name, hosted, region = host.removesuffix(AWS).partition(".s3.")
    if host.endswith(AWS) and hosted:
        return s3(bucket=name, prefix=path, region=region)
    bucket, _, prefix = path.partition("/")
    if host.endswith(AWS):
        return s3(bucket=bucket, prefix=prefix, region=name.partition("s3.")[2])
    return s3(
        bucket=bucket,
        prefix=prefix,
        region="us-east-1",  # asked for by the client; endpoints other than AWS do not read it
        endpoint_url=f"{parts.scheme}://{parts.netloc}",
        allow_http=parts.scheme == "http",
        force_path_style=True,
    )


def _account(address: str) -> dict[str, Any]:
    """Credentials for Icechunk's client: none, or those of the account that requests to the bucket name."""
    account = account_of(address)
    if account is None:
        return {"anonymous": True}
    if account.store != "s3":
        msg = f"{address}: Icechunk's client cannot use an account at Google: copy the repository, and open the copy"
        raise UrlRefused(msg)
    key, secret, token = account.keys()
    return {"access_key_id": key, "secret_access_key": secret, "session_token": token, "requester_pays": account.pays}


READER = IcechunkStore()
