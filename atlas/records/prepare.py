"""Expand the short forms that files may use, before the models validate them."""

from collections.abc import Mapping
from typing import Any

__all__ = ["ShapeError", "fill_in", "fill_in_reasons", "terms_by_id"]


class ShapeError(Exception):
    """A short form cannot be expanded; `path` says where, `rule` which rule is broken."""

    def __init__(self, path: tuple[str | int, ...], rule: str, message: str) -> None:
        super().__init__(message)
        self.path, self.rule = path, rule


def fill_in(data: object) -> object:
    """A product with its sources and reasons expanded.

    Raises:
        ShapeError: a key names no source.
    """
    return fill_in_reasons(_fill_in_sources(data))


def fill_in_reasons(data: object) -> object:
    """Expand bare words in `absent` to full entries."""
    if not isinstance(data, Mapping) or not isinstance(data.get("absent"), Mapping):
        return data
    absent = {path: {"reason": why} if isinstance(why, str) else why for path, why in data["absent"].items()}
    return {**data, "absent": absent}


def _fill_in_sources(data: object) -> object:
    """Replace the keys of a product's `sources` inside its `evidence` by the evidence that they name.

    Raises:
        ShapeError: a key names no source.
    """
    if not isinstance(data, Mapping):
        return data
    sources, evidence = data.get("sources") or {}, data.get("evidence")
    if not isinstance(sources, Mapping) or not isinstance(evidence, Mapping):
        return data
    filled: dict[str, Any] = {}
    for path, entries in evidence.items():
        filled[path] = (
            [_named(entry, sources, ("evidence", path, position)) for position, entry in enumerate(entries)]
            if isinstance(entries, list)
            else entries
        )
    return {**data, "evidence": filled}


def _named(entry: object, sources: Mapping[str, object], path: tuple[str | int, ...]) -> object:
    """The source of a key, overridden by the entry's own members; evidence without a key unchanged."""
    if isinstance(entry, str):
        if entry not in sources:
            raise ShapeError(path, "known-source", f"'{entry}' is not a key of 'sources'")
        return sources[entry]
    if isinstance(entry, Mapping):
        named = sources.get(str(entry.get("source")))
        if isinstance(named, Mapping) and "source" in named:
            return {**named, **entry, "source": named["source"]}
    return entry


def terms_by_id(data: object) -> object:
    """A facet with its list of terms as a mapping by id.

    Raises:
        ShapeError: a term has no id, or two have the same.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("terms"), list):
        return data
    terms: dict[str, Any] = {}
    for position, term in enumerate(data["terms"]):
        identifier = term.get("id") if isinstance(term, Mapping) else None
        if not isinstance(identifier, str):
            raise ShapeError(("terms", position), "term-id", "a term needs an 'id'")
        if identifier in terms:
            raise ShapeError(("terms", position, "id"), "unique-id", f"'{identifier}' occurs twice")
        terms[identifier] = term
    return {**data, "terms": terms}
