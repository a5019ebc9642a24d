"""Ids and hrefs over whole columns: which ids are legal, and how a record's href template is filled."""

import re
import string
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError

__all__ = ["legal_ids", "render", "shard_id"]

# An id becomes a path segment of an API and may become a file name: no separators, no leading dot, bounded.
_LEGAL_ID = r"^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,254}$"


def legal_ids(ids: pa.Array) -> pa.Array:
    """Which ids may be used: 1 to 255 of the characters that a URL leaves alone, not beginning with a dot.

    Returns:
        A boolean array; a null id is not legal.
    """
    return pc.fill_null(pc.match_substring_regex(ids, _LEGAL_ID), fill_value=False)


def shard_id(text: str) -> str:
    """A shard's id made from a path or prefix: other characters than letters, digits, `.`, `_`, `=`, `-` become `-`."""
    return re.sub(r"[^A-Za-z0-9._=-]+", "-", text).strip("-.")[:200] or "shard"


def render(template: str, columns: Mapping[str, pa.Array | str]) -> pa.Array:
    """Fill the `{name}` placeholders of an href template from columns.

    Args:
        template: text such as `https://host/{year}/{zone}/{stem}.tiff`; `{lon:.2f}` is read as `{lon}`, as the columns
            hold text that is formatted already.
        columns: placeholder to string array, all of one length, or to one text for all rows.

    Raises:
        SourceError: the template names a placeholder that there is no column for.
    """
    parts: list[pa.Array | pa.Scalar] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        if literal:
            parts.append(pa.scalar(literal))
        if name is None:
            continue
        if name not in columns:
            msg = f"href template '{template}': nothing fills '{{{name}}}'; known: {', '.join(sorted(columns))}"
            raise SourceError(msg)
        value = columns[name]
        parts.append(pa.scalar(value) if isinstance(value, str) else value)
    if not any(isinstance(part, pa.Array | pa.ChunkedArray) for part in parts):
        msg = f"href template '{template}' is the same for every row: it needs a placeholder that a column fills"
        raise SourceError(msg)
    return pc.binary_join_element_wise(*parts, pa.scalar(""))
