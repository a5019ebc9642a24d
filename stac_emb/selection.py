"""Which rules are reported: by their names, or the name of the group before the slash."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stac_emb.errors import EmbError

__all__ = ["ALL", "EVERYTHING", "Selection", "SelectionError", "check_names", "split_names"]

ALL = "all"
"""Stands for every rule."""
_NAME = re.compile(r"[\w-]+(/[\w-]+)?")


class SelectionError(EmbError):
    """A name that matches no rule."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are reported.

    A name is that of a rule (`semantic/bbox-geometry`), of a group of rules (`semantic`, `projection`), or `all`.
    Where a rule is selected and ignored, the longer name decides; for equal names, `ignore` does.

    Args:
        select: what is reported; everything where it is empty.
        ignore: what is left out of these.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def keeps(self, rule: str) -> bool:
        """Whether a rule is reported."""
        if not self.select and not self.ignore:
            return True
        chosen = _closest(self.select or (ALL,), rule)
        return chosen >= 0 and chosen > _closest(self.ignore, rule)

    @property
    def everything(self) -> bool:
        """Whether no rule is left out."""
        return not self.select and not self.ignore


EVERYTHING = Selection()


def _closest(names: Sequence[str], rule: str) -> int:
    """Length of the longest name that matches a rule; -1 where none does."""
    return max(
        (0 if name == ALL else len(name) for name in names if name == ALL or f"{rule}/".startswith(f"{name}/")),
        default=-1,
    )


def split_names(text: str) -> tuple[str, ...]:
    """The comma-separated names in a text."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def check_names(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The names, after a check that each matches a rule.

    Args:
        names: what was asked for.
        known: names of rules and groups; a group that is a schema (`projection`) may be followed by any keyword.

    Raises:
        SelectionError: a name matches no rule; the message suggests the intended one.
    """
    found, rules = tuple(names), set(known)
    groups = {rule.partition("/")[0] for rule in rules}
    closed = {rule.partition("/")[0] for rule in rules if "/" in rule}
    for name in found:
        group, _, rest = name.partition("/")
        if (
            name == ALL
            or name in rules
            or name in groups
            or (rest and group in groups - closed and _NAME.fullmatch(name))
        ):
            continue
        near = difflib.get_close_matches(name, [*rules, *groups], n=1)
        hint = f" (did you mean `{near[0]}`?)" if near else ""
        raise SelectionError(f"`{name}` is neither a rule nor a group of rules{hint}")
    return found
