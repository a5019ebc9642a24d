"""Which hrefs an asset may have, and which are allowed in a document that others write."""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["href_fault", "legal_hrefs"]

_SCHEMES = ("https", "http", "s3", "gs", "hf", "az", "abfs", "ftp")
# Neither blanks nor controls, quotes, angle brackets, backslashes, nor signs that turn the direction of writing.
_SIGNS = r"\s<>\"\\\x00-\x20\x7f\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}"
_WRITTEN = (*_SCHEMES, "abfss", "doi", "mailto", "urn")
_LEGAL = rf"^({'|'.join(_SCHEMES)})://[^/?#{_SIGNS}][^{_SIGNS}]*$"
_LOCAL = rf"^file:///[^{_SIGNS}]+$"
_FORBIDDEN = tuple(b'<>"\\')


def legal_hrefs(hrefs: pa.Array, folder: str = "") -> npt.NDArray[np.bool_]:
    """Which hrefs are absolute, of a known scheme, and with a host, and without what no URL holds (see `_SIGNS`).

    Args:
        hrefs: text.
        folder: `file:` URL of a folder whose files are legal as well.

    Returns:
        Shape (n,); True where there is no href, as an Item need not have each asset.
    """
    if _all_legal(hrefs):
        return np.ones(len(hrefs), dtype=np.bool_)
    legal: npt.NDArray[np.bool_] = pc.fill_null(pc.match_substring_regex(hrefs, _LEGAL), fill_value=True).to_numpy(
        zero_copy_only=False
    )
    if folder.startswith("file:///"):
        below = pc.and_(pc.starts_with(hrefs, folder.rstrip("/") + "/"), pc.match_substring_regex(hrefs, _LOCAL))
        below = pc.and_not(below, pc.match_substring(hrefs, "/.."))
        legal = legal | pc.fill_null(below, fill_value=False).to_numpy(zero_copy_only=False)
    return legal


def href_fault(href: str) -> str | None:
    """Why an href, which may be relative, must not be followed; None where it may."""
    if match := re.search(r"[\x00-\x20\x7f<>\"]", href):
        return f"{href[:80]!a} holds {match[0]!a}: write it percent-encoded"
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", href)
    if scheme is not None and scheme[1].lower() not in _WRITTEN:
        return f"{href[:80]!a} has a scheme other than {', '.join(_WRITTEN)}"
    if scheme is not None and scheme[1].lower() in _SCHEMES and not re.match(r"//[^/?#]", href[scheme.end() :]):
        return f"{href[:80]!a} names no host"
    return None


def _all_legal(hrefs: pa.Array) -> bool:
    """Whether all are legal and of one scheme, as those of one template are: tested on all of their bytes at once."""
    if not pa.types.is_string(hrefs.type) or hrefs.null_count or not len(hrefs):
        return False
    prefix = hrefs[0].as_py().partition("://")[0] + "://"
    if prefix[:-3] not in _SCHEMES or pc.min(pc.binary_length(hrefs)).as_py() <= len(prefix):
        return False
    if not pc.all(pc.starts_with(hrefs, prefix)).as_py():
        return False
    if any(pc.any(pc.starts_with(hrefs, prefix + sign)).as_py() for sign in "/?#"):  # no host
        return False
    _, offsets, data = hrefs.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[hrefs.offset : hrefs.offset + len(hrefs) + 1]
    content = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]]
    # Blanks and controls lie at and below the space; what lies beyond ASCII is left to the expression.
    return bool(content.min() > 0x20 and content.max() < 0x7F) and not any((content == one).any() for one in _FORBIDDEN)
