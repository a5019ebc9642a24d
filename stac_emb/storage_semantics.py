"""Rules about stored numbers: lengths, types, nodata values, and the Assets that are named."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import isnan
from typing import Any, TypeGuard

from stac_emb.emb_places import Found, Json, assets_of, effective, fields_of, holders_of, object_in
from stac_emb.identity import see
from stac_emb.numbers import is_number
from stac_emb.quantization_methods import stored_width, takes

__all__ = ["STORAGE_RULES"]

_Q = "emb:quantization"


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def _pairs(obj: Json, *names: str) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """The sets of values that apply together, each value with its place; each set is given once."""
    place, main = fields_of(obj)
    if all(name in main for name in names):
        yield dict.fromkeys(names, place), {name: main[name] for name in names}
    for where, _, asset in assets_of(obj):
        if any(name in asset for name in names) and all(name in asset or name in main for name in names):
            places = {name: where if name in asset else place for name in names}
            yield places, {name: effective(asset, main, name) for name in names}


def _overlap(levels: list[Any], basis: list[Any]) -> str | None:
    """How two digits of a code overlap; None if no digits do, in whatever order they are."""
    if not all(_is_count(n) and n > 0 for n in (*levels, *basis)):
        return None  # which has its own message
    digits = sorted(zip(basis, levels, strict=True))
    for (low, count), (high, _) in pairwise(digits):
        if high % (low * count):
            digit = f"the digit of place value {low} has {count} levels"
            return f"{digit}, so the next is a multiple of {low * count}, not {high}"
    return None


def _finite_scalar(obj: Json) -> Found:
    for place, held in holders_of(obj):
        quantization = object_in(held, _Q)
        if quantization.get("method") == "finite_scalar":
            levels, basis = quantization.get("levels"), quantization.get("basis")
            if not isinstance(levels, list) or not isinstance(basis, list):
                continue
            if len(basis) != len(levels):
                yield f"{place}/{_Q}/basis", f"{len(basis)} place values for {len(levels)} levels"
            elif told := _overlap(levels, basis):
                yield f"{place}/{_Q}/basis", told
    for places, values in _pairs(obj, _Q, "emb:dimensions"):
        quantization, dimensions = values[_Q], values["emb:dimensions"]
        if not isinstance(quantization, dict) or quantization.get("method") != "finite_scalar":
            continue
        levels, steps = quantization.get("levels"), quantization.get("steps")
        if not isinstance(levels, list) or not _is_count(steps) or not _is_count(dimensions):
            continue
        if dimensions != len(levels) * steps:
            yield (
                f"{places['emb:dimensions']}/emb:dimensions",
                f"{dimensions} is not {len(levels)} levels times {steps} steps ({len(levels) * steps})",
            )


def _per_dimension(obj: Json) -> Found:
    for places, values in _pairs(obj, _Q, "emb:dimensions"):
        quantization, dimensions = values[_Q], values["emb:dimensions"]
        if not isinstance(quantization, dict) or not _is_count(dimensions):
            continue
        for name in ("scale", "offset", "divisor"):
            given = quantization.get(name)
            if isinstance(given, list) and len(given) != dimensions:
                yield f"{places[_Q]}/{_Q}/{name}", f"{len(given)} values for {dimensions} dimensions"
        shape = object_in(quantization, "codebook").get("shape")
        if not isinstance(shape, list) or not all(_is_count(n) for n in shape):
            continue
        where, method = f"{places[_Q]}/{_Q}/codebook/shape", quantization.get("method")
        if method == "lookup" and (len(shape) > 2 or (len(shape) == 2 and shape[0] != dimensions)):
            yield where, f"`lookup` needs [codes] or [{dimensions}, codes], not {shape}"
        parts = quantization.get("subvectors")
        fits = len(shape) == 3 and shape[0] == parts and shape[0] * shape[2] == dimensions
        if method == "product" and _is_count(parts) and not fits:
            told = f"{parts} sub-vectors and {dimensions} components in all"
            yield where, f"`product` needs [sub-vectors, codes, components] with {told}, not {shape}"


def _layout_width(obj: Json) -> Found:
    for places, values in _pairs(obj, "emb:layout", _Q, "emb:dimensions"):
        layout, quantization, dimensions = values["emb:layout"], values[_Q], values["emb:dimensions"]
        if not (isinstance(layout, dict) and isinstance(quantization, dict) and _is_count(dimensions)):
            continue
        width = stored_width(quantization, int(dimensions))
        for name in ("bands", "columns"):
            given = layout.get(name)
            if width is not None and isinstance(given, list) and len(given) != width:
                yield (
                    f"{places['emb:layout']}/emb:layout/{name}",
                    f"{len(given)} {name} for {width} stored numbers of a vector of {dimensions} dimensions",
                )


def _columns_once(obj: Json) -> Found:
    for place, held in holders_of(obj):
        columns = object_in(held, "emb:layout").get("columns")
        names = [name for name in columns if isinstance(name, str)] if isinstance(columns, list) else []
        if twice := next((name for name, count in Counter(names).items() if count > 1), None):
            yield f"{place}/emb:layout/columns", f"`{twice}` occurs twice: each column holds one number of the vector"


def _references(held: Json) -> Iterator[tuple[str, object]]:
    quantization, layout = object_in(held, _Q), object_in(held, "emb:layout")
    if takes(quantization.get("method"), "scale_asset"):
        yield f"{_Q}/scale_asset", quantization.get("scale_asset")
    yield f"{_Q}/codebook/asset", object_in(quantization, "codebook").get("asset")
    yield "emb:layout/georeference_asset", layout.get("georeference_asset")
    yield "emb:layout/mask/asset", object_in(layout, "mask").get("asset")


def _dangling(obj: Json) -> Found:
    _, main = fields_of(obj)
    everywhere = [key for holder in ("assets", "item_assets") for key in object_in(obj, holder)]
    for where, held in holders_of(obj):
        there = list(object_in(obj, where.split("/")[1])) if held is not main else everywhere
        if held is main and not there:
            continue  # a Collection without any Asset
        for path, key in _references(held):
            if isinstance(key, str) and key not in there:
                yield f"{where}/{path}", f"there is no Asset `{key}`; there are {', '.join(there) or 'none'}"


def _same(a: object, b: object) -> bool:
    def plain(value: object) -> object:
        try:
            number = float(str(value))
        except ValueError:
            return value
        return "nan" if isnan(number) else number

    return plain(a) == plain(b)


def _core_values(obj: Json) -> Found:
    place, main = fields_of(obj)
    for where, _, asset in assets_of(obj):
        quantization = effective(asset, main, _Q)
        if not isinstance(quantization, dict) or not ({_Q, "emb:layout"} & asset.keys()):
            continue
        at = where if _Q in asset else place
        for ours, core in (("stored_data_type", "data_type"), ("nodata", "nodata")):
            theirs = effective(asset, main, core)
            if ours in quantization and theirs is not None and not _same(quantization[ours], theirs):
                told = f"{quantization[ours]!r} contradicts `{core}` of `{where}`, {theirs!r}"
                yield f"{at}/{_Q}/{ours}", f"{told}: core's field says it, leave this one out"


_BITS = re.compile(r"(u?)int(8|16|32|64)")


def _can_be_stored(obj: Json) -> Found:
    """A nodata value outside the range of the data type marks nothing; a scale or divisor of 0 restores no vector."""
    _, main = fields_of(obj)
    for where, held in holders_of(obj):
        quantization = object_in(held, _Q)
        for name in ("scale", "divisor") if quantization.get("method") != "unknown" else ():
            given = quantization.get(name)
            if any(is_number(n) and n == 0 for n in (given if isinstance(given, list) else [given])):
                yield f"{where}/{_Q}/{name}", f"a {name} of 0 leaves nothing of the vector"
        marks = [(f"{where}/nodata", held.get("nodata")), (f"{where}/{_Q}/nodata", quantization.get("nodata"))]
        kind = quantization.get("stored_data_type", effective(held, main, "data_type"))
        of = _BITS.fullmatch(kind) if isinstance(kind, str) else None
        if of is None or (held is not main and not ({_Q, "emb:layout"} & held.keys())):
            continue
        bits = int(of[2])
        low, high = (0, 2**bits - 1) if of[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        for at, mark in marks:
            if mark is not None and not (is_number(mark) and low <= mark <= high and float(mark).is_integer()):
                yield at, f"{mark!r} cannot be stored as {kind}, which holds {low} to {high}: no number is ever marked"


STORAGE_RULES: dict[str, tuple[str, str, Callable[[Json], Found]]] = {
    "finite-scalar": ("Dimensions and basis fit the levels.", see(_Q), _finite_scalar),
    "per-dimension": ("Lists of scales and code books fit the dimensions.", see(_Q), _per_dimension),
    "layout-width": (
        "Bands or columns are as many as a vector's stored numbers.",
        see("emb:layout"),
        _layout_width,
    ),
    "columns-once": ("A column holds one number of a vector.", see("emb:layout"), _columns_once),
    "dangling": ("An Asset that is named exists.", see(_Q), _dangling),
    "can-be-stored": ("`nodata` is a number that the stored type holds; no scale is 0.", see(_Q), _can_be_stored),
    "core-values": ("`stored_data_type` and `nodata` do not contradict core's fields.", see(_Q), _core_values),
}
"""Name of a rule to what it says, where it is explained, and the check."""
