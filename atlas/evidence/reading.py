"""The text of a source now and, where its address names a commit, at that commit."""

from collections.abc import Callable
from dataclasses import dataclass

from atlas.evidence.passages import Text
from atlas.evidence.places import Place
from atlas.fetch.client import Fetcher
from atlas.fetch.faults import Missing

__all__ = ["LARGEST", "GoneError", "Reading", "read_page"]

LARGEST = 8 * 2**20
"""Most bytes of a source that are read."""


class GoneError(Exception):
    """The host says that the source no longer exists."""

    def __init__(self, detail: str, difference: str = "") -> None:
        super().__init__(detail)
        self.detail, self.difference = detail, difference


@dataclass(frozen=True, slots=True)
class Reading:
    """What a host sent.

    Attributes:
        new: the text now.
        old: the text at the commit that the record cites; None where the address names none.
        since: that commit, shortened, or empty.
        version: commit, revision or time of the text; empty where the host states none.
        difference: returns the address of the difference; called only where something moved on.
        detail: a remark, or empty.
        cited_gone: whether the address names a commit that the host no longer has.
    """

    new: Text
    old: Text | None = None
    since: str = ""
    version: str = ""
    difference: Callable[[], str] = str
    detail: str = ""
    cited_gone: bool = False


def read_page(place: Place, fetcher: Fetcher) -> Reading:
    """Any page.

    Raises:
        GoneError: the host answers 404 or 410.
        FetchError: it cannot be read.
    """
    try:
        reply = fetcher.get(place.url, max_bytes=LARGEST)
    except Missing as error:
        raise GoneError(f"the host answers {error.status}", place.url) from None
    text = Text(reply.content, place.url.rpartition("/")[2], reply.head.media_type or "")
    return Reading(text, difference=lambda: place.url)
