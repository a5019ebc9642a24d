"""Faults of documents, made from the errors of the schema engine."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import unquote

import jsonschema_rs

from stac_emb.errors import UnreadableInput
from stac_emb.identity import CORE_VERSIONS, DOCS_URI, SCHEMA_URI, see
from stac_emb.messages import choices, kinds, refusals, told, wants_null
from stac_emb.pointers import parts_of, pointer
from stac_emb.quantization_methods import amiss
from stac_emb.registry import load_schema, vendored
from stac_emb.rules import RULES

__all__ = ["Fault", "explain", "short_name"]

_RULE = re.compile(r"^([a-z0-9-]+): (.+)$", re.DOTALL)
_SEE = {rule.id: rule.see for rule in RULES}
_CORE = "https://schemas.stacspec.org/"
_FIELD = re.compile(r"\bemb:[a-z_]+")


Level = Literal["fault", "advice", "unchecked"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where."""

    pointer: str
    """JSON pointer to the value."""
    rule: str
    """`emb/quantization-linear` for a rule of ours, `<schema>/<keyword>` for another."""
    message: str
    see: str
    """Address of the explanation."""
    id: str | None = None
    """Id of the object."""
    file: str | None = None
    level: Level = "fault"
    """Advice, and what is not checked, do not make the document invalid."""

    def to_dict(self) -> dict[str, Any]:
        """The fault as JSON."""
        return asdict(self)


def short_name(uri: str) -> str:
    """A name for a schema: `emb`, `item`, `projection`."""
    if uri == SCHEMA_URI:
        return "emb"
    for version in CORE_VERSIONS:
        if f"/v{version}/" in uri and "schemas.stacspec.org" in uri:
            return uri.rsplit("/", 1)[1].removesuffix(".json")
    parts = uri.split("/")
    return parts[-3] if len(parts) > 3 and parts[-2].startswith("v") else parts[-1].removesuffix(".json")


def _walk(location: str) -> Iterator[Any]:
    """The nodes of a bundled schema from its root down to a keyword."""
    uri, _, fragment = location.partition("#")
    if not vendored(uri):
        return
    try:
        node: Any = load_schema(uri)
    except UnreadableInput:
        return
    yield node
    for part in parts_of(unquote(fragment)):
        if isinstance(node, list):
            node = node[int(part)] if part.isdigit() and int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
        if node is None:
            return
        yield node


def _comment(location: str) -> str | None:
    """The `$comment` nearest above a keyword, in the schema that holds it."""
    found = None
    for node in _walk(location):
        if isinstance(node, dict) and isinstance(node.get("$comment"), str):
            found = node["$comment"]
    return found


def _branch(
    context: Sequence[Sequence[jsonschema_rs.ValidationError]], place: Sequence[str | int]
) -> Sequence[jsonschema_rs.ValidationError]:
    """The branch that the author most likely meant: of the right type, and correct to the greatest depth."""

    def refused(errors: Sequence[jsonschema_rs.ValidationError]) -> int:
        return len(refusals(errors, place))

    def mistyped(errors: Sequence[jsonschema_rs.ValidationError]) -> int:
        if wants_null(errors):
            return 2
        # Where null is allowed, a branch of the schema says so.
        nulls = sum(e.instance is None and e.kind.name in {"type", "oneOf", "anyOf"} for e in errors)
        return nulls or sum(e.kind.name == "type" and list(e.instance_path) == list(place) for e in errors)

    def depth(errors: Sequence[jsonschema_rs.ValidationError]) -> int:
        return max((len(e.instance_path) for e in errors), default=0)

    def negative(errors: Sequence[jsonschema_rs.ValidationError]) -> bool:
        return any(e.kind.name == "not" for e in errors)

    # A branch that forbids a member is hardly ever the intended one.
    return max(
        context,
        key=lambda errors: (-refused(errors), -mistyped(errors), not negative(errors), depth(errors), -len(errors)),
    )


def _leaves(error: jsonschema_rs.ValidationError, uri: str) -> Iterator[jsonschema_rs.ValidationError]:
    context = getattr(error.kind, "context", None)
    comment = _comment(error.absolute_keyword_location or "") if uri == SCHEMA_URI else None
    if not context or (comment and _RULE.match(comment)) or choices(error) or kinds(error):
        yield error
        return
    for inner in _branch(context, error.instance_path):
        yield from _leaves(inner, uri)


def explain(errors: Iterable[jsonschema_rs.ValidationError], uri: str, identifier: str | None) -> list[Fault]:
    """Turn the errors of one schema into faults; `stac_emb.causes` removes repetitions.

    Args:
        errors: what the engine found.
        uri: the schema that was applied.
        identifier: id of the object.
    """
    found = []
    for top in errors:
        for error in _leaves(top, uri):
            location = error.absolute_keyword_location or uri
            comment = _comment(location)
            match = _RULE.match(comment) if comment else None
            owner = location.partition("#")[0] or uri
            place = pointer(error.instance_path)
            if owner == SCHEMA_URI and match:
                rule, message = f"emb/{match[1]}", amiss(match[1], error.instance) + match[2]
                address = see(_SEE[match[1]]) if match[1] in _SEE else DOCS_URI
            else:
                parts = list(_walk(location))
                # None of several types fits: the user is told of a wrong type.
                keyword = "type" if choices(error) else "enum" if kinds(error) else error.kind.name
                rule, message = f"{short_name(owner)}/{keyword}", told(error, *parts[:-3:-1])
                if place == "/stac_version" and not uri.startswith(_CORE):
                    rule, owner = f"{short_name(uri)}/{keyword}", uri
                    message = f"{message}: {uri} demands it"
                alternatives = kinds(error)
                place = pointer(alternatives[0]) if alternatives else place
                fields = _FIELD.findall(place) or _FIELD.findall(location)
                address = see(fields[-1]) if owner == SCHEMA_URI and fields else owner
            found.append(Fault(place, rule, message, address, identifier))
    return found
