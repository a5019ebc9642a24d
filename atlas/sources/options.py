"""Choices that readers offer to whoever starts a crawl."""

from collections.abc import Mapping
from dataclasses import dataclass

from atlas.errors import SettingsError
from atlas.sources.base import Reader

__all__ = ["FILE_OPTIONS", "Option", "check_options", "options_of"]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice.

    Attributes:
        help: what it does, a phrase.
        values: the values that it takes; empty where any text will do.
    """

    help: str
    values: tuple[str, ...] = ()


FILE_OPTIONS: Mapping[str, Option] = {
    "extent": Option("take place and time from the footer of each file, not from its name", ("footers",))
}
"""Of the readers of listings of files."""


def options_of(reader: Reader) -> Mapping[str, Option]:
    """The choices that a reader offers, by name; most offer none."""
    found: Mapping[str, Option] = getattr(reader, "options", {})
    return found


def check_options(given: Mapping[str, str], reader: Reader) -> None:
    """Refuse what the reader does not understand.

    Raises:
        SettingsError: it has no such option, or the option no such value; the message lists those that there are.
    """
    known = options_of(reader)
    for name, value in given.items():
        if name not in known:
            offered = ", ".join(_example(n, known[n]) for n in sorted(known))
            there = f"it has {offered}" if offered else "it has none"
            msg = f"--option {name}: the reader of an index of kind '{reader.kind}' has no such option; {there}"
            raise SettingsError(msg)
        if not value or (known[name].values and value not in known[name].values):
            msg = f"--option {name}={value}: no such value; write {_example(name, known[name])}"
            raise SettingsError(msg)


def _example(name: str, option: Option) -> str:
    return f"{name}={'|'.join(option.values) or 'TEXT'}"
