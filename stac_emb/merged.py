"""Several schemas as one that says the same in fewer steps, for objects of one type.

Published extension schemas repeat each other: every one tells Items from Collections, walks through all assets, and
asks of every name whether it has the extension's prefix. `merged` follows the references, drops the branches for other
types, and joins what is said of the same place. It says yes or no as the schemas do; messages come from the schemas.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import orjson

from stac_emb.apart import KEYWORD, is_apart
from stac_emb.pointers import parts_of

__all__ = ["Known", "NotMerged", "merged"]

Schema = Any
"""A JSON Schema: an object, or true or false."""
Retrieve = Callable[[str], Mapping[str, Any]]

_DRAFT = "http://json-schema.org/draft-07/schema"
_SILENT = {"definitions", "$defs", "$id", "$schema", "$comment", "title", "description", "examples", "default"}
_BY_NAME = {"properties", "patternProperties", "dependencies"}
_LISTS = {"allOf", "anyOf", "oneOf"}
_SINGLE = {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
_BOUND = {"$ref", "additionalProperties", "patternProperties", "propertyNames", "properties"}
"""Keywords that mean something else beside others than alone."""
_PREFIX = re.compile(r"\^\(\?!([\w-]+:)\)")
_COMMON = (
    *("href", "title", "description", "type", "roles", "rel", "name", "datetime", "start_datetime", "end_datetime"),
    *("created", "updated", "gsd", "platform", "instruments", "constellation", "bands", "data_type", "nodata"),
    *("common_name", "center_wavelength", "full_width_half_max", "statistics", "unit"),
)
"""Names without a prefix, which no schema about prefixes can refuse."""
_MOST = 100_000
"""Nodes beyond which a schema is left as it is."""


class NotMerged(Exception):  # noqa: N818  # no error of a user's
    """The schemas hold something that is not understood here; they are to be applied one by one."""


@dataclass(slots=True)
class Known:
    """What was worked out, kept for the next combination that holds it."""

    of_kind: dict[tuple[str, str], Schema] = field(default_factory=dict)
    """What each schema says of each type."""
    joined: dict[tuple[int, ...], tuple[Sequence[Schema], Schema]] = field(default_factory=dict)
    """By the identities of several schemas, these themselves and the one that says the same."""


def merged(kind: str, uris: Sequence[str], retrieve: Retrieve, known: Known | None = None) -> dict[str, Any]:
    """One schema for all.

    Args:
        kind: `type` of the objects.
        uris: the schemas.
        retrieve: gives the schema at an address.
        known: what was worked out before, with the same `retrieve`.

    Raises:
        NotMerged: they are not simple schemas of draft 7.
    """
    known = known or Known()
    try:
        for uri in uris:
            if (uri, kind) not in known.of_kind:
                known.of_kind[uri, kind] = _of_kind(_Inliner(retrieve).schema(uri), kind)
        found = _join([known.of_kind[uri, kind] for uri in uris], known)
        return {"not": {}} if found is False else dict(found)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise NotMerged(str(error)) from error


class _Inliner:
    """Puts what a reference names in its place, except where that holds itself or is a large schema of its own."""

    def __init__(self, retrieve: Retrieve) -> None:
        self._retrieve = retrieve
        self._nodes = 0

    def schema(self, uri: str) -> Schema:
        return self._copy(self._document(uri), uri, (uri,))

    def _document(self, uri: str) -> Mapping[str, Any]:
        found = self._retrieve(uri)
        if str(found.get("$schema", _DRAFT)).removesuffix("#") != _DRAFT:
            raise NotMerged(f"{uri}: another draft of JSON Schema")
        return found

    def _target(self, address: str) -> Schema:
        uri, _, fragment = address.partition("#")
        node: Schema = self._document(uri)
        for part in parts_of(fragment):
            node = node[int(part)] if isinstance(node, list) else node[part]
        if fragment and not fragment.startswith("/"):
            raise NotMerged(f"{address}: a reference by name")
        return node

    def _copy(self, node: Schema, base: str, above: tuple[str, ...]) -> Schema:
        self._nodes += 1
        if self._nodes > _MOST:
            raise NotMerged("too large")
        if not isinstance(node, dict):
            return [self._copy(each, base, above) for each in node] if isinstance(node, list) else node
        if isinstance(node.get("$ref"), str):
            within = node["$ref"].startswith("#")  # most are, and reading addresses takes as long as all else
            address = base + node["$ref"] if within else urljoin(base, node["$ref"])
            if is_apart(address):
                return {KEYWORD: address}
            if address in above or not address.startswith(("https://stac-extensions.", "https://schemas.stacspec.")):
                return {"$ref": address}
            return self._copy(self._target(address), address.partition("#")[0], (*above, address))
        if "$id" in node:
            # References are read from the address: another identifier would change what they mean.
            here = urljoin(base, str(node["$id"]))
            if node is not self._document(base) or urljoin(here, ".") != urljoin(base, "."):
                raise NotMerged(f"{base}: another identifier")
        found: dict[str, Schema] = {}
        for key, value in node.items():
            if key in _BY_NAME and isinstance(value, dict):
                found[key] = {name: self._copy(each, base, above) for name, each in value.items()}
            elif key in _LISTS | _SINGLE:
                found[key] = self._copy(value, base, above)
            elif key not in _SILENT:
                found[key] = value
        return found


def _refuses(node: Schema, kind: str) -> bool:
    """Whether a schema refuses every object of a type, by what it says of `type`."""
    if not isinstance(node, dict):
        return node is False
    named = (node.get("properties") or {}).get("type")
    if isinstance(named, dict) and (named.get("const", kind) != kind or kind not in named.get("enum", [kind])):
        return True
    return any(_refuses(each, kind) for each in node.get("allOf", []))


def _of_kind(node: Schema, kind: str) -> Schema:
    """A schema without its branches for objects of other types."""
    if not isinstance(node, dict):
        return node
    found = dict(node)
    needed = [_of_kind(each, kind) for each in found.pop("allOf", [])]
    for key in ("oneOf", "anyOf"):
        if key in found:
            left = [_of_kind(each, kind) for each in found.pop(key) if not _refuses(each, kind)]
            needed.append(left[0] if len(left) == 1 else {key: left} if left else False)
    asked = found.get("if")
    if (
        isinstance(asked, dict)
        and set(asked) <= {"properties", "required"}
        and asked.get("required", ["type"]) == ["type"]
    ):
        named = asked.get("properties", {})
        if set(named) == {"type"} and set(named["type"]) == {"const"}:
            branches = {True: found.pop("then", True), False: found.pop("else", True)}
            del found["if"]
            needed.append(_of_kind(branches[named["type"]["const"] == kind], kind))
    return {**found, "allOf": needed} if needed else found


def _parts(node: Schema) -> list[Schema]:
    """The schemas that all must hold, out of nested `allOf`."""
    if node is True or node == {}:
        return []
    if not isinstance(node, dict):
        return [node]
    alone = {key: value for key, value in node.items() if key != "allOf"}
    inner = [part for each in node.get("allOf", []) for part in _parts(each)]
    return [alone, *inner] if alone else inner


class _Joint:
    """What several schemas say of one place."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.type: str | None = None
        self.required: dict[str, None] = {}
        self.properties: dict[str, list[Schema]] = {}
        self.all_members: list[Schema] = []
        self.items: list[Schema] = []
        self.prefixes: dict[str, set[str]] = {}
        """Prefix of an extension to the names with it that are known."""
        self.rest: dict[bytes, dict[str, Schema]] = {}

    def add(self, part: dict[str, Schema]) -> None:
        part = dict(part)
        kind = part.get("type")
        if isinstance(kind, str) and self.type in {None, kind}:
            self.type = part.pop("type")
        self._take_prefix(part)
        if isinstance(part.get("additionalProperties"), dict) and not {"properties", "patternProperties"} & set(part):
            self.all_members.append(part.pop("additionalProperties"))
        if isinstance(part.get("items"), dict):
            # Beside one schema for all items `additionalItems` says nothing.
            self.items.append(part.pop("items"))
            part.pop("additionalItems", None)
        if isinstance(part.get("properties"), dict) and not {"additionalProperties", "patternProperties"} & set(part):
            for name, each in part.pop("properties").items():
                self.properties.setdefault(name, []).append(each)
        if isinstance(part.get("required"), list):
            self.required |= dict.fromkeys(part.pop("required"))
        if part:
            within = _within(part, self._known)
            self.rest.setdefault(orjson.dumps(within, option=orjson.OPT_SORT_KEYS), within)

    def _take_prefix(self, part: dict[str, Schema]) -> None:
        patterns = part.get("patternProperties")
        if part.get("additionalProperties") is not False or not isinstance(patterns, dict) or len(patterns) != 1:
            return
        ((pattern, inner),) = patterns.items()
        match = _PREFIX.fullmatch(pattern)
        if match and (inner is True or inner == {}):
            del part["patternProperties"], part["additionalProperties"]
            known = {name for name in part.get("properties", {}) if name.startswith(match[1])}
            self.prefixes[match[1]] = self.prefixes.get(match[1], known) & known

    def schema(self) -> dict[str, Schema]:
        found: dict[str, Schema] = {} if self.type is None else {"type": self.type}
        if self.required:
            found["required"] = list(self.required)
        if self.properties:
            found["properties"] = {name: _join(each, self._known) for name, each in self.properties.items()}
        if self.items:
            found["items"] = _join(self.items, self._known)
        more = list(self.rest.values())
        if self.all_members:
            # Beside `properties` it would mean the other members only.
            more.append({"additionalProperties": _join(self.all_members, self._known)})
        if self.prefixes:
            known = sorted(name for names in self.prefixes.values() for name in names)
            pattern = f"^(?:{'|'.join(map(re.escape, self.prefixes))})"
            # Most names are those of core: looking one up takes less time than a pattern.
            names = sorted({*known, *_COMMON})
            more.append({"propertyNames": {"anyOf": [{"enum": names}, {"not": {"pattern": pattern}}]}})
        alone = len(more) == 1 and not set(more[0]) & (set(found) | (_BOUND if found else set()))
        if alone:
            return found | more[0]
        return {**found, "allOf": more} if more else found


def _join(nodes: Sequence[Schema], known: Known) -> Schema:
    """One schema that accepts what all accept."""
    key = tuple(map(id, nodes))
    if key not in known.joined:
        known.joined[key] = nodes, _joined(nodes, known)
    return known.joined[key][1]


def _joined(nodes: Sequence[Schema], known: Known) -> Schema:
    joint = _Joint(known)
    for node in nodes:
        for part in _parts(node):
            if not isinstance(part, dict):
                return False
            joint.add(part)
    return joint.schema()


def _within(part: dict[str, Schema], known: Known) -> dict[str, Schema]:
    """A part with the schemas in it joined."""
    found: dict[str, Schema] = {}
    for key, value in part.items():
        if key in {"properties", "patternProperties"}:
            found[key] = {name: _join([each], known) for name, each in value.items()}
        elif key in _LISTS:
            found[key] = [_join([each], known) for each in value]
        elif key in _SINGLE and isinstance(value, dict):
            found[key] = _join([value], known)
        else:
            found[key] = value
    return found
