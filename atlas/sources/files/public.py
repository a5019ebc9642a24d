"""The public address of what a local copy of an index holds: an Item must not point to somebody's own disk."""

from atlas.errors import SourceError
from atlas.fetch.address import http_url, is_remote, quoted
from atlas.fetch.inputs import InputFile
from atlas.sources.access import endpoints_of
from atlas.sources.base import Source

__all__ = ["public_address", "public_href"]


def public_address(source: Source) -> str:
    """The address of the source itself: its own where it is remote, else the record's, of which it is a copy.

    Readers whose hrefs do not come from a template of the record call it first, so that a copy of something that has no
    address fails at once and not file by file.

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
    return http_url(index.url, index.hosts, endpoints_of(source)).rstrip("/")


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
