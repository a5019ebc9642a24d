"""The outcome of a run of `stac-emb validate`, as text, JSON, GitHub annotations or SARIF."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from stac_emb.faults import Fault
from stac_emb.identity import DOCS_URI, PACKAGE, __version__
from stac_emb.inputs.positions import line_of

__all__ = ["FORMATS", "MAX_KEPT", "Report"]

MAX_KEPT = 10_000
"""Faults kept in memory for JSON and SARIF; further ones are counted."""


class _Words(NamedTuple):
    text: str
    github: str
    sarif: str


_LEVELS = {
    "fault": _Words("", "error", "error"),
    "advice": _Words("advice: ", "warning", "warning"),
    "unchecked": _Words("", "notice", "note"),
}
"""What each format calls a level; a message about something unchecked says so itself."""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(text: object) -> str:
    """Text without control characters: a crawled document must not control the terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text))


@dataclass
class Report:
    """Counts and faults; `line` prints each fault as it is found where the format allows."""

    checked: int = 0
    invalid: int = 0
    not_checked: int = 0
    """Objects without a fault, with an extension whose schema is not at hand."""
    unreadable: int = 0
    skipped: int = 0
    set_aside: int = 0
    """Files in which crawls list what they rejected."""
    found: int = 0
    """Faults found, kept or not."""
    advised: int = 0
    """Pieces of advice, kept or not."""
    faults: list[Fault] = field(default_factory=list)
    """Faults and advice that were kept."""
    unchecked: dict[str, tuple[Fault, int]] = field(default_factory=dict)
    """Extensions that are not checked, each with the first object that declares it and how many do."""
    hints: dict[str, int] = field(default_factory=dict)
    alike: dict[tuple[str, str, str], tuple[Fault, int]] = field(default_factory=dict)
    """Advice that was gathered by place, rule and message: the first of each, and how often it was given."""
    gather: bool = False
    """Show advice at the end, and what is said of many objects once."""
    keep: bool = True
    strict: bool = False
    """Advice and what is not checked count as faults in the exit code."""
    may_be_empty: bool = False
    """Finding nothing to check is not a fault, because other files than STAC were to be skipped."""

    @property
    def valid(self) -> int:
        """Objects that were fully checked and have no fault."""
        return self.checked - self.invalid - self.not_checked

    @property
    def exit_code(self) -> int:
        """0 valid, 1 invalid, 2 something could not be read, or there was nothing to check."""
        if self.unreadable or (not self.checked and not self.may_be_empty):
            return 2
        return 1 if self.invalid or (self.strict and (self.not_checked or self.unchecked or self.advised)) else 0

    def add(self, fault: Fault) -> bool:
        """Count a fault and return whether to show it: an extension that is not checked is shown once."""
        if fault.level == "unchecked":
            first = fault.see not in self.unchecked
            self.more_unchecked(fault, 1)
            return first
        if fault.level == "advice":
            self.advised += 1
        else:
            self.found += 1
        if self.keep and len(self.faults) < MAX_KEPT:
            self.faults.append(fault)
        key = fault.pointer, fault.rule, fault.message
        if self.gather and fault.level == "advice" and (key in self.alike or len(self.alike) < MAX_KEPT):
            one, count = self.alike.get(key, (fault, 0))
            self.alike[key] = one, count + 1
            return False
        return True

    def gathered(self) -> Iterator[Fault]:
        """The advice that was gathered, with its number where it was given more than once."""
        for fault, count in self.alike.values():
            more = f" (of {count} objects, this is the first)" if count > 1 else ""
            yield replace(fault, message=fault.message + more)

    def more_unchecked(self, fault: Fault, count: int) -> None:
        """Count further objects with an extension that is not checked."""
        one, before = self.unchecked.get(fault.see, (fault, 0))
        self.unchecked[fault.see] = one, before + count

    def hint(self, text: str, count: int = 1) -> None:
        """A hint that is not a fault, given once with a count."""
        self.hints[text] = self.hints.get(text, 0) + count

    def summary(self) -> str:
        """The last line for people."""
        parts = [f"{self.checked} checked", f"{self.valid} valid", f"{self.invalid} invalid"]
        if self.not_checked:
            parts.append(f"{self.not_checked} without a fault but with an extension that is not checked")
        if self.advised:
            parts.append(f"{_counted(self.advised, 'piece')} of advice")
        if self.unreadable:
            parts.append(f"{self.unreadable} could not be read")
        if self.skipped:
            parts.append(f"{self.skipped} passed over (no STAC object)")
        if self.set_aside:
            parts.append(f"{_counted(self.set_aside, 'file')} passed over in set-aside (rows that a crawl rejected)")
        if not self.checked:
            parts.append("nothing was checked" + (", which is an error" if self.exit_code else ""))
        return ", ".join(parts)

    def to_json(self) -> str:
        """`{checked, valid, invalid, errors, ...}`."""
        names = ("file", "id", "pointer", "rule", "message", "see")
        told = [(fault.level, {name: getattr(fault, name) for name in names}) for fault in self.faults]
        errors = [fault for level, fault in told if level == "fault"]
        advice = [fault for level, fault in told if level == "advice"]
        outcome = {
            "checked": self.checked,
            "valid": self.valid,
            "invalid": self.invalid,
            "not_checked": self.not_checked,
            "unreadable": self.unreadable,
            "skipped": self.skipped,
            "set_aside": self.set_aside,
            "errors": errors,
            "errors_left_out": self.found - len(errors),
            "advice": advice,
            "advice_left_out": self.advised - len(advice),
            "extensions_not_checked": [
                {"extension": uri, "objects": count, "file": fault.file, "message": fault.message}
                for uri, (fault, count) in self.unchecked.items()
            ],
            "hints": [{"message": text, "count": count} for text, count in self.hints.items()],
        }
        return json.dumps(outcome, indent=2, ensure_ascii=False)

    def to_sarif(self) -> str:
        """SARIF 2.1.0, as code-scanning services read it."""
        told = [*self.faults, *(fault for fault, _ in self.unchecked.values())]
        rules = {fault.rule: fault.see for fault in told}
        order = {rule: place for place, rule in enumerate(rules)}
        run = {
            "tool": {
                "driver": {
                    "name": PACKAGE,
                    "version": __version__,
                    "informationUri": DOCS_URI,
                    "rules": [{"id": rule, "helpUri": address} for rule, address in rules.items()],
                }
            },
            "results": [_sarif_result(fault, order[fault.rule]) for fault in told],
            "invocations": [{"executionSuccessful": self.exit_code != 2}],
        }
        log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
        return json.dumps(log, indent=2, ensure_ascii=False)


