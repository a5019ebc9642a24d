"""Fetch a document or a schema, when the user allows the network."""

import json
from typing import Any

from stac_emb.errors import UnreadableInput
from stac_emb.identity import __version__
from stac_emb.inputs.sources import MAX_BYTES, is_url

__all__ = ["fetch", "fetch_schema"]

_TIMEOUT = 30
"""Seconds without an answer."""


def fetch(url: str) -> bytes:
    """The bytes at an http or https address, at most `MAX_BYTES` and one.

    Raises:
        UnreadableInput: the host does not answer, or answers with an error.
    """
    if not is_url(url):
        raise UnreadableInput(f"{url}: only http and https addresses are fetched")
    # Most runs need no network, and these take as long to load as a check does.
    import http.client
    import urllib.error
    import urllib.request

    try:
        agent = {"User-Agent": f"earth-embedding-atlas/{__version__}"}
        request = urllib.request.Request(url, headers=agent)  # noqa: S310  # the scheme was checked
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310  # as above
            data: bytes = answer.read(MAX_BYTES + 1)
            return data
    except urllib.error.HTTPError as error:
        with error:
            msg = f"{url}: HTTP {error.code} {error.reason}"
        raise UnreadableInput(msg) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise UnreadableInput(f"{url}: {getattr(error, 'reason', error)}") from None


def fetch_schema(uri: str) -> dict[str, Any]:
    """A JSON Schema from the network.

    Raises:
        UnreadableInput: it cannot be had, or is not a schema.
    """
    try:
        schema = json.loads(fetch(uri))
    except ValueError as error:
        raise UnreadableInput(f"{uri}: not JSON ({error})") from None
    if not isinstance(schema, dict):
        raise UnreadableInput(f"{uri}: not a JSON Schema")
    return schema
