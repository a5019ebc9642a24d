"""What a host answers."""

import re
from dataclasses import dataclass
from typing import Any

from urllib3 import BaseHTTPResponse

from atlas.fetch.faults import FetchError
from atlas.fetch.foreign_json import foreign_json
from stac_emb.inputs.strict_json import as_object

__all__ = ["Head", "Reply", "head_of", "said_once", "whole_number"]

_DIGITS = re.compile(r"[0-9]{1,18}")
"""At most 18 digits, which fit into 64 bits; ASCII only, as for Python the superscript 2 of Latin-1 is a digit too."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a host says of an object without sending it; None where it does not say."""

    url: str
    size: int | None
    etag: str | None
    last_modified: str | None
    media_type: str | None

    @property
    def stamp(self) -> str | None:
        """The strongest sign that the object is still the same: its ETag, else its date and size."""
        if self.etag:
            return self.etag
        return f"{self.last_modified}/{self.size}" if self.last_modified else None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    head: Head
    status: int
    headers: dict[str, str]
    content: bytes

    def json(self, *, what: str = "answer") -> Any:  # noqa: ANN401 - JSON is anything; readers check it field by field
        """The parsed body.

        Raises:
            FetchError: it is not JSON; the message names the URL.
        """
        try:
            return foreign_json(self.content)
        except ValueError as error:
            msg = f"{self.head.url}: the {what} is not JSON: {str(error).removeprefix('not JSON: ')}"
            raise FetchError(msg) from None

    def object(self, *, what: str = "answer") -> dict[str, Any]:
        """The parsed body of an answer that must be an object.

        Raises:
            FetchError: it is not JSON, or something else; the message names the URL.
        """
        try:
            return as_object(self.json(what=what))
        except ValueError as error:
            raise FetchError(f"{self.head.url}: the {what}: {error}") from None


def head_of(url: str, response: BaseHTTPResponse) -> Head:
    """What the headers of an answer say of the object."""
    headers = response.headers
    size = whole_number(said_once(headers.get("Content-Length")))
    span = headers.get("Content-Range", "")
    if response.status == 206:
        size = whole_number(span.rpartition("/")[2])
    return Head(
        url=url,
        size=size,
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        media_type=headers.get("Content-Type"),
    )


def whole_number(text: str | None) -> int | None:
    """A text as a whole number; None where it is not one."""
    return int(text) if text is not None and _DIGITS.fullmatch(text) else None


def said_once(header: str | None) -> str | None:
    """The value of a header that proxies may have repeated, as in `5, 5`; unchanged where the values differ."""
    said = {one.strip() for one in (header or "").split(",")}
    return header if len(said) > 1 or header is None else said.pop()