def _sarif_result(fault: Fault, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": f"{fault.id or ''}{fault.pointer}"}]}
    if fault.file:
        file, line = line_of(fault.file, fault.pointer)
        location["physicalLocation"] = {"artifactLocation": {"uri": file.replace("\\", "/")}}
        if line:
            location["physicalLocation"]["region"] = {"startLine": line}
    return {
        "ruleId": fault.rule,
        "ruleIndex": index,
        "level": _LEVELS[fault.level].sarif,
        "message": {"text": fault.message},
        "locations": [location],
    }


def _text(fault: Fault) -> str:
    message = f"{_LEVELS[fault.level].text}{fault.message}"
    parts = (fault.file or "-", fault.id or "-", fault.pointer or "/", fault.rule, message, fault.see)
    return " - ".join(_plain(part) for part in parts)


def _github(fault: Fault) -> str:
    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    message = data(f"{fault.id or '-'} {fault.pointer or '/'}: {fault.message} ({fault.see})")
    file, line = line_of(fault.file, fault.pointer) if fault.file else ("-", None)
    place = f"file={prop(file)}" + (f",line={line}" if line else "")
    return f"::{_LEVELS[fault.level].github} {place},title={prop(fault.rule)}::{message}"


FORMATS: dict[str, Callable[[Fault], str] | None] = {"text": _text, "json": None, "github": _github, "sarif": None}
"""How each format prints one fault, or None where the whole report is printed at the end."""
