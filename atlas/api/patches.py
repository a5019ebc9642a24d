"""Patches of documents: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902), told apart by their media type."""

from typing import Any

import jsonpatch
import orjson
from jsonpointer import JsonPointer, JsonPointerException

from atlas.api.errors import BadRequestError, ConflictError, MediaTypeError
from atlas.api.parameters import MAX_DEPTH, check_depth
from atlas.api.types import Json
from atlas.operations.parameters import JSON_PATCH, MERGE_PATCH

__all__ = ["patched"]

_MOST_OPERATIONS = 1_000
_MOST_BYTES = 1_048_576
"""Of a patched document: a few operations that copy the whole into itself would fill the memory."""


def patched(document: dict[str, Any], patch: Json, media_type: str) -> dict[str, Any]:
    """The document with the patch applied; the document itself stays as it is.

    Args:
        document: What is stored.
        patch: The decoded body.
        media_type: Of the body; plain JSON is a merge patch, as the Transaction extension has it.

    Raises:
        MediaTypeError: another media type.
        BadRequestError: the body is no such patch, or what it leaves is no object or nests too deeply.
        ConflictError: a path is not in the document, or a test fails: nothing is changed.
    """
    check_depth(patch, "body")
    if media_type in ("", "application/json", "application/geo+json", MERGE_PATCH):
        if not isinstance(patch, dict):
            message = "a merge patch is a JSON object of the members to change; null removes one"
            if isinstance(patch, list):
                message += f"; a list of operations is sent with the Content-Type {JSON_PATCH}"
            raise BadRequestError(message, parameter="body")
        result = _merged(document, patch)
    elif media_type == JSON_PATCH:
        result = _applied(document, patch)
    else:
        message = f"is {media_type[:60]!r}; a patch is {MERGE_PATCH} or {JSON_PATCH}"
        accepted = {"Accept-Patch": f"{MERGE_PATCH}, {JSON_PATCH}"}
        raise MediaTypeError(message, parameter="Content-Type", headers=accepted)
    if not isinstance(result, dict):
        raise BadRequestError("leaves no JSON object", parameter="body")
    check_depth(result, "body")
    return result


def _merged(target: Json, patch: Json) -> Json:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


def _applied(document: dict[str, Any], patch: Json) -> Json:
    if not isinstance(patch, list) or not all(isinstance(o, dict) for o in patch):
        message = 'a JSON patch is an array of operations such as {"op": "remove", "path": "/properties/title"}'
        raise BadRequestError(message, parameter="body")
    if len(patch) > _MOST_OPERATIONS:
        raise BadRequestError(f"has {len(patch)} operations, at most {_MOST_OPERATIONS} are taken", parameter="body")
    result: Json = orjson.loads(orjson.dumps(document))
    for number, operation in enumerate(patch):
        where = f"operation {number} ({str(operation.get('op'))[:20]} {str(operation.get('path'))[:100]})"
        try:
            step = jsonpatch.JsonPatch([operation])
            for name in {"path", "from"} & set(operation):
                JsonPointer(operation[name])
        except (jsonpatch.InvalidJsonPatch, JsonPointerException, TypeError) as error:
            raise BadRequestError(f"{where}: {error}", parameter="body") from None
        if operation["path"].count("/") > MAX_DEPTH:
            raise BadRequestError(f"{where}: the path is nested too deeply", parameter="body")
        try:
            result = step.apply(result, in_place=True)
        except jsonpatch.InvalidJsonPatch as error:
            raise BadRequestError(f"{where}: {error}", parameter="body") from None
        except (jsonpatch.JsonPatchException, JsonPointerException) as error:
            raise ConflictError(f"{where}: {error}", parameter="body") from None
        if operation["op"] in ("copy", "move"):
            check_depth(result, "body")
        if operation["op"] == "copy" and len(orjson.dumps(result)) > _MOST_BYTES:
            raise BadRequestError(f"{where}: the document becomes larger than {_MOST_BYTES} bytes", parameter="body")
    return result
