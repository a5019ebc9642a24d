"""JSON pointers (RFC 6901) as text, and their parts."""

from collections.abc import Iterable

__all__ = ["parts_of", "pointer"]


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer; the empty string is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parts_of(where: str) -> list[str]:
    """The names and numbers that a pointer is made of."""
    return [part.replace("~1", "/").replace("~0", "~") for part in where.split("/")[1:]]
