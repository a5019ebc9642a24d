"""Access that can ask an API: headers of the answer, questions as JSON."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from atlas.errors import SourceError
from atlas.fetch.client import Reply
from atlas.fetch.protocol import Access

__all__ = ["Asking", "asking"]


@runtime_checkable
class Asking(Protocol):
    """What readers of APIs need beyond `Access`."""

    def ask(self, href: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Reply:
        """A whole answer with its headers; `body` is sent as JSON."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The hrefs of the folders directly below a prefix, in the order of their names, each ending in `/`."""

    def admit(self, href: str) -> str:
        """The URL of an object, after the checks that every request passes, for a library with a client of its own."""


def asking(access: Access) -> Asking:
    """The access as one that can ask.

    Raises:
        SourceError: it reads files only.
    """
    if isinstance(access, Asking):
        return access
    msg = "this index is an API: it needs an access that can ask one"
    raise SourceError(msg)
