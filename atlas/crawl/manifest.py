"""The manifest: shards and parts of a crawl's folder, without times, so that equal crawls have equal manifests."""

from collections.abc import Mapping
from typing import Any

from atlas.crawl.state import ShardState
from atlas.formats.crawl_folder import NAMES

__all__ = ["entry_of", "is_manifest", "manifest_of"]

MANIFEST_VERSION = 1


def entry_of(state: ShardState) -> dict[str, Any]:
    """One shard's line of the manifest."""
    parts = {}
    if state.items:
        parts[str(NAMES.part(state.id))] = {"items": state.items, "bytes": state.size, "sha256": state.sha256}
    if state.deprecated:
        parts[str(NAMES.vanished(state.id))] = {
            "items": state.deprecated,
            "sha256": state.deprecated_sha256,
            "deprecated": True,
        }
    return {
        "source": state.source,
        "fingerprint": state.fingerprint,
        "listed": state.here,
        "set_aside": sum(state.set_aside.values()),
        "parts": parts,
    }


def manifest_of(product: str, states: Mapping[str, ShardState]) -> dict[str, Any]:
    """The whole manifest, as `manifest.json` holds it."""
    return {
        "version": MANIFEST_VERSION,
        "product": product,
        "shards": {shard: entry_of(state) for shard, state in sorted(states.items())},
    }


def is_manifest(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a value has the form of a manifest, with all that is read from one."""
    if not isinstance(value, dict) or not isinstance(value.get("shards"), dict):
        return False
    return all(
        isinstance(entry, dict)
        and {"source", "fingerprint", "listed", "parts"} <= entry.keys()
        and isinstance(entry["parts"], dict)
        and all(isinstance(part, dict) and {"items", "sha256"} <= part.keys() for part in entry["parts"].values())
        for entry in value["shards"].values()
    )
