"""What the models of all catalogue files share: strictness, the kinds of text, and evidence."""

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["ID", "Evidence", "Href", "Identifier", "Strength", "Strict", "Text"]

ID = re.compile(r"^[a-z0-9]+([._-][a-z0-9]+)*$")
"""Pattern of ids in the catalogue, which are also names of files."""
Identifier = Annotated[str, StringConstraints(pattern=ID.pattern, max_length=100)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Href = Annotated[str, StringConstraints(pattern=r"^(https?|s3|gs)://\S+$")]
Strength = Literal["primary", "third-party", "derived", "measured"]


class Strict(BaseModel):
    """A frozen model that rejects unknown keys, so that a typo never becomes a missing value."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # most commands need few of the models


class Evidence(Strict):
    """Where a value comes from."""

    source: Text
    """An address that a reader can open: a page, or a file in a repository, at a fixed commit where possible."""
    checked: dt.date
    """The day somebody last compared the value with the source."""
    strength: Strength
    """`primary`: the producer says so; `third-party`: somebody else does; `derived`: computed from stated values, and
    `note` says how; `measured`: read from the product's own files by running code on them."""
    note: Text | None = None
    """What the source says where it differs from the value, or how a derived value was computed."""
