"""Hrefs of local documents: URI references (RFC 3986), as STAC has them, that lead to files."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["file_of", "local_target"]


def file_of(href: str) -> Path:
    """The file of a `file:` URI: `file:///a%20b`, `file://localhost/a`, `file:/a`.

    Raises:
        ValueError: it is not a URI, or the file is one of another machine.
    """
    parts = urlsplit(href)
    if parts.netloc.lower() not in {"", "localhost"}:
        raise ValueError(f"a file of another machine, '{parts.netloc}'")
    return Path(unquote(parts.path))


def local_target(document: Path, href: str) -> Path:
    """The file that an href in a local document leads to, whether or not it is there.

    An href is a reference: `%20` stands for a blank, and what follows `#` or `?` belongs to no path. Some write a
    path as it is all the same: it is taken for one where only that is a file's.

    Args:
        document: path of the document.
        href: relative, absolute, or a `file:` URI.

    Raises:
        ValueError: it is not a reference, leads to another machine, or has another scheme.
    """
    parts = urlsplit(href)
    if parts.scheme == "file":
        return file_of(href)
    if not (parts.scheme or parts.netloc or parts.path or parts.query):  # `` and `#x`: the document itself
        return document
    literal = document.parent / href
    if len(parts.scheme) > 1:  # one letter is a drive
        if _exists(literal):
            return literal
        raise ValueError(f"the scheme '{parts.scheme}' is not that of a file")
    # `..` leads back by the text of the reference, whether or not there is such a folder.
    decoded = Path(os.path.normpath(document.parent / file_of(href)))
    return literal if not _exists(decoded) and _exists(literal) else decoded


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # longer than any name, or with what no name holds
        return False
