"""Files that cannot be read: an error, or left out and reported."""

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from atlas.errors import AtlasError, RestoreError
from atlas.read.identity import Identity
from atlas.read.spec import AssetSpec

__all__ = ["LeftOut", "LeftOutWarning"]


class LeftOutWarning(UserWarning):
    """Items that could not be read and are missing from a result."""


class LeftOut:
    """Collects the Items that could not be read."""

    def __init__(self, missing: str) -> None:
        """None so far.

        Args:
            missing: `raise` or `skip`.

        Raises:
            RestoreError: `missing` is neither.
        """
        if missing not in {"raise", "skip"}:
            raise RestoreError(f"missing is 'raise' or 'skip', not {missing!r:.80}")
        self._skip = missing == "skip"
        # Threads read: to append is one step, to count is several.
        self._tried: list[str] = []
        self._found: list[tuple[str, str, str]] = []

    @contextlib.contextmanager
    def trying(self, item: Mapping[str, Any], spec: AssetSpec) -> Iterator[None]:
        """A block that reads a file: with `skip`, an error ends the block and is recorded.

        Raises:
            AtlasError: with `raise`, the file cannot be read.
        """
        self._tried.append(spec.href)
        try:
            yield
        except AtlasError as error:
            if not self._skip:
                raise
            self._found.append((str(item.get("id")), spec.href, str(error)))

    def told(self, identity: Identity) -> Identity:
        """The identity of what was read, with what was left out.

        Raises:
            RestoreError: no Item could be read.
        """
        found, tried = sorted(self._found), len(self._tried)
        if not found:
            return identity
        lines = [f"'{name}': {reason if href in reason else f'{href}: {reason}'}" for name, href, reason in found]
        if len(found) == tried:
            raise RestoreError(f"none of the {tried} Items can be read. {lines[0]}")
        text = "\n".join([f"{len(lines)} of {tried} Items cannot be read and are left out:", *lines])
        warnings.warn(text, LeftOutWarning, stacklevel=2)
        return replace(identity, left_out=tuple(found))
