"""Ids and hrefs: which ids are legal, how paths become ids, and how a record's href template is filled."""

import hashlib
import re
import string
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError

__all__ = ["item_id", "legal_ids", "render", "shard_id"]

_LONGEST_ID, _LONGEST_SHARD = 255, 200
# An id becomes a path segment of an API and may become a file name: no separators, no leading dot, bounded.
_LEGAL_ID = r"^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,254}$"
_ID_BYTES = np.isin(np.arange(256), list(f"{string.ascii_letters}{string.digits}._~-".encode()))


def legal_ids(ids: pa.Array) -> pa.Array:
    """Which ids may be used: 1 to 255 of the characters that a URL leaves alone, not beginning with a dot.

    Returns:
        A boolean array; a null id is not legal.
    """
    if _all_legal(ids):
        return pa.repeat(pa.scalar(value=True), len(ids))
    return pc.fill_null(pc.match_substring_regex(ids, _LEGAL_ID), fill_value=False)


def _all_legal(ids: pa.Array) -> bool:
    """Whether all of them are, as nearly always: tested on all of their bytes at once."""
    if not pa.types.is_string(ids.type) or ids.null_count or not len(ids):
        return False
    _, offsets, data = ids.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[ids.offset : ids.offset + len(ids) + 1]
    lengths = np.diff(bounds)
    if lengths.min() < 1 or lengths.max() > _LONGEST_ID:
        return False
    content = np.frombuffer(data, dtype=np.uint8)
    return bool(_ID_BYTES[content[bounds[0] : bounds[-1]]].all() and (content[bounds[:-1]] != ord(".")).all())


def shard_id(text: str) -> str:
    """A shard's id made from a path or prefix: `/` becomes `_`, what is not of `A-Za-z0-9._=-` becomes `-`.

    Where that changes anything a hash of the text is appended: `a b`, `a-b` and `a/b` are three shards.
    """
    plain = re.sub(r"[^A-Za-z0-9._=-]+", "-", text.replace("/", "_")).strip("-.=")
    return plain if plain == text and 0 < len(plain) <= _LONGEST_SHARD else _with_hash(plain, text, _LONGEST_SHARD)


def item_id(path: str) -> str:
    """An Item's id made from the path of its file: without the suffix, and with `~` for `/`.

    Other characters that an id must not have become `-`; then, as where the path itself has a `~` or is too long, a
    hash of the path is appended. So different paths have different ids, except where only the suffix differs.
    """
    stem = re.sub(r"\.[^./]+$", "", path)
    plain = "~".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in stem.split("/")).lstrip(".-~")
    faithful = plain.replace("~", "/") == stem and 0 < len(plain) <= _LONGEST_ID
    return plain if faithful else _with_hash(plain, path, _LONGEST_ID)


def _with_hash(plain: str, text: str, longest: int) -> str:
    digest = hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return f"{plain[: longest - len(digest) - 1]}-{digest}".lstrip("-")


def render(template: str, columns: Mapping[str, pa.Array | str]) -> pa.Array:
    """Fill the `{name}` placeholders of an href template from columns.

    Args:
        template: text such as `https://host/{year}/{zone}/{stem}.tiff`; `{lon:.2f}` is read as `{lon}`, as the columns
            hold text that is formatted already.
        columns: placeholder to string array, all of one length, or to one text for all rows.

    Raises:
        SourceError: the template names a placeholder for which there is no column.
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
