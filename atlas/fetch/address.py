"""Object-store addresses and the https URLs that serve them."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from atlas.fetch.faults import UrlRefused

__all__ = ["bucket_and_key", "http_url", "is_remote", "joined", "quoted", "split"]

# The bucket behind Source Cooperative; data.source.coop serves its keys under the same path, account first.
SOURCE_COOP_BUCKET = "us-west-2.opendata.source.coop"
SOURCE_COOP_HOST = "data.source.coop"
GOOGLE_ENDPOINT = "https://storage.googleapis.com"
_REMOTE = re.compile(r"(https?|s3|gs):", re.IGNORECASE)


def is_remote(href: str) -> bool:
    """Whether the href is a URL and not a local path."""
    return bool(_REMOTE.match(href))


def split(url: str) -> SplitResult:
    """The parts of a URL.

    Raises:
        UrlRefused: it is not a URL; an index may hold any text.
    """
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UrlRefused(f"{url[:200]!r}: not a URL: {error}") from None


def joined(base: str, href: str) -> str:
    """A relative address against the URL of the document that holds it.

    Raises:
        UrlRefused: it is not a URL.
    """
    try:
        return urljoin(base, href)
    except ValueError as error:
        raise UrlRefused(f"{href[:200]!r}: not a URL: {error}") from None


def quoted(key: str) -> str:
    """An object's key as the path of a URL; `~` and other legal characters stay, everything else is escaped."""
    return quote(key, safe="/~-._=")


def http_url(href: str, hosts: Sequence[str] = (), endpoints: Mapping[str, str] | None = None) -> str:
    """The https URL of an `s3://` or `gs://` object; http(s) URLs are returned unchanged.

    Args:
        href: the object.
        hosts: the hosts that the record names; they decide where several serve the same bucket.
        endpoints: bucket to an endpoint's URL or an AWS region, from the record's distributions; for `gs://`, Google's
            own endpoint where none is named.

    Raises:
        UrlRefused: the record does not say which endpoint serves the bucket.
    """
    parts = split(href)
    if parts.scheme in {"http", "https"}:
        return href
    bucket, key = bucket_and_key(href)
    if parts.scheme == "gs":
        endpoint = (endpoints or {}).get(bucket, "").rstrip("/")
        return f"{endpoint if '://' in endpoint else GOOGLE_ENDPOINT}/{bucket}/{quoted(key)}"
    if parts.scheme != "s3":
        raise UrlRefused(f"{href}: neither a URL nor an object-store address")
    if bucket == SOURCE_COOP_BUCKET and SOURCE_COOP_HOST in hosts:
        return f"https://{SOURCE_COOP_HOST}/{quoted(key)}"
    region = (endpoints or {}).get(bucket)
    if region and region.startswith(("https://", "http://")):
        return f"{region.rstrip('/')}/{bucket}/{quoted(key)}"
    if region:
        # Dots in a bucket's name break the certificate of the virtual-hosted form.
        if "." in bucket:
            return f"https://s3.{region}.amazonaws.com/{bucket}/{quoted(key)}"
        return f"https://{bucket}.s3.{region}.amazonaws.com/{quoted(key)}"
    if SOURCE_COOP_HOST in hosts:
        # Source Cooperative's own S3 endpoint: the bucket is the account.
        return f"https://{SOURCE_COOP_HOST}/{bucket}/{quoted(key)}"
    raise UrlRefused(f"{href}: the record gives no region or endpoint for the bucket '{bucket}'")


def bucket_and_key(href: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` or `gs://` address, or of a path-style http(s) URL of an S3 endpoint."""
    parts = split(href)
    if parts.scheme in {"http", "https"}:
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        return bucket, key
    # An object's key may hold `?` and `#`, which are not a query or fragment here.
    bucket, _, key = href.partition("://")[2].partition("/")
    return bucket, key
