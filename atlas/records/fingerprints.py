"""Fingerprints of what sources said: `catalog/evidence/<record>.yaml`, written by `atlas evidence check --record`.

They hold digests and days, never the text of a source. The file of a product is named by its id; that of an entry of a
list is in a folder with the list's name, such as `evidence/inputs/sentinel-1.yaml`.
"""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from atlas.records.base import Strict, Text

__all__ = ["Fingerprints", "KeptPassage", "KeptSource"]


class KeptPassage(Strict):
    """One passage of a source, and the values that it supports."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    """First 16 hexadecimal digits of the SHA-256 of its normalised words."""
    words: Annotated[int, Field(ge=0)]
    """How many words it has; 0 for a binary file."""
    fields: Annotated[list[Text], Field(min_length=1)]
    """Dotted paths of the values that it supports."""


class KeptSource(Strict):
    """What one source said on one day."""

    source: Text
    """As in the record."""
    read: dt.date
    """The day on which the passages were read."""
    version: Text | None = None
    """Commit or revision that was read, where the host names one."""
    passages: Annotated[list[KeptPassage], Field(min_length=1)]
    """The passages that were read."""


class Fingerprints(Strict):
    """What the sources of one record said."""

    id: Text
    """The record: the path of this file below `evidence/`, without `.yaml`."""
    sources: list[KeptSource]
    """The sources that were read, by their addresses."""
