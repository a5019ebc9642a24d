"""The outcome of a run of `atlas validate`, as text, JSON, GitHub annotations or SARIF."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from atlas import __version__
from atlas.extension.faults import Fault
from atlas.extension.identity import DOCS_URI
from atlas.extension.inputs.positions import line_of

__all__ = ["FORMATS", "MAX_KEPT", "Report"]

MAX_KEPT = 10_000
"""Faults kept in memory for JSON and SARIF; the counts go on."""


def _plain(text: object) -> str:
    """Text without control characters: what a crawled document says must not steer the terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text))


@dataclass
class Report:
    """Counts and faults; `line` prints each fault as it is found where the format allows."""

    checked: int = 0
    invalid: int = 0
    unreadable: int = 0
    skipped: int = 0
    found: int = 0
    """Faults found, kept or not."""
    faults: list[Fault] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    keep: bool = True

    @property
    def valid(self) -> int:
        """Objects without a fault."""
        return self.checked - self.invalid

    @property
    def exit_code(self) -> int:
        """0 valid, 1 invalid, 2 something could not be read, or nothing was checked."""
        if self.unreadable or not self.checked:
            return 2
        return 1 if self.invalid else 0

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it for the formats that are written at the end."""
        self.found += 1
        if self.keep and len(self.faults) < MAX_KEPT:
            self.faults.append(fault)

    def hint(self, text: str, count: int = 1) -> None:
        """Advice that is no fault, said once with a count."""
        self.hints[text] = self.hints.get(text, 0) + count

    def summary(self) -> str:
        """The last line for people."""
        parts = [f"{self.checked} checked", f"{self.valid} valid", f"{self.invalid} invalid"]
        if self.unreadable:
            parts.append(f"{self.unreadable} could not be read")
        if self.skipped:
            parts.append(f"{self.skipped} passed over (no STAC object)")
        if not self.checked:
            parts.append("nothing was checked, which is an error")
        return ", ".join(parts)

    def to_json(self) -> str:
        """`{checked, valid, invalid, errors, ...}`."""
        names = ("file", "id", "pointer", "rule", "message", "see")
        errors = [{name: getattr(fault, name) for name in names} for fault in self.faults]
        outcome = {
            "checked": self.checked,
            "valid": self.valid,
            "invalid": self.invalid,
            "unreadable": self.unreadable,
            "skipped": self.skipped,
            "errors": errors,
            "errors_left_out": self.found - len(errors),
            "hints": [{"message": text, "count": count} for text, count in self.hints.items()],
        }
        return json.dumps(outcome, indent=2, ensure_ascii=False)

    def to_sarif(self) -> str:
        """SARIF 2.1.0, as code-scanning services read it."""
        rules = {fault.rule: fault.see for fault in self.faults}
        order = {rule: place for place, rule in enumerate(rules)}
        run = {
            "tool": {
                "driver": {
                    "name": "atlas validate",
                    "version": __version__,
                    "informationUri": DOCS_URI,
                    "rules": [{"id": rule, "helpUri": address} for rule, address in rules.items()],
                }
            },
            "results": [_sarif_result(fault, order[fault.rule]) for fault in self.faults],
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
        "level": "error",
        "message": {"text": fault.message},
        "locations": [location],
    }


def _text(fault: Fault) -> str:
    parts = (fault.file or "-", fault.id or "-", fault.pointer or "/", fault.rule, fault.message, fault.see)
    return " - ".join(_plain(part) for part in parts)


def _github(fault: Fault) -> str:
    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    message = data(f"{fault.id or '-'} {fault.pointer or '/'}: {fault.message} ({fault.see})")
    file, line = line_of(fault.file, fault.pointer) if fault.file else ("-", None)
    place = f"file={prop(file)}" + (f",line={line}" if line else "")
    return f"::error {place},title={prop(fault.rule)}::{message}"


FORMATS: dict[str, Callable[[Fault], str] | None] = {"text": _text, "json": None, "github": _github, "sarif": None}
"""How each format prints one fault, or None where the whole report is printed at the end."""
