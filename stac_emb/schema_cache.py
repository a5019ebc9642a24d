"""Schemas that `atlas schemas fetch` downloaded; the checksum of each is verified whenever it is read."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

from stac_emb.errors import UnreadableInput
from stac_emb.registry import NotAtHand, normalise

__all__ = ["CachedSchema", "SchemaCache", "references", "schema_cache", "schema_of"]

_INDEX = "index.json"
_KEYWORDS = {"$schema", "$id", "type", "allOf", "anyOf", "oneOf", "properties"}
"""Every published schema has one of these, and no JSON answer that means "not found" has any."""


@dataclass(frozen=True, slots=True)
class CachedSchema:
    """One schema of the cache."""

    uri: str
    path: Path
    sha256: str
    fetched: str
    """When it was fetched, in UTC."""


@dataclass(frozen=True, slots=True)
class SchemaCache:
    """Gets the schema of an identifier from a folder, for `Validator`.

    Args:
        folder: holds `index.json` and one file per schema, named by its checksum.
        beyond: called for schemas that the folder does not hold.
    """

    folder: Path
    beyond: Callable[[str], dict[str, Any]] | None = None

    def __call__(self, uri: str) -> dict[str, Any]:
        """The parsed schema.

        Raises:
            NotAtHand: neither the folder nor `beyond` has the schema.
            UnreadableInput: the file was changed since it was fetched, or the index is damaged.
        """
        uri = normalise(uri)
        entry = self.entries().get(uri)
        if entry is not None:
            return schema_of(uri, self.read(entry))
        if self.beyond is None:
            raise NotAtHand(uri)
        return self.beyond(uri)

    def entries(self) -> dict[str, CachedSchema]:
        """Every schema of the folder by its identifier.

        Raises:
            UnreadableInput: the index is damaged.
        """
        path = self.folder / _INDEX
        try:
            rows = json.loads(path.read_bytes())
            return {
                uri: CachedSchema(uri, self.folder / f"{row['sha256']}.json", row["sha256"], row["fetched"])
                for uri, row in rows.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            msg = f"{path}: the index of the schema cache is damaged ({error}): remove the folder and fetch again"
            raise UnreadableInput(msg) from None

    def read(self, entry: CachedSchema) -> bytes:
        """The bytes of a schema.

        Raises:
            UnreadableInput: they are not the bytes that were fetched.
        """
        try:
            data = entry.path.read_bytes()
        except OSError as error:
            how = f"delete it, or `atlas schemas fetch --again {entry.uri}` brings it back"
            raise UnreadableInput(f"{entry.path}: {error.strerror}: {how}") from None
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise UnreadableInput(
                f"{entry.path}: the checksum differs from the one that was recorded when {entry.uri} was fetched: "
                f"delete it, or `atlas schemas fetch --again {entry.uri}` brings it back"
            )
        return data

    def put(self, uri: str, data: bytes) -> CachedSchema:
        """Store the bytes of a schema; a program that reads meanwhile sees the old or the new state.

        Raises:
            UnreadableInput: they are not JSON Schemas.
        """
        schema_of(uri, data)
        digest = hashlib.sha256(data).hexdigest()
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = CachedSchema(normalise(uri), self.folder / f"{digest}.json", digest, now)
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(entry.path, data)
        rows = {row.uri: {"sha256": row.sha256, "fetched": row.fetched} for row in self.entries().values()}
        rows[entry.uri] = {"sha256": digest, "fetched": now}
        _write(self.folder / _INDEX, json.dumps(dict(sorted(rows.items())), indent=2).encode() + b"\n")
        return entry


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_bytes(data)
    partial.replace(path)


def schema_of(uri: str, data: bytes) -> dict[str, Any]:
    """The parsed schema.

    Raises:
        UnreadableInput: it is not a schema.
    """
    try:
        schema = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{uri}: not JSON ({error})") from None
    if not isinstance(schema, dict) or not _KEYWORDS & schema.keys():
        raise UnreadableInput(f"{uri}: not a JSON Schema")
    return schema


def references(uri: str, schema: object) -> Iterator[str]:
    """The absolute addresses of other schemas that a schema refers to."""
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str):
                address = urldefrag(urljoin(uri, target))[0]
                if address and address != normalise(uri):
                    yield address
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def schema_cache(beyond: Callable[[str], dict[str, Any]] | None = None) -> SchemaCache:
    """The cache in the state folder (ATLAS_STATE_DIR)."""
    return SchemaCache(Path(os.environ.get("ATLAS_STATE_DIR") or ".atlas").resolve() / "schemas", beyond)
