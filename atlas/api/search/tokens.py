"""Paging tokens: the sort values of the last or first row of a page, so that the page beside it is a range scan.

A token is the URL-safe Base64 of a JSON array: direction, a digest of the sort order that it belongs to, the values.
"""

import base64
import binascii
import datetime as dt
import hashlib
from dataclasses import dataclass

import orjson

from atlas.api.errors import BadRequestError

__all__ = ["Token", "moment_of", "read_token", "write_token"]

_DIRECTIONS = ("next", "prev")


@dataclass(frozen=True, slots=True)
class Token:
    """Where a page continues.

    Attributes:
        backwards: Whether the page lies before the row.
        values: The sort values of the row as text, None for null, in the order of the sort keys.
    """

    backwards: bool
    values: tuple[str | None, ...]


def _digest(order: str) -> str:
    return hashlib.blake2s(order.encode(), digest_size=4).hexdigest()


def write_token(order: str, values: list[str | None], *, backwards: bool) -> str:
    """The token of a row under the sort order `order`."""
    raw = orjson.dumps([_DIRECTIONS[backwards], _digest(order), values])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_token(text: str, order: str, keys: int) -> Token:
    """The token that `write_token` wrote for the same order.

    Raises:
        BadRequestError: it is not a token of this API, or it belongs to another sort order.
    """
    foreign = "is not a token of this API; follow the links `next` and `prev`"
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        direction, digest, values = orjson.loads(raw)
    except (binascii.Error, ValueError, TypeError):
        raise BadRequestError(foreign, parameter="token") from None
    if direction not in _DIRECTIONS or not isinstance(values, list) or not isinstance(digest, str):
        raise BadRequestError(foreign, parameter="token")
    if digest != _digest(order) or len(values) != keys:
        raise BadRequestError("belongs to a search with another sortby", parameter="token")
    if not all(v is None or (isinstance(v, str) and "\x00" not in v) for v in values):
        raise BadRequestError(foreign, parameter="token")
    return Token(direction == "prev", tuple(values))


def moment_of(value: str | None) -> dt.datetime | None:
    """A sort value as a time; None where Python cannot represent it: before the year 1, after 9999, infinity."""
    try:
        found = dt.datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
