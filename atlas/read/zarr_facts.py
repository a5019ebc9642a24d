"""The nodes of a Zarr hierarchy, from its metadata documents alone: no chunk and no other file is read.

Formats: https://zarr-specs.readthedocs.io (v2 `.zarray`, `.zgroup`, `.zmetadata`; v3 `zarr.json`, consolidated or not).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atlas.errors import UnreadableInput
from atlas.fetch.foreign_json import foreign_object

__all__ = ["DOCUMENTS", "zarr_nodes"]

DOCUMENTS = ("zarr.json", ".zmetadata", ".zarray", ".zgroup")
"""Names of metadata documents of a hierarchy or a node; the first that exists is read."""
DEPTH = 3
LARGEST = 64 * 2**20

Nodes = dict[str, Mapping[str, Any]]


def zarr_nodes(path: Path) -> Nodes:
    """The nodes of a hierarchy: path of each, empty for the root, and its metadata.

    Args:
        path: one document, or a folder, which is searched to a depth of three where it is not consolidated.

    Raises:
        UnreadableInput: a document is not a JSON object, or too large.
    """
    if not path.is_dir():
        return _described(path)
    nodes: Nodes = {}
    _walk(path, "", 0, nodes)
    return nodes


def _walk(folder: Path, path: str, depth: int, nodes: Nodes) -> None:
    name = next((name for name in DOCUMENTS if (folder / name).is_file()), None)
    if name is None:
        return
    found = _described(folder / name)
    if name == ".zgroup" and (folder / ".zattrs").is_file():
        found[""] = {"attributes": _document(folder / ".zattrs")}
    nodes.update({"/".join(filter(None, (path, key))): node for key, node in found.items()})
    # Below an array there are only chunks, maybe many; consolidated metadata are complete.
    if name == ".zmetadata" or len(found) > 1 or "shape" in found[""] or depth == DEPTH:
        return
    for one in sorted(p for p in folder.iterdir() if p.is_dir()):
        _walk(one, "/".join(filter(None, (path, one.name))), depth + 1, nodes)


def _described(document: Path) -> Nodes:
    found = _document(document)
    if document.name == ".zmetadata":
        entries = _objects(found.get("metadata"))
        arrays = {key.removesuffix(".zarray").rstrip("/"): e for key, e in entries.items() if key.endswith(".zarray")}
        return {"": {"attributes": entries.get(".zattrs", {})}} | arrays
    consolidated = found.get("consolidated_metadata")
    return {"": found} | (_objects(consolidated.get("metadata")) if isinstance(consolidated, dict) else {})


def _document(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise ValueError("too large")
        return foreign_object(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path}: cannot be read as Zarr metadata: {error}") from error


def _objects(value: object) -> dict[str, Any]:
    return {k: v for k, v in value.items() if isinstance(v, dict)} if isinstance(value, dict) else {}
