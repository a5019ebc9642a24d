"""Metadata documents of Zarr stores, checked before zarr reads them: its own errors speak of its code."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from atlas.errors import UnreadableInput
from atlas.fetch.foreign_json import foreign_object
from stac_emb.inputs.strict_json import kind_of

__all__ = ["DOCUMENTS", "checked", "zarr_document"]

DOCUMENTS = ("zarr.json", ".zgroup", ".zarray", ".zattrs", ".zmetadata")
_OF_GROUP = {"zarr_format", "node_type", "attributes", "consolidated_metadata"}
_OF_ARRAY = ("shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value", "codecs")


def zarr_document(place: str, data: bytes) -> dict[str, Any]:
    """One document of a store; the name of its place tells what it must state.

    Raises:
        UnreadableInput: it is not JSON, not an object, or states of itself what no Zarr 3 document may.
    """
    try:
        found = foreign_object(data)
    except ValueError as error:
        _refuse(place, str(error))
    if not place.endswith("zarr.json"):
        return found
    version, node, attributes = found.get("zarr_format"), found.get("node_type"), found.get("attributes", {})
    if type(version) is not int or version != 3:
        _refuse(place, f"'zarr_format' is {_shown(found, 'zarr_format')}, not 3")
    if node not in ("group", "array"):
        _refuse(place, f"'node_type' is {_shown(found, 'node_type')}, not 'group' or 'array'")
    if attributes is not None and not isinstance(attributes, dict):
        _refuse(place, f"'attributes' are {kind_of(attributes)}, not an object")
    consolidated = found.get("consolidated_metadata")
    if consolidated is not None:
        members = consolidated.get("metadata") if isinstance(consolidated, dict) else None
        if not isinstance(members, dict):
            _refuse(place, f"'consolidated_metadata' is {kind_of(consolidated)} that holds no object 'metadata'")
        odd = next((name for name, one in members.items() if not isinstance(one, dict)), None)
        if odd is not None:
            _refuse(place, f"'consolidated_metadata' says of '{odd[:200]}' {kind_of(members[odd])}, not an object")
    if node == "array" and (missing := [name for name in _OF_ARRAY if name not in found]):
        _refuse(place, f"'{missing[0]}' is missing")
    for name in [name for name in found if node == "group" and name not in _OF_GROUP]:
        stated = found.pop(name)
        if not isinstance(stated, dict) or stated.get("must_understand") is not False:
            _refuse(place, f"'{name[:200]}' is not a member of a Zarr 3 group, and must not be ignored")
    return found


def checked(place: str, data: bytes) -> bytes:
    """An object of a store: what zarr should parse of a document, and every other as it is.

    Raises:
        UnreadableInput: as `zarr_document` says.
    """
    if not place.endswith(DOCUMENTS):
        return data
    found = zarr_document(place, data)
    found.pop("consolidated_metadata", None)  # each node is asked for itself: copies of the others may be old
    return json.dumps(found).encode()


def _shown(found: Mapping[str, Any], name: str) -> str:
    return f"{found[name]!r:.80}" if name in found else "missing"


def _refuse(place: str, why: str) -> NoReturn:
    raise UnreadableInput(f"{place}: not a Zarr document: {why}")
