"""Identifier and prefix of the extension, the address of its documentation, and the draft it succeeds."""

import re

__all__ = [
    "CORE_VERSIONS",
    "DOCS_URI",
    "DRAFT_URI",
    "FOLDER",
    "HOME",
    "HOST",
    "PACKAGE",
    "PREFIX",
    "SCHEMA_URI",
    "VERSION",
    "__version__",
    "intended_identifier",
    "see",
    "space_uri",
]

HOST = "earth-embedding-atlas.github.io"
"""Host of every identifier of the atlas. It is not registered yet, so nothing may depend on fetching from it; whoever
registers another host changes this line (and the texts that are generated from it)."""
HOME = f"https://{HOST}"

VERSION = "0.1.0"
__version__ = "0.1.0"
"""Version of this package; that of the extension is `VERSION`."""
PACKAGE = "stac-emb"
"""Name of the package in an index (free when it was chosen), and of its table in `pyproject.toml`."""
PREFIX = "emb:"
FOLDER = f"emb/v{VERSION}"
"""Where the site serves the extension's files, and where they lie below `schemas/`."""
SCHEMA_URI = f"{HOME}/{FOLDER}/schema.json"
DOCS_URI = f"{HOME}/{FOLDER}/"
"""The page that explains every field; `see` gives the address of one of them."""

DRAFT_URI = "https://stac-extensions.github.io/embeddings/v0.0.1/schema.json"
"""The community draft with the same prefix, which this extension is meant to succeed."""

CORE_VERSIONS = ("1.0.0", "1.1.0")
"""STAC versions whose objects the extension describes."""


_INTENDED = re.compile(
    rf"https?://({re.escape(HOST)}/.*|[^?#]*/emb(edding|eddings)?(/v?[0-9.]+)?(/(schema\.json)?)?)", re.IGNORECASE
)


def intended_identifier(uri: str) -> bool:
    """Whether an address was most likely meant as the identifier: it differs in version, host or ending."""
    return (
        uri.removesuffix("#") not in {SCHEMA_URI, DRAFT_URI} and _INTENDED.fullmatch(uri.removesuffix("#")) is not None
    )


def see(field: str) -> str:
    """Address of the section that explains a field, such as `emb:quantization`."""
    return f"{DOCS_URI}#{field.replace(':', '-').replace('_', '-')}"


def space_uri(space: str) -> str:
    """Address of a vector space: a URI stays as it is, an id without a scheme is one of the atlas.

    Two values of `emb:space` name the same space exactly where this address is equal.
    """
    return space if "://" in space else f"{HOME}/spaces/{space}"
