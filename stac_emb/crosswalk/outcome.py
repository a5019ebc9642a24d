"""The result of a conversion: the document, and a list of what the other form cannot express."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DATA_TYPES", "Converted", "inverse", "renamed", "taken", "values"]

_UNSAID = ("emb:absent", "not_looked_up")
"""`not_looked_up` adds nothing to the absence of the value."""
Path = tuple[str, ...]
DATA_TYPES = {"original_dtype": "original_data_type", "quantized_dtype": "stored_data_type"}
"""Names of data types in the quantization of the draft, and of the Zarr convention, to ours."""


@dataclass(slots=True)
class Converted:
    """A converted document."""

    document: dict[str, Any]
    lost: list[str] = field(default_factory=list)
    """`path: reason` of everything that the target format cannot express."""
    moved: list[str] = field(default_factory=list)
    """`path: reason` of values under another name, where that is not obvious."""
    missing: list[str] = field(default_factory=list)
    """`path: reason` of values that the target format requires and this document lacks: the result is incomplete."""

    invalid: list[str] = field(default_factory=list)
    """`path: reason` of what breaks a rule of the target format."""
    used: set[Path] = field(default_factory=set)
    """Paths of the given document whose values are in the new one, in whatever form; `*` matches any one name."""

    def lose(self, path: str, reason: str) -> None:
        """Record that a value was left out."""
        self.lost.append(f"{path}: {reason}")

    def move(self, path: str, new: str) -> None:
        """Record that a value has another name now."""
        self.moved.append(f"{path}: is `{new}` here")

    def lack(self, path: str, reason: str) -> None:
        """Record that a required value is not known."""
        self.missing.append(f"{path}: {reason}")

    def use(self, *paths: str) -> None:
        """Record that the values at these paths are in the new document; names are separated by `/`."""
        self.used |= {tuple(path.split("/")) for path in paths}

    def account(self, given: Mapping[str, Any], reason: str) -> None:
        """Record as lost every value of the input that was neither used, nor named, nor kept in place."""
        named = {line.partition(": ")[0] for line in [*self.lost, *self.moved]}
        for name, value in given.items():
            for path in self._rest((name,), value, self.document.get(name), named):
                self.lose(".".join(path), reason)

    def _rest(self, path: Path, value: object, now: object, named: set[str]) -> Iterator[Path]:
        whole = ".".join(path)
        if whole in named or any(_fits(path, used) for used in self.used) or value == now:
            return
        if path[0] == _UNSAID[0] and value == _UNSAID[1]:
            return
        deeper = any(len(used) > len(path) and _fits(path, used[: len(path)]) for used in self.used)
        deeper = deeper or path[0] == _UNSAID[0] or any(name.startswith(f"{whole}.") for name in named)
        entries: list[tuple[str, object, object]] = []
        if isinstance(value, Mapping):
            there: Mapping[str, object] = now if isinstance(now, Mapping) else {}
            entries = [(str(name), inner, there.get(name)) for name, inner in value.items()]
        elif isinstance(value, list):
            rows = now if isinstance(now, list) else []
            entries = [(str(i), inner, rows[i] if i < len(rows) else None) for i, inner in enumerate(value)]
        if not entries or not (deeper or isinstance(now, type(value))):
            yield path
            return
        for name, inner, other in entries:
            yield from self._rest((*path, name), inner, other, named)


def _fits(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(b in ("*", a) for a, b in zip(path, pattern, strict=True))


def values(value: Any) -> list[Any]:  # noqa: ANN401  # whatever a stranger wrote
    """The value as a list: single values are often written without brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]


def renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The members of an object that have another name in the other form, under that name."""
    return {new: given[old] for old, new in names.items() if old in given}


def taken(given: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same, and removed from the object: what is left in the end has no name in the other form."""
    return {new: given.pop(old) for old, new in names.items() if old in given}


def inverse(names: Mapping[str, str]) -> dict[str, str]:
    """Names for the way back."""
    return {new: old for old, new in names.items()}
