"""The bytes behind an href: a local file, or ranges of a remote one."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import urlsplit

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import Access, local_path
from atlas.fetch.address import SOURCE_COOP_BUCKET, SOURCE_COOP_HOST, bucket_and_key, http_url, is_remote
from atlas.fetch.environment import endpoint_of, typed_hosts
from atlas.fetch.faults import HttpStatus, RangeIgnored
from atlas.fetch.payer import agree, placed
from atlas.fetch.policy import policy_for
from atlas.settings import Settings

__all__ = ["access_to", "beside", "kept", "opened"]

MOST_KEPT, SECONDS_KEPT = 16, 300.0
RATE, TOGETHER = 5000.0, 16
"""Most requests to a host, per second (S3 serves 5,500 per prefix) and at once."""
_idle: list[tuple[float, str, contextlib.ExitStack, BinaryIO]] = []
"""Idle remote files with their cached ranges: time of last use, href, how to close, file."""
_absent: dict[str, float] = {}
"""Sidecar files that were asked for and do not exist, and when that was."""
_lock = threading.Lock()

ABSENT = {400, 401, 403, 404, 410}
"""Statuses of a missing object: 403 where listing is not allowed."""


@contextlib.contextmanager
def opened(href: str, *, hosts: tuple[str, ...] | None = None, settings: Settings | None = None) -> Iterator[BinaryIO]:
    """A seekable file; a remote one is fetched only in the ranges that are read.

    Args:
        href: a path, or an `https://`, `s3://` or `gs://` address.
        hosts: hosts that may be read; by default the one in the href, which the caller has named.
        settings: contact and whether private addresses are allowed.

    Raises:
        UnreadableInput: there is no such file.
        SourceError: the host may not be read, or fails.
    """
    if not is_remote(href):
        try:
            file = local_path(href).open("rb")
        except (OSError, ValueError) as error:  # no path holds NUL
            raise UnreadableInput(f"{href}: {getattr(error, 'strerror', None) or error}") from error
        with file:
            yield file
        return
    with access_to(href, hosts=hosts, settings=settings).random(href) as remote:
        yield remote


@contextlib.contextmanager
def kept(href: str) -> Iterator[BinaryIO]:
    """A seekable file as from `opened`; a remote one stays open for some minutes, so that its header and other ranges
    are not fetched again for the next window. No two readers share one.

    Raises:
        UnreadableInput: there is no such file.
        SourceError: the host may not be read, or fails.
    """
    if not is_remote(href):
        with opened(href) as file:
            yield file
        return
    now = time.monotonic()
    with _lock:
        at = next((i for i, one in enumerate(_idle) if one[1] == href and now - one[0] < SECONDS_KEPT), None)
        found = _idle.pop(at) if at is not None else None
    if found is None:
        stack = contextlib.ExitStack()
        stream = stack.enter_context(opened(href))
    else:
        _, _, stack, stream = found
    try:
        yield stream
    except BaseException:
        stack.close()
        raise
    with _lock:
        _idle.append((time.monotonic(), href, stack, stream))
        old = [_idle.pop(0)] if len(_idle) > MOST_KEPT else []
    for _, _, one, _ in old:
        one.close()


def access_to(href: str, *, hosts: tuple[str, ...] | None = None, settings: Settings | None = None) -> Access:
    """Access to what lies below an href, by default on its own host only.

    Raises:
        SourceError: an `s3://` address of a bucket whose endpoint neither `hosts` nor the environment names.
    """
    if not is_remote(href):
        return Access(policy_for((), settings), root=local_path(href))
    bucket, endpoints = bucket_and_key(href)[0], {}
    if hosts is None and href.lower().startswith(("s3://", "gs://")) and bucket != SOURCE_COOP_BUCKET:
        found = placed(href)
        if found is None:
            raise SourceError(
                f"{href}: an s3 address does not say which endpoint serves it: set AWS_REGION to the region of the "
                "bucket, or AWS_ENDPOINT_URL, or use the object's https address"
            )
        url, account = found
        endpoints = {bucket: endpoint_of(href) or ""}
        if account is not None:
            agree(account)
    else:
        url = http_url(href, hosts or (SOURCE_COOP_HOST,))
    policy = policy_for(hosts or (urlsplit(url).netloc,), settings, trusted=typed_hosts())
    # A reader waits and needs few files: the low rate of crawls, which walk whole archives, is not needed.
    return Access(replace(policy, rate=RATE, concurrency=TOGETHER), endpoints)


@contextlib.contextmanager
def beside(href: str, ending: str) -> Iterator[BinaryIO | None]:
    """The sidecar file whose name adds an ending such as `.msk`; None where there is none."""
    with contextlib.ExitStack() as stack:
        found: BinaryIO | None = None
        if not is_remote(href):
            path = local_path(href)
            path = path.with_name(path.name + ending)
            found = stack.enter_context(opened(str(path))) if path.exists() else None
        elif "?" not in href and not _known_absent(href + ending):  # a signed address is valid for one object only
            try:
                found = stack.enter_context(kept(href + ending))
            except HttpStatus as error:
                if error.status not in ABSENT:
                    raise
                _absent[href + ending] = time.monotonic()
            except RangeIgnored:  # a page that says "not found" with a status of success
                _absent[href + ending] = time.monotonic()
        yield found


def _known_absent(href: str) -> bool:
    asked = _absent.get(href)
    if asked is None or time.monotonic() - asked < SECONDS_KEPT:
        return asked is not None
    del _absent[href]
    return False
