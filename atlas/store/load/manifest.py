"""Compare a crawl's folder with its manifest, so that a part that was lost or cut short is never loaded as gone.

A year that a crawl no longer has goes from the database. What is missing by accident must not look the same.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from atlas.errors import StoreError

__all__ = ["check_digest", "promised_parts"]

_ADVICE = "copy the folder again, or run the crawl again to make it whole"


def promised_parts(folder: Path, parts: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each part as `manifest.json` states it; empty where another tool made the folder without one.

    Args:
        folder: output of a crawl.
        parts: the parts that are there.

    Raises:
        StoreError: the manifest cannot be read, or names other parts than are there.
    """
    path = folder / "manifest.json"
    try:
        document = orjson.loads(path.read_bytes())
        promised = {
            folder / name: str(part["sha256"])
            for shard in document["shards"].values()
            for name, part in shard["parts"].items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, orjson.JSONDecodeError) as error:
        msg = f"{path}: cannot be read: {error}; {_ADVICE}"
        raise StoreError(msg) from error
    except (AttributeError, KeyError, TypeError) as error:
        msg = f"{path}: is not the manifest of a crawl: {error!r}; {_ADVICE}"
        raise StoreError(msg) from error
    have = set(parts)
    if missing := sorted(promised.keys() - have):
        msg = f"{missing[0]}: the manifest names this part, and it is not there{_and_more(missing)}; {_ADVICE}"
        raise StoreError(msg)
    if strange := sorted(have - promised.keys()):
        msg = f"{strange[0]}: the manifest does not name this part{_and_more(strange)}; {_ADVICE}"
        raise StoreError(msg)
    return promised


def check_digest(path: Path, digest: str, promised: Mapping[Path, str]) -> None:
    """Compare a part's bytes with the manifest's, where there is one.

    Raises:
        StoreError: they are others; the message leaves the part's name to the caller.
    """
    if promised.get(path, digest) != digest:
        msg = f"its bytes are not those that the manifest names; {_ADVICE}"
        raise StoreError(msg)


def _and_more(paths: list[Path]) -> str:
    return f" (and {len(paths) - 1} more like it)" if len(paths) > 1 else ""
