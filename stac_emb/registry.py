"""The schemas bundled for validation: those in `schemas/vendor/` and our own."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stac_emb.errors import UnreadableInput
from stac_emb.identity import FOLDER, SCHEMA_URI
from stac_emb.resources import schemas_dir

__all__ = ["NotAtHand", "VendoredSchema", "core_uri", "load_schema", "normalise", "registry", "vendored"]

_CORE_FOLDER = {"Feature": "item", "Collection": "collection", "Catalog": "catalog"}


class NotAtHand(UnreadableInput):
    """No schema with that identifier is on this machine."""

    def __init__(self, uri: str) -> None:
        """Name the schema."""
        super().__init__(f"{uri}: not among the vendored schemas")


@dataclass(frozen=True, slots=True)
class VendoredSchema:
    """One schema of the index."""

    uri: str
    path: Path
    sha256: str
    origin: str


def normalise(uri: str) -> str:
    """A schema URI without the empty fragment that some documents add."""
    return uri.removesuffix("#")


@cache
def registry() -> dict[str, VendoredSchema]:
    """Every schema by its URI.

    Raises:
        UnreadableInput: the index is damaged.
    """
    folder = schemas_dir() / "vendor"
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{folder / 'index.json'}: {error}") from error
    found = {uri: VendoredSchema(uri, folder / row["path"], row["sha256"], row["origin"]) for uri, row in index.items()}
    own = schemas_dir() / FOLDER / "schema.json"
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    found[SCHEMA_URI] = VendoredSchema(SCHEMA_URI, own, digest, "earth-embedding-atlas")
    return found


def vendored(uri: str) -> bool:
    """Whether the schema is bundled."""
    return normalise(uri) in registry()


@cache
def load_schema(uri: str) -> dict[str, Any]:
    """The parsed schema, its checksum verified.

    Raises:
        NotAtHand: it is not bundled.
        UnreadableInput: its file was changed.
    """
    entry = registry().get(normalise(uri))
    if entry is None:
        raise NotAtHand(uri)
    data = entry.path.read_bytes()
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise UnreadableInput(f"{entry.path}: the checksum differs from the one in index.json")
    schema: dict[str, Any] = json.loads(data)
    return schema


def core_uri(kind: str, version: str) -> str:
    """URI of the core schema of an object type: `Feature`, `Collection` or `Catalog`."""
    name = _CORE_FOLDER[kind]
    return f"https://schemas.stacspec.org/v{version}/{name}-spec/json-schema/{name}.json"
