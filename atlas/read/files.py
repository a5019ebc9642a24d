"""The bytes behind an href: a local file, or ranges of a remote one."""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import OpenAccess, local_path
from atlas.fetch.address import SOURCE_COOP_BUCKET, SOURCE_COOP_HOST, bucket_and_key, http_url, is_remote
from atlas.fetch.faults import HttpStatus, RangeIgnored
from atlas.fetch.policy import policy_for
from atlas.settings import Settings

__all__ = ["access_to", "beside", "opened"]

ABSENT = {400, 401, 403, 404, 410}
"""What hosts answer of an object that is not there: 403 where nobody may list."""


@contextlib.contextmanager
def opened(href: str, *, hosts: tuple[str, ...] | None = None, settings: Settings | None = None) -> Iterator[BinaryIO]:
    """A seekable file; of a remote one only the ranges that are read are fetched.

    Args:
        href: a path, or an `https://`, `s3://` or `gs://` address.
        hosts: hosts that may be read, by default the one that the href names: whoever asks to open an asset names it.
        settings: contact and whether private addresses are allowed.

    Raises:
        UnreadableInput: there is no such file.
        SourceError: the host may not be read, or fails.
    """
    if not is_remote(href):
        try:
            file = local_path(href).open("rb")
        except (OSError, ValueError) as error:  # no path holds NUL
            msg = f"{href}: {getattr(error, 'strerror', None) or error}"
            raise UnreadableInput(msg) from error
        with file:
            yield file
        return
    with access_to(href, hosts=hosts, settings=settings).random(href) as remote:
        yield remote


def access_to(href: str, *, hosts: tuple[str, ...] | None = None, settings: Settings | None = None) -> OpenAccess:
    """Access to what lies below an href, by default on its own host only.

    Raises:
        SourceError: an `s3://` address of a bucket whose endpoint is not known, without `hosts`.
    """
    if not is_remote(href):
        return OpenAccess(policy_for((), settings), root=local_path(href))
    if hosts is None and href.startswith("s3://") and bucket_and_key(href)[0] != SOURCE_COOP_BUCKET:
        msg = f"{href}: an s3 address does not say which endpoint serves it: use the object's https address"
        raise SourceError(msg)
    url = http_url(href, hosts or (SOURCE_COOP_HOST,))
    return OpenAccess(policy_for(hosts or (urlsplit(url).netloc,), settings))


@contextlib.contextmanager
def beside(href: str, ending: str) -> Iterator[BinaryIO | None]:
    """The file whose name is another's with an ending, such as `.msk`; None where there is none."""
    with contextlib.ExitStack() as stack:
        found: BinaryIO | None = None
        if not is_remote(href):
            path = local_path(href)
            path = path.with_name(path.name + ending)
            found = stack.enter_context(opened(str(path))) if path.exists() else None
        elif "?" not in href:  # a signed address is that of one object
            try:
                found = stack.enter_context(opened(href + ending))
            except HttpStatus as error:
                if error.status not in ABSENT:
                    raise
            except RangeIgnored:  # a page that says so, instead of a status
                pass
        yield found
