"""Read a catalogue file: a small, safe subset of YAML, with the line of every value.

Many people edit records, and an official build reads them, so the text is treated as hostile: no tags, no anchors or
aliases (no "billion laughs"), no duplicate keys, no merge keys, limits on size and depth. Plain scalars follow the
YAML 1.2 core schema, in which `no` and `on` are words and a date is text.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "YamlFaultError", "parse_yaml"]

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
_MAX_DIGITS = 18
"""A longer integer stays text: it would not fit into 64 bits, and models then reject it as a number."""

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


class YamlFaultError(Exception):
    """The text is not YAML that a catalogue file may hold; `line` counts from 1, `rule` names what it breaks."""

    def __init__(self, line: int, rule: str, message: str) -> None:
        super().__init__(message)
        self.line, self.rule, self.message = line, rule, message


@dataclass(slots=True)
class Document:
    """Plain data, and the line (from 1) on which the value at each path begins."""

    data: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of the value at a path, or of the nearest value around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read."""

    value: dict[str, Any] | list[Any]
    path: tuple[str | int, ...]
    key: str | None = None


def parse_yaml(text: str) -> Document:
    """Read one YAML document.

    Raises:
        YamlFaultError: the text breaks YAML or one of the limits above.
    """
    if len(text) > MAX_BYTES:
        raise YamlFaultError(1, "yaml-size", f"the file is longer than {MAX_BYTES} characters")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFaultError(mark.line + 1 if mark else 1, "yaml-syntax", error.problem or str(error)) from None
    except yaml.YAMLError as error:
        raise YamlFaultError(1, "yaml-syntax", str(error)) from None
    return builder.document


class _Builder:
    """Builds the document from the parser's events, one at a time."""

    def __init__(self) -> None:
        self.document = Document()
        self.stack: list[_Open] = []
        self.documents = 0

    def feed(self, event: yaml.Event) -> None:
        """Take the next event."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise YamlFaultError(line, "yaml-one-document", "the file holds more than one document")
        elif isinstance(event, yaml.AliasEvent):
            raise YamlFaultError(
                line, "yaml-alias", f"alias '*{event.anchor}': aliases are not allowed, write the value out"
            )
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise YamlFaultError(
                line, "yaml-alias", f"anchor '&{event.anchor}': anchors are not allowed, write the value out"
            )
        tag = event.tag if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) else None
        if tag is not None and tag != "!":
            raise YamlFaultError(line, "yaml-tag", f"tag '{tag}': tags are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            if _CONTROL.search(event.value):
                raise YamlFaultError(line, "yaml-control", "text must not hold control characters")
            plain = event.implicit[0]
            if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
                self._key(self.stack[-1], event.value, line)
            else:
                self._place(_scalar(event.value) if plain else event.value, line)
            return
        if len(self.stack) >= MAX_DEPTH:
            raise YamlFaultError(line, "yaml-depth", f"the file nests deeper than {MAX_DEPTH} levels")
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            raise YamlFaultError(line, "yaml-key", "a key must be plain text")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(value, self._place(value, line)))

    @staticmethod
    def _key(parent: _Open, key: str, line: int) -> None:
        if key == "<<":
            raise YamlFaultError(line, "yaml-alias", "merge keys are not allowed, write the values out")
        if key in parent.value:
            where = ".".join(map(str, parent.path)) or "the file"
            raise YamlFaultError(line, "yaml-duplicate-key", f"'{key}' occurs twice in {where}")
        parent.key = key

    def _place(self, value: object, line: int) -> tuple[str | int, ...]:
        """Put a value at the current position, note its line, and return its path."""
        path: tuple[str | int, ...] = ()
        if not self.stack:
            self.document.data = value
        else:
            parent = self.stack[-1]
            if isinstance(parent.value, dict):
                assert parent.key is not None  # noqa: S101 - `_node` sends a scalar without a key to `_key`
                path = (*parent.path, parent.key)
                parent.value[parent.key], parent.key = value, None
            else:
                path = (*parent.path, len(parent.value))
                parent.value.append(value)
        self.document.lines[path] = line
        return path


def _scalar(text: str) -> object:
    """The value of a plain scalar by the YAML 1.2 core schema, without octal, hexadecimal, infinity and NaN."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text) if len(text) <= _MAX_DIGITS else text
    if _FLOAT.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
