"""Front matter of dataset cards: YAML that strangers write, often broken, never trusted."""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from license_expression import ExpressionError, get_spdx_licensing

__all__ = ["Card", "read_card", "spdx_fact"]

LARGEST = 1024 * 1024
FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Card:
    """A card's front matter, empty where there is none or where it is broken.

    Attributes:
        data: top-level keys.
        fault: what is wrong with it, None where nothing is.
        line: 1-based line of the fault in the file.
    """

    data: dict[str, Any]
    fault: str | None = None
    line: int | None = None


class _Loader(yaml.SafeLoader):
    """Plain data only, and no aliases: a few of them expand to billions of nodes."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - PyYAML's own signature
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # PyYAML's stubs leave it out
            raise yaml.composer.ComposerError(None, None, "aliases are not read", mark)
        return super().compose_node(parent, index)


def read_card(content: bytes) -> Card:
    """The front matter of a card, given as the whole file."""
    if len(content) > LARGEST:
        return Card({}, f"the card has {len(content):,} bytes, the limit is {LARGEST:,}")
    try:
        match = FRONT.match(content.decode())
    except UnicodeDecodeError as error:
        return Card({}, f"the card is not UTF-8: {error.reason}")
    if not match:
        return Card({}, "the card has no front matter")
    try:
        data = yaml.load(match[1], Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else None
        return Card({}, f"the front matter is not YAML: {error.problem}", line)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Card({}, f"the front matter is not YAML: {error}"[:200])
    if not isinstance(data, dict):
        return Card({}, "the front matter is not a mapping", 2)
    card = {str(key): value for key, value in data.items()}
    if odd := _odd_type(card.get("dataset_info")):
        return Card(card, f"dataset_info: {odd!r} is not a feature type: its parentheses do not close")
    return Card(card)


def _odd_type(info: object) -> str | None:
    """A feature's type with parentheses that do not close, as a published card had one."""
    for one in info if isinstance(info, list) else [info]:
        features = one.get("features") if isinstance(one, dict) else None
        for feature in features if isinstance(features, list) else []:
            kind = feature.get("dtype") if isinstance(feature, dict) else None
            if isinstance(kind, str) and kind.count("(") != kind.count(")"):
                return kind[:80]
    return None


def spdx_fact(stated: object) -> dict[str, str]:
    """A licence as a card or Collection states it, spelt as in SPDX where SPDX has it: `cc-by-4.0` is `CC-BY-4.0`."""
    if not isinstance(stated, str) or not 0 < len(stated) <= 100:
        return {}
    licensing = get_spdx_licensing()
    try:
        found = licensing.parse(stated, validate=True)
    except ExpressionError:
        return {"license": stated}
    return {"license": str(found)}
