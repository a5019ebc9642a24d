"""ListObjectsV2 of S3 and of stores compatible with it, without signature.

Only this one call is needed, and it goes through the fetcher so that every request keeps the same manners and checks.
Protocol: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from collections.abc import Iterator
from urllib.parse import unquote_plus, urlencode, urlsplit
from xml.etree import ElementTree as ET

from atlas.errors import SourceError
from atlas.fetch.address import quoted
from atlas.fetch.client import Fetcher
from atlas.fetch.inputs import InputFile
from atlas.fetch.reply import whole_number

__all__ = ["list_objects", "list_prefixes"]

PAGE = 1000
"""Keys per answer: the most that S3 gives."""
PAGES = 100_000
AWS = ".amazonaws.com"


def list_objects(fetcher: Fetcher, url: str) -> Iterator[InputFile]:
    """All objects below a prefix, in the order of their keys.

    It is `https://host/bucket/prefix`, or `https://bucket.s3.region.amazonaws.com/prefix`.

    Raises:
        SourceError: the answer is not a listing.
    """
    base, prefix = _place(url)
    for page in _pages(fetcher, base, prefix, delimiter=None):
        for entry in page.iterfind("{*}Contents"):
            key, size, etag = _text(entry, "Key"), _text(entry, "Size"), _text(entry, "ETag")
            if key is None or not key.startswith(prefix):
                raise SourceError(f"{base}: the listing of '{prefix}' holds the key {key!r}, which is not below it")
            if key.endswith("/"):  # a folder's placeholder
                continue
            number = whole_number(size)
            modified = _text(entry, "LastModified")
            fingerprint = f"etag:{etag}" if etag else (f"listed:{size};modified:{modified}" if modified else "")
            yield InputFile(f"{base}/{quoted(key)}", fingerprint, number, key.removeprefix(prefix).lstrip("/"))


def list_prefixes(fetcher: Fetcher, url: str) -> Iterator[str]:
    """The URLs of the folders directly below a prefix."""
    base, prefix = _place(url)
    for page in _pages(fetcher, base, prefix, delimiter="/"):
        for entry in page.iterfind("{*}CommonPrefixes"):
            found = _text(entry, "Prefix")
            if found is not None and found.startswith(prefix):
                yield f"{base}/{quoted(found)}"


def _place(url: str) -> tuple[str, str]:
    """The URL that answers for the bucket, and the prefix."""
    parts = urlsplit(url)
    endpoint, path = f"{parts.scheme}://{parts.netloc}", unquote_plus(parts.path.replace("+", "%2B")).lstrip("/")
    host = parts.hostname or ""
    if host.endswith(AWS) and not host.startswith("s3.") and ".s3." in host:
        return endpoint, path
    bucket, _, prefix = path.partition("/")
    if not bucket:
        raise SourceError(f"{url}: names no bucket")
    return f"{endpoint}/{bucket}", prefix


def _pages(fetcher: Fetcher, base: str, prefix: str, delimiter: str | None) -> Iterator[ET.Element]:
    token: str | None = None
    seen: set[str] = set()
    for _ in range(PAGES):
        query = {"list-type": "2", "max-keys": str(PAGE), "encoding-type": "url", "prefix": prefix}
        if delimiter:
            query["delimiter"] = delimiter
        if token:
            query["continuation-token"] = token
        url = f"{base}?{urlencode(query)}"
        page = _parse(fetcher.get(url, max_bytes=16 * 2**20).content, url)
        yield page
        token = _text(page, "NextContinuationToken")
        if _text(page, "IsTruncated") != "true":
            return
        if not token or token in seen:
            msg = f"{base}: the listing of '{prefix}' says that it continues, and gives no new continuation token"
            raise SourceError(msg)
        seen.add(token)
    raise SourceError(f"{base}: the listing of '{prefix}' does not end")


def _parse(content: bytes, url: str) -> ET.Element:
    try:
        # As text: a declared encoding could hide the document type, and with it entity bombs, from the check below.
        text = content.decode()
        if "<!DOCTYPE" in text:
            raise SourceError(f"{url}: the listing declares a document type, which no listing does")
        page = ET.fromstring(text)  # noqa: S314 - see above
    except (ET.ParseError, UnicodeDecodeError, ValueError) as error:
        raise SourceError(f"{url}: the listing is not XML: {error}") from None
    if page.tag.rpartition("}")[2] != "ListBucketResult":
        code = _text(page, "Code")
        msg = f"{url}: not a listing but <{page.tag.rpartition('}')[2]}>{f' with code {code}' if code else ''}"
        raise SourceError(msg)
    return page


def _text(element: ET.Element, name: str) -> str | None:
    found = element.findtext(f"{{*}}{name}")
    if found is None:
        return None
    return unquote_plus(found) if name in {"Key", "Prefix"} else found
