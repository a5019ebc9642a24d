"""One error per way a host can fail us; `reason` is the word under which a crawl counts it.

All but the two refusals are `UnreadableInput` as well: the object could not be read, though nothing forbade it.
"""

# ruff: noqa: N818 - the names say what happened, as in atlas.errors

from typing import ClassVar

from atlas.errors import SourceError, UnreadableInput

__all__ = [
    "AddressRefused",
    "Changed",
    "FetchError",
    "HttpStatus",
    "Missing",
    "RangeIgnored",
    "TooLarge",
    "TooSlow",
    "Truncated",
    "Unreachable",
    "UrlRefused",
]


class FetchError(SourceError):
    """A host could not or must not be read; the message names the URL."""

    reason: ClassVar[str] = "fetch-failed"
    retryable = False
    retry_after: float | None = None
    """Seconds that the host asked to wait."""

    def __init_subclass__(cls, *, reason: str, retryable: bool = False) -> None:
        super().__init_subclass__()
        cls.reason, cls.retryable = reason, retryable


class UrlRefused(FetchError, reason="url-refused"):
    """The record does not name this host, or the URL is not one that a crawl may follow."""


class AddressRefused(FetchError, reason="address-refused"):
    """The name leads to a private, loopback or otherwise internal address."""


class HttpStatus(FetchError, UnreadableInput, reason="http-status"):
    """An answer that is not a success."""

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        """Keep the status code and the pause."""
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.retryable = status in {408, 425, 429, 500, 502, 503, 504}

    @property
    def settled(self) -> bool:
        """Whether the host says of this object that it is not to be had, so that asking again changes nothing."""
        return self.status in {401, 403, 404, 410, 451}


class Missing(HttpStatus, reason="missing"):
    """There is no such object, or no such local file."""

    def __init__(self, message: str, status: int = 404, retry_after: float | None = None) -> None:
        """Local files that are not there count as 404."""
        super().__init__(message, status, retry_after)


class Truncated(FetchError, UnreadableInput, reason="truncated", retryable=True):
    """The body ended early or its length is not the one that the host stated."""


class TooLarge(FetchError, UnreadableInput, reason="too-large"):
    """More bytes than the limit."""


class TooSlow(FetchError, UnreadableInput, reason="too-slow", retryable=True):
    """It took longer than the total time, or was slower than the least speed."""


class Changed(FetchError, UnreadableInput, reason="changed"):
    """The object is no longer the one that the crawl began to read."""


class RangeIgnored(FetchError, UnreadableInput, reason="range-ignored"):
    """The host did not answer a range request with that range."""


class Unreachable(FetchError, UnreadableInput, reason="unreachable", retryable=True):
    """No connection, or it broke."""
