"""Options that readers offer to the user who starts a crawl."""

from collections.abc import Mapping

from atlas.errors import SettingsError
from atlas.sources.base import Option, Reader

__all__ = ["FILE_OPTIONS", "check_options"]


FILE_OPTIONS: Mapping[str, Option] = {
    "extent": Option("take place and time from the footer of each file, not from its name", ("footers",))
}
"""Of the readers of listings of files."""


def check_options(given: Mapping[str, str], reader: Reader) -> None:
    """Refuse what the reader does not understand.

    Raises:
        SettingsError: it has no such option, or the option no such value; the message lists those that there are.
    """
    known = reader.options
    for name, value in given.items():
        if name not in known:
            offered = ", ".join(_example(n, known[n]) for n in sorted(known))
            there = f"it has {offered}" if offered else "it has none"
            msg = f"--option {name}: the reader of an index of kind '{reader.kind}' has no such option; {there}"
            raise SettingsError(msg)
        if not value or (known[name].values and value not in known[name].values):
            raise SettingsError(f"--option {name}={value}: no such value; write {_example(name, known[name])}")


def _example(name: str, option: Option) -> str:
    return f"{name}={'|'.join(option.values) or 'TEXT'}"
