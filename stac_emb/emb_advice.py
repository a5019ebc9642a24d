"""Advice about legal values that searches would miss: synonyms of recommended words, missing roles."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from stac_emb.emb_places import Json, assets_of, fields_of, holders_of, is_ours
from stac_emb.fields import BY_NAME
from stac_emb.geometries import Level
from stac_emb.objects import object_of
from stac_emb.rule_schemas import VECTOR_ROLE, is_vector_asset

__all__ = ["role", "words"]

Found = Iterator[tuple[str, str, Level]]
"""Pointer, message and level."""

_ALIASES = {
    "emb:temporal_resolution": {
        "snapshot": "scene acquisition single single-date instant instantaneous single_acquisition",
        "daily": "day p1d 1d",
        "weekly": "week 7-daily 7-day p1w p7d 1w",
        "dekadal": "dekad decadal 10-daily 10-day 10_daily p10d 10d ten-daily",
        "monthly": "month p1m 1m",
        "seasonal": "season quarterly quarter p3m 3m",
        "annual": "yearly year annually per-year p1y 1y",
        "multi_year": "multi-year multiyear multi-annual multiannual",
        "static": "none timeless atemporal constant one-off once",
    },
    "emb:pooling": {
        "cls": "cls-token cls_token class-token class_token",
        "mean": "average avg mean-pooling mean_pooling gap global-average",
        "max": "maximum max-pooling max_pooling",
        "concatenate": "concat concatenation concatenated",
        "none": "no identity",
    },
    "emb:similarity": {
        "cosine": "cos cosine-similarity cosine_similarity angular",
        "dot": "inner-product inner_product ip dot-product dot_product",
        "euclidean": "l2 l2-distance",
        "manhattan": "l1 cityblock taxicab",
        "hamming": "bit-difference",
    },
    "parameter.type": {"integer": "int int32 int64", "number": "float float32 double", "string": "str text"},
}
"""Recommended word to its synonyms."""
_NEAR = 0.84
"""Similarity, as difflib measures it, from which a word counts as a misspelling."""


def _meant(name: str, recommended: tuple[str, ...], word: str) -> str | None:
    plain = "-".join(word.casefold().split())
    if word in recommended or not plain:
        return None
    if plain in recommended:
        return plain
    for meant, others in _ALIASES.get(name, {}).items():
        if not {plain, plain.removesuffix("s")}.isdisjoint(others.split()):
            return meant
    return next(iter(difflib.get_close_matches(plain, recommended, n=1, cutoff=_NEAR)), None)


def _within(where: str, name: str, schema: Mapping[str, Any], recommended: tuple[str, ...], value: object) -> Found:
    if isinstance(value, list):
        inner = schema.get("items", {})
        for position, entry in enumerate(value):
            yield from _within(f"{where}/{position}", name, inner, recommended, entry)
    elif isinstance(value, str):
        meant = _meant(name, recommended, value) if recommended else None
        if meant:
            yield (
                where,
                f"{value!r:.80} is legal, but whoever searches asks for the recommended word `{meant}`",
                "advice",
            )
    elif isinstance(value, dict):
        kind = object_of(schema)
        for member in kind.members if kind else ():
            if member.name in value and member.name != "method":  # an unknown method is a fault
                at, path = f"{where}/{member.name}", f"{kind.name if kind else ''}.{member.name}"
                yield from _within(at, path, member.schema, member.recommended, value[member.name])


def words(obj: Json) -> Found:
    """Synonyms of a recommended word."""
    if not is_ours(obj):
        return
    holders = list(holders_of(obj))
    summaries = obj.get("summaries")
    if isinstance(summaries, dict):
        holders.append(("/summaries", {name: given for name, given in summaries.items() if isinstance(given, list)}))
    for where, held in holders:
        for name, value in held.items():
            field = BY_NAME.get(name)
            if field is not None:
                yield from _within(f"{where}/{name}", name, field.schema, field.recommended, value)


def role(obj: Json) -> Found:
    """Assets with a layout but without the role of vectors."""
    _, main = fields_of(obj)
    if not is_ours(obj) or main.get("emb:delivery") == "on_demand":
        return
    for where, key, asset in assets_of(obj):
        if "emb:layout" in asset and not is_vector_asset(key, asset):
            told = f"has `emb:layout`, but nothing says that it holds vectors: add the role `{VECTOR_ROLE}`"
            yield f"{where}/roles" if "roles" in asset else where, told, "advice"
