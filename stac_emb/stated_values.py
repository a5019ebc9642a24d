"""Rules about single values that a pattern cannot hold: licences, addresses, encoders, groups, tables of codes."""

import re
from collections.abc import Callable, Iterator
from posixpath import normpath

from stac_emb.emb_places import Found, Json, effective, fields_of, holders_of, is_ours, object_in
from stac_emb.identity import see
from stac_emb.numbers import is_number

__all__ = ["VALUE_RULES"]

_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_LICENCE = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?[A-Za-z0-9.-]+\+?")
_OPERATORS = frozenset({"AND", "OR", "WITH"})
_NO_LICENCE = frozenset({"other", "proprietary", "various", "unknown", "none", "n/a", "tbd", "custom", "see-link"})
"""Words that do not name a licence; for data, core explains `other` by a link, but for a model nothing does."""
_WRITE = (
    "write an identifier of the SPDX list such as `Apache-2.0`, or `LicenseRef-` and a name of your own; "
    "where none is stated, leave it out and say so in `emb:absent`"
)
_LICENCES = (("emb:model", "license"), ("emb:model", "code_license"))
_INPUTS = ("emb:training_data", "emb:inference_data")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+")


def _objects(held: Json, name: str) -> Iterator[tuple[str, Json]]:
    value = held.get(name)
    for position, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield f"{name}/{position}", entry


def _no_expression(text: str) -> str | None:
    """Why the form of a text is not an SPDX expression; whether SPDX lists its names is not checked."""
    if text.lower() in _NO_LICENCE:
        return "names no licence"
    words = _TOKEN.findall(text)
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth < 0 or (word not in {"(", ")"} and word not in _OPERATORS and not _LICENCE.fullmatch(word)):
            return "is no SPDX expression"
    names = [word for word in words if word not in {"(", ")"}]
    alternate = all((place % 2 == 1) == (word in _OPERATORS) for place, word in enumerate(names))
    return None if names and len(names) % 2 and alternate and depth == 0 else "is no SPDX expression"


def _licence(obj: Json) -> Found:
    place, main = fields_of(obj)
    given = [(f"{name}/{member}", object_in(main, name).get(member)) for name, member in _LICENCES]
    given += [(f"{at}/license", row.get("license")) for name in _INPUTS for at, row in _objects(main, name)]
    for where, text in given:
        problem = _no_expression(text) if isinstance(text, str) and text else None
        if problem:
            yield f"{place}/{where}", f"{text!r:.80} {problem}: {_WRITE}"


def _addresses(main: Json) -> Iterator[tuple[str, object]]:
    for name in ("emb:model", "emb:encoder"):
        yield f"{name}/href", object_in(main, name).get("href")
    grid = object_in(object_in(main, "emb:footprint"), "grid")
    yield "emb:footprint/grid/href", grid.get("href")
    for name in _INPUTS:
        for at, row in _objects(main, name):
            yield f"{at}/collection", row.get("collection")
    for at, row in _objects(main, "emb:known_issues"):
        yield f"{at}/href", row.get("href")
    for at, row in _objects(main, "emb:space_relations"):
        evidence = row.get("evidence")
        for position, address in enumerate(evidence if isinstance(evidence, list) else ()):
            yield f"{at}/evidence/{position}", address


def _address(obj: Json) -> Found:
    if not is_ours(obj):
        return
    place, main = fields_of(obj)
    for where, text in _addresses(main):
        if not isinstance(text, str) or not text:
            continue
        # A relative address is legal, as in core; a bare name is not an address.
        if re.search(r"[\s<>\"{}|\\^`]", text) or not (_SCHEME.fullmatch(text) or "/" in text or "." in text):
            yield f"{place}/{where}", f"{text!r:.80} is not an address: give one such as https://example.com/model"


def _encoder(obj: Json) -> Found:
    place, main = fields_of(obj)
    encoder = object_in(main, "emb:encoder")
    where = f"{place}/emb:encoder"
    order = encoder.get("coordinate_order")
    pair = order if isinstance(order, list) and all(isinstance(name, str) for name in order) else []
    if len(pair) == 2 and set(pair) not in ({"lon", "lat"}, {"x", "y"}):
        told = f"{pair[0]} and {pair[1]} are not a position: give lon and lat, or x and y, each once"
        yield f"{where}/coordinate_order", told
    names: set[str] = set()
    for at, parameter in _objects(encoder, "parameters"):
        name, low, high = parameter.get("name"), parameter.get("minimum"), parameter.get("maximum")
        if isinstance(name, str) and name in names:
            yield f"{where}/{at}/name", f"a parameter with the name {name!r:.80} is listed before"
        names |= {name} if isinstance(name, str) else set()
        if is_number(low) and is_number(high) and low > high:
            yield f"{where}/{at}/minimum", f"the smallest value {low} is greater than the largest, {high}"


def _group(obj: Json) -> Found:
    for where, held in holders_of(obj):
        group = object_in(held, "emb:layout").get("group")
        if not isinstance(group, str) or not group:
            continue
        parts = group.split("/")
        if not all(part.strip() for part in parts) or {".", ".."} & set(parts):
            plain = normpath("/".join(part for part in parts if part.strip())).lstrip("./")
            told = "a group is named from the root of its store, without a slash at either end, `.` or `..`"
            yield (
                f"{where}/emb:layout/group",
                f"{told}: write `{plain}`" if plain else f"{told}: leave it out, the root needs no name",
            )


def _table(obj: Json) -> Found:
    """A code without a value cannot be restored."""
    _, main = fields_of(obj)
    for where, held in holders_of(obj):
        rule = object_in(held, "emb:quantization")
        bits, values = rule.get("bits"), rule.get("values")
        if rule.get("method") != "lookup" or not isinstance(bits, int) or isinstance(bits, bool) or not 0 < bits < 8:
            continue
        shape = object_in(rule, "codebook").get("shape")
        if isinstance(values, list):
            at, count = "values", len(values)
        elif isinstance(shape, list) and shape and isinstance(shape[-1], int):
            at, count = "codebook/shape", shape[-1]
        else:
            continue
        marked = rule.get("nodata", effective(held, main, "nodata"))
        without = 1 if is_number(marked) and count <= marked < 2**bits else 0
        if not 2**bits - without <= count <= 2**bits:
            told = f"{bits} bits make {2**bits} codes, the table has {count}: give a value for each"
            yield f"{where}/emb:quantization/{at}", told


VALUE_RULES: dict[str, tuple[str, str, Callable[[Json], Found]]] = {
    "licence": ("Licences of model, code and inputs are SPDX expressions.", see("emb:model"), _licence),
    "address": ("What is an address can be one.", see("emb:model"), _address),
    "encoder": ("An encoder's parameters and position are possible.", see("emb:encoder"), _encoder),
    "group": ("A group is a path from the root of its store.", see("emb:layout"), _group),
    "table": ("A table of codes has a value for each code.", see("emb:quantization"), _table),
}
"""Name of a rule to what it says, where it is explained, and the check."""
