"""Validate STAC objects offline: core, every declared extension, and the rules that no schema can state.

A compiled validator, with all schemas of an object joined, answers yes or no in microseconds; the slow way to a
message is taken only for objects that failed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from stac_emb.apart import KEYWORD, keyword
from stac_emb.causes import distinct, one_each
from stac_emb.consequences import independent
from stac_emb.errors import UnreadableInput, ValidationFailed
from stac_emb.faults import Fault, explain
from stac_emb.identity import CORE_VERSIONS, SCHEMA_URI, intended_identifier
from stac_emb.inputs.sources import is_url
from stac_emb.merged import Known, NotMerged, merged
from stac_emb.nesting import filled, nested
from stac_emb.registry import NotAtHand, core_uri, load_schema, normalise, registry, vendored
from stac_emb.selection import EVERYTHING, Selection
from stac_emb.semantics import check_semantics, check_values, has_fault

__all__ = ["Fetch", "Validator", "check"]

_KINDS = ("Feature", "Collection", "Catalog")
_STAC = "https://github.com/radiantearth/stac-spec"

Fetch = Callable[[str], dict[str, Any]]
"""Gets the schema at an address; a function of a module, so that it can be passed to other processes."""
Key = tuple[str, str, tuple[str, ...]]


_FIRST = 64
"""Combinations of schemas that are joined at once; few catalogues have more, and each takes a megabyte."""
_FEW = 32
"""Objects of any other combination whose schemas are applied one by one: joining them takes as long as that."""


@dataclass(slots=True)
class _Whole:
    """The schemas of one combination of core version and extensions."""

    kind: str
    uris: list[str]
    """Core and every extension whose schema is available."""
    always: list[Fault]
    """Faults of the combination itself."""
    unchecked: list[Fault]
    seen: int = 0
    engine: jsonschema_rs.Validator | None = None
    """All schemas in one, if joined."""


class Validator:
    """Validates parsed STAC objects.

    Args:
        fetch: gets a schema that is not bundled; without it these extensions are not checked.
        semantic: also apply the rules of `stac_emb.semantics`.
        rules: which rules are reported.
    """

    def __init__(self, *, fetch: Fetch | None = None, semantic: bool = True, rules: Selection = EVERYTHING) -> None:
        self.fetch = fetch
        self.semantic = semantic
        self.rules = rules
        self._fetched: dict[str, dict[str, Any]] = {}
        self._compiled: dict[str, jsonschema_rs.Validator] = {}
        self._whole: dict[Key, _Whole] = {}
        self._known = Known()
        self._joined = 0
        self._apart = keyword(self._validator)

    def is_valid(self, obj: object) -> bool:
        """Whether the object has no fault; as fast as the engine allows."""
        if not self.rules.everything:
            return not self.validate(obj)
        whole = self._whole_of(obj)
        if isinstance(whole, list):
            return False
        if whole.always or not (self._accepts(whole, obj) or self._accepts(whole, filled(obj))):
            return False
        return not self.semantic or not isinstance(obj, dict) or not has_fault(obj)

    def is_plain_item(self, item: dict[str, Any]) -> bool:
        """Whether an Item whose geometry and bbox are known to be valid has no findings.

        Extensions that are not checked do not count: `unchecked` names them.
        """
        whole = self._whole_of(item)
        if isinstance(whole, list) or whole.always or not self._accepts(whole, item):
            return False
        return not self.semantic or not check_values(item)

    def validate(self, obj: object) -> list[Fault]:
        """Every fault of the object; an empty list where it is valid."""
        return [fault for fault in self.examine(obj) if fault.level == "fault"]

    def examine(self, obj: object) -> list[Fault]:
        """Faults of the object, advice, and what was not checked, distinguished by their level."""
        whole = self._whole_of(obj)
        if isinstance(whole, list):
            return self._kept(whole)
        identifier = _identifier(obj)
        told = [replace(fault, id=identifier) for fault in self._kept([*whole.always, *whole.unchecked])]
        accepted = self._accepts(whole, obj)
        semantic = self._semantics_of(obj, accepted=accepted)
        if whole.always:  # an identifier is invalid: whether the right one is listed is unknown
            semantic = [fault for fault in semantic if fault.pointer != "/stac_extensions"]
        # A finding about the identifier of an extension is the reason why it is not checked.
        told = [fault for fault in told if not any(fault.pointer == other.pointer for other in semantic)]
        if accepted:
            return told + semantic
        obj = filled(obj)
        faults: list[Fault] = []
        for uri in whole.uris:
            validator = self._validator(uri)
            if not validator.is_valid(obj):
                faults += explain(validator.iter_errors(obj), uri, identifier)
        unread = {fault.pointer for fault in whole.always}
        schema = nested(obj, distinct(fault for fault in self._kept(faults) if fault.pointer not in unread))
        if any(fault.pointer.startswith("/geometry") for fault in schema):
            # The schema has already refused what is not a geometry.
            semantic = [fault for fault in semantic if fault.rule != "semantic/geometry"]
        if isinstance(obj, dict):
            semantic = independent(obj, schema, semantic, self._semantics_of)
        return told + one_each(schema, semantic)

    def unchecked(self, obj: object) -> list[Fault]:
        """The extensions of the object whose schemas are not available: they are not checked."""
        whole = self._whole_of(obj)
        found = [] if isinstance(whole, list) else self._kept(whole.unchecked)
        return [replace(fault, id=_identifier(obj)) for fault in found]

    def kind_of(self, obj: object) -> int:
        """A number for the combination of schemas of an object, the same within one process."""
        return id(self._whole_of(obj))

    def _kept(self, faults: list[Fault]) -> list[Fault]:
        return faults if self.rules.everything else [fault for fault in faults if self.rules.keeps(fault.rule)]

    def _semantics_of(self, obj: object, *, accepted: bool = False) -> list[Fault]:
        found = check_semantics(obj, accepted=accepted) if self.semantic and isinstance(obj, dict) else []
        return self._kept(found)

    def _whole_of(self, obj: object) -> "_Whole | list[Fault]":
        try:  # nearly every combination occurred before
            known = self._whole.get((obj["type"], obj["stac_version"], tuple(obj["stac_extensions"])))  # type: ignore[index]  # otherwise it is a fault
        except (KeyError, TypeError):
            known = None
        if known is not None and isinstance(obj, dict) and isinstance(obj["stac_extensions"], list):
            return known
        problem = _not_stac(obj)
        if problem:
            return [problem]
        key = _key(obj)
        whole = self._whole.get(key)
        if whole is None:
            whole = self._whole[key] = self._compile(key)
        return whole

    def _compile(self, key: Key) -> "_Whole":
        kind, version, extensions = key
        always, unchecked, uris = [], [], [core_uri(kind, version)]
        for place, uri in enumerate(extensions):
            where = f"/stac_extensions/{place}"
            if not is_url(uri):
                message = f"{json.dumps(uri)[:80]} is not the address of a schema: give the extension's full URI"
                always.append(Fault(where, "unknown-schema", message, _STAC))
                continue
            try:
                if not vendored(uri):  # the bundled ones are sound
                    self._validator(uri)
                uris.append(uri)
            except (UnreadableInput, ValueError, jsonschema_rs.ReferencingError) as error:
                message = _unchecked(uri, error)
                unchecked.append(Fault(where, "unknown-schema", message, uri, level="unchecked"))
        return _Whole(kind, uris, always, unchecked)

    def _accepts(self, whole: _Whole, obj: object) -> bool:
        if whole.engine is None:
            whole.seen += 1
            if whole.seen <= _FEW and self._joined >= _FIRST:
                return all(self._validator(uri).is_valid(obj) for uri in whole.uris)
            whole.engine = self._together(whole.kind, whole.uris)
            self._joined += 1
        return whole.engine.is_valid(obj)

    def _together(self, kind: str, uris: list[str]) -> jsonschema_rs.Validator:
        """All schemas joined in one, which answers yes or no."""
        try:
            return self._engine(merged(kind, uris, self._retrieve, self._known))
        except (NotMerged, ValueError, jsonschema_rs.ReferencingError):
            return self._engine({"allOf": [{"$ref": uri} for uri in uris]})

    def _validator(self, uri: str) -> jsonschema_rs.Validator:
        compiled = self._compiled.get(uri)
        if compiled is None:
            compiled = self._compiled[uri] = self._engine(self._retrieve(uri))
        return compiled

    def _engine(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        return jsonschema_rs.Draft7Validator(
            dict(schema), retriever=self._retrieve, validate_formats=True, keywords={KEYWORD: self._apart}
        )

    def _retrieve(self, uri: str) -> dict[str, Any]:
        uri = normalise(uri)
        if uri in registry():
            return load_schema(uri)
        if uri not in self._fetched:
            if self.fetch is None:
                raise NotAtHand(uri)
            self._fetched[uri] = self.fetch(uri)
        return self._fetched[uri]


def _key(obj: object) -> Key:
    """The key of the schemas that apply to an object, which is known to be STAC."""
    if not isinstance(obj, dict):
        raise TypeError("not an object")
    extensions = obj.get("stac_extensions") or []
    return obj["type"], obj["stac_version"], tuple(normalise(uri) for uri in extensions)


def _not_stac(obj: object) -> Fault | None:
    """Why no schema can be chosen for the object."""
    if not isinstance(obj, dict):
        text = f"a STAC object is a JSON object, this is {_name(obj)}"
        if isinstance(obj, list):
            text += ": write Items as an ItemCollection (`type` FeatureCollection) or one per line as .ndjson"
        return Fault("", "stac/not-an-object", text, _STAC)
    identifier = _identifier(obj)
    kind = obj.get("type")
    if kind == "FeatureCollection":
        return Fault(
            "/features", "stac/type", "`features` of an ItemCollection must be a list of Items", _STAC, identifier
        )
    if kind not in _KINDS:
        told = f"`type` is {json.dumps(kind)[:60]}" if "type" in obj else "`type` is missing"
        text = f"{told}: give Feature (for an Item), Collection or Catalog"
        return Fault("/type", "stac/type", text, _STAC, identifier)
    if obj.get("stac_version") not in CORE_VERSIONS:
        version = obj.get("stac_version")
        told = f"`stac_version` is {json.dumps(version)[:60]}" if "stac_version" in obj else "`stac_version` is missing"
        text = f"{told}: supported are {' and '.join(json.dumps(v) for v in CORE_VERSIONS)}"
        return Fault("/stac_version", "stac/version", text, _STAC, identifier)
    extensions = obj.get("stac_extensions", [])
    if not isinstance(extensions, list) or not all(isinstance(uri, str) for uri in extensions):
        text = "`stac_extensions` must be a list of schema URIs"
        return Fault("/stac_extensions", "stac/extensions", text, _STAC, identifier)
    return None


def _identifier(obj: object) -> str | None:
    return obj["id"] if isinstance(obj, dict) and isinstance(obj.get("id"), str) else None


def _name(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _unchecked(uri: str, error: Exception) -> str:
    if isinstance(error, NotAtHand):
        if intended_identifier(uri):
            return f"not checked: {uri} is not the identifier of this extension: did you mean {SCHEMA_URI}?"
        return f"not checked: the schema of {uri} is not bundled; `--allow-network` fetches it"
    return f"not checked: the schema of {uri} cannot be used: {str(error).removeprefix(f'{uri}: ')}"


def check(obj: dict[str, Any], *, name: str | None = None) -> None:
    """Raise unless the object is valid.

    Raises:
        ValidationFailed: the message lists every fault with its pointer.
    """
    faults = Validator().validate(obj)
    if faults:
        lines = "; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults)
        raise ValidationFailed(f"{name or obj.get('id')}: {lines}")
